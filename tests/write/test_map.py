"""What leads a newcomer through digest/write names every part of it, and what its numbers mean."""

import re
from pkgutil import iter_modules
from types import ModuleType

import pytest

from digest import write
from digest.write import ask, extract, faithful, gate, model, words
from digest.write.extract import telling, weights


@pytest.mark.parametrize("package", [write, ask, extract, faithful, gate, model, words], ids=lambda it: it.__name__)
def test_each_packages_map_names_all_that_stands_in_it_and_nothing_else(package: ModuleType) -> None:
    there = {module.name for module in iter_modules(package.__path__)}
    assert there
    assert set(re.findall(r"`(\w+)`", str(package.__doc__))) == there


def test_each_learned_number_belongs_to_a_feature_that_has_a_name() -> None:
    sentences = ["We propose a loom.", "It weaves 3 kinds of cloth."]
    reading = telling.read("A loom", sentences)
    (word, *_) = telling.word_features(["loom"], [["we", "propos"]], [True]).values()
    assert len(word) == len(telling.WORD_FEATURES) == len(weights.WORD)
    of_text, of_sentence = telling.text_features(reading, "A."), telling.sentence_features(reading, 0, "A.")
    assert len(of_text) == len(telling.TEXT_FEATURES) == len(weights.JUDGE)
    assert len(of_sentence) == len(telling.SENTENCE_FEATURES) == len(weights.SENTENCE)
