"""Tasks → answers, held against what they must rest on; what is refused is asked for once more, with the verdict."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from digest.write.ask.writer import Answer, Task, Writer

Held = TypeVar("Held")  # an answer, held against something

# Tasks that a large model is handed at a time: as many as it writes at once (engine.py), and few enough that what is
# done is kept, told and, where a night's time is spent, left at that, though each may take it a minute.
_TOGETHER = 16


def write_twice(
    writer: Writer,
    count: int,
    task: Callable[[int, str], Task],
    hold: Callable[[int, Answer], Held],
    refused: Callable[[Held], str],
) -> Iterator[tuple[int, Held, Held | None]]:
    """Yield the number of each of `count` tasks, its answer, and its second one where there is one, as they are done.

    `task` makes the task of a number, told why its first answer was refused; "" at the first try. `hold` holds an
    answer against the paper. `refused` says why one is worth a second try; "" where it is not. A small model has all
    tasks at once, a large one some at a time, the second tries of some with the first ones of those that follow.

    Raises:
        ModelError: the writer failed; tasks that were not yielded may be tried another day.
    """
    waiting = deque(range(count))
    again: dict[int, Held] = {}
    together = count if writer.is_small else _TOGETHER
    while waiting or again:
        held_before, again = again, {}
        numbers = sorted(held_before)
        while waiting and len(numbers) < together:
            numbers.append(waiting.popleft())
        tasks = [task(n, refused(held_before[n]) if n in held_before else "") for n in numbers]
        for place, answer in writer.write(tasks):
            n, held = numbers[place], hold(numbers[place], answer)
            if n in held_before:
                yield n, held_before[n], held
            elif answer.failure or not refused(held):
                yield n, held, None
            else:
                again[n] = held
