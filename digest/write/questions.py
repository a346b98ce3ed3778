"""Questions about a paper, with passages of it → answers, each sentence of which rests on one of the passages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from digest.places import PROMPTS
from digest.text import split_sentences
from digest.write.ask.answers import finished, is_unsaid, read
from digest.write.ask.prompt import load_prompts
from digest.write.ask.twice import write_twice
from digest.write.ask.writer import FIELDS, Answer, Kind, Task, Writer
from digest.write.extract.sentences import shown_to
from digest.write.extract.trim import trim_opening
from digest.write.gate.check import RULES, check

_FIELD = FIELDS[Kind.READING][0]
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a paper."""

    title: str  # the paper's
    words: str
    passages: tuple[str, ...]  # sentences of the paper, word for word


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that passed the gate."""

    text: str
    passage: int  # the place among the question's passages of the one it rests on


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered to one question."""

    said: tuple[Said, ...] = ()
    refused: tuple[str, ...] = ()  # the checks that its other sentences failed, or why there is no answer


def questions_identity(writer: Writer) -> str:
    """Return the SHA-256 of all that shapes an answer besides the model and the question: template and rules.

    Raises:
        UsageError: the prompt template is missing or has no place for the passages.
    """
    return load_prompts(PROMPTS, is_small=writer.is_small).identity(Kind.READING, RULES, writer.form)


def ask(questions: Sequence[Question], writer: Writer) -> Iterator[tuple[int, Reply]]:
    """Yield each question's place and the reply to it, as they are done; a question without passages is not asked.

    Sentences that the gate does not tie to one of the passages are left out. Where that leaves none, the model is asked
    once more with the verdict in the prompt.

    Raises:
        ModelError: the writer failed; questions that were not yielded have no reply.
    """
    asked = [n for n, question in enumerate(questions) if question.passages]
    tries = write_twice(
        writer,
        len(asked),
        lambda place, refused: _task(questions[asked[place]], writer, refused),
        lambda place, answer: _held(questions[asked[place]], answer, writer),
        lambda reply: "" if reply.said else next(iter(reply.refused), ""),
    )
    for place, first, second in tries:
        yield asked[place], Reply(second.said, first.refused + second.refused) if second else first


def _task(question: Question, writer: Writer, refused: str) -> Task:
    passages = " ".join(question.passages)
    shown = shown_to(writer, question.title, passages)
    return Task(
        kind=Kind.READING, title=question.title, abstract=passages, shown=shown, refused=refused, given=question.words
    )


def _held(question: Question, answer: Answer, writer: Writer) -> Reply:
    """Hold each sentence of an answer against the passages."""
    if answer.failure:
        return Reply(refused=(answer.failure,))
    text = answer.text if writer.is_small else finished(read(answer.text, (_FIELD,)).get(_FIELD, ""), _FIELD)
    if is_unsaid(text):
        return Reply()
    sentences = list(dict.fromkeys(trim_opening(text[start:end]) for start, end in split_sentences(text)))
    if not sentences:
        return Reply(refused=("no answer",))
    said, refused = [], []
    for sentence in sentences[:_MOST_SENTENCES]:
        finding = check(sentence, question.title, " ".join(question.passages))
        if finding.ok:
            said.append(Said(sentence, _passage_at(question, finding.evidence[0].start)))
        else:
            refused.append(finding.failed)
    return Reply(tuple(said), tuple(refused))


def _passage_at(question: Question, offset: int) -> int:
    """Return the place of the passage that holds a character of the passages joined by spaces."""
    ends = accumulate(len(passage) + 1 for passage in question.passages)
    return next(n for n, end in enumerate(ends) if offset < end)
