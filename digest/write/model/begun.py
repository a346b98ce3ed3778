"""A begun answer → whether it is worth going on with (pure): what is whole is done, what cannot pass is given up."""

from collections.abc import Callable

from digest.text import split_sentences
from digest.write.ask.answers import is_closed, may_be_given_up, value_begun
from digest.write.ask.writer import FIELDS, Task
from digest.write.gate.check import refused_so_far

GoesOn = Callable[[str], bool]


def goes_on_as_sentence(task: Task) -> GoesOn:
    """Return what tells whether a begun sentence may still be printed: one sentence, no word of the model's own."""
    refused = _refused_with_a_new_word(task)
    return lambda begun: "\n" not in begun.strip() and len(split_sentences(begun)) <= 1 and not refused(begun)


def goes_on_as_form(task: Task) -> GoesOn:
    """Return what tells whether a begun JSON answer lacks a field and, of a summary or TLDR, may still be printed.

    Of other kinds each field is held by itself, or against something else: they are always written to their end.
    """
    fields = FIELDS[task.kind]
    if not may_be_given_up(fields):
        return lambda begun: not is_closed(begun, fields)
    refused = _refused_with_a_new_word(task)

    def goes_on(begun: str) -> bool:
        if is_closed(begun, fields):
            return False
        text = value_begun(begun)
        spans = split_sentences(text)
        return not spans or not refused(text[spans[-1][0] :])

    return goes_on


def _refused_with_a_new_word(task: Task) -> Callable[[str], bool]:
    """Return what tells whether a begun sentence cannot pass any more, however it goes on; asked once a word."""
    words = 0

    def refused(begun: str) -> bool:
        nonlocal words
        if begun.count(" ") == words:
            return False  # no word was finished since the last look
        words = begun.count(" ")
        return bool(refused_so_far(begun, task.title, task.abstract))

    return refused
