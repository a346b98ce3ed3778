"""What becomes of a printed paper is told once, with its day and what changed."""

from dataclasses import replace
from datetime import date

import pytest

from digest.edition import Change, Erratum
from digest.issue.compose import Listed, Making, Material, compose
from digest.issue.editor import EditorFile
from digest.issue.errata import amended, errata
from digest.paper import Choice, Month, Paper, Summary, Verdict

TODAY = date(2024, 6, 1)
PRINTED = Paper(
    arxiv_id="2404.00001", version=1, title="On X", abstract="We do X. It costs 3 cents.", updated=date(2024, 4, 2)
)
NEWER = replace(PRINTED, version=2, updated=date(2024, 5, 20))


def _listed(paper: Paper) -> Listed:
    text = Summary(kind="summary", text="Does it.", evidence=(), verdict=Verdict.EXTRACTED)
    return Listed(Choice(arxiv_id=paper.arxiv_id, score=0.5, reason="near"), paper, text, text, (), ())


def _material(*papers: Paper) -> Material:
    return Material(tuple(map(_listed, papers)), Making(9, "none", "", "mini"))


def _errata(now: Paper, printed: Paper = PRINTED) -> list[Erratum]:
    return errata([printed], {now.arxiv_id: now}, TODAY)


def test_a_new_title_is_told_with_the_old_one_the_versions_and_the_day_of_the_version() -> None:
    assert _errata(replace(NEWER, title=r"On {\em Y}")) == [
        Erratum(
            arxiv_id="2404.00001", day=date(2024, 5, 20), change=Change.TITLE, before="On X", after="On Y",
            version_before=1, version_after=2,
        )
    ]  # fmt: skip


def test_of_an_abstract_the_sentences_that_went_and_came_are_told() -> None:
    (erratum,) = _errata(replace(NEWER, abstract="We do X. It costs 5 cents. It is slow."))
    assert (erratum.change, erratum.before) == (Change.ABSTRACT, "It costs 3 cents.")
    assert erratum.after == "It costs 5 cents. It is slow."


@pytest.mark.parametrize(
    "now",
    [
        NEWER,
        replace(NEWER, title="ON X.", abstract="We do  X. It costs 3 cents"),
        replace(NEWER, authors=("A",), comment="Accepted"),
    ],
    ids=["only a version", "only signs", "only metadata"],
)
def test_what_says_the_same_is_no_erratum(now: Paper) -> None:
    assert _errata(now) == []


def test_an_abstract_that_the_source_had_cut_is_completed_without_an_erratum() -> None:
    cut = replace(PRINTED, abstract="We do X. It costs", abstract_truncated=True)
    assert _errata(NEWER, cut) == []
    assert [one.change for one in _errata(replace(NEWER, abstract="We do Z."), cut)] == [Change.ABSTRACT]


def test_a_withdrawal_is_told_with_the_authors_comment_and_nothing_else() -> None:
    gone = replace(NEWER, withdrawn=True, abstract="This paper has been withdrawn.", comment="An error in Lemma 2")
    (erratum,) = _errata(gone)
    assert (erratum.change, erratum.after, erratum.day) == (Change.WITHDRAWN, "An error in Lemma 2", date(2024, 5, 20))
    assert _errata(gone, replace(PRINTED, withdrawn=True)) == []


def test_where_no_version_tells_its_day_the_day_it_was_seen_stands() -> None:
    assert _errata(replace(PRINTED, withdrawn=True))[0].day == TODAY


def test_a_withdrawn_paper_stays_where_it_was_printed_and_is_marked() -> None:
    gone = replace(PRINTED, withdrawn=True)
    now = amended(_material(), _material(PRINTED), {"2404.00001": gone}, TODAY)
    issue = compose(Month(2024, 4), EditorFile(), now)
    assert [(entry.paper.withdrawn, entry.summary.text) for entry in issue.entries] == [(True, "Does it.")]
    assert [erratum.change for erratum in issue.entries[0].errata] == [Change.WITHDRAWN]


def test_a_paper_that_is_not_listed_any_more_and_not_withdrawn_is_no_erratum() -> None:
    assert amended(_material(), _material(PRINTED), {"2404.00001": NEWER}, TODAY) == _material()


def test_errata_are_kept_from_lock_to_lock_and_told_once() -> None:
    renamed = replace(NEWER, title="On Y")
    first = amended(_material(renamed), _material(PRINTED), {"2404.00001": renamed}, TODAY)
    again = amended(_material(renamed), first, {"2404.00001": renamed}, date(2024, 7, 1))
    assert again.errata == first.errata
    assert len(first.errata) == 1
    third = replace(renamed, version=3, title="On Z", updated=date(2024, 7, 2))
    told = amended(_material(third), again, {"2404.00001": third}, date(2024, 7, 3)).errata
    assert [(one.before, one.after) for one in told] == [("On X", "On Y"), ("On Y", "On Z")]
