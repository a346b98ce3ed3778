"""The gate, on hundreds of sentences that a person labelled."""

import gzip
import json
from itertools import islice

import pytest

from digest.errors import UsageError
from digest.evaluate.texts import score_gate
from digest.places import BUNDLED
from digest.write.extract.sentences import extract_tldr
from digest.write.gate.check import check
from digest.write.tags import parse_taxonomy
from digest.write.trials import (
    HELD_OUT,
    Labelled,
    Tally,
    parse_labelled,
    parse_tag_map,
    score_tags,
    try_gate,
)

PAPERS = {"2404.00001": ("Looms", "We propose a loom that weaves 4 long cloths at once without any thread.")}
TRUE = Labelled("2404.00001", HELD_OUT, "true", "Proposes a loom that weaves 4 long cloths at once.")
FALSE = Labelled("2404.00001", HELD_OUT, "number swapped", "Proposes a loom that weaves 5 long cloths at once.")


def tally_of(tallies: list[Tally], kind: str) -> Tally:
    return next(tally for tally in tallies if tally.half == HELD_OUT and tally.kind == kind)


def test_recall_counts_what_is_refused_and_precision_what_is_rightly_refused() -> None:
    wrongly_refused = Labelled("2404.00001", HELD_OUT, "true", "Weaves cloth.")
    tallies = try_gate([TRUE, wrongly_refused, FALSE, FALSE], PAPERS)
    assert (tally_of(tallies, "true").sentences, tally_of(tallies, "true").refused) == (2, 1)
    swapped = tally_of(tallies, "number swapped")
    assert swapped.recall == 1
    assert swapped.precision == pytest.approx(2 / 3)


def test_two_held_out_sets_are_also_counted_together() -> None:
    later = Labelled("2404.00001", f"{HELD_OUT}, second set", "number swapped", FALSE.text)
    halves = [tally.half for tally in try_gate([TRUE, FALSE, later], PAPERS) if tally.kind == "number swapped"]
    assert halves == [HELD_OUT, f"{HELD_OUT}, second set", f"{HELD_OUT}, all"]


def test_a_paper_without_an_abstract_is_named() -> None:
    with pytest.raises(UsageError, match=r"2404\.00001"):
        try_gate([TRUE], {})


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "2404.00001"}'])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(UsageError, match="pairs, line 2"):
        parse_labelled(f'{{"id": "1", "half": "h", "kind": "true", "text": "t"}}\n{line}', "pairs")


def test_a_line_separator_within_a_text_ends_no_line() -> None:
    (one,) = parse_labelled('{"id": "1", "half": "h", "kind": "true", "text": "a\u2028b"}\n', "pairs")
    assert one.text == "a\u2028b"


def test_the_gate_catches_false_sentences_and_lets_most_true_ones_pass() -> None:
    tallies = score_gate()
    assert tally_of(tallies, "all that is false").recall >= 0.95
    assert tally_of(tallies, "true").recall <= 0.12  # docs/quality.md: 3 of 27
    both = next(one for one in tallies if one.half == f"{HELD_OUT}, all" and one.kind == "all that is false")
    assert (both.sentences, both.recall >= 0.97) == (709, True)  # docs/quality.md: 698


def test_no_paper_lies_on_both_sides_of_what_was_held_out() -> None:
    labelled = parse_labelled((BUNDLED / "gate-pairs.jsonl").read_text(encoding="utf-8"), "pairs")
    sides = [
        {row.arxiv_id for row in labelled if row.half.startswith(HELD_OUT) == held_out} for held_out in (True, False)
    ]
    assert not sides[0] & sides[1]
    assert len({(row.arxiv_id, row.kind, row.text) for row in labelled}) == len(labelled)


def test_the_gate_refuses_no_shortened_sentence_for_what_it_says() -> None:
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, 600)]
    substance = (
        "number",
        "name ",
        "names",
        "comparison",
        "words",
        "support",
        "negation",
        "direction",
        "another's work",
    )
    refused = [
        (row["id"], found.failed)
        for row in rows
        for found in [check(extract_tldr(row["title"], row["abstract"]).text, row["title"], row["abstract"])]
        if any(word in found.failed for word in substance)
    ]
    assert refused == []


def test_topics_are_scored_over_all_papers_together() -> None:
    score = score_tags("m", [["a", "b"], ["c"], ["a"]], [{"a"}, {"b"}, set()])
    assert score.papers == 2  # nothing is wanted of the third
    assert score.precision == pytest.approx(1 / 3)
    assert score.recall == 0.5
    assert score.f1 == pytest.approx(0.4)
    assert score.first_right == 0.5


def test_topics_cannot_be_scored_against_nothing() -> None:
    with pytest.raises(UsageError, match="nothing to measure"):
        score_tags("m", [["a"]], [set()])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[topics", "want a TOML table"), ("", "want a TOML table"), ('[topics]\nmagic = ["x"]', "no topic 'magic'")],
)
def test_a_broken_map_of_tags_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_tag_map(text, "map", {"agents"})


def test_the_bundled_map_of_tags_speaks_of_the_bundled_topics_alone() -> None:
    slugs = {topic.slug for topic in parse_taxonomy((BUNDLED / "taxonomy.toml").read_text(encoding="utf-8"), "t")}
    found = parse_tag_map((BUNDLED / "tag-map.toml").read_text(encoding="utf-8"), "map", slugs)
    assert found["rlhf"] == "alignment"
    assert set(found.values()) <= slugs
