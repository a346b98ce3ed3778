"""A title and an abstract → the sentence that says what the paper does, lightly trimmed (pure)."""

import re
from collections import Counter
from collections.abc import Sequence

from digest.paper import Evidence, Summary, Verdict
from digest.text import plain_text, plain_title, split_sentences

# Cues by which authors announce what they did. The first such sentence alone scores ROUGE-1 39.1 on SciTLDR-A's
# dev split; the best single sentence of each abstract 47.8; the weighted choice below, as printed, 40.5.
_ADVERB = (
    r"(?:(?:also|first|further|then|hence|thus|therefore|here|now|instead|can|systematically|empirically|formally"
    r"|carefully|thoroughly)\s+)?"
)
_DOES = re.compile(
    rf"\b(?:we|this (?:paper|work|article|study|report|survey|letter))\s+{_ADVERB}"
    r"(?:propose|introduce|present|develop|describe|devise|design|build|create|construct|formulate|investigate"
    r"|stud(?:y|ies)|examine|explore|analy[sz]e|evaluate|compare|survey|review|revisit|address|tackle|release|aim|suggest|hypothesi[sz]e"
    r"|provide|offer|extend|seek|argue|give|take|organi[sz]e|outline|undertake|conduct|perform)",
    re.IGNORECASE,
)
_FINDS = re.compile(
    rf"\b(?:we|our (?:results|findings|experiments|analysis|study|work)|results|experiments|this (?:paper|work))\s+"
    rf"{_ADVERB}(?:show|demonstrate|find|prove|reveal|discover|identify|observe|establish|suggest|indicate|challenge)",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(?:in|with) this (?:paper|work|article|study|report|letter)\b|\bto (?:this end|address|tackle|overcome|solve)\b"
    r"|\bour (?:method|approach|model|framework|goal|main)\b|\bthis (?:paper|work|article|study|report|survey)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"https?://|www\.|\\url|github\.com|\bcodes? (?:is|are|and|will|has|for th)|source codes?\b"
    r"|(?:publicly|freely) available|project page|\bdemo\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"(?:the )?(?:however|but|unfortunately|yet|despite|while|although|existing|recent|current"
    r"|many|most|previous|prior)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:besides|nevertheless|afterwards?|in contrast|the rest|the others?|second|third|fourth|also|it|they"
    r"|these|those|such|its)\b"
    r"|.*\bthis (?:problem|issue|concern|question|challenge|gap|limitation|hypothesis|setting|idea)\b"
    r"|.*\bthe (?:above|aforementioned)\b|.*\b(?:that|whether) (?:it|they|this|these)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9]+")
_STOP_WORDS = frozenset(
    (
        "a an the of for in on to and or with by from at as is are be this that we our it its can which using use via "
        "not than more has have been their these such into also how"
    ).split()
)
# Ridge regression of a sentence's ROUGE-1 (its abstract's mean taken off) on these features, over SciTLDR-A's train
# split (Cachola et al., 2020, "TLDR: Extreme Summarization of Scientific Documents"). Two were set by eye where the
# dev split does not care: 0.090 for the first cue (0.060 learned), 0.200 for centrality (0.407 learned, which brings
# background sentences to the top).
_DOES_WEIGHT, _FIRST_WEIGHT, _FINDS_WEIGHT, _HERE_WEIGHT, _CONTRAST_WEIGHT = 0.038, 0.090, 0.024, 0.013, -0.050
_TITLE_WEIGHT, _DENSITY_WEIGHT, _CENTRAL_WEIGHT = 0.135, 0.144, 0.200
_LENGTH_WEIGHT, _LONG_WEIGHT, _SHORT_WEIGHT = 0.042, -0.053, -0.112
_EARLY_WEIGHT, _LATE_WEIGHT = 0.037, -0.029
# By eye, on April 2024: a question, or a sentence that leans on the one before, tells a reader little by itself.
_QUESTION_WEIGHT, _DANGLING_WEIGHT = -0.15, -0.08
_NEVER = -9.0  # a sentence about the code, or cut short, is taken only where there is no other
_TOO_SHORT = 5  # words


def extract_tldr(title: str, abstract: str) -> Summary:
    """Return the abstract's sentence that best says what the paper does; its evidence is itself.

    Only the opening is trimmed ("In this paper, we propose X" → "Proposes X"), never a fact. An empty abstract gives
    the title.
    """
    spans = split_sentences(abstract)
    if not spans:
        return _extracted(plain_title(title), Evidence(-1, 0, len(title)))
    sentences = [plain_text(abstract[start:end]) for start, end in spans]
    scores = score_sentences(title, sentences)
    best = max(range(len(sentences)), key=lambda n: (scores[n], -n))
    return _extracted(trim_opening(sentences[best]), Evidence(best, *spans[best]))


def most_telling(title: str, abstract: str, count: int) -> str:
    """Return the abstract's sentences that best say what the paper does, `count` at most, in their order."""
    spans = split_sentences(abstract)
    scores = score_sentences(title, [plain_text(abstract[start:end]) for start, end in spans])
    best = sorted(range(len(spans)), key=lambda n: (-scores[n], n))[:count]
    return " ".join(abstract[slice(*spans[n])] for n in sorted(best))


def _extracted(text: str, evidence: Evidence) -> Summary:
    return Summary(kind="tldr", text=text, evidence=(evidence,), verdict=Verdict.EXTRACTED)


def score_sentences(title: str, sentences: Sequence[str]) -> list[float]:
    """Return for each sentence of an abstract how well it would stand for the paper; higher is better."""
    wanted = _content(title)
    contents = [_content(sentence) for sentence in sentences]
    spread = Counter(stem for content in contents for stem in content)
    first = next((n for n, sentence in enumerate(sentences) if _DOES.search(sentence)), -1)
    return [
        _cues(sentence, is_first=n == first)
        + _words(wanted, contents[n], spread, len(sentences))
        + _shape(sentence, n / max(1, len(sentences) - 1))
        for n, sentence in enumerate(sentences)
    ]


def _content(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS}


def _stem(word: str) -> str:
    """Cut the commonest endings: enough to let "learns", "learned" and "learning" meet."""
    for ending, least in (("ing", 6), ("ed", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least:
            return word[: -len(ending)]
    return word


def _cues(sentence: str, *, is_first: bool) -> float:
    return (
        _DOES_WEIGHT * bool(_DOES.search(sentence))
        + _FIRST_WEIGHT * is_first
        + _FINDS_WEIGHT * bool(_FINDS.search(sentence))
        + _HERE_WEIGHT * bool(_HERE.search(sentence))
        + _CONTRAST_WEIGHT * bool(_CONTRAST.match(sentence))
        + _DANGLING_WEIGHT * bool(_DANGLING.match(sentence))
        + _QUESTION_WEIGHT * sentence.endswith("?")
        + _NEVER * bool(_CODE.search(sentence))
    )


def _words(title: set[str], content: set[str], spread: Counter[str], sentences: int) -> float:
    shared = len(title & content)
    repeated = sum(spread[stem] - 1 for stem in content) / max(1, len(content)) / max(1, sentences - 1)
    return (
        _TITLE_WEIGHT * shared / max(1, len(title))
        + _DENSITY_WEIGHT * shared / max(1, len(content))
        + _CENTRAL_WEIGHT * repeated
    )


def _shape(sentence: str, place: float) -> float:
    """Score length and place (0 for the first sentence, 1 for the last)."""
    words = len(_WORD.findall(sentence.lower()))
    whole = sentence.rstrip("\"'”’)]}").endswith((".", "!", "?", "。"))
    return (
        _LENGTH_WEIGHT * min(words, 60) / 20
        + _LONG_WEIGHT * max(0, words - 35) / 20
        + _SHORT_WEIGHT * max(0, 12 - words) / 12
        + _EARLY_WEIGHT * place
        + _LATE_WEIGHT * place**2
        + _NEVER * (words < _TOO_SHORT or not whole)
    )


_LEAD = (
    r"(?:(?:in|with) (?:this|the present) (?:paper|work|article|study|report|letter|survey)"
    r"|in our (?:paper|work|study)|here|to this end|therefore|thus|hence|specifically|in particular"
    r"|to (?:address|tackle|overcome|solve|mitigate|bridge|fill) (?:this|these|the|such)[^,]{0,60}"
    r"|first|second|third|finally|besides|moreover|furthermore|additionally|in addition|in response|as such"
    r"|motivated by (?:this|these)[^,]{0,60}"
    r"|in light of this[^,]{0,40}),?\s+"
)
_WE = re.compile(
    rf"(?:{_LEAD}){{0,2}}(?:we|the authors(?: of (?:this|the) paper)?"
    r"|this (?:paper|work|article|study|report|survey|letter))\s+"
    r"(?:(?:also|first|then|thus|therefore|hence|further|here)\s+)?(?P<verb>[a-z]+)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_VERBS = frozenset(
    (
        "propose introduce present develop describe devise design build create construct formulate investigate study "
        "examine explore analyze analyse evaluate compare survey review revisit show demonstrate find argue prove "
        "establish provide offer release extend address tackle reveal discover identify observe conduct perform "
        "benchmark suggest hypothesize train adapt apply report summarize summarise focus aim seek attempt call "
        "consider discuss derive undertake outline organize organise"
    ).split()
)
_FIRST_PERSON = re.compile(r"\b(?:we|our|ours|us|i|my)\b", re.IGNORECASE)
_BEGINS_A_CLAUSE = (
    "show demonstrate find prove propose introduce provide discover identify reveal argue observe summarize"
).split()  # verbs that are no nouns: after "and" they go on from "we"
_JOINED = re.compile(rf"\band\s+(?P<we>we\s+)?(?P<adverb>{_ADVERB})(?P<verb>[a-z]+)\b")
_OTHER_SUBJECT = re.compile(r"\b(?:to|can|may|might|could|will|would|that|which|who|how|whether)\b", re.IGNORECASE)


def trim_opening(sentence: str) -> str:
    """Turn "In this paper, we propose X" into "Proposes X"; a sentence with no safe trim stays whole."""
    match = _WE.fullmatch(sentence)
    if match is None:
        return sentence
    third = _third_person(match["verb"].lower())
    rest = _continued(match["rest"])
    # "Proposes X, and our method is ..." would mix persons: such a sentence stays as its authors wrote it.
    if third is None or rest is None or _FIRST_PERSON.search(rest):
        return sentence
    return f"{third.capitalize()} {rest}"


def _continued(rest: str) -> str | None:
    """Turn the further verbs of "we propose X and show Y" too; None where it is not sure whose verb one is."""
    turned, end = "", 0
    for match in _JOINED.finditer(rest):
        is_certain = bool(match["we"]) or match.start() == 0  # "and we show", "we analyze and summarize"
        if match["verb"] not in (_VERBS if is_certain else _BEGINS_A_CLAUSE):
            continue
        if not is_certain and _OTHER_SUBJECT.search(rest, 0, match.start()):
            return None
        turned += f"{rest[end : match.start()]}and {match['adverb']}{_third_person(match['verb'])}"
        end = match.end()
    return turned + rest[end:]


def _third_person(verb: str) -> str | None:
    """Return the verb as "it VERBs", or None where it is not a verb of the list."""
    if verb in _VERBS:
        if verb.endswith("y") and verb[-2] not in "aeiou":
            return f"{verb[:-1]}ies"
        return f"{verb}es" if verb.endswith(("s", "sh", "ch", "ss")) else f"{verb}s"
    return verb if verb.removesuffix("s") in _VERBS or verb in {"studies", "addresses", "establishes"} else None
