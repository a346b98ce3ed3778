"""What a real model answered, labelled by hand: how much that is true passes, and how much that is false."""

import json
from collections import Counter
from pathlib import Path

import pytest

from digest.write.faithful.check import unfaithful
from digest.write.faithful.taiwan import in_taiwan, simplified_in

ANSWERS = [json.loads(line) for line in Path(__file__).with_name("answers.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("half", "passed", "refused"),
    [
        ("set", {"true": 1, "false": 1, "unclear": 2}, {"false": 11}),
        ("held out", {"true": 6, "false": 5, "unclear": 2}, {"true": 1, "false": 14, "unclear": 2}),
    ],
)
def test_of_what_passes_and_of_what_is_refused_so_much_is_true(
    half: str, passed: dict[str, int], refused: dict[str, int]
) -> None:
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for one in ANSWERS:
        if one["half"] == half:
            failed = unfaithful(in_taiwan(one["answer"], one["source"]), one["source"])
            counts[bool(failed)][one["label"]] += 1
    assert (counts[False], counts[True]) == (passed, refused)


def test_no_answer_is_refused_for_its_characters() -> None:
    assert sum(bool(simplified_in(one["answer"])) for one in ANSWERS) == 15
    assert not any(simplified_in(in_taiwan(one["answer"], one["source"])) for one in ANSWERS)
