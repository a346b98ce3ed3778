"""The ranking of a month → candidates in its editor's file."""

from digest.errors import NothingToDo, UsageError
from digest.issue.draft import Candidate, count_new, draft
from digest.issue.editor import FILE_NAME, load_editor_file
from digest.paper import Month
from digest.pipeline.choosing import candidates
from digest.pipeline.files import write_whole
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.text import plain_title


def draft_issue(workshop: Workshop, month: Month, beyond: int) -> StageReport:
    """Add what the ranking would list, and the `beyond` papers after it, to the month's editor's file as comments.

    Raises:
        NothingToDo: the month holds no paper that could be a candidate.
        UsageError: the editor's file is broken; it was left as it is.
    """
    return perform(workshop, str(month), "draft", lambda: _draft(workshop, month, beyond))


def _draft(workshop: Workshop, month: Month, beyond: int) -> Outcome:
    folder = workshop.settings.path(workshop.settings.site.content) / str(month)
    file = folder / FILE_NAME
    editor = load_editor_file(folder)
    listed = {choice.arxiv_id for _, choice in candidates(workshop, month, editor, beyond=0)}
    ranked = candidates(workshop, month, editor, beyond=beyond)
    if not ranked:
        raise NothingToDo(f"no paper of {month} is held and embedded: digest run --month {month}")
    offered = [
        Candidate(
            choice.arxiv_id, plain_title(held.paper.title), choice.score, choice.reason, choice.arxiv_id in listed
        )
        for held, choice in ranked
        if not choice.pinned
    ]
    try:
        before = file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    after = draft(before, month, offered)
    if after != before:
        write_whole(file, after)
    return Outcome(counts={"candidates": len(offered), "added": count_new(before, after)}, changed=after != before)
