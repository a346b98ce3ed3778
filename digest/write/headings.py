"""A sentence of a paper taken apart, and the sentences it rests on → whether it stands under the right heading (pure).

That a sentence is true of the paper does not make it the paper's limits: models fill a heading that an abstract leaves
empty with whatever is left of it. The cues are by eye, from what a model of 1.5 billion parameters wrote of 24 papers.
"""

import re
from collections.abc import Mapping, Sequence

from digest.write.extract.alone import leans
from digest.write.extract.telling import ANNOUNCES
from digest.write.extract.trim import FIRST_PERSON
from digest.write.words.verbs import bare_verb
from digest.write.words.wording import content

RULES = "2"  # part of the identity of a text that was held against them
_SHARED = 0.8  # of the shorter text's words: two that share so many say the same

_MAKES = re.compile(
    r"(?:\w+ly )?(?:propos|introduc|present|develop|design|build|describ|releas|creat|construct|offer|provid)"
    r"(?:es|s|ing)\b",
    re.IGNORECASE,
)
_FINDS = re.compile(
    r"(?:finds?|findings|shows?|demonstrat|reveal|observ|discover|prov(?:es|ing)\b|outperform|achiev|surpass|improv|suggests?"
    r"|(?:the |our )?(?:extensive |experimental |empirical )*(?:results?|experiments?|findings)\b)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\b(?:outperform|surpass|exceed|rival|state-of-the-art|superior|results? in|achiev|yield|attain)"
    r"|\d\s?(?:%|×|x\b|points?\b)|\bby (?:up to )?\d",
    re.IGNORECASE,
)
_TELLS_A_RESULT = re.compile(
    r"\b(?:find|found|show|demonstrat|reveal|unveil|indicat|confirm|prove|observ|discover|outperform|surpass|exceed|rival"
    r"|match|achiev|attain|reach|yield|gain|improv|enhanc|boost|increas|reduc|decreas|sav(?:es|ing)|cuts?\b"
    r"|higher|lower|better|worse|best|faster|slower|fewer|smaller|larger|stronger|more\b|less\b|state-of-the-art|superior"
    r"|comparabl|competitive|effectiv|useful|enabl|able to|capable|results? in|leads? to|generali[sz])"
    r"|\d\s?(?:%|×|x\b|points?\b)",
    re.IGNORECASE,
)
_IS_FOUND = re.compile(
    r"\b(?:we|results?|experiments?|findings) (?:also )?(?:\w+ly )?"
    r"(?:show|find|demonstrate|prove|reveal|indicate|observe)",
    re.IGNORECASE,
)
_IS_MADE = re.compile(r"\b(?:is|are) (?:\w+ly )?(?:introduced|proposed|presented|described|released)\b", re.IGNORECASE)
_OWN = re.compile(
    r"\b(?:this|the present) (?:paper|work|article|study|report|survey|primer|letter|review|tutorial)\b", re.IGNORECASE
)
_IS_A_PROBLEM = re.compile(
    r"^(?:to |how |whether |what |why |investigat|stud(?:y|ies)|examin|explor|address|tackl|assess|aims? to|asks?\b)"
    r"|\b(?:challeng|problem|difficult|costly|expensive|limit|lack|fail|suffer|struggl|unclear|unknown|question|whether"
    r"|however|remain|hinder|gap\b|bottleneck|inefficien|issue|need|underexplored|little|despite|hard\b|cannot|goal)",
    re.IGNORECASE,
)
_STUDIES = re.compile(r"\bwe (?:stud(?:y|ied)|investigate|examine|explore|ask)\b", re.IGNORECASE)
_IS_A_LIMIT = re.compile(
    r"\b(?:limitations?|limited to|restricted to|fails? to|failed to|cannot|unable|struggl\w*|degrad\w*|drawbacks?"
    r"|shortcomings?|weakness(?:es)?|caveats?|future work|at the (?:cost|expense) of|open (?:questions?|problems?)"
    r"|remains? (?:unclear|open|unknown|challenging|difficult|a challenge|limited)|not yet|less effective|worse"
    r"|(?:does|do|did) not (?:generali[sz]e|hold|extend|scale|transfer|account|consider|cover|guarantee|help|work)"
    r"|only (?:hold|consider|evaluat|test|cover|work|appl)\w*|falls? short"
    r"|not (?:evaluated|tested|considered|applicable))\b",
    re.IGNORECASE,
)


_THEY = re.compile(r"they (?=[a-z])", re.IGNORECASE)
_THEIR = re.compile(
    r"their (?=(?:results?|findings?|experiments?|methods?|approach|models?|framework|analysis)\b)", re.IGNORECASE
)
_FINDS_THAT = re.compile(r"(?:Finds|Shows|Demonstrates|Reveals|Observes|Discovers|Indicates) that (?=\w)")
_WORD = re.compile(r"[a-z]+(?=[ ,.])")


def of_the_authors(sentence: str) -> str:
    """Put "we" where a model has "they" for the authors, or nothing, so that it is turned as their own words are."""
    sentence = _THEIR.sub("The ", sentence, count=1) if _THEIR.match(sentence) else sentence
    sentence = _THEY.sub("We ", sentence, count=1) if _THEY.match(sentence) else sentence
    word = _WORD.match(sentence)
    is_command = word is not None and bare_verb(word[0]) == word[0]  # "introduce a method"
    return f"We {sentence}" if is_command else _capital(sentence)


def _capital(sentence: str) -> str:
    """Begin a sentence with a capital, but not with another name: "iLLaMA"."""
    return sentence[0].upper() + sentence[1:] if _WORD.match(sentence) else sentence


def what_is_found(sentence: str) -> str:
    """Return what "Finds that ..." says is found: under a heading it needs no one who finds it."""
    opening = _FINDS_THAT.match(sentence)
    return _capital(sentence[opening.end() :]) if opening else sentence


def misplaced(field: str, text: str, told: Sequence[str], places: Sequence[int]) -> bool:
    """Tell whether a true sentence does not belong under problem, method, result or limits.

    Args:
        field: the heading.
        text: the sentence.
        told: the abstract's sentences, as plain text.
        places: the numbers of those that it rests on.
    """
    rests_on = [told[n] for n in places]
    speaks = (n for n, one in enumerate(told) if any(own.search(one) for own in (ANNOUNCES, FIRST_PERSON, _OWN)))
    own = next(speaks, 0)
    is_known_before = all(n < own for n in places)  # what others do, find or fail at
    if leans(text):
        return True
    if field == "problem":
        return not _is_a_problem(text, rests_on, is_known_before=is_known_before)
    fits = {"method": _is_a_method, "result": _is_a_result, "limits": _is_a_limit}[field]
    return is_known_before or not fits(text, rests_on)


def _is_a_problem(text: str, rests_on: Sequence[str], *, is_known_before: bool) -> bool:
    asks = is_known_before or _IS_A_PROBLEM.search(text) or any(_STUDIES.search(one) for one in rests_on)
    return bool(asks) and not (_MAKES.match(text) or _FINDS.match(text) or _MEASURED.search(text))


def _is_a_method(text: str, _rests_on: Sequence[str]) -> bool:
    return not (_FINDS.match(text) or (_MEASURED.search(text) and not _MAKES.match(text)))


def _is_a_result(text: str, rests_on: Sequence[str]) -> bool:
    """What one sentence of the abstract measures, another did not measure it on."""
    if _MAKES.match(text) or _IS_MADE.search(text) or (_MEASURED.search(text) and len(set(rests_on)) > 1):
        return False
    return bool(_TELLS_A_RESULT.search(text)) or any(_IS_FOUND.search(one) for one in rests_on)


def _is_a_limit(text: str, _rests_on: Sequence[str]) -> bool:
    return bool(_IS_A_LIMIT.search(text)) and not (_MAKES.match(text) or _IS_MADE.search(text))


def _say_the_same(text: str, other: str) -> bool:
    """Tell whether two sentences share nearly all the words that carry content."""
    one, two = set(content(text)), set(content(other))
    return len(one & two) >= _SHARED * min(len(one), len(two))


def first_of_each(texts: Mapping[str, str]) -> set[str]:
    """Return the headings whose text says something that no heading before it says."""
    kept: dict[str, str] = {}
    for field, text in texts.items():
        if text and not any(_say_the_same(text, other) for other in kept.values()):
            kept[field] = text
    return set(kept)
