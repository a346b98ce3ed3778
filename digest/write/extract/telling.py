"""An abstract's words → how likely an author's own one-sentence summary would use each (pure).

A sentence is worth what it shares with the summary that the authors would have written. That summary is not known, but
each word's chance of being in it is: from where the word stands (title, the sentence that announces the work, the
first), how often, and how often authors use it in summaries at all. The sum of a text's chances is the overlap to
expect, so 2 * sum / (its length + the summary's) is its expected ROUGE-1 (Lin, 2004).
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import or_

from digest.write.extract import weights
from digest.write.extract.trim import ADVERB, FIRST_PERSON
from digest.write.words.stems import overlap, stems

ANNOUNCES = re.compile(
    rf"\b(?:we|this (?:paper|work|article|study|report|survey|letter))\s+{ADVERB}"
    r"(?:propose|introduce|present|develop|describe|devise|design|build|create|construct|formulate|investigate"
    r"|stud(?:y|ies)|examine|explore|analy[sz]e|evaluate|compare|survey|review|revisit|address|tackle|release|aim|suggest"
    r"|hypothesi[sz]e|provide|offer|extend|seek|argue|give|take|organi[sz]e|outline|undertake|conduct|perform)",
    re.IGNORECASE,
)
_FINDS = re.compile(
    rf"\b(?:we|our (?:results|findings|experiments|analysis|study|work)|results|experiments|this (?:paper|work))\s+"
    rf"{ADVERB}(?:show|demonstrate|find|prove|reveal|discover|identify|observe|establish|suggest|indicate|challenge)",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(?:in|with) this (?:paper|work|article|study|report|letter)\b|\bto (?:this end|address|tackle|overcome|solve)\b"
    r"|\bour (?:method|approach|model|framework|goal|main)\b|\bthis (?:paper|work|article|study|report|survey)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"(?:the )?(?:however|but|unfortunately|yet|despite|while|although|existing|recent|current"
    r"|many|most|previous|prior)\b",
    re.IGNORECASE,
)
# What each number of the lists below is, in their order: `weights.py` has one weight for each.
WORD_FEATURES = (
    "1", "in the title", "in the sentence that announces the work", "in the first sentence", "log(1 + times)",
    "share of sentences", "odds in any summary", "odds not known", "not known, in the title", "not known, announced",
    "not known, log(1 + times)", "in the title, announced", "in the title, in the first sentence",
)  # fmt: skip
TEXT_FEATURES = (
    "expected ROUGE-1 with a short summary", "with a long one", "chance of its words, mean", "share of the title said",
    "share of it in the title", "too short by", "too long by", "first person", "a digit",
)  # fmt: skip
SENTENCE_FEATURES = (
    *TEXT_FEATURES, "announces the work", "is the first to", "tells a finding", "speaks of the paper",
    "sets against", "place (0..1)", "place squared", "first sentence", "share of it kept",
)  # fmt: skip
_OURS = re.compile(
    r"\b(?:this|the|present) (?:paper|work|article|study|report|survey|primer|letter|technical report|research|review"
    r"|project)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"(?:(?!\b(?:when|where|that|which|if|as)\b)[^,])*\b(?:is|are) (?:proposed|introduced|presented)\b"
)
_ABSENT = 0.02  # chance of a word that the abstract does not hold
_LENGTHS = (14, 22)  # words of a summary, short and long
_SHORT, _LONG = 12, 32  # words


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of an abstract before its sentences are weighed."""

    title: Sequence[str]  # stems
    sentences: Sequence[str]
    chances: Mapping[str, float]  # stem → chance (0..1) of being in the summary
    places: Sequence[Sequence[float]]  # what each sentence is, whatever is cut from it
    speaks: Sequence[bool]  # whether a sentence says what the authors do or find
    ours: Sequence[bool]  # whether it speaks of the work at all


def read(title: str, sentences: Sequence[str]) -> Reading:
    """Weigh the words of an abstract, given as plain sentences, and of its title."""
    named, said = stems(title), [stems(sentence) for sentence in sentences]
    does = [bool(ANNOUNCES.search(sentence)) for sentence in sentences]
    finds = [bool(_FINDS.search(sentence)) for sentence in sentences]
    chances = {word: _logistic(weights.WORD, features) for word, features in word_features(named, said, does).items()}
    places = [_place(sentences, does, finds, n) for n in range(len(sentences))]
    ours = [bool(FIRST_PERSON.search(one) or _OURS.search(one) or _PASSIVE.match(one)) for one in sentences]
    return Reading(named, sentences, chances, places, list(map(or_, does, finds)), ours)


def word_features(title: Sequence[str], said: Sequence[Sequence[str]], does: Sequence[bool]) -> dict[str, list[float]]:
    """Return for each stem of an abstract what its chance follows from, in the order of `WORD_FEATURES`."""
    announced = set(said[does.index(True)]) if True in does else set()
    named, first = set(title), set(said[0]) if said else set()
    often = Counter(word for sentence in said for word in sentence)
    spread = Counter(word for sentence in said for word in set(sentence))
    features = {}
    for word, count in often.items():
        odds = weights.WORD_ODDS.get(word)
        rare, in_title, in_announced, in_first = odds is None, word in named, word in announced, word in first
        frequency = math.log1p(count)
        features[word] = [
            1.0, in_title, in_announced, in_first, frequency, spread[word] / len(said), odds or 0.0, rare,
            rare * in_title, rare * in_announced, rare * frequency, in_title * in_announced, in_title * in_first,
        ]  # fmt: skip
    return features


def _logistic(weights: Sequence[float], features: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-_dot(weights, features)))


def _dot(weights: Sequence[float], features: Sequence[float]) -> float:
    return sum(weight * feature for weight, feature in zip(weights, features, strict=True))


def _place(sentences: Sequence[str], does: Sequence[bool], finds: Sequence[bool], n: int) -> list[float]:
    sentence, place = sentences[n], n / max(1, len(sentences) - 1)
    first = does.index(True) if True in does else -1
    return [
        does[n], n == first, finds[n], bool(_HERE.search(sentence)),
        bool(_CONTRAST.match(sentence)), place, place**2, n == 0,
    ]  # fmt: skip


def text_features(reading: Reading, text: str) -> list[float]:
    """Return what a text's worth follows from, wherever it comes from, in the order of `TEXT_FEATURES`."""
    said = stems(text)
    expected = sum(reading.chances.get(word, _ABSENT) for word in set(said))
    words = max(1, len(said))
    named = set(reading.title)
    return [
        *(2 * expected / (words + length) for length in _LENGTHS),
        expected / words,
        overlap(said, reading.title),
        len(named.intersection(said)) / words,
        max(0, _SHORT - words) / _SHORT,
        max(0, words - _LONG) / _LONG,
        bool(FIRST_PERSON.search(text)),
        any(char.isdigit() for char in text),
    ]


def sentence_features(reading: Reading, n: int, text: str) -> list[float]:
    """Return what the worth of a text cut from sentence n follows from, in the order of `SENTENCE_FEATURES`."""
    return [*text_features(reading, text), *reading.places[n], len(text) / max(1, len(reading.sentences[n]))]


def sentence_worth(reading: Reading, n: int, text: str) -> float:
    """Return how well a text cut from sentence n would stand for the paper, in ROUGE-1 above its abstract's mean."""
    return _dot(weights.SENTENCE, sentence_features(reading, n, text))


def text_worth(reading: Reading, text: str) -> float:
    """Return how well a text from anywhere would stand for the paper, in ROUGE-1 above the mean of a sentence."""
    return _dot(weights.JUDGE, text_features(reading, text))
