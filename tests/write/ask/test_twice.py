"""What is refused is asked for once more, told why; what failed or passed is not."""

from collections.abc import Iterator, Sequence
from typing import Self

from hypothesis import given
from hypothesis import strategies as st

from digest.write.ask.twice import write_twice
from digest.write.ask.writer import Answer, Kind, Task


class _Scripted:
    """Answers its first list of tasks and its second one from scripts, last task first."""

    name = model_hash = form = ""
    is_small = False

    def __init__(self, *scripts: Sequence[Answer]) -> None:
        self.scripts = list(scripts)
        self.asked: list[list[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        self.asked.append([task.refused for task in tasks])
        script = self.scripts.pop(0)
        yield from [(n, script[n]) for n in range(len(tasks))][::-1]


def _tried(writer: _Scripted, count: int) -> dict[int, tuple[str, str | None]]:
    tries = write_twice(
        writer,
        count,
        lambda n, refused: Task(kind=Kind.TLDR, title=str(n), abstract="", shown="", refused=refused),
        lambda n, answer: f"{n} {answer.text}",
        lambda held: "it lies" if held.endswith("lie") else "",
    )
    return {n: (first, second) for n, first, second in tries}


def test_a_refused_answer_is_asked_for_once_more_with_the_verdict_and_no_other_is() -> None:
    first = [Answer("lie"), Answer("truth"), Answer("lie", failure="lost"), Answer("lie")]
    writer = _Scripted(first, [Answer("truth"), Answer("lie")])
    assert _tried(writer, 4) == {
        0: ("0 lie", "0 truth"),
        1: ("1 truth", None),
        2: ("2 lie", None),
        3: ("3 lie", "3 lie"),
    }
    assert writer.asked == [["", "", "", ""], ["it lies", "it lies"]]


@given(st.lists(st.booleans(), max_size=9))
def test_every_task_is_answered_once_whichever_are_refused(lies: list[bool]) -> None:
    writer = _Scripted([Answer("lie" if lie else "truth") for lie in lies], [Answer("truth")] * len(lies))
    found = _tried(writer, len(lies))
    assert sorted(found) == list(range(len(lies)))
    assert [second is not None for _, second in (found[n] for n in range(len(lies)))] == lies


class _Liar(_Scripted):
    """Lies at each first try, and says the truth at the second."""

    def write(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        self.asked.append([task.refused for task in tasks])
        yield from ((n, Answer("truth" if task.refused else "lie")) for n, task in enumerate(tasks))


def test_what_a_large_model_is_done_with_is_given_out_before_it_is_asked_about_the_last() -> None:
    writer, asked_by_then = _Liar(), []
    tries = write_twice(
        writer,
        60,
        lambda n, refused: Task(kind=Kind.TLDR, title=str(n), abstract="", shown="", refused=refused),
        lambda _, answer: answer.text,
        lambda held: "it lies" if held == "lie" else "",
    )
    for _, first, second in tries:
        assert (first, second) == ("lie", "truth")
        asked_by_then.append(sum(not refused for refused in (told for tasks in writer.asked for told in tasks)))
    assert asked_by_then[0] == 16
    assert asked_by_then[-1] == len(asked_by_then) == 60
    assert max(map(len, writer.asked)) == 16


def test_a_small_model_is_handed_all_tasks_at_once() -> None:
    class Small(_Liar):
        is_small = True

    writer = Small()
    assert len(_tried(writer, 60)) == 60
    assert [len(tasks) for tasks in writer.asked] == [60, 60]
