"""A paper's abstract, or its full text where its licence allows → an article, for the editor to finish."""

from pathlib import Path

from digest.document import Document
from digest.errors import GateRefused, ModelError, SourceError, UsageError
from digest.harvest.page_text import read_page
from digest.harvest.pdf_text import read_pdf
from digest.issue.editor import load_editor_file
from digest.issue.reading import (
    QUESTIONS,
    Answers,
    Part,
    Reading,
    Written,
    abstract_of,
    as_markdown,
    may_be_quoted_whole,
    read,
)
from digest.paper import Month, Paper, split_arxiv_id
from digest.pipeline.files import write_whole
from digest.pipeline.models import writer_of
from digest.pipeline.sources import html_page
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store import issues
from digest.store.papers import Held, papers_by_id
from digest.write.questions import Question, Reply, ask, questions_identity

_OF_AN_ABSTRACT, _OF_A_WHOLE_TEXT = 4, 6  # sentences for a part at most
_LARGEST_FILE = 64 * 1024 * 1024  # bytes
_PDF = b"%PDF-"


def read_paper(
    workshop: Workshop, arxiv_id: str, *, file: Path | None, full: bool, with_model: bool = True
) -> tuple[Path, StageReport]:
    """Draft a structured reading of a paper into the folder of its issue; a reading that is there is left as it is.

    A model that is missing or fails costs its answers: the draft holds the quotations all the same.

    Args:
        workshop: where the paper is held.
        arxiv_id: which one.
        file: its full text as HTML or PDF; None for none.
        full: fetch the full text from arXiv.
        with_model: let the writer that the settings name answer each part's question.

    Raises:
        UsageError: the paper is not held, its reading is there already, or the file cannot be read.
        GateRefused: its licence does not let the full text be quoted.
        SourceError: arXiv has no HTML of it, or did not answer.
    """
    held = _held(workshop, arxiv_id)
    paper = held.paper
    month = _month(workshop, held)
    folder = workshop.settings.path(workshop.settings.site.content) / str(month)
    target = folder / f"reading-{paper.arxiv_id.replace('/', '-')}.md"
    if target.exists():
        raise UsageError(f"{target} is there already and was left as it is: rename it to draft another")

    def work() -> Outcome:
        document = _document(workshop, paper, file, full=full)
        most = _OF_A_WHOLE_TEXT if file or full else _OF_AN_ABSTRACT
        reading = read(paper, document, most)
        number = len(load_editor_file(folder).features) + 1
        answers, warnings = _answers(workshop, reading) if with_model else (None, ())
        write_whole(target, as_markdown(reading, number, answers).encode())
        counts = {"passages": len(document.passages), "claims": sum(map(len, reading.parts.values()))}
        if answers:
            counts |= {"model's sentences": sum(map(len, answers.parts.values())), "refused": answers.refused}
        return Outcome(counts=counts, changed=True, warnings=warnings)

    return target, perform(workshop, str(month), "read", work)


def _answers(workshop: Workshop, reading: Reading) -> tuple[Answers | None, tuple[str, ...]]:
    """Let the writer answer from each part's quotations; returns None where there is none, and what went wrong."""
    try:
        writer = writer_of(workshop)
        if writer is None:
            return None, ()
        asked_by = questions_identity(writer)
    except ModelError as error:
        return None, (f"{error}; the draft holds the quotations alone",)
    title, parts = reading.paper.title, list(reading.parts)
    questions = [Question(title, QUESTIONS[part], tuple(one.quote for one in reading.parts[part])) for part in parts]
    asked = sum(bool(question.passages) for question in questions)
    replies: dict[Part, Reply] = {}
    warnings: tuple[str, ...] = ()
    try:
        with writer:
            for n, reply in ask(questions, writer):
                replies[parts[n]] = reply
                workshop.progress("read", len(replies), asked)
    except ModelError as error:
        warnings = (f"{error}; of the other parts the draft holds the quotations alone",)
    written = {
        part: tuple(Written(said.text, reading.parts[part][said.passage]) for said in reply.said)
        for part, reply in replies.items()
    }
    refused = sum(len(reply.refused) for reply in replies.values())
    return Answers(writer.name, writer.model_hash, asked_by, written, refused), warnings


def _held(workshop: Workshop, arxiv_id: str) -> Held:
    try:
        bare, _ = split_arxiv_id(arxiv_id)
    except ValueError as error:
        raise UsageError(str(error)) from error
    held = papers_by_id(workshop.store, [bare]).get(bare)
    if held is None:
        raise UsageError(f"{bare} is not in the store: digest harvest --id {bare}")
    return held


def _month(workshop: Workshop, held: Held) -> Month:
    """Return the newest issue that lists the paper, or else the month it belongs to."""
    for month in reversed(issues.months(workshop.store)):
        if any(choice.arxiv_id == held.paper.arxiv_id for _, choice in issues.choices(workshop.store, month)):
            return month
    return held.paper.month


def _document(workshop: Workshop, paper: Paper, file: Path | None, *, full: bool) -> Document:
    if file is None and not full:
        return abstract_of(paper)
    if not may_be_quoted_whole(paper.licence):
        known = (
            f"is under {paper.licence}" if paper.licence else "has no known licence (OAI-PMH tells it: digest harvest)"
        )
        raise GateRefused(
            f"{paper.arxiv_id} {known}: its full text may be quoted at length only under CC0, CC BY or CC BY-SA; "
            "without --full and --file, its abstract is read"
        )
    if file is not None:
        content = _content(file)
        passages = (read_pdf if content.startswith(_PDF) else read_page)(content, str(file))
        return Document(f"the full text ({file.name})", "", passages)
    url, content = html_page(workshop, paper)
    try:
        return Document("arXiv’s HTML", url, read_page(content, url))
    except UsageError as error:
        raise SourceError(str(error)) from error


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise UsageError(f"{file} has more than {_LARGEST_FILE:,} bytes: no paper has")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}; check the path") from error
