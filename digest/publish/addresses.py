"""Months, papers and topics → their addresses within the site (pure)."""

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

from digest.edition import Erratum
from digest.paper import Month

_INDEX = "index.html"
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 60


def paper_slug(arxiv_id: str) -> str:
    """Return the id as one part of an address: "hep-th/9901001" is "hep-th-9901001"."""
    return arxiv_id.replace("/", "-")


def issue_address(month: Month) -> str:
    """Return the folder of an issue, from the root of the site."""
    return f"{month}/"


def paper_address(arxiv_id: str) -> str:
    """Return the folder of a paper's page, from the root of the site."""
    return f"papers/{paper_slug(arxiv_id)}/"


def topic_address(slug: str) -> str:
    """Return the folder of a topic's page, from the root of the site."""
    return f"tags/{slug}/"


def erratum_anchor(erratum: Erratum) -> str:
    """Return an erratum's place on the page of errata."""
    return f"{paper_slug(erratum.arxiv_id)}-{erratum.day.isoformat()}-{erratum.change}"


def author_slug(name: str) -> str:
    """Return an author's name as one part of an address: "Jürgen O'Neil" is "jurgen-o-neil".

    A name that ASCII letters cannot tell apart from others carries a few digits of its hash.
    """
    folded = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    slug = _NOT_SLUG.sub("-", kept).strip("-")[:_SLUG_LENGTH].strip("-")
    if slug and kept.isascii() and len(kept) <= _SLUG_LENGTH:
        return slug
    digits = hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slug}-{digits}" if slug else digits


def author_address(slug: str) -> str:
    """Return the folder of an author's page, from the root of the site."""
    return f"authors/{slug}/"


def page_file(address: str) -> str:
    """Return the file that a server sends for an address: "2024-04/" is 2024-04/index.html."""
    return address + _INDEX if address.endswith("/") or not address else address


def root_from(file: str) -> str:
    """Return the way from a page up to the root of the site, so that its links hold under any base path."""
    return "../" * file.count("/") or "./"


def base_path(base_url: str) -> str:
    """Return the path part of the site's address, with its slashes: "/digest/" or "/"."""
    return urlsplit(base_url).path.rstrip("/") + "/"


def arxiv_url(arxiv_id: str, kind: str = "abs") -> str:
    """Return arXiv's own page of a paper; kind is abs, pdf or html."""
    return f"https://arxiv.org/{kind}/{arxiv_id}"
