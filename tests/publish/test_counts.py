"""The counts of papers' words, and what is kept of them between builds."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.publish.counts import NOTHING, Counts, WordMemory, count
from digest.publish.terms import shards_of

Papers = dict[str, list[str]]  # words by mark
papers_of_words = st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from(["x", "yy", "zzz", "ä"])))


def counted(papers: Papers, known: Counts = NOTHING, asked: list[str] | None = None) -> Counts:
    marks = list(papers)

    def words(place: int) -> list[str]:
        if asked is not None:
            asked.append(marks[place])
        return papers[marks[place]]

    return count(marks, words, known)


def told(counts: Counts) -> list[dict[str, int]]:
    starts = [0, *counts.ends.tolist()]
    return [
        {counts.terms[n]: int(times) for n, times in zip(counts.term[a:b], counts.times[a:b], strict=True)}
        for a, b in zip(starts, counts.ends.tolist(), strict=False)
    ]


@given(papers_of_words, papers_of_words)
def test_papers_are_counted_once_and_the_files_are_those_of_counting_all(before: Papers, now: Papers) -> None:
    now = now | {mark: words for mark, words in before.items() if mark in now}  # equal marks, equal words
    asked: list[str] = []
    counts = counted(now, counted(before), asked)
    assert asked == [mark for mark in now if mark not in before]
    assert told(counts) == [Counter(words) for words in now.values()]
    assert list(shards_of(counts)) == list(shards_of(counted(now)))


PAPERS = {"one": ["cats", "dogs", "cats"], "two": [], "three": ["mäuse"]}


def kept_equal(one: Counts, other: Counts) -> bool:
    return one[:2] == other[:2] and all(map(np.array_equal, one[2:], other[2:]))


def test_what_is_kept_is_recalled_under_the_same_stamp_alone(tmp_path: Path) -> None:
    memory = WordMemory.beside(tmp_path / "new" / "public")
    assert memory.recall("now") == NOTHING
    memory.keep(counted(PAPERS), "now")
    assert kept_equal(memory.recall("now"), counted(PAPERS))
    assert memory.recall("later") == NOTHING
    assert [file.name for file in (tmp_path / "new").iterdir()] == [".public.words"]


@pytest.mark.parametrize("place", range(0, 300, 7))
def test_a_memory_that_was_altered_is_not_believed(tmp_path: Path, place: int) -> None:
    memory = WordMemory(tmp_path / "words")
    memory.keep(counted(PAPERS), "now")
    content = bytearray((tmp_path / "words").read_bytes())
    content[place % len(content)] ^= 1
    (tmp_path / "words").write_bytes(content)
    assert memory.recall("now") == NOTHING
    (tmp_path / "words").write_bytes(content[:place])
    assert memory.recall("now") == NOTHING
