"""Printed titles, ids and authors are held against what is known; what is merely retitled raises no alarm."""

import json
from datetime import date

import pytest

from digest.issue.printed import Kind, Known, Printed, check_printed, read_jsonl, read_markdown

KNOWN = Known(
    titles={
        "2404.14662": "NExT: Teaching Large Language Models to Reason about Code Execution",
        "2404.14387": "A Survey on Self-Evolution of Large Language Models",
        "2404.07413": "JetMoE: Reaching Llama2 Performance with 0.1M Dollars",
        "2404.19756": "KAN: Kolmogorov-Arnold Networks",
        "2404.00399": "Aurora-M: The First Open Source Multilingual Language Model Red-teamed by Executive Order",
        "2404.05405": "Physics of Language Models: Part 3.3, Knowledge Capacity Scaling Laws",
    },
    earlier_titles={"2404.00399": ["A Model of Many Languages"]},
    authors={"2404.19756": ["Ziming Liu", "Yixuan Wang"], "2404.05405": []},
    withdrawn=frozenset({"2404.05405"}),
)


def kinds(*entries: Printed) -> list[Kind]:
    return [finding.kind for finding in check_printed(entries, KNOWN)]


def entry(arxiv_id: str, title: str = "", line: int = 1, **more: object) -> Printed:
    return Printed("list", line, arxiv_id, title, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arxiv_id", "title", "expected"),
    [
        ("2404.14662", "NExT: Teaching Large Language Models to Reason about Code Execution", []),
        ("2404.14662v2", "NEXT: TEACHING LARGE LANGUAGE MODELS to reason about code execution.", []),
        ("2404.19756", "KAN: Kolmogorov–Arnold Networks", []),
        ("2404.14662", "NExT:Teaching Large Language Models to Reason about Code Execution", [Kind.LOST_SPACE]),
        ("2404.14662", "A Survey on Self-Evolution of Large Language Models", [Kind.OTHERS_TITLE]),
        ("2404.14662", "A Survey on Self-Evolution in Large Language Models", [Kind.OTHERS_TITLE]),
        ("2404.14662", "An Entirely Different Story of Rivers and Bridges", [Kind.UNKNOWN_TITLE]),
        ("2404.99999", "A Survey on Self-Evolution of Large Language Models", [Kind.OTHERS_TITLE]),
        ("2404.99999", "An Entirely Different Story of Rivers", [Kind.NOT_HELD]),
        ("24.1", "KAN: Kolmogorov-Arnold Networks", [Kind.NO_ID]),
        ("", "KAN: Kolmogorov-Arnold Networks", [Kind.NO_ID]),
        ("2404.07413", "JetMoE: Reaching Llama2 Performance with 0.1M Dollars, Shen, Guo (11 Apr),", [Kind.RESIDUE]),
        ("2404.19756", "KAN: <em>Kolmogorov-Arnold</em> Networks", [Kind.RESIDUE]),
        ("2404.19756", "KAN: Kolmogorov-Arnold Networks [cs.LG]", [Kind.RESIDUE]),
        (
            "2404.00399",
            "Aurora-M: Open Source Continual Pre-training for Multilingual Language and Code",
            [Kind.RETITLED],
        ),
        ("2404.00399", "A Model of Many Languages", [Kind.RETITLED]),
        ("2404.05405", "Physics of Language Models: Part 3.3, Knowledge Capacity Scaling Laws", [Kind.WITHDRAWN]),
    ],
)
def test_an_entry_is_held_against_the_store(arxiv_id: str, title: str, expected: list[Kind]) -> None:
    assert kinds(entry(arxiv_id, title)) == expected


def test_the_finding_names_whose_title_it_is_and_where_it_stands() -> None:
    finding = check_printed([entry("2404.14662", KNOWN.titles["2404.14387"], line=13)], KNOWN)[0]
    assert (finding.where, finding.line) == ("list", 13)
    assert finding.message.endswith("is the title of 2404.14387")
    assert finding.kind.is_alarm


def test_one_id_under_two_titles_is_told_once() -> None:
    one, other = KNOWN.titles["2404.14662"], KNOWN.titles["2404.14387"]
    found = kinds(entry("2404.14662", one, 1), entry("2404.14662", one, 2), entry("2404.14662", other, 3))
    assert sorted(found) == [Kind.TWO_TITLES, Kind.OTHERS_TITLE]


def test_two_files_are_not_held_against_each_other() -> None:
    other = Printed("other", 1, "2404.14662", KNOWN.titles["2404.14662"])
    assert kinds(entry("2404.14662", KNOWN.titles["2404.14662"]), other) == []


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        (("Liu Ziming",), []),
        (("Z. Liu", "Y. Wang"), []),
        (("Ada Lovelace",), [Kind.OTHERS_AUTHORS]),
        ((), []),
    ],
)
def test_authors_are_compared_by_name_in_any_order(authors: tuple[str, ...], expected: list[Kind]) -> None:
    assert kinds(entry("2404.19756", authors=authors)) == expected


def test_an_entry_without_summary_is_told_where_others_have_one() -> None:
    assert kinds(entry("2404.19756", summary="Proposes KANs."), entry("2404.14662", summary=" ")) == [Kind.NO_SUMMARY]
    assert kinds(entry("2404.19756"), entry("2404.14662")) == []


class TestOrder:
    @staticmethod
    def found(*ids: str) -> list[str]:
        known = Known(titles={name: name for name in ids}, submitted={"2405.00001": date(2024, 4, 30)})
        findings = check_printed([entry(name, line=n) for n, name in enumerate(ids)], known)
        return [finding.message.split()[0] for finding in findings if finding.kind is Kind.ORDER]

    def test_one_entry_out_of_order_is_told_either_way(self) -> None:
        falling = [f"2404.{n:05}" for n in range(30, 10, -1)]
        assert self.found(*falling) == []
        assert self.found(*reversed(falling)) == []
        assert self.found(*falling[:9], "2404.00099", *falling[9:]) == ["2404.00099"]

    def test_a_list_in_no_order_is_let_be(self) -> None:
        assert self.found("2404.00001", "2404.00009", "2404.00002", "2404.00008", "2404.00003") == []

    def test_a_late_arrival_counts_by_its_submission(self) -> None:
        assert self.found("2405.00001", "2404.00009", "2404.00008") == []


class TestMarkdown:
    @pytest.mark.parametrize(
        "row",
        [
            "- [KAN: Kolmogorov-Arnold Networks](https://arxiv.org/abs/2404.19756)",
            "* **KAN: Kolmogorov-Arnold Networks**, Liu et al., https://arxiv.org/abs/2404.19756",
            "3. KAN: Kolmogorov-Arnold Networks ([2404.19756](https://arxiv.org/pdf/2404.19756v2.pdf)), 30 April",
            "## [KAN: Kolmogorov-Arnold Networks](https://arxiv.org/html/2404.19756v2)",
            "| [KAN: Kolmogorov-Arnold Networks](https://arxiv.org/abs/2404.19756) | 2024 | a star |",
        ],
    )
    def test_an_entry_has_its_title(self, row: str) -> None:
        (one,) = read_markdown(f"# A list\n\n{row}\n", "list.md")
        assert (one.line, one.is_prose) == (3, False)
        assert one.arxiv_id.startswith("2404.19756")
        assert one.title.startswith("KAN: Kolmogorov-Arnold Networks")
        assert check_printed([one], KNOWN) == [] or "**" in row

    @pytest.mark.parametrize(
        "row",
        [
            "As [Xu and his group](https://arxiv.org/abs/2404.19756) ask, and others with them.",
            "- The one is [already tuned for chat](https://arxiv.org/abs/2404.19756). The other is not tuned at all.",
            "See [a paper of long ago](https://arxiv.org/abs/1707.06347).",
        ],
    )
    def test_a_link_in_running_text_needs_no_title(self, row: str) -> None:
        (one,) = read_markdown(row, "article.md")
        assert one.is_prose
        assert check_printed([one], KNOWN) == []

    def test_a_title_in_running_text_must_lead_to_its_paper(self) -> None:
        row = "Read [A Survey on Self-Evolution of Large Language Models](https://arxiv.org/abs/2404.14662) first."
        assert [one.kind for one in check_printed(read_markdown(row, "article.md"), KNOWN)] == [Kind.OTHERS_TITLE]


class TestJsonLines:
    def test_a_line_is_an_entry(self) -> None:
        rows = [
            {"id": "2404.19756", "title": "KAN", "authors": ["Ziming Liu"], "summary_zh": "一"},
            {"arxiv_id": "2404.14662", "title": "NExT"},
        ]
        entries = read_jsonl("\n\n".join(json.dumps(row) for row in rows), "list.jsonl")
        assert [(one.line, one.arxiv_id, one.summary) for one in entries] == [
            (1, "2404.19756", "一"),
            (3, "2404.14662", ""),
        ]
        assert entries[0].authors == ("Ziming Liu",)

    def test_a_line_separator_within_a_title_ends_no_line(self) -> None:
        (entry,) = read_jsonl('{"id": "2404.07143", "title": "a\u2028b"}\n', "list.jsonl")
        assert entry.title == "a b"

    @pytest.mark.parametrize(("text", "said"), [("{", "line 1: not JSON"), ("{}\n[]", "line 2: not a JSON object")])
    def test_a_broken_line_is_named(self, text: str, said: str) -> None:
        with pytest.raises(ValueError, match=said):
            read_jsonl(text, "list.jsonl")
