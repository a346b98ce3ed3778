"""Files of the site that are not rendered yet, and what they will be made from."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Draft:
    """A file of the site: equal fingerprints mean equal bytes, so that it need not be rendered to be compared."""

    fingerprint: str
    render: Callable[[], bytes]
    is_spare: bool = False  # may be left out of a site that would grow too large


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Files that are made from the same things, and so kept or made together."""

    fingerprint: str
    render: Callable[[], Mapping[str, bytes]]  # by what is put behind the sheaf's own name to have the path
    is_spare: bool = False  # as a draft's


Drafts = Mapping[str, Draft | Sheaf]  # by path in the site; a sheaf's name is that of a folder, with its slash


def rendered(drafts: Drafts) -> Iterator[tuple[str, bytes]]:
    """Render everything; yield each file's path and content."""
    for name, draft in drafts.items():
        if isinstance(draft, Draft):
            yield name, draft.render()
        else:
            yield from ((name + end, content) for end, content in draft.render().items())


def fingerprint(*values: object) -> str:
    """Return a hash of values: texts, numbers, days, dataclasses, and lists and tuples of them."""
    try:
        told = orjson.dumps(values, default=_told, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a lone surrogate, which JSON cannot hold
        told = repr(values).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def _told(value: object) -> str:
    return repr(value)
