"""An issue → one tidy letter, in text and in HTML, the same from the same (pure)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from digest.edition import Entry, Issue
from digest.errors import UsageError
from digest.publish.addresses import issue_address
from digest.publish.shelf import SiteFrame
from digest.publish.wording import printable

_TEMPLATE = "letter.html"
_WIDTH = 72  # characters of a line of text, as letters have had since RFC 678
_MOST = 100  # papers: the letter leads to the page, where all of them are


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Who writes to whom, and when."""

    sender: str
    to: str
    now: datetime


def letter(issue: Issue, frame: SiteFrame, templates: Sequence[Path], address: Address) -> EmailMessage:
    """Write the letter of an issue to one address; its Message-ID is the same each time, so that a second is known.

    Raises:
        UsageError: the template is missing or broken.
    """
    url = frame.base_url + issue_address(issue.month)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = address.sender, address.to
    message["Subject"] = _line(f"{frame.title}: {issue.title or issue.month.name}")
    message["Date"] = format_datetime(address.now)
    whose = hashlib.sha256(f"{address.to}\n{url}".encode()).hexdigest()[:16]
    message["Message-ID"] = f"<digest.{issue.month}.{whose}@{urlsplit(frame.base_url).hostname or 'localhost'}>"
    message.set_content(_text(issue, frame, url))
    message.add_alternative(_html(issue, frame, url, templates), subtype="html")
    message.set_boundary(f"=={whose}==")  # the library's own is drawn by lot
    return message


def notice(issue: Issue, frame: SiteFrame) -> tuple[str, str]:
    """Return the title and the few lines that a chat is told of an issue."""
    first = sorted(issue.entries, key=lambda entry: not entry.starred)[:3]
    titles = "\n".join(f"• {_line(entry.title)}" for entry in first)
    url = frame.base_url + issue_address(issue.month)
    title = _line(f"{frame.title}: {issue.title or issue.month.name}")
    return title, f"{len(issue.entries)} papers of {issue.month.name}, among them\n{titles}\n{url}"


def _text(issue: Issue, frame: SiteFrame, url: str) -> str:
    head = [_line(issue.title), _line(issue.subtitle), url, "=" * _WIDTH]
    papers = [line for entry in issue.entries[:_MOST] for line in ("", *_paper(entry))]
    features = [f"{number}. {_line(one.title)}" for number, one in enumerate(issue.features, 1)]
    return (
        "\n".join(
            [
                *(line for line in head if line),
                *([""] if features else []),
                *features,
                *papers,
                "",
                "-- ",
                _line(frame.title),
                _origin(issue),
            ]
        )
        + "\n"
    )


def _paper(entry: Entry) -> list[str]:
    star = "* " if entry.starred else ""
    summary = [_line(entry.summary.text)] if entry.summary.text else []
    return [f"{star}{_line(entry.title)}", *summary, f"https://arxiv.org/abs/{entry.paper.arxiv_id}"]


def _origin(issue: Issue) -> str:
    """Say whose words the summaries are."""
    made = issue.quality
    told = (
        (made.passed + made.retried, f"by {made.writer}, held against the abstracts"),
        (made.fell_back + made.extracted, "from the abstracts"),
        (made.summarised, "by the editor"),
    )
    whose = "; ".join(f"{number} {how}" for number, how in told if number)
    return f"Summaries: {whose or 'none'}. Papers: arXiv, CC0 metadata."


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _html(issue: Issue, frame: SiteFrame, url: str, templates: Sequence[Path]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["line"] = _line
    try:
        template = environment.get_template(_TEMPLATE)
        return template.render(issue=issue, frame=frame, url=url, entries=issue.entries[:_MOST], origin=_origin(issue))
    except jinja2.TemplateError as error:
        raise UsageError(f"the template {_TEMPLATE} is missing or broken ({error}): mend it") from error
