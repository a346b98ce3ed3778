"""What leads a newcomer through digest/write names every part of it, and what its numbers mean."""

import re
from pathlib import Path

from digest import write
from digest.write import telling, weights


def test_the_packages_map_names_each_module_and_no_other() -> None:
    there = {file.stem for file in Path(str(write.__file__)).parent.glob("*.py")} - {"__init__"}
    assert set(re.findall(r"`(\w+)`", str(write.__doc__))) == there


def test_each_learned_number_belongs_to_a_feature_that_has_a_name() -> None:
    sentences = ["We propose a loom.", "It weaves 3 kinds of cloth."]
    reading = telling.read("A loom", sentences)
    (word, *_) = telling.word_features(["loom"], [["we", "propos"]], [True]).values()
    assert len(word) == len(telling.WORD_FEATURES) == len(weights.WORD)
    of_text, of_sentence = telling.text_features(reading, "A."), telling.sentence_features(reading, 0, "A.")
    assert len(of_text) == len(telling.TEXT_FEATURES) == len(weights.JUDGE)
    assert len(of_sentence) == len(telling.SENTENCE_FEATURES) == len(weights.SENTENCE)
