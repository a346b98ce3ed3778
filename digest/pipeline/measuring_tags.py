"""A reader's tags of picked papers → how near our topics come to them."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from digest.errors import UsageError
from digest.paper import Tag
from digest.pipeline.models import encoder_choice, load, taxonomy
from digest.pipeline.workshop import Workshop
from digest.places import BUNDLED
from digest.search.encoder import passage
from digest.write.tags import nearest_topics, tag_papers, topic_texts
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
        lines = (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines()
        rows = [json.loads(line) for line in lines]
        found = [TaggedPick(row.get("title"), row.get("abstract"), tuple(row.get("tags") or ())) for row in rows]
    except (OSError, EOFError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"cannot read tagged picks from {file}: {error}") from error
    return [pick for pick in found if pick.title and pick.abstract and pick.tags]


def score_topics(workshop: Workshop, file: Path | None = None, tag_map: Path | None = None) -> list[TagScore]:
    """Compare our topics, and those that similarity alone would give, with a reader's tags.

    Raises:
        UsageError: a file cannot be read, or no tag means a topic.
        ModelError: the encoder is missing or is no model.
    """
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
    descriptions = encoder.encode(topic_texts(topics))
    texts = [(pick.title, pick.abstract) for pick in picks]
    methods = (
        ("nearest", _slugs(nearest_topics(papers, descriptions, topics))),
        ("ours", _slugs(tag_papers(papers, descriptions, texts, topics))),
    )
    return [
        score_tags(f"{method}, {half}", given[start::2], wanted[start::2])
        for half, start in _HALVES
        for method, given in methods
    ]


def _slugs(given: Sequence[Sequence[Tag]]) -> list[list[str]]:
    return [[tag.topic for tag in tags] for tags in given]
