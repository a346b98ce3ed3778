"""What a month is about against the months before: topics that rise and fall, phrases that are new (pure)."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_FEWEST_PAPERS = 200  # in a month: below it, shares jump about
_THINNEST = 0.25  # of the month's papers must an earlier month hold, or it is a sample of another kind
_SURE = 2.58  # standard deviations; by chance, one topic in a hundred moves so far
_FEWEST_TITLES = 4  # that hold a phrase
_TIMES_MORE = 3  # as often as before, at least, is new
_SURE_PHRASE = 7.88  # log-likelihood; by chance, one phrase in two hundred reaches it (chi-squared, one degree)
_LONGEST_PHRASE = 3  # words
_PART_OF = 0.7  # of a phrase's titles holding a longer one: the longer one is meant


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What is counted of a month."""

    papers: int
    topics: Mapping[str, int]  # papers by the name of the topic; a paper may have several
    tagged: int  # papers that were given topics
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicTrend:
    """A topic's share of a month, and of the months before."""

    name: str
    papers: int
    share: float  # 0..1, of the month's tagged papers
    before: float | None  # 0..1, the same of the months before; None where they cannot be compared
    change: float  # in standard deviations of the difference; 0 where there is none to tell

    @property
    def is_rising(self) -> bool:
        """Tell whether its share grew by more than chance."""
        return self.change >= _SURE

    @property
    def is_falling(self) -> bool:
        """Tell whether its share shrank by more than chance."""
        return self.change <= -_SURE


@dataclass(frozen=True, slots=True)
class NewPhrase:
    """Words that the month's titles hold much oftener than those of the months before."""

    words: str
    titles: int
    before: int  # titles of the months before, all together


def comparable(month: MonthCounts, before: Sequence[MonthCounts]) -> bool:
    """Tell whether the months before hold enough papers to be held against this one."""
    fewest = max(_FEWEST_PAPERS, _THINNEST * month.papers)
    return bool(before) and month.papers >= _FEWEST_PAPERS and all(one.papers >= fewest for one in before)


def topic_trends(month: MonthCounts, before: Sequence[MonthCounts]) -> list[TopicTrend]:
    """Return each topic of the month, the most frequent first.

    The change is the z score of the difference of two proportions, the months before taken together (Agresti,
    An Introduction to Categorical Data Analysis, section 2.2, with the pooled variance of a test).
    """
    tagged = sum(one.tagged for one in before)
    trends = []
    for name, papers in month.topics.items():
        share = papers / month.tagged
        then = sum(one.topics.get(name, 0) for one in before)
        if not tagged:
            trends.append(TopicTrend(name, papers, share, None, 0.0))
            continue
        pooled = (papers + then) / (month.tagged + tagged)
        spread = math.sqrt(pooled * (1 - pooled) * (1 / month.tagged + 1 / tagged))
        change = (share - then / tagged) / spread if spread else 0.0
        trends.append(TopicTrend(name, papers, share, then / tagged, change))
    return sorted(trends, key=lambda one: (-one.papers, one.name))


# --- phrases -------------------------------------------------------------------------------------------------


def new_phrases(month: MonthCounts, before: Sequence[MonthCounts], most: int) -> list[NewPhrase]:
    """Return the phrases of the month's titles that are newest, the surest first.

    Ranked by the log-likelihood ratio of Dunning (1993), "Accurate methods for the statistics of surprise and
    coincidence"; only titles are read, for some sources cut abstracts short.
    """
    now = _phrase_counts(month.titles)
    then = Counter[str]()
    for one in before:
        then.update(_phrase_counts(one.titles))
    written = _written(month.titles, frozenset(words for words, count in now.items() if count >= _FEWEST_TITLES))
    titles, titles_then = len(month.titles), sum(len(one.titles) for one in before)
    ranked = []
    for words, count in now.items():
        if count < _FEWEST_TITLES or count * titles_then < _TIMES_MORE * then[words] * titles:
            continue
        surprise = _surprise(count, titles, then[words], titles_then)
        if surprise >= _SURE_PHRASE:
            ranked.append((-surprise, NewPhrase(written[words], count, then[words])))
    return _without_parts([phrase for _, phrase in sorted(ranked, key=lambda one: (one[0], one[1].words))])[:most]


def _surprise(count: int, of: int, count_then: int, of_then: int) -> float:
    """Return twice the logarithm of the likelihood ratio of two shares against one."""
    together = (count + count_then) / (of + of_then)
    apart = _likelihood(count, of, count / of) + _likelihood(count_then, of_then, count_then / of_then)
    return 2 * (apart - _likelihood(count, of, together) - _likelihood(count_then, of_then, together))


def _likelihood(count: int, of: int, share: float) -> float:
    seen = count * math.log(share) if count else 0.0
    unseen = (of - count) * math.log(1 - share) if of > count else 0.0
    return seen + unseen


def _without_parts(phrases: Sequence[NewPhrase]) -> list[NewPhrase]:
    """Leave out a phrase that is mostly a part of a longer one."""
    folded = [(f" {_folded(one.words)} ", one) for one in phrases]
    return [
        one
        for words, one in folded
        if not any(
            words in longer and other.titles >= _PART_OF * one.titles for longer, other in folded if longer != words
        )
    ]


@lru_cache(maxsize=64)  # each month is compared with by the three after it
def _phrase_counts(titles: tuple[str, ...]) -> Counter[str]:
    """Count in how many titles each phrase stands, with a hyphen or without."""
    counts = Counter[str]()
    for title in titles:
        counts.update({_folded(phrase) for phrase in phrases_of(title)})
    return counts


def _folded(phrase: str) -> str:
    return phrase.lower().replace("-", " ")


def _written(titles: Sequence[str], wanted: Collection[str]) -> dict[str, str]:
    """Return each phrase as most titles write it."""
    forms: dict[str, Counter[str]] = {}
    for title in titles:
        for phrase in phrases_of(title):
            if (words := _folded(phrase)) in wanted:
                forms.setdefault(words, Counter())[phrase] += 1
    return {words: min(count, key=lambda form: (-count[form], form)) for words, count in forms.items()}


_WORD = re.compile(r"[^\W\d_][\w]*(?:[-'’][\w]+)*|\d[\w.]*[^\W\d_]\w*")
_BREAK = re.compile(r"[.,;:!?()\[\]\"“”]+(?:\s|$)|\s[-–—]\s|\s[(\[]")
# Words that say nothing by themselves; a phrase neither holds one nor is one.
_EMPTY = frozenset(
    """a about all an and any are as at be beyond but by can case do does exploring for from how improved improving
    in into is it its large made method methods more not novel of on or our out over paper study
    system task than that the their them through to toward towards under up using via vs we what when where which
    why with within without you your analysis application applications approach approaches based better case
    comprehensive efficient enhanced enhancing framework investigating learning new review survey tasks""".split()
)


def phrases_of(title: str) -> Iterable[str]:
    """Yield the phrases of a title: two or three words that stand together, and names.

    A name is a word with two capitals, or with letters and digits; all but names are in small letters.
    """
    for part in _BREAK.split(title):
        words = _WORD.findall(part)
        small = [word if _is_name(word) else word.lower() for word in words]
        for start, word in enumerate(words):
            if _is_name(word) or sum(char.isupper() for char in word) > 1:
                yield small[start]
            for length in range(2, _LONGEST_PHRASE + 1):
                phrase = small[start : start + length]
                if len(phrase) == length and not _EMPTY.intersection(map(str.lower, phrase)):
                    yield " ".join(phrase)


def _is_name(word: str) -> bool:
    """Tell names, "RAG" and "Llama3", from words with a hyphen that a title writes large, "Low-Bit"."""
    parts = word.split("-")
    capitals = max(sum(char.isupper() for char in part) for part in parts)
    return capitals > 1 or any(part.isalnum() and not part.isalpha() and not part.isdigit() for part in parts)
