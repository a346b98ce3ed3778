"""Printed texts → their translations into Traditional Chinese: asked for, gated, tried again, or left in English."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.paper import Recipe, Summary, Verdict
from digest.places import PROMPTS
from digest.text import normalise, plain_text
from digest.write.ask.answers import read
from digest.write.ask.opinion import no_opinion, opinion
from digest.write.ask.prompt import load_prompts
from digest.write.ask.twice import write_twice
from digest.write.ask.writer import FIELDS, SEED, Answer, Kind, Task, Writer
from digest.write.faithful.check import RULES, unfaithful
from digest.write.faithful.taiwan import in_taiwan
from digest.write.faithful.terms import told_terms

LANGUAGE = "zh-Hant"  # Simplified pages are made of it by OpenCC
_FIELD = FIELDS[Kind.TRANSLATION][0]


@dataclass(frozen=True, slots=True)
class Manner:
    """What translations hang on besides their texts: the model, and all that it is asked and judged by."""

    model_hash: str
    asked_by: str  # SHA-256 of template and rules

    def recipe(self, english: str) -> Recipe:
        """Return what a text's translation hangs on."""
        told = hashlib.sha256(f"{self.asked_by}\0{english}".encode()).hexdigest()
        return Recipe(LANGUAGE, self.model_hash, told, SEED)


def manner_of(writer: Writer) -> Manner:
    """Return how a writer's translations come to be.

    Raises:
        UsageError: the prompt template is missing, or has no place for the text.
    """
    prompts = load_prompts(PROMPTS, is_small=False)
    return Manner(writer.model_hash, prompts.identity(Kind.TRANSLATION, RULES, writer.form))


def translate_texts(texts: Sequence[str], writer: Writer) -> Iterator[tuple[int, Summary]]:
    """Yield each text's place and its translation, as they are done; one that fell back is empty and says why.

    Raises:
        ModelError: the writer failed; texts that were not yielded may be tried another day.
    """
    manner = manner_of(writer)

    def kept(n: int, said: str, failed: str, verdict: Verdict) -> tuple[int, Summary]:
        recipe = manner.recipe(texts[n])
        return n, no_opinion(recipe, writer.name, failed) if failed else opinion(recipe, writer.name, said, verdict)

    tries = write_twice(
        writer,
        len(texts),
        lambda n, refused: _task(texts[n], refused),
        lambda n, answer: _held(answer, texts[n]),
        lambda held: held[1],
    )
    for n, (said, failed), second in tries:
        if second is None:
            yield kept(n, said, failed, Verdict.PASSED)
        else:
            yield kept(n, second[0], failed if second[1] else "", Verdict.RETRIED)


def _task(english: str, refused: str) -> Task:
    # Told the title as well, a model of 1.5 billion parameters translated that instead, or took names from it.
    return Task(
        kind=Kind.TRANSLATION,
        title="",
        abstract=english,
        shown=english,
        refused=refused,
        given=told_terms(plain_text(english)),
    )


def _held(answer: Answer, english: str) -> tuple[str, str]:
    """Return what an answer says and the check that it fails, or ""."""
    read_as = "" if answer.failure else normalise(read(answer.text, (_FIELD,)).get(_FIELD, ""))
    said = in_taiwan(read_as, english)
    return said, answer.failure or (unfaithful(said, english) if said else "no answer")
