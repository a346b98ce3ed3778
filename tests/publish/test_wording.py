"""What is printed for a day, a verdict and an abstract."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.figure import Source
from digest.paper import Evidence, Paper
from digest.publish.wording import Segment, day_for_machines, marks_of, named_sources, printable, split_by_evidence

PAPER = Paper(arxiv_id="2404.19756", title="KAN", abstract="")
KNOWN = Paper(arxiv_id="2405.00208", title="t", abstract="a", submitted=date(2024, 4, 30))


def test_a_known_day_is_printed_for_machines_and_else_the_month_of_the_id() -> None:
    assert (day_for_machines(PAPER), day_for_machines(KNOWN)) == ("2024-04", "2024-04-30")


def test_spans_are_cut_before_tex_is_decoded() -> None:
    abstract = r"M\"uller says so. It holds."
    assert split_by_evidence(abstract, (Evidence(0, 0, 17),)) == [
        Segment(r"M\"uller says so.", 1),
        Segment(" It holds.", 0),
    ]


def test_spans_that_overlap_are_one_and_equal_ones_count_once() -> None:
    found = split_by_evidence("abcdef", (Evidence(1, 3, 5), Evidence(0, 1, 4), Evidence(0, 1, 4)))
    assert found == [Segment("a", 0), Segment("bcde", 1), Segment("f", 0)]


def test_each_text_is_told_at_which_of_the_marks_of_all_it_stands() -> None:
    first, second, third = Evidence(0, 0, 2), Evidence(1, 3, 5), Evidence(2, 4, 9)
    everything = (third, first, second)
    found = split_by_evidence("ab cdefghi.", everything)
    assert [segment.mark for segment in found] == [1, 0, 2, 0]
    assert [marks_of("ab cdefghi.", everything, (one,)) for one in everything] == [[2], [1], [2]]
    assert marks_of("ab cdefghi.", everything, everything) == [1, 2]
    assert marks_of("ab cdefghi.", everything, (Evidence(-1, 0, 9),)) == []


def test_a_span_that_ends_inside_a_formula_takes_in_the_whole_of_it() -> None:
    abstract = r"It needs $O(n. m)$ steps. Fine."
    assert split_by_evidence(abstract, (Evidence(0, 0, 14),)) == [
        Segment(r"It needs $O(n. m)$", 1),
        Segment(" steps. Fine.", 0),
    ]


@given(
    st.text(alphabet="ab c.", max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=4)
)
def test_no_word_is_lost_or_doubled_by_marking(abstract: str, spans: list[tuple[int, int]]) -> None:
    segments = split_by_evidence(abstract, tuple(Evidence(0, start, end) for start, end in spans))
    assert "".join(segment.text for segment in segments).replace(" ", "") == abstract.replace(" ", "")


def test_what_does_not_show_is_not_printed() -> None:
    assert printable("a\x00b\u202ec\u200bd\ue000\u2028e\tf\n") == "abcd e\tf\n"


def test_a_source_is_named_as_a_reader_knows_it_and_once() -> None:
    addresses = (
        "https://arxiv.org/abs/2404.14219",
        "https://arxiv.org/html/2404.14219v1",
        "https://arxiv.org/abs/hep-th/9901001",
        "https://github.com/apple/corenet/blob/main/a.yaml",
        "https://github.com/apple/corenet/blob/main/b.yaml",
        "https://huggingface.co/apple/OpenELM",
        "https://www.mistral.ai/news/mixtral-8x22b/",
        "https://github.com",
    )
    assert named_sources(Source(address, "a table") for address in addresses) == [
        ("arXiv:2404.14219", addresses[0]),
        ("arXiv:2404.14219v1", addresses[1]),
        ("arXiv:hep-th/9901001", addresses[2]),
        ("github.com/apple/corenet", addresses[3]),
        ("huggingface.co/apple/OpenELM", addresses[5]),
        ("mistral.ai", addresses[6]),
        ("github.com", addresses[7]),
    ]
