"""What is stored of a paper and what a source now says of it → what to keep (pure)."""

from dataclasses import fields, replace
from enum import StrEnum

from digest.paper import Paper

_CONTENT = ("title", "abstract", "version", "arxiv_id", "abstract_truncated", "withdrawn")
_KNOWLEDGE = tuple(field.name for field in fields(Paper) if field.name not in _CONTENT)
_SHARED = ("authors", "categories", "submitted", "announced")


class Standing(StrEnum):
    """How a paper that arrives stands to the latest version held."""

    SAME = "same"  # the same title and abstract: only fill what was unknown
    NEWER = "newer"  # it becomes the latest version
    OLDER = "older"  # an earlier version, or a poorer copy: kept beside, not printed
    POORER = "poorer"  # the same version with a cut abstract: only fill what was unknown


def compare(held: Paper, arriving: Paper) -> Standing:
    """Tell how an arriving paper stands to the latest version held of the same id."""
    versions_known = bool(held.version and arriving.version)
    if versions_known and arriving.version != held.version:
        return Standing.OLDER if arriving.version < held.version else Standing.NEWER
    if arriving.content_hash == held.content_hash:
        return Standing.SAME
    if arriving.abstract_truncated and not held.abstract_truncated:
        return Standing.POORER
    # A copy that does not say its version cannot replace one that does.
    return Standing.OLDER if held.version and not arriving.version else Standing.NEWER


def fill(held: Paper, arriving: Paper) -> Paper:
    """Return the held paper with what the arriving one knows more or later of it.

    Title and abstract stay: changing them makes a version, and everything derived hangs on them.
    """
    known = {name: getattr(arriving, name) or getattr(held, name) for name in _KNOWLEDGE}
    return replace(
        held,
        **known,
        version=held.version or arriving.version,
        withdrawn=held.withdrawn or arriving.withdrawn,
    )


def inherit(arriving: Paper, held: Paper) -> Paper:
    """Return the arriving version, with what it does not say and all versions of a paper share."""
    shared = {name: getattr(arriving, name) or getattr(held, name) for name in _SHARED}
    return replace(arriving, **shared)
