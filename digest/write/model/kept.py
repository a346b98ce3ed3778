"""Prompts that were read and may be asked again → what the model remembers of them, within a bound of memory (pure)."""

from collections import OrderedDict
from collections.abc import Sequence, Sized
from typing import Generic, TypeVar

State = TypeVar("State", bound=Sized)  # its length is its bytes


class Kept(Generic[State]):
    """States by the tokens they stand for; the oldest go where all would take more than `most` bytes."""

    def __init__(self, most: int) -> None:
        """Begin with none."""
        self._most, self._bytes = most, 0
        self._states: OrderedDict[tuple[int, ...], State] = OrderedDict()

    def keep(self, tokens: Sequence[int], state: State) -> None:
        """Keep a state, unless it takes all the room by itself."""
        self.take(tokens)
        if len(state) > self._most:
            return
        self._states[tuple(tokens)] = state
        self._bytes += len(state)
        while self._bytes > self._most:
            _, oldest = self._states.popitem(last=False)
            self._bytes -= len(oldest)

    def take(self, tokens: Sequence[int]) -> State | None:
        """Return the state of these tokens, which is kept no longer; None where there is none."""
        state = self._states.pop(tuple(tokens), None)
        if state is not None:
            self._bytes -= len(state)
        return state


def common_length(tokens: Sequence[int], others: Sequence[int]) -> int:
    """Return how many tokens two lists have in common at their beginning."""
    pairs = zip(tokens, others, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(tokens), len(others)))
