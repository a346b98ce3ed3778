"""A begun answer is given up where it cannot be printed any more, and never where it can."""

import json

import pytest

from digest.paper import Paper
from digest.write.ask.answers import is_closed, read, whole
from digest.write.ask.writer import FIELDS, Kind, Task
from digest.write.gate.check import check
from digest.write.model.begun import GoesOn, goes_on_as_form, goes_on_as_sentence

# Texts about the sample paper that the gate passes.
TRUE = (
    "Proposes SparseLoom, a routing scheme that sends each token to 4 of 64 experts without a learned router.",
    "SparseLoom outperforms Switch on 12 translation tasks and cuts memory by 37.5% on a model with 7B parameters.",
    "SparseLoom is a routing scheme that sends each token to 4 of 64 experts. It does not need auxiliary losses.",
)
FALSE = "SparseLoom compresses volcanoes with glittering harpsichords for eleven patient gardeners of Utrecht"


def _task(sample: Paper, kind: Kind) -> Task:
    return Task(kind=kind, title=sample.title, abstract=sample.abstract, shown=sample.abstract)


def _stopped_at(goes_on: GoesOn, text: str) -> int:
    return next((n for n in range(1, len(text) + 1) if not goes_on(text[:n])), len(text))


@pytest.mark.parametrize("text", TRUE)
def test_what_the_gate_passes_is_written_to_its_last_field(sample: Paper, text: str) -> None:
    assert check(text, sample.title, sample.abstract).ok
    answer = json.dumps({"summary": text})
    assert _stopped_at(goes_on_as_form(_task(sample, Kind.SUMMARY)), answer) == len(answer) - 1


@pytest.mark.parametrize("text", TRUE[:2])
def test_a_sentence_that_the_gate_passes_is_written_to_its_end(sample: Paper, text: str) -> None:
    assert _stopped_at(goes_on_as_sentence(_task(sample, Kind.SUMMARY)), text) == len(text)


@pytest.mark.parametrize("begin", ["", f"{TRUE[0]} "])
def test_a_summary_in_words_that_the_abstract_does_not_have_is_given_up_and_read_so_far(
    sample: Paper, begin: str
) -> None:
    answer = json.dumps({"summary": begin + FALSE})
    stopped = _stopped_at(goes_on_as_form(_task(sample, Kind.SUMMARY)), answer)
    assert len(begin) < stopped < len(answer) - 20
    so_far = read(whole(answer[:stopped], ["summary"]), ["summary"])["summary"]
    assert (begin + FALSE).startswith(so_far)
    assert not check(f"{so_far}.", sample.title, sample.abstract).ok


def test_fields_that_are_held_one_by_one_are_all_written(sample: Paper) -> None:
    fields = FIELDS[Kind.STRUCTURED]
    answer = json.dumps(dict.fromkeys(fields, FALSE))
    assert _stopped_at(goes_on_as_form(_task(sample, Kind.STRUCTURED)), answer) == len(answer) - 1


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        ({"summary": "A loom: it weaves."}, ["summary"]),
        ({"reason": "It weaves.", "rating": "relevant"}, ["reason", "rating"]),
        ({"topics": ["weaving", "cloth-3d"]}, ["topics"]),
    ],
)
def test_an_answer_is_closed_where_only_its_brace_is_missing(answer: dict[str, object], fields: list[str]) -> None:
    written = json.dumps(answer)
    closed = [n for n in range(len(written)) if is_closed(written[:n], fields)]
    assert closed == [len(written) - 1]
    assert json.loads(whole(written[:-1], fields)) == answer
    assert whole(written, fields) == written


def test_a_translation_that_was_cut_short_is_not_made_whole() -> None:
    assert not read(whole('{"translation": "織布', ["translation"]), ["translation"])
