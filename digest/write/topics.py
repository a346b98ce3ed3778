"""Papers and the topics that they may have → those that a model chooses among them, and no others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.paper import Recipe, Summary, Topic
from digest.places import PROMPTS
from digest.write.ask.answers import read_list
from digest.write.ask.opinion import no_opinion, opinion
from digest.write.ask.prompt import load_prompts
from digest.write.ask.writer import SEED, Answer, Kind, Task, Writer
from digest.write.summarise import Subject

FIELD = Kind.TOPICS.value  # of the answer, and the kind that the choice is kept as


@dataclass(frozen=True, slots=True)
class Offer:
    """A paper, and the topics that it may have, likeliest first."""

    subject: Subject
    topics: tuple[Topic, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The words that an answer may hold."""
        return tuple(topic.slug for topic in self.topics)

    @property
    def told(self) -> str:
        """What the model is told of the topics, a line each."""
        return "\n".join(f"{topic.slug}: {topic.name}. {topic.description}" for topic in self.topics)


def topic_recipes(offers: Sequence[Offer], writer: Writer) -> list[Recipe]:
    """Return what the choice for each offer hangs on besides its paper: the model, the prompt, and the topics offered.

    Raises:
        UsageError: the prompt template is missing or has no place for the paper.
    """
    prompts = load_prompts(PROMPTS, is_small=writer.is_small)
    identities = (prompts.identity(Kind.TOPICS, writer.form, offer.told) for offer in offers)
    return [Recipe(FIELD, writer.model_hash, identity, SEED) for identity in identities]


def choose_topics(offers: Sequence[Offer], writer: Writer) -> Iterator[tuple[int, Summary]]:
    """Yield each offer's place and the slugs that were chosen of it, joined by spaces, best first, as they are done.

    An answer of another form, or with a topic that was not offered, is no choice, and is not asked for again.

    Raises:
        ModelError: the writer failed; papers that were not yielded may be tried another day.
    """
    recipes = topic_recipes(offers, writer)
    for n, answer in writer.write([_task(offer) for offer in offers]):
        yield n, _choice(offers[n], answer, writer.name, recipes[n])


def _task(offer: Offer) -> Task:
    title, abstract = offer.subject.title, offer.subject.abstract
    return Task(kind=Kind.TOPICS, title=title, abstract=abstract, shown=abstract, given=offer.told, offered=offer.slugs)


def _choice(offer: Offer, answer: Answer, model: str, recipe: Recipe) -> Summary:
    chosen = () if answer.failure else read_list(answer.text, FIELD, offer.slugs)
    if not chosen:
        return no_opinion(recipe, model, answer.failure or "no answer of the form asked for")
    return opinion(recipe, model, " ".join(chosen))
