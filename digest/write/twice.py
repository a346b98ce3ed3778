"""Tasks → answers, held against what they must rest on; what is refused is asked for once more, with the verdict."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from digest.write.writer import Answer, Task, Writer

Held = TypeVar("Held")  # an answer, held against something


def write_twice(
    writer: Writer,
    count: int,
    task: Callable[[int, str], Task],
    hold: Callable[[int, Answer], Held],
    refused: Callable[[Held], str],
) -> Iterator[tuple[int, Held, Held | None]]:
    """Yield the number of each of `count` tasks, its answer, and its second one where there is one, as they are done.

    `task` makes the task of a number, told why its first answer was refused; "" at the first try. `hold` holds an
    answer against the paper. `refused` says why one is worth a second try; "" where it is not. The first tries of all
    come before the second ones, so that a model which writes many at once has many to write.

    Raises:
        ModelError: the writer failed; tasks that were not yielded may be tried another day.
    """
    again: dict[int, Held] = {}
    for n, answer in writer.write([task(n, "") for n in range(count)]):
        held = hold(n, answer)
        if answer.failure or not refused(held):
            yield n, held, None
        else:
            again[n] = held
    numbers = sorted(again)
    for place, answer in writer.write([task(n, refused(again[n])) for n in numbers]):
        n = numbers[place]
        yield n, again[n], hold(n, answer)
