"""A finished issue is sent once to each who waits; a failed night is told; secrets stay where they are."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

from digest.errors import DigestError, NothingToDo, PublishError
from digest.paper import Month
from digest.pipeline import night, notifying
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from digest.store import runs
from tests.small_publication import make_publication

APRIL = Month(2024, 4)


class Postbox:
    """Takes letters, but none for those it does not know."""

    def __init__(self) -> None:
        self.sent_to: list[str] = []
        self.unknown: set[str] = set()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own names and arguments
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.sent_to += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def workshop(tmp_path: Path, postbox: tuple[Postbox, int]) -> Iterator[Workshop]:
    folder = make_publication(tmp_path / "magazine")
    with (folder / "digest.toml").open("a") as file:
        file.write(
            f'[mail]\nhost = "127.0.0.1"\nport = {postbox[1]}\nsecurity = "none"\nsender = "digest@example.org"\n'
            'to = ["one@example.org", "two@example.org"]\n'
        )
    settings = load_settings(folder / "digest.toml")
    with open_workshop(settings, lambda: datetime(2024, 5, 7, tzinfo=UTC), lambda *_: None) as opened:
        yield opened


def _night(workshop: Workshop, at: datetime) -> list[str]:
    """Do a month's night without arXiv, and return the stages that changed something."""
    now = replace(workshop, clock=lambda: at)
    reports = night.run_month(now, APRIL, from_file=workshop.settings.root / "papers.jsonl")
    return [report.stage for report in reports if report.outcome.changed or report.failure]


def test_an_issue_is_sent_once_and_only_when_its_month_is_over(
    workshop: Workshop, postbox: tuple[Postbox, int]
) -> None:
    assert "notify" not in _night(workshop, datetime(2024, 4, 30, tzinfo=UTC))
    assert "notify" not in _night(workshop, datetime(2024, 5, 5, tzinfo=UTC))
    assert _night(workshop, datetime(2024, 5, 6, tzinfo=UTC)) == ["notify"]
    assert _night(workshop, datetime(2024, 5, 7, tzinfo=UTC)) == []
    assert postbox[0].sent_to == ["one@example.org", "two@example.org"]


def test_who_could_not_be_reached_is_sent_it_the_next_night_and_nobody_twice(
    workshop: Workshop, postbox: tuple[Postbox, int]
) -> None:
    postbox[0].unknown.add("two@example.org")
    at = datetime(2024, 5, 6, tzinfo=UTC)
    assert "notify" in _night(workshop, at)
    postbox[0].unknown.clear()
    assert _night(workshop, at) == ["notify"]
    assert postbox[0].sent_to == ["one@example.org", "two@example.org"]


def test_an_issue_that_could_not_be_published_is_not_announced(
    workshop: Workshop, postbox: tuple[Postbox, int], tmp_path: Path
) -> None:
    publish = workshop.settings.publish.model_copy(update={"remote": str(tmp_path / "nowhere.git")})
    settings = workshop.settings.model_copy(update={"publish": publish})
    assert _night(replace(workshop, settings=settings), datetime(2024, 5, 6, tzinfo=UTC))[-1] == "publish"
    assert postbox[0].sent_to == []


def test_by_hand_it_is_sent_again_only_when_asked(workshop: Workshop, postbox: tuple[Postbox, int]) -> None:
    with pytest.raises(NothingToDo, match="no issue of 2024-04"):
        notifying.send(workshop, APRIL)
    _night(workshop, datetime(2024, 5, 6, tzinfo=UTC))
    assert not notifying.send(workshop, APRIL).outcome.changed
    assert notifying.send(workshop, APRIL, again=True).outcome.counts["letters"] == 2
    assert len(postbox[0].sent_to) == 4


def test_nobody_to_tell_is_said(workshop: Workshop) -> None:
    mail = workshop.settings.mail.model_copy(update={"host": ""})
    nobody = replace(workshop, settings=workshop.settings.model_copy(update={"mail": mail}))
    with pytest.raises(PublishError, match=r"set mail\.host and mail\.to, or DIGEST_NOTIFY__URLS"):
        notifying.send(nobody, APRIL)


def test_a_failed_night_is_told_without_secrets_and_recorded_without_them(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_NOTIFY__URLS", '["json://127.0.0.1:9/s3cret-path"]')
    settings = load_settings(workshop.settings.root / "digest.toml")
    failing = replace(workshop, settings=settings)
    told: list[tuple[str, str, str]] = []
    monkeypatch.setattr(notifying, "notify", lambda url, title, text: told.append((url, title, text)))
    with pytest.raises(DigestError), night.recorded(failing):
        raise DigestError("json://127.0.0.1:9/s3cret-path said no")
    assert told == [("json://127.0.0.1:9/s3cret-path", "digest: the night failed", "*** said no")]
    assert runs.runs(workshop.store)[0].failure == "*** said no"
    with pytest.raises(NothingToDo), night.recorded(failing):
        pass
    assert len(told) == 1


def test_a_service_that_is_down_does_not_hide_the_failure(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DIGEST_NOTIFY__URLS", '["json://127.0.0.1:9/s3cret-path"]')

    def down(*_: str) -> None:
        raise PublishError("took no notice")

    monkeypatch.setattr(notifying, "notify", down)
    failing = replace(workshop, settings=load_settings(workshop.settings.root / "digest.toml"))
    with pytest.raises(DigestError, match="the first fault"), night.recorded(failing):
        raise DigestError("the first fault")
    assert "took no notice" in caplog.text
    assert "s3cret" not in caplog.text
