"""A paper's text → a structured reading of it, every claim a quotation tied to its passage (pure)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from digest.document import Document, Passage
from digest.paper import Paper
from digest.text import plain_title, split_sentences

_FEWEST_WORDS, _MOST_WORDS = 5, 70  # of a sentence that is quoted
_ABSTRACT = "Abstract"  # the section's heading
_LEAST_SCORE = 1.0  # one cue, or the right section
_CUE, _SECTION, _TITLE = 1.0, 0.8, 0.5  # the weights, by eye
_OPEN_LICENCE = re.compile(r"https?://creativecommons\.org/(publicdomain/zero|licenses/by(-sa)?)/\d[\d.]*/?", re.ASCII)


class Part(StrEnum):
    """The parts of a reading, in the order in which they are printed: what is defined comes before what is found."""

    QUESTION = "The question"
    BACKGROUND = "Background"
    DONE = "What was done"
    FINDINGS = "What was found"
    PRACTICES = "Best practices"
    LIMITS = "What it does not show"
    IN_PRACTICE = "In practice"


_ASKS = {
    Part.QUESTION: "Which question does the paper ask, and why did you choose it? Answer it in a line.",
    Part.BACKGROUND: "Define each method and term before a result uses it.",
    Part.DONE: "What was compared with what, on which data?",
    Part.FINDINGS: "A number each, with its unit and what it is compared with.",
    Part.PRACTICES: "What do the authors say makes it work?",
    Part.LIMITS: "Missing ablations, costs, data, doubts of others: what would settle it?",
    Part.IN_PRACTICE: "Which to use when? Say that it is your opinion.",
}
# The same, as a model is asked it of the sentences that were chosen.
QUESTIONS: Mapping[Part, str] = {
    Part.QUESTION: "Which question does the work ask, or which problem does it address?",
    Part.BACKGROUND: "What was known or in use before this work?",
    Part.DONE: "What did the authors do, with what, and on which data?",
    Part.FINDINGS: "What was found, with which numbers, and compared with what?",
    Part.PRACTICES: "What makes it work?",
    Part.LIMITS: "What does it not show, or where does it fail?",
    Part.IN_PRACTICE: "What is it of use for in practice?",
}
_CUES = {
    Part.QUESTION: r"\?$|\bwhether\b|\b(?:we|this (?:paper|work|study)) (?:ask|investigate|stud(?:y|ies)|examine|aim"
    r"|seek)|\b(?:remains?|still) (?:unclear|unknown|open|challenging)|\bopen question|\bour goal\b",
    Part.BACKGROUND: r"\b(?:is|are) (?:defined|known|called|currently|widely|commonly|usually|often)\b|\bhas become\b"
    r"|\b(?:existing|prior|previous|recent|traditional) (?:\w+ ){0,2}(?:work|methods?|approaches|models|studies)\b",
    Part.DONE: r"\bwe (?:\w+ly )?(?:also |first |then |further )?(?:propose|introduce|present|develop|design|release"
    r"|train|conduct|compare|benchmark|evaluate|collect|build|construct|implement|use|apply|extend|analy[sz]e)\b"
    r"|\bthis (?:paper|work|report) (?:proposes|introduces|presents|develops|describes)\b",
    Part.FINDINGS: r"\b(?:we|results?|experiments?|findings|evaluations?) (?:also )?(?:show|find|demonstrate|reveal"
    r"|observe|indicate|suggest|confirm)\b|\b(?:outperform|surpass|achiev|improv|reduc|exceed|rival)(?:e?s|ed|ing|e)?\b"
    r"|\bstate[- ]of[- ]the[- ]art\b|\d\s?(?:%|×|x\b|points?\b)",
    Part.PRACTICES: r"\b(?:key|critical|crucial|important|essential|decisive) (?:factors?|components?|design)\b"
    r"|\bwe recommend|\bbest practices?|\bshould (?:be )?\w+|\bguidelines?\b|\blessons?\b|\bit is important to\b",
    Part.LIMITS: r"\blimit(?:ation|ations|ed)\b|\bfuture work\b|\b(?:do|does|did|is|are|can|could) not\b|\bcannot\b"
    r"|\bfails? to\b|\bonly (?:consider|evaluate|test|use|cover)|\bweakness|\bcaveat|\bbeyond the scope\b",
    Part.IN_PRACTICE: r"\b(?:in practice|practitioners?|practical|deploy(?:ed|ment)?|applicable|real[- ]world)\b"
    r"|\b(?:code|weights|models?|data) (?:\w+ )?(?:is|are) (?:\w+ )?(?:available|released|public)",
}
_SECTIONS = {
    Part.QUESTION: r"introduction|motivation",
    Part.BACKGROUND: r"background|preliminar|related work|problem (?:setup|formulation)",
    Part.DONE: r"method|approach|model|architecture|setup|data|training|implementation|framework",
    Part.FINDINGS: r"experiment|result|evaluation|finding|analysis|benchmark|ablation",
    Part.PRACTICES: r"recommend|practice|lesson|guideline|takeaway",
    Part.LIMITS: r"limitation|threat|broader impact|ethic|future",
    Part.IN_PRACTICE: r"application|deployment|discussion|conclusion|availability",
}
_FINDS_PART = {part: re.compile(cue, re.IGNORECASE) for part, cue in _CUES.items()}
_FINDS_SECTION = {part: re.compile(title, re.IGNORECASE) for part, title in _SECTIONS.items()}
_OWN = re.compile(r"\b(?:our (?:method|approach|model|work)|(?:this|our) (?:paper|work|study|report))\b", re.IGNORECASE)
_LABEL = "Each sentence in quotation marks is the authors’, and stands where it says."
_FINISH = "Finish the text in your own words, and take this line and the questions in italics out."
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|#])")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, word for word as its passage has it."""

    quote: str
    passage: Passage
    start: int  # its first character in the passage, or in what the passage was cut out of
    end: int  # one past the last


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of a paper, for the editor to finish."""

    paper: Paper
    document: Document
    parts: dict[Part, tuple[Claim, ...]]  # every part, empty where nothing was found


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence by a model that passed the gate."""

    text: str
    claim: Claim  # the quotation it rests on


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model answered from the quotations of each part."""

    model: str  # its name
    model_hash: str  # SHA-256, as a summary has it
    made_with: str  # SHA-256 of prompt and rules
    parts: Mapping[Part, tuple[Written, ...]]
    refused: int  # sentences that the gate did not let pass


def may_be_quoted_whole(licence: str | None) -> bool:
    """Tell whether a licence lets the text be quoted at length: CC0, CC BY, CC BY-SA."""
    return bool(licence and _OPEN_LICENCE.fullmatch(licence.strip()))


def abstract_of(paper: Paper) -> Document:
    """Return the abstract as a document whose passages are its sentences."""
    text = paper.abstract
    passages = (
        Passage(text[start:end], f"{_ABSTRACT}, sentence {n}", "", start)
        for n, (start, end) in enumerate(split_sentences(text), start=1)
    )
    return Document("the abstract", paper.url, tuple(passages))


def read(paper: Paper, document: Document, most: int) -> Reading:
    """Choose for each part the sentences that tell most of it, `most` at most, in the text's order.

    A sentence stands in one part only: that whose cues and whose section fit it best.
    """
    found: dict[Part, list[tuple[float, int, Claim]]] = defaultdict(list)
    wanted = set(_words(paper.title))
    is_told = False  # what the paper does itself
    for place, claim in enumerate(_claims(document)):
        # "This paper studies ..." may open an abstract, and the state of the field follow.
        is_told = is_told or bool(_FINDS_PART[Part.DONE].search(claim.quote) or (place and _OWN.search(claim.quote)))
        scores = {part: _score(part, claim, wanted) for part in Part}
        if claim.passage.section.startswith(_ABSTRACT):
            # An abstract opens with what is known; once it has said what was done, it goes on about it.
            scores[Part.DONE if is_told else Part.BACKGROUND] += _CUE
        best = max(Part, key=lambda part: scores[part])
        if scores[best] >= _LEAST_SCORE:
            found[best].append((-scores[best], place, claim))
    parts = {part: sorted(sorted(found[part], key=_by_score)[:most], key=lambda one: one[1]) for part in Part}
    return Reading(paper, document, {part: tuple(claim for _, _, claim in chosen) for part, chosen in parts.items()})


def _by_score(one: tuple[float, int, Claim]) -> tuple[float, int]:
    return one[:2]


def _claims(document: Document) -> Iterator[Claim]:
    for passage in document.passages:
        for start, end in split_sentences(passage.text):
            if _FEWEST_WORDS <= len(passage.text[start:end].split()) <= _MOST_WORDS:
                yield Claim(passage.text[start:end], passage, passage.start + start, passage.start + end)


def _score(part: Part, claim: Claim, wanted: set[str]) -> float:
    cues = len(_FINDS_PART[part].findall(claim.quote))
    words = set(_words(claim.quote))
    return (
        _CUE * min(cues, 2)
        + _SECTION * bool(_FINDS_SECTION[part].search(claim.passage.section))
        + (_TITLE * len(words & wanted) / max(1, len(wanted)) if cues else 0.0)
    )


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 2]  # noqa: PLR2004  no articles


def as_markdown(reading: Reading, number: int, answers: Answers | None = None) -> str:
    """Write a reading as an article for the editor to finish; its headings are numbered as section `number`.

    A model's answers stand before the quotations that they rest on, each labelled as the model's.
    """
    paper, document = reading.paper, reading.document
    title = _escaped(plain_title(paper.title))
    source = f"{_escaped(document.source)} of [{title}]({paper.url}){_licensed(reading)}"
    lines = [" ".join(filter(None, (f"*Drafted by digest from {source}. {_LABEL}", _told(answers), f"{_FINISH}*")))]
    for place, part in enumerate(Part, start=1):
        lines += ["", f"## {number}.{place} {part}", "", f"*{_ASKS[part]}*"]
        written = answers.parts.get(part, ()) if answers else ()
        lines += ["", *(_written(one, document) for one in written)] if written else []
        claims = reading.parts[part]
        lines += ["", *(_line(claim, document) for claim in claims)] if claims else []
        if not claims:
            lines += ["", f"*{document.source[:1].upper()}{_escaped(document.source[1:])} says nothing of it.*"]
    return "\n".join(lines) + "\n"


def _told(answers: Answers | None) -> str:
    """Say which sentences are a model's, which model's, and what was left out; "" where none was asked."""
    if answers is None:
        return ""
    by = (
        f"{_escaped(answers.model)} (SHA-256 {answers.model_hash[:12]}, prompt and rules {answers.made_with[:12]}) "
        "from the quotations, and held against them as summaries are"
    )
    passed = sum(map(len, answers.parts.values()))
    if not passed:
        return (
            f"A model was asked as well, {by}: none of its {answers.refused} sentences passed."
            if answers.refused
            else ""
        )
    left_out = f"; {answers.refused} more did not pass and are left out" if answers.refused else ""
    return f"Each sentence after “Model” was written by {by}{left_out}."


def _written(one: Written, document: Document) -> str:
    return f"- **Model:** {_escaped(one.text)} (rests on {_where(one.claim, document)})"


def _licensed(reading: Reading) -> str:
    if reading.document == abstract_of(reading.paper):
        return ""
    return f", which its authors put under [this licence]({reading.paper.licence})"


def _line(claim: Claim, document: Document) -> str:
    return f"- “{_escaped(claim.quote)}” ({_where(claim, document)})"


def _where(claim: Claim, document: Document) -> str:
    return f"{_place(claim, document)}, characters {claim.start}–{claim.end}"


def _place(claim: Claim, document: Document) -> str:
    passage = claim.passage
    page = passage.anchor.removeprefix("page=") if passage.anchor.startswith("page=") else ""
    is_plain = not passage.section or passage.section.startswith(_ABSTRACT)
    section = passage.section if is_plain else f"“{passage.section}”"
    said = ", ".join(filter(None, (_escaped(section), f"page {page}" if page else ""))) or "before the first section"
    if not document.url:
        return said
    address = document.url + (f"#{quote(passage.anchor, safe='.=')}" if passage.anchor else "")
    return f"[{said}]({address})"


def _escaped(text: str) -> str:
    """Keep a paper's words from meaning anything in Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def holds(document: Document, quoted: Iterable[Claim]) -> bool:
    """Tell whether every claim stands in its passage, and the passage in the document."""
    return all(
        claim.passage in document.passages
        and claim.quote == claim.passage.text[claim.start - claim.passage.start : claim.end - claim.passage.start]
        for claim in quoted
    )
