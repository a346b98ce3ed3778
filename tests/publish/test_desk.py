"""Whose words stand where, what came late and what changed after printing: the pages say it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from digest.edition import Change, Erratum, Issue
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site

Files = dict[PurePosixPath, bytes]


def test_late_arrivals_are_listed_with_the_rule_by_which_they_belong_here(site: Files, hostile_issue: Issue) -> None:
    page = site[PurePosixPath("2024-04/index.html")].decode()
    section = page[page.index('id="late-arrivals"') : page.index('id="how-this-issue-was-made"')]
    assert '<a href="#2405.00732"' in section
    assert "first version was submitted in its month (UTC)" in section
    assert not any(entry.late for entry in hostile_issue.entries)
    assert 'id="late-arrivals"' not in site[PurePosixPath("2024-03/index.html")].decode()


def test_what_changed_after_printing_is_marked_at_the_entry_on_its_page_and_among_the_errata(
    issue: Issue, frame: SiteFrame
) -> None:
    erratum = Erratum(
        arxiv_id="2404.00001", day=date(2024, 8, 9), change=Change.TITLE, before="<b>Old</b>", after="New",
        version_before=1, version_after=2,
    )  # fmt: skip
    entries = tuple(
        replace(entry, errata=(erratum,)) if entry.paper.arxiv_id == erratum.arxiv_id else entry
        for entry in issue.entries
    )
    pages = render_site([replace(issue, entries=entries)], frame, [TEMPLATES], STATIC)
    anchor = "2404.00001-2024-08-09-title"
    for address, root in (("2024-04", "../"), ("papers/2404.00001", "../../")):
        assert f'href="{root}errata/#{anchor}"' in pages[PurePosixPath(address, "index.html")].decode()
    assert f'href="../errata/#{anchor}"' not in pages[PurePosixPath("papers/2404.07143/index.html")].decode()
    listed = pages[PurePosixPath("errata/index.html")].decode()
    assert f'id="{anchor}"' in listed
    assert "the title changed (v1 → v2)</span> <a" in listed
    assert "the title changed (v1 → v2). <a" in pages[PurePosixPath("2024-04/index.html")].decode()
    assert "<del>&lt;b&gt;Old&lt;/b&gt;</del>" in listed
    assert b"New title: Paper 2404.00001" in pages[PurePosixPath("errata/atom.xml")]
    assert (
        "Nothing that was printed has changed"
        in render_site([issue], frame, [TEMPLATES], STATIC)[PurePosixPath("errata/index.html")].decode()
    )


def test_whose_words_stand_where_is_said_of_opening_feature_note_title_and_summary(
    issue: Issue, frame: SiteFrame
) -> None:
    entries = (replace(issue.entries[1], retitled=True),)
    page = render_site([replace(issue, entries=entries)], frame, [TEMPLATES], STATIC)[
        PurePosixPath("2024-04/index.html")
    ]
    labels = re.findall(r'<(?:p|span) class="(?:note-by|label)"[^>]*>([^<]*)<', page.decode())
    assert labels == ["Editor", "Editor", "Editor", "title: editor", "machine-written", "Editor"]
