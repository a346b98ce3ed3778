"""Files of chosen papers are read, whatever wrote them."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.select.picks import Pick, parse_bibtex, parse_csl, parse_picks, read_picks


def test_picks_are_read_once_each_with_what_is_known() -> None:
    lines = b'{"id": "2301.03728v2", "title": null, "picked": "2023-01-10"}\n\n{"id": "2301.03728", "title": "T"}\n'
    assert parse_picks(lines, "picks") == [Pick("2301.03728", "T")]
    assert parse_picks(b'{"id": "2301.03728", "picked": "2023-01-10"}', "p")[0].picked == date(2023, 1, 10)
    assert [one.weight for one in parse_picks(b'{"id": "2301.03728", "weight": 8}\n{"id": "2301.03729"}', "p")] == [
        8,
        1,
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "not JSON: Expecting property name"),
        (b"[]", "not an object with an id in quotes"),
        (b'{"title": "x"}', "it has no 'id'"),
        (b'{"id": "../etc"}', "'../etc' is not an arXiv id"),
        (b'{"id": 5}', "not an object with an id in quotes"),
        (b'{"id": "2301.03728", "picked": "May"}', "Invalid isoformat string: 'May'"),
        (b'{"id": "2301.03728", "title": 5}', "its title is no text"),
        (b'{"id": "2301.03728", "weight": 0}', "its weight is no number above 0"),
        (b'{"id": "2301.03728", "weight": "8"}', "its weight is no number above 0"),
        (b'{"id": "2301.03728", "weight": NaN}', "its weight is no number above 0"),
        (b'{"id": "2301.03728", "weight": 1e308}', "its weight is no number above 0 and up to 1,000,000"),
        (b'{"id": "\xff\x1b[31m"}', r"not UTF-8 from byte 9 on\)"),
    ],
)
def test_a_line_that_is_no_pick_is_named_with_its_fault(line: bytes, fault: str) -> None:
    with pytest.raises(UsageError, match=rf"^picks, line 2: not a pick \({fault}"):
        parse_picks(b'{"id": "2301.03728"}\n' + line, "picks")


BIBTEX = """
@misc{munkhdalai2024, title={Leave No {Context} Behind}, eprint={2404.07143}, archivePrefix={arXiv},
  abstract={We bound
  memory.}, date-added = {2024-04-11 09:00:00 +0200}}
@article{jiang2024, title={Mixtral}, url={https://arxiv.org/abs/2401.04088v1}}
@book{knuth, title={The Art}, eprint={jstor-77}}
"""
CSL = [
    {"title": "Infini", "DOI": "10.48550/arXiv.2404.07143", "accessed": {"date-parts": [[2024, 4, 12]]}},
    {"title": "Mixtral", "number": "arXiv:2401.04088", "abstract": "Experts.", "accessed": {"date-parts": [[2024]]}},
    {"title": "A book", "ISBN": "1"},
]


def test_bibtex_gives_what_arxiv_knows_of_and_when_it_was_added() -> None:
    assert parse_bibtex(BIBTEX.encode(), "b") == [
        Pick("2404.07143", "Leave No Context Behind", "We bound memory.", date(2024, 4, 11)),
        Pick("2401.04088", "Mixtral"),
    ]


def test_a_zotero_export_is_read() -> None:
    assert parse_csl(json.dumps(CSL).encode(), "z") == [
        Pick("2404.07143", "Infini", "", date(2024, 4, 12)),
        Pick("2401.04088", "Mixtral", "Experts."),
    ]


@pytest.mark.parametrize("parts", [[], [[]], [[2024, 13, 1]], [[10**30, 1, 1]], [["May"]], 7])
def test_a_day_of_zotero_s_that_is_none_is_passed_over(parts: object) -> None:
    item = {"title": "Infini", "DOI": "10.48550/arXiv.2404.07143", "accessed": {"date-parts": parts}}
    assert parse_csl(json.dumps([item]).encode(), "z") == [Pick("2404.07143", "Infini")]


def test_the_name_says_what_a_file_is(tmp_path: Path) -> None:
    for name, content in {
        "a.bib": BIBTEX.encode(),
        "b.json": json.dumps(CSL).encode(),
        "c.jsonl": b'{"id": "2404.07143"}\n{"id": "2401.04088"}',
        "d.jsonl.gz": gzip.compress(b'{"id": "2404.07143"}\n{"id": "2401.04088"}'),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert [pick.arxiv_id for pick in read_picks(tmp_path / name)] == ["2404.07143", "2401.04088"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.bib", b"@misc{a, title={x}", "is no BibTeX"),
        ("a.bib", b"\xff", "is no BibTeX"),
        ("a.bib", b"@misc{a, title={x}}", "names no arXiv paper"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", b'{"id": "2404.07143"}', "is no list of CSL items"),
        ("a.json", b"[]", "names no arXiv paper"),
    ],
)
def test_a_file_that_names_no_paper_is_refused(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read_picks(tmp_path / name)
