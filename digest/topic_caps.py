"""Caps that a person writes for topics → how many papers of each; what is no topic is named with its line (pure)."""

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from digest.places import BUNDLED
from digest.toml_lines import Table

TAXONOMY = BUNDLED / "taxonomy.toml"


@cache
def topic_names() -> Mapping[str, str]:
    """Return the names of the taxonomy's topics, by slug."""
    topics = tomllib.loads(TAXONOMY.read_text(encoding="utf-8"))["topics"]
    return {topic["slug"]: topic["name"] for topic in topics}


def topic_caps(table: Table, beside: Sequence[str] = ()) -> dict[str, int]:
    """Return how many papers of a topic there may be at most, by its slug; `beside` are keys that are no topics.

    Raises:
        UsageError: a key is no topic, or a cap no whole number; the message names the line and the mend.
    """
    for key in table.values:
        if key not in beside and key not in topic_names():
            raise table.error(key, unknown_topic(key, beside))
    caps = {slug: table.count(slug, least=0) for slug in table.values if slug not in beside}
    return {slug: cap for slug, cap in caps.items() if cap is not None}


def unknown_topic(written: str, beside: Sequence[str] = ()) -> str:
    """Say that something is no topic, and which ones it may stand for."""
    names = topic_names()
    spelled = {name.casefold(): slug for slug, name in names.items()} | {slug: slug for slug in (*names, *beside)}
    near = dict.fromkeys(spelled[one] for one in get_close_matches(written.casefold(), spelled, n=3))
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    also = f"{', '.join(beside)}, and the topics " if beside else ""
    return f"unknown topic {written!r}: {meant}known here are {also}{', '.join(names)}"
