"""The settings → arXiv's three services, paced together."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.harvest.announce import AnnouncementFeed
from digest.harvest.atom import ArxivSource
from digest.harvest.oai import OaiSource
from digest.pipeline.workshop import Workshop

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


def _connect(workshop: Workshop) -> "Callable[[str], Connection]":
    def connect(contact: str) -> "Connection":
        from digest.harvest.http import Connection, Pace  # noqa: PLC0415  a sixth of a second, for few commands

        return Connection(contact, Pace(between=workshop.settings.harvest.pause))

    return connect
