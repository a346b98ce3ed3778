"""What leads a newcomer through digest/write names every part of it, and what its numbers mean."""

import re
from pathlib import Path

from digest import write
from digest.write import telling, weights


def test_the_packages_map_names_what_others_use_of_it_and_nothing_that_is_not_there() -> None:
    folder = Path(str(write.__file__)).parent
    there = {file.stem for file in folder.glob("*.py")}
    others = [file for file in folder.parent.rglob("*.py") if folder not in file.parents]
    used = {name for file in others for name in re.findall(r"digest\.write\.(\w+)", file.read_text(encoding="utf-8"))}
    named = set(re.findall(r"`(\w+)`", str(write.__doc__)))
    assert used
    assert used <= named <= there


def test_each_learned_number_belongs_to_a_feature_that_has_a_name() -> None:
    sentences = ["We propose a loom.", "It weaves 3 kinds of cloth."]
    reading = telling.read("A loom", sentences)
    (word, *_) = telling.word_features(["loom"], [["we", "propos"]], [True]).values()
    assert len(word) == len(telling.WORD_FEATURES) == len(weights.WORD)
    of_text, of_sentence = telling.text_features(reading, "A."), telling.sentence_features(reading, 0, "A.")
    assert len(of_text) == len(telling.TEXT_FEATURES) == len(weights.JUDGE)
    assert len(of_sentence) == len(telling.SENTENCE_FEATURES) == len(weights.SENTENCE)
