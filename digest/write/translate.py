"""Printed texts → their translations into Traditional Chinese: asked for, gated, tried again, or left in English."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.paper import Recipe, Summary, Verdict
from digest.places import PROMPTS
from digest.text import normalise
from digest.write.answers import read
from digest.write.faithful import RULES, unfaithful
from digest.write.opinion import no_opinion, opinion
from digest.write.prompt import load_prompts
from digest.write.summarise import SEED
from digest.write.writer import FIELDS, Answer, Kind, Task, Writer

LANGUAGE = "zh-Hant"  # Simplified pages are made of it by OpenCC
_FIELD = FIELDS[Kind.TRANSLATION][0]


@dataclass(frozen=True, slots=True)
class Text:
    """A printed text in English, and the title of its paper."""

    title: str
    english: str


@dataclass(frozen=True, slots=True)
class Manner:
    """What translations hang on besides their texts: the model, and all that it is asked and judged by."""

    model_hash: str
    asked_by: str  # SHA-256 of template and rules

    def recipe(self, text: Text) -> Recipe:
        """Return what a text's translation hangs on."""
        told = hashlib.sha256(f"{self.asked_by}\0{text.title}\0{text.english}".encode()).hexdigest()
        return Recipe(LANGUAGE, self.model_hash, told, SEED)


def manner_of(writer: Writer) -> Manner:
    """Return how a writer's translations come to be.

    Raises:
        UsageError: the prompt template is missing, or has no place for the text.
    """
    prompts = load_prompts(PROMPTS, is_small=False)
    return Manner(writer.model_hash, prompts.identity(Kind.TRANSLATION, RULES, writer.form))


def translate_texts(texts: Sequence[Text], writer: Writer) -> Iterator[tuple[int, Summary]]:
    """Yield each text's place and its translation, as they are done; one that fell back is empty and says why.

    Raises:
        ModelError: the writer failed; texts that were not yielded may be tried another day.
    """
    manner = manner_of(writer)

    def kept(n: int, said: str, failed: str, verdict: Verdict) -> tuple[int, Summary]:
        recipe = manner.recipe(texts[n])
        return n, no_opinion(recipe, writer.name, failed) if failed else opinion(recipe, writer.name, said, verdict)

    refused: dict[int, str] = {}
    for n, answer in writer.write([_task(text) for text in texts]):
        said, failed = _held(answer, texts[n])
        if failed and not answer.failure:
            refused[n] = failed
        else:
            yield kept(n, said, failed, Verdict.PASSED)
    places = sorted(refused)
    for place, answer in writer.write([_task(texts[n], refused[n]) for n in places]):
        n = places[place]
        said, failed = _held(answer, texts[n])
        yield kept(n, said, refused[n] if failed else "", Verdict.RETRIED)


def _task(text: Text, refused: str = "") -> Task:
    return Task(kind=Kind.TRANSLATION, title=text.title, abstract=text.english, shown=text.english, refused=refused)


def _held(answer: Answer, text: Text) -> tuple[str, str]:
    """Return what an answer says and the check that it fails, or ""."""
    said = "" if answer.failure else normalise(read(answer.text, (_FIELD,)).get(_FIELD, ""))
    return said, answer.failure or (unfaithful(said, text.english, text.title) if said else "no answer")
