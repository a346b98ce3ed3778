"""The settings → arXiv's three services, paced together."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.harvest.announce import AnnouncementFeed
from digest.harvest.atom import ArxivSource
from digest.harvest.oai import OaiSource
from digest.paper import Paper
from digest.pipeline.workshop import Workshop
from digest.sections import ARXIVS_PAUSE

if TYPE_CHECKING:
    from digest.harvest.http import Connection


def atom_source(workshop: Workshop) -> ArxivSource:
    """Return the Atom API: a month's papers by their submission, and papers by id."""
    harvest = workshop.settings.harvest
    return ArxivSource(harvest.api_url, harvest.contact, connect=_connect(workshop))


def oai_source(workshop: Workshop) -> OaiSource:
    """Return the OAI-PMH service: all that changed since a day."""
    harvest = workshop.settings.harvest
    return OaiSource(harvest.oai_url, harvest.contact, connect=_connect(workshop))


def announcement_feed(workshop: Workshop) -> AnnouncementFeed:
    """Return the announcement feeds: what was new on arXiv's last day."""
    harvest = workshop.settings.harvest
    return AnnouncementFeed(harvest.feed_url, harvest.contact, connect=_connect(workshop))


def html_page(workshop: Workshop, paper: Paper) -> tuple[str, bytes]:
    """Fetch a paper's full text as arXiv's HTML page; return its address too.

    Raises:
        SourceError: arXiv has none, or did not answer.
    """
    harvest = workshop.settings.harvest
    version = f"v{paper.version}" if paper.version else ""
    url = f"{harvest.html_url.rstrip('/')}/{paper.arxiv_id}{version}"
    mend = "arXiv has no HTML of every paper: save its PDF and name it with --file"
    # Only `digest read` asks here, so that stand-ins of the three harvested services need not know of it.
    pause = max(harvest.pause, ARXIVS_PAUSE) if "arxiv.org" in harvest.html_url else harvest.pause
    with _connect(workshop, pause)(harvest.contact) as connection:
        return url, connection.fetch(url, bytes, kind="html", mend=mend)


def _connect(workshop: Workshop, pause: float | None = None) -> "Callable[[str], Connection]":
    def connect(contact: str) -> "Connection":
        from digest.harvest.http import Connection, Pace  # noqa: PLC0415  a sixth of a second, for few commands

        return Connection(contact, Pace(between=workshop.settings.harvest.pause if pause is None else pause))

    return connect
