"""What a model wrote as Chinese → the same as Taiwan writes it: characters, words and spaces (pure).

Models that learned from the mainland's texts answer in Simplified characters, or in its words, whatever they are asked
for. OpenCC turns the characters; its own table of words (s2twp) is not used: it takes a parameter for a function's
argument (引數), and a recurrent network for a loop (迴圈).
"""

import re
from collections.abc import Callable
from functools import cache

import opencc

# Characters that OpenCC takes for simplified though Traditional texts use them too, in another sense.
_ALSO_TRADITIONAL = frozenset(
    "台后里干面准才系只采布表松制回向余云升征志愿游杰范注群峰線着着周占吁咸郁谷胡几卷術巨彩污灶托洩秘岩床"
)
# The mainland's words, and Taiwan's. One that stands for itself keeps a longer word whole.
_WORDS = {
    "演算法": "演算法", "算法": "演算法", "大數據": "大數據", "元數據": "中繼資料", "數據": "資料",
    "信息": "資訊", "信號": "訊號", "信噪比": "訊噪比", "噪聲": "雜訊", "網絡": "網路", "互聯網": "網際網路",
    "內存": "記憶體", "顯存": "顯示記憶體", "存儲": "儲存", "緩存": "快取", "帶寬": "頻寬", "硬件": "硬體",
    "軟件": "軟體", "服務器": "伺服器", "計算機": "電腦", "人工智能": "人工智慧", "智能體": "代理",
    "智能手機": "智慧型手機", "移動設備": "行動裝置", "用戶": "使用者", "默認": "預設", "接口": "介面",
    "模塊": "模組", "源代碼": "原始碼", "代碼": "程式碼", "編程": "程式設計", "調試": "除錯", "線程": "執行緒",
    "數組": "陣列", "隊列": "佇列", "字符串": "字串", "字符": "字元", "字節": "位元組", "比特": "位元",
    "二進制": "二進位", "變量": "變數", "概率": "機率", "魯棒": "穩健", "反饋": "回饋", "回歸": "迴歸",
    "採樣": "取樣", "搜索": "搜尋", "分辨率": "解析度", "實時": "即時", "在線": "線上", "交互": "互動",
    "分佈式": "分散式", "分布式": "分散式", "批量": "批次", "並行": "平行", "視頻": "影片", "文檔": "文件",
    "鏈接": "連結", "博客": "部落格", "短語": "片語", "可視化": "視覺化", "跟蹤": "追蹤", "屏幕": "螢幕",
    "打印": "列印", "加載": "載入", "響應": "回應", "交互注意力": "交叉注意力", "置信": "信賴",
    # Models mix the scripts; these characters are of both, and here Simplified.
    "剩余": "剩餘", "其余": "其餘", "多余": "多餘", "冗余": "冗餘", "余弦": "餘弦", "之后": "之後",
    "然后": "然後", "最后": "最後", "后訓練": "後訓練", "范式": "範式", "范圍": "範圍", "規范": "規範",
    "准確": "準確", "標准": "標準", "基准": "基準", "精准": "精準",
    "采樣": "取樣", "采用": "採用", "采取": "採取", "特征": "特徵", "于": "於", "并": "並",
}  # fmt: skip
# Words that Taiwan uses in another sense, and what the English says where the mainland's is meant.
_WORDS_WHERE = (
    ("程序", "程式", r"\bprogram"),
    ("質量", "品質", r"\bqualit"),
    ("項目", "專案", r"\bproject"),
    ("文件", "檔案", r"\bfiles?\b"),
    ("水平", "水準", r"\b(?:level|state-of-the-art|on par)"),
    ("支持", "支援", r"\bsupport"),
    ("社區", "社群", r"\bcommunit"),
    ("集成", "整合", r"\bintegrat"),
    ("令牌", "詞元", r"\btokens?\b"),
    ("通過", "透過", r"^(?!.*\bpass)"),
)
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_MARKS = (
    (re.compile(rf"(?<={_HAN})\s*,\s*|,\s*(?={_HAN})"), "，"),
    (re.compile(rf"(?<={_HAN})\s*;\s*|;\s*(?={_HAN})"), "；"),
    (re.compile(rf"(?<={_HAN})\s*:\s*|:\s*(?={_HAN})"), "："),
    (re.compile(rf"(?<={_HAN})\s*\(([^()（）]*)\)\s*|\s*\(([^()（）]*)\)\s*(?={_HAN})"), r"（\1\2）"),
    (re.compile(rf"(?<={_HAN})\s*\.(?=\s|$)|(?<!\.)\.$"), "。"),
    (re.compile(r"\s*([，。；：、！？（）「」])\s*"), r"\1"),
    (re.compile(rf"(?<={_HAN})(?=[A-Za-z0-9~≈$α-ω])|(?<=[A-Za-z0-9%α-ω])(?={_HAN})"), " "),
)


def in_taiwan(chinese: str, english: str) -> str:
    """Return a translation as Taiwan writes it, with a space between Han and Latin letters or digits.

    What is in Traditional characters keeps them, but for variants that Taiwan does not use (裏, 爲).
    """
    said = _converter("s2tw" if simplified_in(chinese) else "t2tw")(chinese)
    apart = {mainland: taiwan for mainland, taiwan, where in _WORDS_WHERE if re.search(where, english, re.IGNORECASE)}
    words = _WORDS | apart
    said = re.sub("|".join(sorted(words, key=len, reverse=True)), lambda match: words[match[0]], said)
    return _set(said)


def simplified_in(text: str) -> set[str]:
    """Return the characters of a text that are Simplified."""
    convert = _converter("s2t")
    return {char for char in text if char.isalpha() and char not in _ALSO_TRADITIONAL and convert(char) != char}


def _set(chinese: str) -> str:
    """Put full-width marks beside Han, and a space between Han and Latin letters or digits."""
    for form, instead in _MARKS:
        chinese = form.sub(instead, chinese)
    return chinese


@cache
def _converter(way: str) -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC(way).convert
    return cache(convert)
