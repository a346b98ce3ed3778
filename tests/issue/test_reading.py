"""A reading quotes what a paper says, part by part, each quotation tied to the passage it stands in."""

import gzip
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.document import Document, Passage
from digest.issue.reading import Part, Reading, abstract_of, as_markdown, holds, may_be_quoted_whole, read
from digest.paper import Paper
from digest.places import BUNDLED
from digest.publish.prose import render_prose


@pytest.fixture(scope="module")
def dpo() -> Paper:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as packed:
        record = next(one for one in map(json.loads, packed) if one["id"] == "2404.10719")
    return Paper(arxiv_id="2404.10719", version=1, title=record["title"], abstract=record["abstract"])


def _quotes(reading: Reading) -> dict[Part, list[str]]:
    return {part: [claim.quote for claim in claims] for part, claims in reading.parts.items()}


def test_an_abstract_is_taken_apart_into_question_background_deed_and_finding(dpo: Paper) -> None:
    quotes = _quotes(read(dpo, abstract_of(dpo), 4))
    assert quotes[Part.QUESTION] == [
        "Is DPO truly superior to PPO?",
        "Why does PPO perform poorly on these benchmarks?",
    ]
    assert [quote[:29] for quote in quotes[Part.BACKGROUND]][:2] == [
        "Reinforcement Learning from H",
        "Existing RLHF methods can be ",
    ]
    assert quotes[Part.FINDINGS] == [dpo.abstract[dpo.abstract.index("Experiment results") :]]
    assert len(quotes[Part.DONE]) == 2
    claims = [claim for part in read(dpo, abstract_of(dpo), 4).parts.values() for claim in part]
    assert all(dpo.abstract[claim.start : claim.end] == claim.quote for claim in claims)
    assert "key factors" in quotes[Part.PRACTICES][0]
    assert quotes[Part.LIMITS] == []


@pytest.mark.parametrize(
    ("abstract", "background"),
    [
        (
            "Models spread their computation alike. In this work we show that it can be learnt. A network learns it.",
            ["Models spread their computation alike."],
        ),
        (
            "This paper studies how models learn. Training is done in two steps by most. We propose a single step.",
            [
                "This paper studies how models learn.",
                "Training is done in two steps by most.",
            ],
        ),
    ],
)
def test_background_ends_where_an_abstract_begins_to_speak_of_its_own_work(
    abstract: str, background: list[str]
) -> None:
    paper = Paper(arxiv_id="2404.00001", version=1, title="Loom", abstract=abstract)
    quotes = _quotes(read(paper, abstract_of(paper), 4))
    assert [*quotes[Part.QUESTION], *quotes[Part.BACKGROUND]] == background


def test_a_whole_text_is_read_by_its_sections_and_points_into_them() -> None:
    paper = Paper(
        arxiv_id="2404.00001",
        version=2,
        title="On Y",
        abstract="A.",
        licence="http://creativecommons.org/licenses/by/4.0/",
    )
    document = Document(
        "arXiv’s HTML",
        "https://arxiv.org/html/2404.00001v2",
        (
            Passage("Memory is widely known to be costly to keep.", "2 Background", "S2.p1"),
            Passage(
                "Our method outperforms the others by 3 points. We do not test other languages.", "4 Results", "S4.p1"
            ),
            Passage("We did not train on code, which is a limitation of this work.", "6 Limitations", "S6.p1"),
        ),
    )
    reading = read(paper, document, 6)
    assert {part: [claim.passage.anchor for claim in claims] for part, claims in reading.parts.items() if claims} == {
        Part.BACKGROUND: ["S2.p1"],
        Part.FINDINGS: ["S4.p1"],
        Part.LIMITS: ["S4.p1", "S6.p1"],
    }
    text = as_markdown(reading, 3)
    assert "([“6 Limitations”](https://arxiv.org/html/2404.00001v2#S6.p1), characters 0–61)" in text
    assert "[this licence](http://creativecommons.org/licenses/by/4.0/)" in text
    assert re.findall(r"^## (3\.\d) (.*)$", text, re.MULTILINE) == [
        (f"3.{n}", str(part)) for n, part in enumerate(Part, 1)
    ]


def test_the_most_telling_sentences_of_a_part_are_kept_in_the_order_of_the_text() -> None:
    paper = Paper(arxiv_id="2404.00001", title="On Y", abstract="A.")
    text = " ".join(f"We evaluate the model number {n} on data." for n in range(5))
    chosen = read(paper, Document("a file", "", (Passage(text, "", "page=1"),)), 3).parts[Part.DONE]
    assert [claim.quote for claim in chosen] == [f"We evaluate the model number {n} on data." for n in range(3)]


def test_words_of_a_paper_mean_nothing_in_markdown() -> None:
    hostile = (
        "We propose [click](javascript:alert(1)) and <b>*bold*</b> ![x](http://evil.example/x.png) `code` for all."
    )
    paper = Paper(arxiv_id="2404.00001", title="T](http://evil.example) *x*", abstract=hostile)
    reading = read(paper, abstract_of(paper), 4)
    html = render_prose(as_markdown(reading, 1), top=3, anchor="a")
    assert "evil.example" not in re.sub(r"<a [^>]*>", "", html).replace("(http://evil.example/x.png)", "").replace(
        "T](http://evil.example)", ""
    )
    assert {link.split("/")[2] for link in re.findall(r'href="([^"]*)"', html)} == {"arxiv.org"}
    assert not re.search(r"<(b|code|img|em>\*?bold)", html)


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", True),
        ("https://creativecommons.org/licenses/by-sa/4.0/", True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", True),
        ("http://creativecommons.org/licenses/by-nc-nd/4.0/", False),
        ("http://creativecommons.org/licenses/by-nc-sa/4.0/", False),
        ("http://arxiv.org/licenses/nonexclusive-distrib/1.0/", False),
        ("http://evil.example/creativecommons.org/licenses/by/4.0/", False),
        ("", False),
        (None, False),
    ],
)
def test_only_open_licences_let_a_whole_text_be_quoted(licence: str | None, may: bool) -> None:  # noqa: FBT001
    assert may_be_quoted_whole(licence) is may


_SENTENCES = st.lists(
    st.sampled_from(
        "We show 3 %. ;Is it so? ;Prior work is known to be slow. ;It does not scale to more. ;We recommend it to all. "
        ";We propose a method for all. ;x [1] *y* <z>. ".split(";")
    ),
    max_size=12,
).map("".join)


@given(
    st.lists(st.tuples(_SENTENCES, st.sampled_from(["", "1 Introduction", "Abstract", "5 Limitations"])), max_size=5)
)
def test_every_claim_stands_in_its_passage_once_and_in_one_part(passages: list[tuple[str, str]]) -> None:
    paper = Paper(arxiv_id="2404.00001", title="On Y", abstract="A.")
    document = Document(
        "a file", "", tuple(Passage(text, section, str(n)) for n, (text, section) in enumerate(passages))
    )
    reading = read(paper, document, 3)
    claims = [claim for chosen in reading.parts.values() for claim in chosen]
    assert holds(document, claims)
    assert all(len(chosen) <= 3 for chosen in reading.parts.values())
    assert list(reading.parts) == list(Part)
    assert as_markdown(reading, 1).count("\n- “") == len(claims)
