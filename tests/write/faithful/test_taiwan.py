"""What a model wrote as Chinese is put as Taiwan writes it, whatever characters it came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.write.faithful.taiwan import in_taiwan, simplified_in


@pytest.mark.parametrize(
    ("written", "taiwan"),
    [
        ("提出一种网络算法。", "提出一種網路演算法。"),
        ("在台湾的数据集上，内存减少。", "在臺灣的資料集上，記憶體減少。"),
        ("這個演算法用大數據，台灣的準則不變。", "這個演算法用大數據，台灣的準則不變。"),
        ("循环神经网络的参数与函数。", "循環神經網路的參數與函數。"),  # not a loop's, nor an argument
        ("裏面爲何", "裡面為何"),
        ("剩余的特征并不用于基准", "剩餘的特徵並不用於基準"),  # half in one script, half in the other
    ],
)
def test_characters_and_words_are_taiwan_s(written: str, taiwan: str) -> None:
    assert in_taiwan(written, "") == taiwan


def test_a_word_with_two_senses_is_turned_where_the_english_means_the_other() -> None:
    assert in_taiwan("程序的质量", "the quality of programs") == "程式的品質"
    assert in_taiwan("程序的質量", "a procedure for particles of a mass") == "程序的質量"
    assert in_taiwan("通過檢索", "by retrieval") == "透過檢索"
    assert in_taiwan("通過測試", "passes the tests") == "通過測試"


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        ("在7項任務上比GPT-4快2.5倍.", "在 7 項任務上比 GPT-4 快 2.5 倍。"),
        ("提出多頭機制 (MH-MoE), 將標記分割", "提出多頭機制（MH-MoE），將標記分割"),
        ("模型(1B, 8B和24B)優於GPT-4.", "模型（1B, 8B 和 24B）優於 GPT-4。"),
        ("準確率為 86.0%，高於 3,000 個", "準確率為 86.0%，高於 3,000 個"),
        ("如此等等...", "如此等等..."),
    ],
)
def test_marks_and_spaces_stand_as_chinese_sets_them(written: str, set_as: str) -> None:
    assert in_taiwan(written, "") == set_as


def test_characters_that_both_scripts_have_are_not_simplified() -> None:
    assert simplified_in("台灣的皇后在里程碑的布表上") == set()
    assert simplified_in("台湾的数据") == set("湾数据")


@given(
    st.text(alphabet="数據网絡算法演 信息GPT-4.,(7%)。，的", max_size=30), st.sampled_from(("", "programs of quality"))
)
def test_what_is_put_as_taiwan_writes_it_stays_as_it_is(written: str, english: str) -> None:
    once = in_taiwan(written, english)
    assert in_taiwan(once, english) == once
