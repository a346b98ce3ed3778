"""A file of the site that is not rendered yet, and what it will be made from."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Draft:
    """A file of the site: equal fingerprints mean equal bytes, so that it need not be rendered to be compared."""

    fingerprint: str
    render: Callable[[], bytes]


def fingerprint(*values: object) -> str:
    """Return a hash of values: texts, numbers, days, dataclasses, and lists and tuples of them."""
    try:
        told = orjson.dumps(values, default=_told, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a lone surrogate, which JSON cannot hold
        told = repr(values).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def _told(value: object) -> str:
    return repr(value)
