"""The gate, on hundreds of sentences that a person labelled."""

import gzip
import json

import pytest

from digest.errors import UsageError
from digest.places import BUNDLED
from digest.write.trials import CALIBRATION, HELD_OUT, Labelled, Tally, parse_labelled, try_gate

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


def test_a_paper_without_an_abstract_is_named() -> None:
    with pytest.raises(UsageError, match=r"2404\.00001"):
        try_gate([TRUE], {})


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "2404.00001"}'])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(UsageError, match="pairs, line 2"):
        parse_labelled(f'{{"id": "1", "half": "h", "kind": "true", "text": "t"}}\n{line}', "pairs")


def test_the_gate_catches_false_sentences_and_lets_most_true_ones_pass() -> None:
    labelled = parse_labelled((BUNDLED / "gate-pairs.jsonl").read_text(encoding="utf-8"), "pairs")
    wanted = {row.arxiv_id for row in labelled}
    with gzip.open(BUNDLED / "april-2024.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    papers = {row["id"]: (row["title"], row["abstract"]) for row in rows if row["id"] in wanted}
    halves = {half: {row.arxiv_id for row in labelled if row.half == half} for half in (CALIBRATION, HELD_OUT)}
    assert not halves[CALIBRATION] & halves[HELD_OUT]
    tallies = try_gate(labelled, papers)
    assert tally_of(tallies, "all that is false").recall >= 0.95
    assert tally_of(tallies, "true").recall <= 0.15  # docs/quality.md: 4 of 27
