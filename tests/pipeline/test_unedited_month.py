"""A month that nobody edits: May 2024 reads well, and what it does not have is absent, not empty.

The 48 papers are every 33rd of the May 2024 ids of public collections of arXiv's metadata (CC0).
"""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import html5lib
import pytest

from digest.paper import Month
from digest.pipeline import night, printing
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings

pytestmark = pytest.mark.model
MAY = Month(2024, 5)
PAPERS = Path(__file__).parent / "may-2024.jsonl.gz"
_H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A publication without an editor's file, its May issue made."""
    folder = tmp_path_factory.mktemp("may")
    (folder / "papers.jsonl").write_bytes(gzip.decompress(PAPERS.read_bytes()))
    (folder / "digest.toml").write_text(
        '[models]\nwriter = "none"\n[select]\nentries = 20\npicks = "picks.jsonl"\n[site]\ncards = false\n',
        encoding="utf-8",
    )
    (folder / "picks.jsonl").write_text(
        '{"id": "2310.06825", "title": "Mistral 7B", "abstract": "We introduce Mistral 7B, a language model."}\n',
        encoding="utf-8",
    )
    settings = load_settings(folder / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 6, 2, tzinfo=UTC), lambda *_: None) as opened:
        night.run_month(opened, MAY, from_file=folder / "papers.jsonl")
        yield opened


@pytest.fixture(scope="module")
def page(workshop: Workshop) -> ET.Element:
    text = (workshop.settings.root / "site" / "public" / "2024-05" / "index.html").read_text(encoding="utf-8")
    tree: ET.Element = html5lib.HTMLParser(strict=True).parse(text)
    return tree


def _words(element: ET.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def test_nowhere_are_its_papers_the_others(workshop: Workshop) -> None:
    site = workshop.settings.root / "site" / "public"
    for name in ("index.html", "2024-05/index.html", "2024-05/issue.md", "atom.xml"):
        text = (site / name).read_text(encoding="utf-8")
        assert "nteresting research papers in May 2024" in text, name
        assert "Other interesting" not in text, name


def test_it_has_a_plain_title_and_the_list(page: ET.Element) -> None:
    assert _words(page.find(f".//{_H}h1")) == "arXiv in May 2024"
    entries = [one for one in page.iter(f"{_H}article") if "entry" in (one.get("class") or "").split()]
    assert len(entries) == 20
    for entry in entries:
        summary = next(one for one in entry.iter() if one.get("class") == "summary")
        assert re.search(r"[\w%][.!?…”)\]]+ extracted$", _words(summary)), _words(summary)
        assert _words(entry.find(f"{_H}h3"))


def test_no_section_and_no_list_is_empty_and_none_tells_of_an_editor(page: ET.Element) -> None:
    headings = [_words(one) for one in page.iter(f"{_H}h2")]
    assert headings[1] == "1 Interesting research papers in May 2024"
    assert "Late arrivals" not in headings
    assert "Errata" not in headings
    for tag in ("section", "ul", "ol", "dl", "p", "h2", "h3", "dd", "figure", "table"):
        for element in page.iter(f"{_H}{tag}"):
            assert _words(element) or element.find(".//") is not None, tag
    assert not [one for one in page.iter() if one.get("class") in {"note", "note-by", "prose opening"}]
    assert "None" not in re.findall(r"\w+", _words(page))


def test_it_says_what_it_is_in_a_line_and_that_nobody_edited_it(page: ET.Element) -> None:
    subtitle = _words(next(one for one in page.iter() if one.get("class") == "subtitle"))
    assert re.fullmatch(r"Chosen from 48 papers; above all on (“[\w\- ]+”(, | and |$)){1,3}", subtitle)
    made = _words(next(one for one in page.iter() if one.get("class") == "made"))
    assert "The editorwrote and changed nothing" in made
    assert "put in 0" not in made
    assert "0, 0, 0" not in _words(page)


def test_the_folder_holds_a_lock_and_nothing_an_editor_could_think_to_have_written(workshop: Workshop) -> None:
    folder = workshop.settings.root / "site" / "content" / "2024-05"
    assert [file.name for file in folder.iterdir()] == ["issue.lock"]
    assert printing.rebuild(workshop, MAY)[0] == []
