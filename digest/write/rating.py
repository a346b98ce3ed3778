"""Papers → how well each fits a reader, in a model's opinion: one word of four, and a reason held by the gate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.paper import Recipe, Summary
from digest.places import PROMPTS
from digest.text import plain_text, split_sentences
from digest.write.ask.answers import finished, read
from digest.write.ask.opinion import no_opinion, opinion
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import CHOICES, FIELDS, SEED, Answer, Kind, Task, Writer
from digest.write.extract.trim import trim_opening
from digest.write.gate.check import RULES, check
from digest.write.summarise import Subject

# How much each rating is worth: the grades of relevance of TREC's tracks (Voorhees & Harman 2005).
WORTH: Mapping[str, int] = {word: grade for grade, word in enumerate(reversed(CHOICES["rating"]))}
_LONGEST_GIVEN = 2_400  # characters, some 600 tokens: what the reader wants must leave room for the paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a model said of a paper and a reader."""

    rating: Summary  # its text is one of `WORTH`; "" where the model gave none
    reason: Summary  # its text is "" where the gate refused it, with the check that failed


def rating_recipes(writer: Writer, wishes: str) -> dict[str, Recipe]:
    """Return what ratings hang on besides the paper, by field.

    Raises:
        UsageError: the prompt template is missing or has no place for the paper.
    """
    prompts = load_prompts(PROMPTS, is_small=writer.is_small)
    made_with = prompts.identity(Kind.RATING, RULES, writer.form, *CHOICES["rating"], _given(wishes))
    return {field: Recipe(field, writer.model_hash, made_with, SEED) for field in FIELDS[Kind.RATING]}


def rate(subjects: Sequence[Subject], wishes: str, writer: Writer) -> Iterator[tuple[int, Rating]]:
    """Yield each paper's place and rating, as they are done; `wishes` says what the reader reads.

    An answer of another form is no rating, and is not asked for again: the paper keeps its place among the scores.

    Raises:
        ModelError: the writer failed; papers that were not yielded may be rated another day.
    """
    recipes = rating_recipes(writer, wishes)
    tasks = [
        Task(kind=Kind.RATING, title=one.title, abstract=one.abstract, shown=one.abstract, given=_given(wishes))
        for one in subjects
    ]
    for n, answer in writer.write(tasks):
        yield n, _rating(subjects[n], answer, writer.name, recipes)


def _given(wishes: str) -> str:
    return plain_text(wishes)[:_LONGEST_GIVEN]


def _rating(subject: Subject, answer: Answer, model: str, recipes: Mapping[str, Recipe]) -> Rating:
    said = {} if answer.failure else read(answer.text, FIELDS[Kind.RATING])
    rating = said.get("rating", "")
    failed = "" if rating in WORTH else answer.failure or "no answer of the form asked for"
    reason = trim_opening(_first_sentence(said.get("reason", "")))
    unfounded = failed or (check(reason, subject.title, subject.abstract).failed if reason else "no answer")
    return Rating(
        rating=_kept(recipes["rating"], model, rating, failed),
        reason=_kept(recipes["reason"], model, reason, unfounded),
    )


def _first_sentence(reason: str) -> str:
    """Return what a reason says first: of a server's model that goes on, the end may be cut."""
    whole = finished(reason, "reason")
    return next((whole[start:end] for start, end in split_sentences(whole)), "")


def _kept(recipe: Recipe, model: str, text: str, failed: str) -> Summary:
    return no_opinion(recipe, model, failed) if failed else opinion(recipe, model, text)
