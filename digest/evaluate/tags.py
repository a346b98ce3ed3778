"""A reader's tags of picked papers → how near our topics come to them."""

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest.errors import UsageError
from digest.paper import Tag, Topic
from digest.pipeline.models import encoder_choice, load, model_of, taxonomy
from digest.pipeline.workshop import Workshop
from digest.places import BUNDLED
from digest.search.encoder import passage
from digest.write.ask.writer import Writer
from digest.write.summarise import Subject
from digest.write.tags import Embeddings, candidates, nearest_topics, tag_papers, topic_texts
from digest.write.topics import Offer, choose_topics
from digest.write.trials import TagScore, parse_tag_map, score_tags

_HALVES = (("calibration", 0), ("held-out", 1))  # every other paper, in the file's order


@dataclass(frozen=True, slots=True)
class TaggedPick:
    """A picked paper and the reader's own tags of it."""

    title: str
    abstract: str
    tags: tuple[str, ...]


def read_tagged(file: Path) -> list[TaggedPick]:
    """Read picks with tags from JSONL (.gz or not); those without title, abstract or tags are passed over.

    Raises:
        UsageError: the file cannot be read, or a line is no JSON object.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read tagged picks from {file}: {error.strerror}") from error
    try:
        lines = (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines()
        rows = [json.loads(line) for line in lines]
        found = [TaggedPick(row.get("title"), row.get("abstract"), tuple(row.get("tags") or ())) for row in rows]
    except (OSError, EOFError, zlib.error, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UsageError(f"{file} holds no picks with tags, one JSON object a line: {error}") from error
    return [pick for pick in found if pick.title and pick.abstract and pick.tags]


@dataclass(frozen=True, slots=True)
class Trial:
    """Picked papers, what a reader would give them, and all that topics are weighed by."""

    picks: Sequence[TaggedPick]
    wanted: Sequence[set[str]]  # slugs of topics
    papers: Embeddings  # shape (papers, dim)
    descriptions: Embeddings  # shape (topics, dim)
    topics: Sequence[Topic]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Titles and abstracts."""
        return [(pick.title, pick.abstract) for pick in self.picks]


def score_topics(workshop: Workshop, file: Path | None = None, tag_map: Path | None = None) -> list[TagScore]:
    """Compare our topics, and those that similarity alone would give, with a reader's tags.

    Raises:
        UsageError: a file cannot be read, or no tag means a topic.
        ModelError: the encoder is missing or is no model.
    """
    trial = _trial(workshop, file, tag_map)
    return [
        score_tags(f"{method}, {half}", given[start::2], trial.wanted[start::2])
        for half, start in _HALVES
        for method, given in _by_scores(trial)
    ]


def score_chooser(
    workshop: Workshop, file: Path | None = None, tag_map: Path | None = None, limit: int | None = None
) -> list[TagScore]:
    """Compare what `tags.chooser` chooses with a reader's tags, on the held-out half, beside what stands without it.

    It chooses twice: among the likeliest topics, where a paper of which it chooses nothing keeps those that score
    best; and among all topics, which is the model alone. `limit`: only so many papers. A small model may be measured.

    Raises:
        UsageError: a file cannot be read, no tag means a topic, or the settings name no chooser.
        ModelError: the encoder is missing, or the chooser is or failed.
    """
    chooser = model_of(workshop, "tags.chooser")
    if chooser is None:
        raise UsageError('tags.chooser is "none": set it to "writer", a GGUF file or a server to measure one')
    trial, count = _trial(workshop, file, tag_map), workshop.settings.tags.candidates
    rows = [row for row in range(1, len(trial.picks), 2) if trial.wanted[row]][:limit]
    likeliest = candidates(trial.papers, trial.descriptions, trial.texts, trial.topics, count)
    topic_by_slug = {topic.slug: topic for topic in trial.topics}
    (_, nearest), (_, ours) = _by_scores(trial)
    with chooser:
        among = _asked(
            workshop, chooser, trial, {row: [topic_by_slug[tag.topic] for tag in likeliest[row]] for row in rows}
        )
        alone = _asked(workshop, chooser, trial, dict.fromkeys(rows, trial.topics))
    methods = (
        ("nearest", [nearest[row] for row in rows]),
        ("ours", [ours[row] for row in rows]),
        (f"{chooser.name} among {count}", [among[row] or ours[row] for row in rows]),
        (f"{chooser.name} alone", [alone[row] for row in rows]),
    )
    return [score_tags(f"{method}, held-out", given, [trial.wanted[row] for row in rows]) for method, given in methods]


def _asked(
    workshop: Workshop, chooser: Writer, trial: Trial, topics: Mapping[int, Sequence[Topic]]
) -> dict[int, list[str]]:
    """Return what a model chooses of each paper, by row; [] where its answer is none."""
    rows = list(topics)
    subjects = [Subject(trial.picks[row].title, trial.picks[row].abstract) for row in rows]
    offers = [Offer(subject, tuple(topics[row])) for subject, row in zip(subjects, rows, strict=True)]
    chosen: dict[int, list[str]] = {}
    workshop.progress("topics", 0, len(rows))
    for n, choice in choose_topics(offers, chooser):
        chosen[rows[n]] = choice.text.split()
        workshop.progress("topics", len(chosen), len(rows))
    return chosen


def _by_scores(trial: Trial) -> tuple[tuple[str, list[list[str]]], ...]:
    papers, descriptions, topics = trial.papers, trial.descriptions, trial.topics
    return (
        ("nearest", _slugs(nearest_topics(papers, descriptions, topics))),
        ("ours", _slugs(tag_papers(papers, descriptions, trial.texts, topics))),
    )


def _trial(workshop: Workshop, file: Path | None, tag_map: Path | None) -> Trial:
    topics, _ = taxonomy()
    map_file = tag_map or BUNDLED / "tag-map.toml"
    try:
        text = map_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {map_file}: {error}") from error
    slug_of_tag = parse_tag_map(text, str(map_file), {topic.slug for topic in topics})
    picks = read_tagged(file or BUNDLED / "picks.jsonl.gz")
    wanted = [{slug_of_tag[tag] for tag in pick.tags if tag in slug_of_tag} for pick in picks]
    encoder = load(encoder_choice(workshop))
    papers = encoder.encode(
        [passage(pick.title, pick.abstract) for pick in picks],
        on_batch=lambda done: workshop.progress("embed", done, len(picks)),
    )
    return Trial(picks, wanted, papers, encoder.encode(topic_texts(topics)), topics)


def _slugs(given: Sequence[Sequence[Tag]]) -> list[list[str]]:
    return [[tag.topic for tag in tags] for tags in given]
