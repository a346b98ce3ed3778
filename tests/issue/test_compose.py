"""An issue is put together newest first, with the editor's words in their places and honest counts."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.edition import Feature, Issue
from digest.issue.compose import Listed, Making, Material, compose
from digest.issue.editor import EditorFile, Hide, Pin
from digest.paper import Choice, Month, Paper, Summary, Topic, Verdict

APRIL = Month(2024, 4)
MAKING = Making(2256, "small", "ab", "mini")


def _listed(
    arxiv_id: str, verdict: Verdict = Verdict.PASSED, submitted: date | None = None, **of_choice: object
) -> Listed:
    text = Summary(kind="summary", text="Does it.", evidence=(), verdict=verdict)
    paper = Paper(arxiv_id=arxiv_id, title=r"The $O(n)$ {\em case}.", abstract="Does it.", submitted=submitted)
    choice = Choice(arxiv_id=arxiv_id, score=0.5, reason="near", **of_choice)  # type: ignore[arg-type]
    return Listed(choice, paper, text, text, (), ())


def _ids(issue: Issue) -> list[str]:
    return [entry.paper.arxiv_id for entry in issue.entries]


def _compose(*listed: Listed, editor: EditorFile | None = None) -> Issue:
    return compose(APRIL, editor or EditorFile(), Material(listed, MAKING))


def test_entries_are_newest_first_and_late_arrivals_marked() -> None:
    issue = _compose(_listed("2404.00001"), _listed("2405.00208"), _listed("2404.19756"))
    assert [(entry.paper.arxiv_id, entry.late) for entry in issue.entries] == [
        ("2405.00208", True),
        ("2404.19756", False),
        ("2404.00001", False),
    ]


def test_the_day_of_submission_goes_before_the_id_where_every_day_is_known() -> None:
    early, late = _listed("2405.00208", submitted=date(2024, 4, 29)), _listed("2404.19756", submitted=date(2024, 4, 30))
    unknown = _listed("2404.19999")
    assert _ids(_compose(early, late)) == ["2404.19756", "2405.00208"]
    assert _ids(_compose(early, late, unknown)) == ["2405.00208", "2404.19999", "2404.19756"]


def test_what_the_editor_put_first_stands_first_and_the_rest_newest_first() -> None:
    listed = [_listed(f"2404.0000{n}") for n in range(1, 5)]
    editor = EditorFile(order=("2404.00002", "2404.09999", "2404.00001"))
    assert _ids(_compose(*listed, editor=editor)) == ["2404.00002", "2404.00001", "2404.00004", "2404.00003"]


def test_an_old_paper_the_editor_puts_in_does_not_pass_for_a_new_one() -> None:
    issue = _compose(_listed("2404.00001"), _listed("hep-th/9901001"), _listed("2005.14165"))
    assert _ids(issue) == ["2404.00001", "2005.14165", "hep-th/9901001"]
    assert not any(entry.late for entry in issue.entries)


def test_a_month_nobody_edits_has_a_plain_title_and_nothing_empty() -> None:
    issue = _compose(_listed("2404.00001"))
    assert issue.title == "arXiv in April 2024"
    assert (issue.opening, issue.features) == ("", ())
    assert issue.published == date(2024, 5, 1)
    assert issue.subtitle == "Chosen from 2,256 papers"
    assert not issue.is_edited


def test_a_month_nobody_edits_names_the_topics_that_most_of_its_papers_have() -> None:
    names = ("Code", "Agents", "Surveys", "Scaling", "Code", "Agents", "Surveys", "Scaling", "Code", "Long context")
    listed = [
        replace(_listed(f"2404.000{n:02}"), topics=(Topic(name.lower(), name, ""),)) for n, name in enumerate(names)
    ]
    assert _compose(*listed).subtitle == "Chosen from 2,256 papers; above all on “Code”, “Agents” and “Scaling”"


def test_a_title_alone_is_an_editors_word() -> None:
    assert _compose(_listed("2404.00001"), editor=EditorFile(name="issue.toml", title="Why?")).is_edited
    assert not _compose(_listed("2404.00001"), editor=EditorFile(name="issue.toml")).is_edited


def test_the_editors_words_stand_in_their_places() -> None:
    feature = Feature(slug="f", title="F", markdown="Long.", papers=("2404.00001",))
    editor = EditorFile(title="Q?", features=(feature, replace(feature, slug="empty", markdown=" ")), opening="Hi.")
    listed = _listed("2404.00001", starred=True, note="Read.", title="Retitled", pinned=True)
    issue = _compose(listed, editor=editor)
    entry = issue.entries[0]
    assert (issue.title, issue.opening, [one.slug for one in issue.features]) == ("Q?", "Hi.", ["f"])
    assert (entry.title, entry.note, entry.starred, entry.feature) == ("Retitled", "Read.", True, "f")


def test_the_editors_summary_stands_in_the_place_of_the_machines_and_rests_on_nothing() -> None:
    pins = (Pin("2404.00001", "T", 1, summary="What it\n is."), Pin("2404.00007", "Not held", 2, summary="No."))
    issue = _compose(_listed("2404.00001"), _listed("2404.00002"), editor=EditorFile(pins=pins))
    told = {entry.paper.arxiv_id: entry.summary for entry in issue.entries}
    assert told["2404.00001"] == Summary(kind="summary", text="What it is.", evidence=(), verdict=Verdict.EDITED)
    assert told["2404.00002"].verdict is Verdict.PASSED
    assert (issue.quality.summarised, issue.quality.passed) == (1, 1)
    assert next(one for one in issue.entries if one.paper.arxiv_id == "2404.00001").tldr.verdict is not Verdict.EDITED


def test_a_title_is_printed_without_its_tex() -> None:
    assert _compose(_listed("2404.00001")).entries[0].title == "The O(n) case"


def test_the_quality_box_counts_what_happened() -> None:
    pins = (Pin("2404.00001", "T", 1, retitle="U"), Pin("2404.00007", "Not held", 2, retitle="V"))
    quality = _compose(
        _listed("2404.00001", pinned=True, starred=True),
        _listed("2404.00002", Verdict.RETRIED),
        _listed("2404.00003", Verdict.FELL_BACK),
        _listed("2404.00004", Verdict.EXTRACTED, note="N"),
        editor=EditorFile(pins=pins, hidden=(Hide("2404.00009", "H", 3),)),
    ).quality
    assert (quality.passed, quality.retried, quality.fell_back, quality.extracted) == (1, 1, 1, 1)
    assert (quality.pinned, quality.starred, quality.hidden, quality.retitled, quality.noted) == (1, 1, 1, 1, 1)
    assert (quality.considered, quality.listed) == (2256, 4)
    assert quality.missing == ("2404.00007",)
    assert quality.refusals == (("", 1),)


def test_a_paper_in_two_features_points_back_to_the_first() -> None:
    first = Feature(slug="first", title="F", markdown="Long.", papers=("2404.00001",))
    editor = EditorFile(features=(first, replace(first, slug="second")))
    assert _compose(_listed("2404.00001"), editor=editor).entries[0].feature == "first"


def test_a_paper_that_a_feature_links_to_points_to_it_too() -> None:
    words = {
        "a": "[one](https://arxiv.org/abs/2404.00001v2), [two](http://www.arxiv.org/pdf/2404.00002) and 2404.00003",
        "b": "[one](https://arxiv.org/html/2404.00001), [old](https://arxiv.org/abs/hep-th/9901001), "
        "[x](https://a.org/abs/2404.00003)",
    }
    features = [Feature(slug=slug, title=slug, markdown=text, papers=("2404.00002",)) for slug, text in words.items()]
    ids = ("2404.00001", "2404.00002", "2404.00003", "hep-th/9901001")
    issue = _compose(*(_listed(one) for one in ids), editor=EditorFile(features=tuple(features)))
    assert {entry.paper.arxiv_id: (entry.feature, entry.mentioned) for entry in issue.entries} == {
        "2404.00001": ("", ("a", "b")),
        "2404.00002": ("a", ()),
        "2404.00003": ("", ()),
        "hep-th/9901001": ("", ("b",)),
    }


@given(st.permutations([_listed(f"240{month}.0000{n}") for month in (3, 4, 5) for n in range(3)]))
def test_an_issue_does_not_hang_on_the_order_of_its_papers(listed: list[Listed]) -> None:
    issue = _compose(*listed)
    assert issue == _compose(*reversed(listed))
    assert sorted(_ids(issue), reverse=True) == _ids(issue)
    assert sum(entry.late for entry in issue.entries) == 3
