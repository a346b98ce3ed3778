"""Lists of papers, ours and others → what is wrong with them, held against the store."""

from collections.abc import Sequence
from pathlib import Path

from digest.errors import NothingToDo, UsageError
from digest.issue.editor import FILE_NAME, load_editor_file
from digest.issue.printed import Finding, Known, Printed, check_printed, read_jsonl, read_markdown
from digest.pipeline.making import texts_about
from digest.pipeline.models import writer_of
from digest.pipeline.workshop import Workshop
from digest.store import issues
from digest.store.papers import earlier_titles, papers_by_id, papers_by_version, titles


def check_lists(workshop: Workshop, files: Sequence[Path]) -> list[Finding]:
    """Check lists in Markdown, JSONL or an editor's file; where none is named, all of the magazine's own.

    Raises:
        UsageError: a list is missing, unreadable or broken.
        NothingToDo: they name no paper at all.
    """
    entries = [entry for file in files or _own_lists(workshop) for entry in _read(file)]
    entries += [] if files else _own_issues(workshop)
    if not entries:
        raise NothingToDo("no paper is named there: nothing was checked")
    return check_printed(entries, _known(workshop, entries))


def _own_lists(workshop: Workshop) -> list[Path]:
    """Return the editor's files and the Markdown beside them."""
    content = workshop.settings.path(workshop.settings.site.content)
    return [*sorted(content.glob(f"*/{FILE_NAME}")), *sorted(content.glob("*/*.md"))]


def _own_issues(workshop: Workshop) -> list[Printed]:
    """Return the entries of every issue, with the summary that it prints."""
    entries = []
    for month in issues.months(workshop.store):
        choices = issues.choices(workshop.store, month)
        held = papers_by_version(workshop.store, (version_id for version_id, _ in choices))
        written = texts_about(workshop, held, writer_of(workshop)).get("summary", {})
        for rank, (version_id, choice) in enumerate(choices, start=1):
            text = written[version_id].text if version_id in written else ""
            entries.append(Printed(f"issue {month}", rank, choice.arxiv_id, summary=text))
    return entries


def _read(file: Path) -> list[Printed]:
    if file.name == FILE_NAME:
        named = load_editor_file(file.parent).named
        return [Printed(str(file), one.line, one.arxiv_id, one.title) for one in named]
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    if file.suffix not in {".jsonl", ".json", ".ndjson"}:
        return read_markdown(text, str(file))
    try:
        return read_jsonl(text, str(file))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _known(workshop: Workshop, entries: Sequence[Printed]) -> Known:
    all_titles = titles(workshop.store)
    named = {entry.bare_id for entry in entries} & all_titles.keys()
    held = papers_by_id(workshop.store, named)
    return Known(
        titles=all_titles,
        earlier_titles=earlier_titles(workshop.store, named),
        authors={arxiv_id: one.paper.authors for arxiv_id, one in held.items()},
        withdrawn=frozenset(arxiv_id for arxiv_id, one in held.items() if one.paper.withdrawn),
        submitted={arxiv_id: one.paper.submitted for arxiv_id, one in held.items() if one.paper.submitted},
    )
