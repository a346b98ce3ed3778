import gzip
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError, UsageError
from digest.harvest.snapshot import parse_record, read_snapshot
from digest.harvest.source import Rejected
from digest.paper import Paper

OURS: dict[str, Any] = {
    "id": "2404.07143",
    "title": "Leave No Context\n Behind",
    "abstract": "This work introduces  Infini-attention.",
    "authors": ["Tsendsuren Munkhdalai", "Manaal Faruqui"],
    "categories": ["cs.CL"],
    "abstract_truncated": True,
    "listed_on": "2024-04-11",
    "submitted": "2024-04-10",
}
KAGGLE: dict[str, Any] = {
    "id": "0704.0001",
    "submitter": "Pavel Nadolsky",
    "authors": "C. Bal\\'azs, E. L. Berger, C.-P. Yuan Jr.",
    "title": "Calculation of prompt diphoton\n  production",
    "comments": "37 pages",
    "journal-ref": "Phys.Rev.D76:013009,2007",
    "doi": "10.1103/PhysRevD.76.013009",
    "report-no": "ANL-HEP-PR-07-12",
    "categories": "hep-ph hep-th",
    "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "abstract": "  A fully differential calculation.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Mon, 23 Jul 2007 23:30:00 -0500"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [
        ["Bal\\'azs", "C.", ""],
        ["Berger", "E. L.", ""],
        ["Yuan", "C. -P.", "Jr.", "Somewhere"],
    ],
}


def line(record: dict[str, Any], **changes: object) -> str:
    return json.dumps({key: value for key, value in {**record, **changes}.items() if value != "GONE"})


def read(file: Path) -> list[Paper | Rejected]:
    return list(read_snapshot(file))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "papers.jsonl"


class TestOurShape:
    def test_a_line_becomes_a_paper(self) -> None:
        assert parse_record(line(OURS)) == Paper(
            arxiv_id="2404.07143",
            title="Leave No Context Behind",
            abstract="This work introduces Infini-attention.",
            authors=("Tsendsuren Munkhdalai", "Manaal Faruqui"),
            categories=("cs.CL",),
            submitted=date(2024, 4, 10),
            abstract_truncated=True,
        )

    def test_the_day_a_collection_listed_it_is_no_date_of_the_paper(self) -> None:
        paper = parse_record(line(OURS, submitted=None))
        assert (paper.submitted, paper.announced, paper.updated) == (None, None, None)

    def test_a_first_author_alone_is_not_printed_as_the_only_one(self) -> None:
        assert parse_record(line(OURS, authors=[], first_author="Xiaolei Lu")).authors == ()

    @pytest.mark.parametrize("authors", [["Zhe Chen et al."], ["Shreya Shankar", "\\"], ["A B", "et al"]])
    def test_a_list_that_is_cut_short_is_no_list(self, authors: list[str]) -> None:
        assert parse_record(line(OURS, authors=authors)).authors == ()

    @pytest.mark.parametrize(
        ("read_as", "name"),
        [
            ("Wu Wilson", "Wilson Wu"),
            ("Rossi Ryan A.", "Ryan A. Rossi"),
            ("De Paoli Stefano", "Stefano De Paoli"),
            ("Van Der Schaar Mihaela", "Mihaela Van Der Schaar"),
            ("Santos Renato P. Dos", "Renato P. Dos Santos"),
            ("Meta", "Meta"),
        ],
    )
    def test_names_are_turned_only_where_the_file_says_so(self, read_as: str, name: str) -> None:
        assert parse_record(line(OURS, authors=[read_as], authors_order="family-first")).authors == (name,)
        assert parse_record(line(OURS, authors=[read_as], authors_order="as-read")).authors == (read_as,)

    def test_an_id_may_carry_its_version(self) -> None:
        paper = parse_record(line(OURS, id="hep-th/9901001v3"))
        assert (paper.arxiv_id, paper.version) == ("hep-th/9901001", 3)


class TestSnapshotShape:
    def test_a_line_becomes_a_paper(self) -> None:
        assert parse_record(line(KAGGLE)) == Paper(
            arxiv_id="0704.0001",
            version=2,
            title="Calculation of prompt diphoton production",
            abstract="A fully differential calculation.",
            authors=("C. Balázs", "E. L. Berger", "C. -P. Yuan Jr."),
            authors_line="C. Bal\\'azs, E. L. Berger, C.-P. Yuan Jr.",
            categories=("hep-ph", "hep-th"),
            submitted=date(2007, 4, 2),
            updated=date(2007, 7, 24),
            comment="37 pages",
            journal_ref="Phys.Rev.D76:013009,2007",
            doi="10.1103/PhysRevD.76.013009",
            licence="http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        )

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("comments", "This paper has been withdrawn by the author"),
            ("comments", "Withdrawn: an error in Lemma 2"),
            ("abstract", "This article was withdrawn."),
        ],
    )
    def test_a_withdrawn_paper_says_so(self, key: str, text: str) -> None:
        assert parse_record(line(KAGGLE, **{key: text})).withdrawn

    @pytest.mark.parametrize(
        "text", ["37 pages, not withdrawn", "We study withdrawn requirements", "The troops were gone"]
    )
    def test_the_word_alone_withdraws_nothing(self, text: str) -> None:
        assert not parse_record(line(KAGGLE, comments=text, abstract=text)).withdrawn


BROKEN = [
    ("{", "not JSON"),
    ("nonsense", "not JSON"),
    ("[1]", "not a JSON object"),
    ("[" * 100_000, "nested too deeply"),
    (b'{"id": "2404.00001", "title": "\xff"}', "not UTF-8 (byte 32)"),
    (b'{"id": "2404.00001"\0}', "not JSON"),
    (line(OURS, id="GONE"), "no id"),
    (line(OURS, id=2404.07143), "id is not text"),
    (line(OURS, id="../../etc/passwd"), "is not an arXiv id"),
    (line(OURS, title=" \u200b\n"), "title is empty"),
    (line(OURS, title=["x"]), "title is not text"),
    (line(OURS, title="x" * 3000), "title has 3,000 characters"),
    (line(OURS, abstract=None), "abstract is empty"),
    (line(OURS, abstract="x" * 30_000), "abstract has 30,000 characters"),
    (line(OURS, submitted="2024-13-01"), "submitted is not a day: '2024-13-01'"),
    (line(OURS, submitted="0001-01-01"), "submitted is not plausible"),
    (line(OURS, authors="A, B"), "authors is not a list"),
    (line(OURS, authors=[1]), "an author is not text"),
    (line(OURS, authors=[1], authors_order="family-first"), "an author is not text"),
    (line(OURS, authors=["Ann One", "x" * 3000]), "an author has 3,000 characters"),
    (line(KAGGLE, authors_parsed=[["x" * 3000, "Ann", ""]]), "an author has 3,004 characters"),
    (line(OURS, categories=[None]), "a category is not text"),
    (
        line(KAGGLE, versions=[{"version": "v1", "created": "yesterday"}]),
        "created is not a date: 'yesterday'",
    ),
    (line(KAGGLE, versions=[{"version": "v1", "created": "Mon, 2 Apr 9999 99:99:99 GMT"}]), "created is not"),
    (line(KAGGLE, versions=["v1"]), "a version is not as in the snapshot"),
    (
        line(KAGGLE, versions=[{"version": f"v{10**20}", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]),
        "a version is not as in the snapshot: {",
    ),
    (line(KAGGLE, authors_parsed=["x"]), "an author is not as in the snapshot"),
    (line(KAGGLE, categories=["hep-ph"]), "categories is not text"),
]


@pytest.mark.parametrize(("broken", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_bad_line_is_set_aside_with_its_number_and_the_rest_goes_on(
    file: Path, broken: str | bytes, reason: str
) -> None:
    bad = broken if isinstance(broken, bytes) else broken.encode()
    file.write_bytes(b"\n".join([line(OURS).encode(), b"", bad, line(KAGGLE).encode()]))
    first, rejected, last = read(file)
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(rejected, Rejected)
    assert rejected.position == 3
    assert reason in rejected.reason
    assert len(rejected.excerpt) <= 200
    assert rejected.excerpt.isprintable()


@given(
    st.dictionaries(
        st.sampled_from([*OURS, *KAGGLE, "authors_order"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("2404.00001"),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "created"]), inner),
            max_leaves=6,
        ),
    )
)
def test_any_record_is_a_paper_or_refused_with_a_reason(record: dict[str, Any]) -> None:
    try:
        paper = parse_record(json.dumps({**OURS, **record}))
    except ValueError:
        return
    assert paper.title


class TestFiles:
    def test_a_gzipped_file_is_read_as_the_plain_one(self, file: Path) -> None:
        text = f"{line(OURS)}\n{line(KAGGLE)}\n"
        file.write_text(text, encoding="utf-8")
        packed = file.with_name("packed")  # known by its first bytes, not by its name
        packed.write_bytes(gzip.compress(text.encode()))
        assert read(packed) == read(file)

    def test_marks_and_ends_of_lines_from_windows_are_no_fault(self, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbf" + line(OURS).encode() + b"\r\n\r\n" + line(KAGGLE).encode())
        assert all(isinstance(record, Paper) for record in read(file))

    def test_the_same_paper_twice_comes_twice(self, file: Path) -> None:
        file.write_text(f"{line(OURS)}\n{line(OURS)}\n", encoding="utf-8")
        assert len(read(file)) == 2

    def test_a_line_too_long_is_set_aside_and_the_next_keeps_its_number(self, file: Path) -> None:
        file.write_text(f"{line(OURS)}\n{line(OURS, extra='x' * 9_000_000)}\n{{\n", encoding="utf-8")
        _, long, broken = read(file)
        assert isinstance(long, Rejected)
        assert (long.position, long.reason) == (2, "longer than 4,194,304 bytes")
        assert isinstance(broken, Rejected)
        assert broken.position == 3

    def test_memory_does_not_grow_with_the_file(self, file: Path) -> None:
        long = line(OURS, extra="x" * 6_000_000)
        with gzip.open(file, "wt", compresslevel=1, encoding="utf-8") as packed:
            for _ in range(10):
                packed.write(f"{line(OURS)}\n" * 20 + long + "\n")
        tracemalloc.start()
        count = sum(1 for _ in read_snapshot(file))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 210
        assert peak < 40_000_000  # the file holds 60 MB, and a file of lines that long may wait 20 lines

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"\n \n", "is empty"),
            (b"id,title\n1,x\n", "is not JSONL: line 1 is not JSON"),
            (b'[\n{"id": "2404.00001"},\n{"id": "2404.00002"}\n]', "is a JSON array"),
            (b'[{"id": "2404.00001"}]', "is a JSON array, not JSONL: turn it into lines"),
            (b'"2404.00001"', "is not JSONL: line 1 is not a JSON object"),
            ("Grüße".encode("latin-1"), "is not JSONL: line 1 is not UTF-8"),
            (line(OURS).encode("utf-16"), "is not JSONL: line 1 is not UTF-8"),
            (bytes(range(256)) * 50, "is not JSONL: line 1"),
            (b"PK\x03\x04rest", "is a zip archive: unpack it"),
        ],
    )
    def test_what_is_not_jsonl_is_refused_before_anything_is_taken(
        self, file: Path, content: bytes, message: str
    ) -> None:
        file.write_bytes(content)
        with pytest.raises(UsageError, match=message) as caught:
            next(read_snapshot(file))
        assert str(file) in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_missing_file_is_named(self, file: Path) -> None:
        with pytest.raises(UsageError, match="is not there"):
            read(file)

    def test_a_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is a folder"):
            read(tmp_path)

    def test_a_file_that_cannot_be_read_is_named(self, file: Path) -> None:
        file.write_text(line(OURS), encoding="utf-8")
        with pytest.raises(UsageError, match="cannot be read: Not a directory"):
            read(file / "in a file")

    def test_an_archive_cut_short_keeps_what_came_before(self, file: Path) -> None:
        lines = "".join(line(OURS, id=f"2404.{number:05d}", doi=os.urandom(99).hex()) + "\n" for number in range(999))
        file.write_bytes(gzip.compress(lines.encode())[:-2000])
        records: Iterator[Paper | Rejected] = read_snapshot(file)
        taken: list[Paper | Rejected] = []
        with pytest.raises(SourceError, match=r"is damaged after line \d+ .*: get it anew"):
            taken.extend(iter(lambda: next(records), None))
        assert isinstance(next(read_snapshot(file)), Paper)
