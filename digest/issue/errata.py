"""What was printed of an issue's papers, and what is known now → the errata (pure)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from digest.edition import Change, Erratum
from digest.issue.compose import Material
from digest.paper import Paper
from digest.text import fold_title, plain_text, split_sentences


def amended(material: Material, printed: Material, known: Mapping[str, Paper], today: date) -> Material:
    """Return what an issue is made of now, with the errata since it was printed before.

    A paper that was printed and then withdrawn stays where it was, marked.

    Args:
        material: what would be printed now.
        printed: what was printed the last time.
        known: the latest versions of the papers that were printed, by arXiv id.
        today: the day of an erratum that does not tell its own.
    """
    now = {one.paper.arxiv_id: one.paper for one in material.listed}
    kept = tuple(
        replace(one, paper=replace(one.paper, withdrawn=True))
        for one in printed.listed
        if one.paper.arxiv_id not in now and one.paper.arxiv_id in known and known[one.paper.arxiv_id].withdrawn
    )
    now |= {one.paper.arxiv_id: known[one.paper.arxiv_id] for one in kept}
    new = errata((one.paper for one in printed.listed), now, today)
    old = set(printed.errata)
    return replace(
        material,
        listed=material.listed + kept,
        errata=printed.errata + tuple(one for one in new if one not in old),
    )


def errata(printed: Iterable[Paper], now: Mapping[str, Paper], today: date) -> list[Erratum]:
    """Return what changed of each printed paper; what is not known any more changed nothing."""
    return [one for paper in printed if paper.arxiv_id in now for one in _changes(paper, now[paper.arxiv_id], today)]


def _changes(before: Paper, after: Paper, today: date) -> Iterator[Erratum]:
    # The version's own day says when arXiv changed it; where only we noticed something, today must do.
    is_dated = after.updated is not None and after.updated != before.updated
    erratum = Erratum(
        arxiv_id=before.arxiv_id,
        day=after.updated if is_dated and after.updated else today,
        change=Change.WITHDRAWN,
        version_before=before.version,
        version_after=after.version,
    )
    if after.withdrawn:
        if not before.withdrawn:
            yield replace(erratum, after=plain_text(after.comment or ""))
        return  # what a withdrawn version says in the place of an abstract is not the paper
    if fold_title(before.title) != fold_title(after.title):
        yield replace(erratum, change=Change.TITLE, before=plain_text(before.title), after=plain_text(after.title))
    gone, new = _only(before.abstract, after.abstract), _only(after.abstract, before.abstract)
    is_completed = before.abstract_truncated and fold_title(after.abstract).startswith(fold_title(before.abstract)[:-1])
    if (gone or new) and not is_completed:
        yield replace(erratum, change=Change.ABSTRACT, before=gone, after=new)


def _only(one: str, other: str) -> str:
    """Return the sentences of an abstract that the other does not have."""
    theirs = {fold_title(other[start:end]) for start, end in split_sentences(other)}
    mine = (one[start:end] for start, end in split_sentences(one))
    return " ".join(plain_text(sentence) for sentence in mine if fold_title(sentence) not in theirs)
