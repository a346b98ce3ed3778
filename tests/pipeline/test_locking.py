"""An issue whose pages stay the same is not rendered again for its lock, whatever else the lock records."""

import gzip
import shutil
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.issue.lock import Lock, read_lock
from digest.paper import Month
from digest.pipeline import night, printing
from digest.pipeline.workshop import open_workshop
from digest.publish import draft
from digest.publish.draft import Drafts
from digest.settings import Settings, load_settings
from tests.small_publication import make_publication

APRIL, MAY = Month(2024, 4), Month(2024, 5)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a publication of two issues, whose locks hold what each comes out as alone."""
    folder = make_publication(tmp_path / "magazine")
    settings = load_settings(folder / "digest.toml")
    with gzip.open(Path(__file__).with_name("may-2024.jsonl.gz"), "rt", encoding="utf-8") as papers:
        (folder / "may.jsonl").write_text("".join(islice(papers, 6)), encoding="utf-8")
    with open_workshop(settings, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop:
        night.run_month(workshop, APRIL, from_file=folder / "papers.jsonl")
        night.run_month(workshop, MAY, from_file=folder / "may.jsonl")
    return settings


def build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Build, and return how many issues were rendered for their locks, and how many locks were written."""
    rendered, real = list[int](), draft.rendered

    def counted(drafts: Drafts) -> object:
        rendered.append(1)
        return real(drafts)

    monkeypatch.setattr(printing, "rendered", counted)
    with open_workshop(settings, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop:
        locked = printing.build(workshop).outcome.counts["locked"]
    monkeypatch.setattr(printing, "rendered", real)
    return len(rendered), locked


def lock_of(settings: Settings, month: Month) -> Lock:
    file = settings.path(settings.site.content) / str(month) / "issue.lock"
    return read_lock(file.read_bytes(), "issue.lock")


def with_settings(settings: Settings, section: str, **values: object) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def test_settings_that_no_page_prints_are_recorded_and_nothing_is_rendered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lock_of(settings, APRIL)
    assert build(settings, monkeypatch) == (0, 0)
    wider = with_settings(settings, "select", per_topic=4)
    assert build(wider, monkeypatch) == (0, 2)
    after = lock_of(settings, APRIL)
    assert (before.made_with["select.per_topic"], after.made_with["select.per_topic"]) == ("3", "4")
    assert after.output == before.output
    with open_workshop(wider, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop:
        assert printing.rebuild(workshop, APRIL)[0] == []


def test_settings_that_pages_print_make_each_issue_be_rendered_once_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lock_of(settings, APRIL)
    titled = with_settings(settings, "site", title="Other")
    assert build(titled, monkeypatch) == (2, 2)
    assert lock_of(settings, APRIL).output != before.output
    assert build(titled, monkeypatch) == (0, 0)


def test_issues_that_a_lost_store_held_are_printed_from_their_locks(settings: Settings) -> None:
    content, site = settings.path(settings.site.content), settings.path(settings.site.output)
    april = {file.name: file.read_bytes() for file in (site / "2024-04").iterdir()}
    lock = (content / "2024-04" / "issue.lock").read_bytes()
    shutil.rmtree(settings.root / "data")
    shutil.copytree(content / "2024-04", content / "2024-06")  # to begin an issue from: its lock is another's
    shutil.copytree(content / "2024-04", content / "2024-04-old")
    with open_workshop(settings, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop:
        *_, built = night.run_month(workshop, MAY, from_file=settings.root / "may.jsonl", offline=True)
    assert built.outcome.counts["issues"] == 2
    assert {file.name: file.read_bytes() for file in (site / "2024-04").iterdir()} == april
    assert (content / "2024-04" / "issue.lock").read_bytes() == lock
    (told,) = built.outcome.warnings
    assert told.startswith(f"the issue of 2024-04 is printed from {content / '2024-04' / 'issue.lock'}")
    assert not (site / "2024-06").exists()

    printed = {str(file): file.stat().st_mtime_ns for file in site.rglob("*")}
    of_older_code = lock.replace(b'"format": 1,', b'"format": 0,').replace(b'"code": "', b'"code": "older ')
    (content / "2024-04" / "issue.lock").write_bytes(of_older_code)
    with (
        open_workshop(settings, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop,
        pytest.raises(UsageError, match=r"issue\.lock"),
    ):
        printing.build(workshop)
    assert {str(file): file.stat().st_mtime_ns for file in site.rglob("*")} == printed

    (content / "2024-04" / "issue.lock").unlink()
    with open_workshop(settings, lambda: datetime(2024, 5, 20, tzinfo=UTC), lambda *_: None) as workshop:
        assert printing.build(workshop).outcome.counts["issues"] == 1
    assert not (site / "2024-04").exists()
