"""The field's terms: what an English text says, and how Taiwan says it; told to a model, and looked for afterwards.

A small model finds a word for a term that it does not know ("self-speculative" became "self-regulating"). It is told
Taiwan's word for each term that the text has; the gate takes the other words in use too, and the English term itself.
"""

import re
from collections.abc import Iterator
from functools import cache

# English (a regular expression, in small letters), Taiwan's word, and what else is right (a regular expression).
TERMS = (
    (r"ablations?(?: stud(?:y|ies))?", "消融", ""),
    (r"adapters?", "適配器", "轉接器|調適器|配接器"),
    (r"align(?:s|ed|ing|ment)?", "對齊", "校準|契合|一致"),
    (r"architectures?", "架構", "結構"),
    (r"attention", "注意力", "關注"),
    (r"autoregressive", "自迴歸", "自回歸"),
    (r"backbones?", "骨幹", "主幹|骨架"),
    (r"benchmark(?:s|ed|ing)?", "基準", "評測|評比|評估|測試"),
    (r"chain-of-thought", "思維鏈", "思考鏈|鏈式思[考維]|思路鏈|思維過程"),
    (r"checkpoints?", "檢查點", "存檔點"),
    (r"confidence intervals?", "信賴區間", "信心區間|置信區間"),
    (r"contrastive", "對比", "對照"),
    (r"corpora|corpus", "語料", "文集"),
    (r"cross-attention", "交叉注意力", "跨注意力|互動注意力"),
    (r"data ?sets?", "資料集", "資料"),
    (r"decoder-only", "僅解碼器", "僅有?解碼|只有?解碼|純解碼|僅含解碼|解碼器"),
    (r"decoders?", "解碼器", "解碼"),
    (r"denoising", "去噪", "[去除降消]雜?[噪訊]"),
    (r"diffusion", "擴散", ""),
    (r"early[- ]exits?|exits? (?:early|at early)", "提前退出", "退出|早退|離開"),
    (r"embeddings?", "嵌入", "向量"),
    (r"encoders?", "編碼器", "編碼"),
    (r"experts?", "專家", ""),
    (r"feedback", "回饋", "反饋|意見"),
    (r"few-shot", "少樣本", "少量樣本|小樣本|少數樣本|少量範例"),
    (r"fine-?tun(?:e|es|ed|ing)", "微調", "細調|精調"),
    (r"gradients?", "梯度", ""),
    (r"hallucinat(?:es?|ions?|ing)", "幻覺", ""),
    (r"in-context", "上下文", "情境|脈絡|語境"),
    (r"inference", "推論", "推理|推斷|推測"),
    (r"instruction", "指令", "指示|說明"),
    (r"jailbreak(?:s|ing)?", "越獄", "破解|繞過"),
    (r"language models?", "語言模型", ""),
    (r"latency", "延遲", "時延"),
    (r"latent", "潛在", "隱[藏含變空]|潛[空變]"),
    (r"likelihood", "概似", "似然|可能性|機率"),
    (r"long-context", "長上下文", "長(?:脈絡|語境|文本|文|序列|距離)|長的?上下文"),
    (r"low-bit", "低位元", "位元"),
    (r"low-rank", "低秩", "低階"),
    (r"mixture[- ]of[- ]experts", "專家混合", "混合專家|混合.{0,2}專家|專家.{0,2}混合"),
    (r"multi-?modal", "多模態", "多模|多種模態"),
    (r"optimi[sz]ers?", "最佳化器", "優化器|最佳化|優化"),
    (r"parameters?", "參數", ""),
    (r"post-training", "後訓練", "訓練[之以]?後"),
    (r"preferences?", "偏好", "喜好"),
    (r"pre-?train(?:s|ed|ing)?", "預訓練", "前訓練|預先訓練"),
    (r"prompt(?:s|ed|ing)?", "提示", ""),
    (r"quanti[sz](?:ed|ation|ing)", "量化", ""),
    (r"reason(?:s|ing)?", "推理", "推論|理由|理解"),
    (r"recipes?", "配方", "做法|方法|方案|流程"),
    (r"reinforcement learning", "強化學習", "增強學習"),
    (r"retriev(?:al|es?|ed|ing)", "檢索", "擷取|取回|查找|搜尋|取得|查詢"),
    (r"rewards?", "獎勵", "回饋|報酬"),
    (r"robust(?:ness|ly)?", "穩健", "強健|魯棒|可靠|堅固|穩定|抵抗|韌性"),
    (r"segmentation", "分割", "切分"),
    (r"self-attention", "自注意力", "自我注意力"),
    (r"sparse|sparsity", "稀疏", ""),
    (r"(?:self-)?speculative", "推測", "投機|猜測|臆測|推斷"),
    (r"state[- ]space", "狀態空間", ""),
    (r"subspace", "子空間", ""),
    (r"supervised", "監督", ""),
    (r"survey(?:s|ed)?", "綜述", "調查|概[覽述]|回顧|總覽|評述|綜合|全面"),
    (r"synthetic", "合成", "人造|人工"),
    (r"taxonom(?:y|ies)", "分類", ""),
    (r"text-to-image", "文字生成圖像", "文.{0,5}[圖影]"),
    (r"throughput", "吞吐", ""),
    (r"tokenizers?|tokenisers?", "分詞器", "斷詞|分詞|詞元|標記"),
    (r"(?:sub-?)?tokens?", "詞元", "標記|符元|字元|詞|子?詞"),
    (r"unsupervised", "非監督", "無監督|不需監督|無需監督"),
    (r"verbatim", "逐字", "原文|一字不[差漏]|原封不動|逐句|字面|直接"),
    (r"window", "視窗", "窗口"),
    (r"zero-shot", "零樣本", "零次|零範例"),
)


def told_terms(source: str) -> str:
    """Return the terms that a text has, each with Taiwan's word, as a prompt tells them."""
    return "; ".join(f"{said} = {taiwan}" for said, taiwan, _ in _terms_in(source)) or "-"


def lost_terms(translation: str, source: str) -> str:
    """Return the check that fails where a term of the source is neither said nor left standing, or ""."""
    lower = translation.lower()
    for said, taiwan, other in _terms_in(source):
        is_said = taiwan in translation or (other and re.search(other, translation))
        if not is_said and said.lower() not in lower:
            return f"“{said}” is not said as a term"
    return ""


def _terms_in(source: str) -> Iterator[tuple[str, str, str]]:
    """Yield each term of a text once: as the text says it, Taiwan's word, what else is right."""
    plain = source.lower()
    for form, taiwan, other in _forms():
        found = form.search(plain)
        if found:
            yield source[found.start() : found.end()], taiwan, other


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple((re.compile(rf"(?<![a-z-])(?:{form})(?![a-z])"), taiwan, other) for form, taiwan, other in TERMS)
