"""Citations, written by us and read by other programs."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

import fastjsonschema
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string as parse_with_pybtex

from digest.paper import Paper
from digest.publish.exports import bibtex, csl_json, ris
from digest.publish.wording import printable

Files = dict[PurePosixPath, bytes]
SCHEMAS = Path(__file__).parent / "schemas"
PAPER = Paper(
    arxiv_id="2404.07143",
    title="Leave No Context Behind",
    abstract="a",
    authors=("Tsendsuren Munkhdalai", "Jürgen O'Neil"),
    categories=("cs.CL", "cs.AI"),
)


def _read(text: str) -> dict[str, str]:
    library = parse_string(text)
    assert not library.failed_blocks
    assert len(library.blocks) == 1
    (entry,) = library.entries
    return {"key": entry.key, "type": entry.entry_type, **{field.key: field.value for field in entry.fields}}


def test_another_program_reads_what_we_wrote() -> None:
    assert _read(bibtex(PAPER, PAPER.title)) == {
        "key": "arxiv-2404.07143",
        "type": "misc",
        "title": "{Leave No Context Behind}",
        "author": "Tsendsuren Munkhdalai and Jürgen O'Neil",
        "year": "2024",
        "eprint": "2404.07143",
        "archivePrefix": "arXiv",
        "primaryClass": "cs.CL",
        "url": "https://arxiv.org/abs/2404.07143",
    }


def test_what_is_not_known_is_left_out() -> None:
    fields = _read(bibtex(Paper(arxiv_id="hep-th/9901001", title="Old", abstract="a"), "Old"))
    assert fields["key"] == "arxiv-hep-th-9901001"
    assert fields["year"] == "1999"
    assert not {"author", "primaryClass", "doi"} & fields.keys()


@pytest.mark.parametrize(
    "title", ["{", "}", '"', "} @misc{evil, title={x", "100% & $5_#^~", "\\input{/etc/passwd}", "a\nb\x00", '"}', "\\"]
)
def test_hostile_characters_stay_inside_their_field(title: str) -> None:
    paper = replace(PAPER, authors=(title,))
    fields = _read(bibtex(paper, title))
    assert fields["eprint"] == "2404.07143"
    assert "\\input{" not in fields["title"]


def test_a_name_with_a_comma_or_an_and_stays_one_name() -> None:
    fields = _read(bibtex(replace(PAPER, authors=("Gemma Team, Google", "Ann and Bob")), "t"))
    assert fields["author"] == "{Gemma Team, Google} and {Ann and Bob}"


ANYTHING = st.text(max_size=80)


@given(ANYTHING, st.lists(ANYTHING, max_size=3))
def test_two_programs_read_whatever_stands_in_a_paper_as_one_entry(title: str, authors: list[str]) -> None:
    text = bibtex(replace(PAPER, authors=tuple(authors)), title)
    assert _read(text)["eprint"] == "2404.07143"
    (entry,) = parse_with_pybtex(text, "bibtex").entries.values()
    assert entry.fields["eprint"] == "2404.07143"


@given(ANYTHING, st.lists(ANYTHING.filter(lambda name: printable(name).strip()), max_size=3))
def test_ris_is_one_record_whatever_stands_in_a_paper(title: str, authors: list[str]) -> None:
    paper = replace(PAPER, authors=tuple(authors), submitted=date(2024, 4, 10), abstract=title)
    text = ris(paper, title)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in text.split("\r\n") if line)
    (record,) = rispy.loads(text)
    assert record["type_of_reference"] == "UNPB"
    assert record["doi"] == "10.48550/arXiv.2404.07143"
    assert len(record.get("authors", [])) == len(authors)


def test_ris_tells_what_is_known() -> None:
    (record,) = rispy.loads(ris(replace(PAPER, submitted=date(2024, 4, 10)), PAPER.title))
    assert record["title"] == "Leave No Context Behind"
    assert record["authors"] == ["Tsendsuren Munkhdalai", "Jürgen O'Neil"]
    assert (record["year"], record["date"]) == ("2024", "2024/04/10/")
    assert record["urls"] == ["https://arxiv.org/abs/2404.07143"]


@given(ANYTHING, st.lists(ANYTHING, max_size=3))
def test_csl_is_valid_by_its_schema_whatever_stands_in_a_paper(title: str, authors: list[str]) -> None:
    check = fastjsonschema.compile(json.loads((SCHEMAS / "csl.json").read_bytes()))
    (item,) = check(json.loads(csl_json([(replace(PAPER, authors=tuple(authors)), title)])))
    assert item["issued"] == {"date-parts": [[2024, 4]]}


def test_an_issue_s_files_hold_all_its_papers(site: Files) -> None:
    library = parse_string(site[PurePosixPath("2024-04/papers.bib")].decode())
    assert not library.failed_blocks
    ids = ["2405.00732", "2404.07143", "2404.00001", "hep-th/9901001"]
    assert [entry.fields_dict["eprint"].value for entry in library.entries] == ids
    records = rispy.loads(site[PurePosixPath("2024-04/papers.ris")].decode())
    assert [record["urls"][0].removeprefix("https://arxiv.org/abs/") for record in records] == ids
    assert len(json.loads(site[PurePosixPath("2024-04/papers.json")])) == len(ids)
    markdown = site[PurePosixPath("2024-04/issue.md")].decode()
    assert markdown.startswith("# How good are they?\n\nThe research of April 2024\n")
    assert "[Paper 2404.07143](https://example.org/digest/papers/2404.07143/)" in markdown
