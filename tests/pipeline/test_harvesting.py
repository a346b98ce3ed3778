"""The archive fills from arXiv, whatever happens on the way, and knows what is missing."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import islice, pairwise
from pathlib import Path

import pytest

from digest.errors import GateRefused, NothingToDo, SourceError, UsageError
from digest.harvest.snapshot import read_snapshot
from digest.paper import Month, Paper
from digest.pipeline import coverage, harvesting, night
from digest.pipeline.workshop import Workshop, open_workshop
from digest.places import BUNDLED
from digest.settings import load_settings
from digest.store.ledger import missing_papers
from digest.store.papers import papers_by_id, papers_of_month
from tests.arxiv_stand_in import ArxivStandIn, Fault, Stored, send, serve, stored

APRIL = Month(2024, 4)
CATEGORIES = ("cs.CL", "cs.LG", "cs.CV")
NOON = datetime(2024, 5, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def stock() -> list[Stored]:
    """A thousand bundled papers of April 2024 as arXiv has them, less those of other categories."""
    records = islice(read_snapshot(BUNDLED / "april-2024.jsonl.gz"), 1_100)
    found = {record.arxiv_id: record for record in records if isinstance(record, Paper)}
    april = [paper for paper in found.values() if paper.arxiv_id.startswith("2404.")]
    whole = [stored(replace(paper, submitted=None), n) for n, paper in enumerate(april[:1000])]
    return [one for one in whole if set(CATEGORIES) & set(one.paper.categories)]


@pytest.fixture
def arxiv(stock: list[Stored], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ArxivStandIn]:
    """The stand-in with those papers, 200 to a page."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serve(ArxivStandIn(list(stock), oai_page=200)) as stand_in:
        yield stand_in


def write_settings(folder: Path, arxiv: ArxivStandIn) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "digest.toml"
    file.write_text(
        f'[harvest]\ncategories = {json.dumps(CATEGORIES)}\napi_url = "{arxiv.api_url}"\noai_url = "{arxiv.oai_url}"\n'
        f'feed_url = "{arxiv.feed_url}"\npause = 0\n',
        encoding="utf-8",
    )
    return file


@pytest.fixture
def open_at(tmp_path: Path, arxiv: ArxivStandIn) -> Iterator[Callable[..., Workshop]]:
    """Open a workshop in a folder, at a moment."""
    opened = []

    def open_one(name: str = "magazine", moment: datetime = NOON) -> Workshop:
        settings = load_settings(write_settings(tmp_path / name, arxiv))
        opened.append(open_workshop(settings, lambda: moment, lambda *_: None))
        return opened[-1].__enter__()

    yield open_one
    for one in opened:
        one.__exit__(None, None, None)


def held(workshop: Workshop) -> dict[str, Paper]:
    """Return the papers held of April, without what only one of the services says."""
    return {
        one.paper.arxiv_id: replace(one.paper, licence=None, authors_line=None, announced=None)
        for one in papers_of_month(workshop.store, APRIL)
    }


def by_atom(workshop: Workshop) -> None:
    harvesting.harvest_month(workshop, APRIL, ())


def by_oai(workshop: Workshop) -> None:
    harvesting.harvest_changes(workshop, APRIL.first_day)


class TestAMonth:
    @pytest.mark.parametrize("harvest", [by_atom, by_oai])
    def test_both_roads_bring_every_paper_as_arxiv_has_it(
        self, open_at: Callable[..., Workshop], stock: list[Stored], harvest: Callable[[Workshop], None]
    ) -> None:
        workshop = open_at()
        harvest(workshop)
        assert held(workshop) == {one.paper.arxiv_id: one.paper for one in stock}

    @pytest.mark.parametrize("harvest", [by_atom, by_oai])
    def test_faults_on_the_way_change_nothing(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, harvest: Callable[[Workshop], None]
    ) -> None:
        faults: list[Fault] = [
            lambda r, _: send(r, b"Rate exceeded.", 429),
            lambda r, _: send(r, b"", 503, Retry_After="0"),
            lambda r, _: send(r, b"<html>captcha</html>", kind="text/html"),
            lambda r, body: send(r, body[: len(body) // 2]),
            lambda r, body: send(r, body[:100], Content_Length=str(len(body))),
        ]
        arxiv.faults = [fault for n in range(20) for fault in (faults[n % 5], faults[(n + 2) % 5], None)]
        workshop = open_at()
        harvest(workshop)
        assert held(workshop) == {one.paper.arxiv_id: one.paper for one in arxiv.papers}

    @pytest.mark.parametrize(("harvest", "asked"), [(by_atom, 0), (by_oai, len(CATEGORIES))])
    def test_a_second_run_changes_nothing_and_asks_almost_nothing(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, harvest: Callable[[Workshop], None], asked: int
    ) -> None:
        workshop = open_at()
        harvest(workshop)
        before = held(workshop)
        arxiv.requests.clear()
        harvest(workshop)
        assert held(workshop) == before
        assert len(arxiv.requests) == asked

    def test_the_other_road_adds_only_what_it_alone_knows(self, open_at: Callable[..., Workshop]) -> None:
        workshop = open_at()
        by_atom(workshop)
        before = held(workshop)
        by_oai(workshop)
        by_atom(workshop)
        assert held(workshop) == before
        licences = {one.paper.licence for one in papers_of_month(workshop.store, APRIL)}
        assert licences == {"http://creativecommons.org/licenses/by/4.0/"}

    @pytest.mark.parametrize("harvest", [by_atom, by_oai])
    def test_a_new_version_stands_beside_the_old_one(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, harvest: Callable[[Workshop], None]
    ) -> None:
        harvest(open_at())
        old = arxiv.papers[1]
        new = replace(old.paper, version=3, title="A New Title", updated=date(2024, 5, 3))
        arxiv.papers[1] = replace(old, paper=new, changed=date(2024, 5, 3))
        workshop = open_at(moment=NOON + timedelta(days=1))
        harvest(workshop)
        assert held(workshop)[new.arxiv_id] == new
        with workshop.store.reading() as session:
            rows = session.connection().exec_driver_sql(
                "SELECT version, title FROM paper_version WHERE arxiv_id = ? ORDER BY version", (new.arxiv_id,)
            )
            assert [tuple(row) for row in rows] == [(2, old.paper.title), (3, "A New Title")]

    @pytest.mark.parametrize("harvest", [by_atom, by_oai])
    def test_a_paper_of_three_categories_and_two_versions_is_one_paper(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, harvest: Callable[[Workshop], None]
    ) -> None:
        paper = replace(arxiv.papers[1].paper, categories=("cs.CL", "cs.LG", "cs.CV"), version=2)
        arxiv.papers[:] = [replace(arxiv.papers[1], paper=paper)]
        harvest(open_at())
        assert held(open_at()) == {paper.arxiv_id: paper}

    def test_a_month_goes_by_the_submission_in_utc_whatever_the_id_says(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        """Submitted on the evening of 30 April, announced in May, and so with an id of May."""
        late = replace(arxiv.papers[0].paper, arxiv_id="2405.00208", submitted=date(2024, 4, 30))
        arxiv.papers[:] = [stored(late, 0)]
        workshop = open_at()
        by_oai(workshop)
        assert list(held(workshop)) == ["2405.00208"]
        assert papers_of_month(workshop.store, Month(2024, 5)) == []

    def test_a_month_that_has_not_come_is_not_asked_for(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        with pytest.raises(UsageError, match="2024-06 has not come yet"):
            harvesting.harvest_month(open_at(), Month(2024, 6), CATEGORIES)
        assert not arxiv.requests

    def test_an_old_id_keeps_its_slash(self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn) -> None:
        old = replace(
            arxiv.papers[0].paper, arxiv_id="hep-th/9901001", categories=("hep-th",), submitted=date(1999, 1, 2)
        )
        arxiv.papers[:] = [stored(old, 0)]
        workshop = open_at()
        harvesting.harvest_changes(workshop, date(1999, 1, 1), ("hep-th",))
        harvesting.harvest_ids(workshop, ["hep-th/9901001"])
        found = papers_by_id(workshop.store, ["hep-th/9901001"])["hep-th/9901001"].paper
        assert (found.submitted, found.categories, str(found.month)) == (date(1999, 1, 2), ("hep-th",), "1999-01")

    @pytest.mark.parametrize("harvest", [by_atom, by_oai])
    @pytest.mark.parametrize("count", [0, 1])
    def test_a_month_of_almost_nothing_is_no_fault(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, harvest: Callable[[Workshop], None], count: int
    ) -> None:
        del arxiv.papers[count:]
        workshop = open_at()
        harvest(workshop)
        assert len(held(workshop)) == count
        coverage.check_coverage(workshop, APRIL)

    def test_a_deleted_paper_is_kept_and_marked(self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn) -> None:
        workshop = open_at()
        by_oai(workshop)
        arxiv.papers[5] = replace(arxiv.papers[5], is_deleted=True, changed=date(2024, 5, 2))
        by_oai(workshop)
        assert held(workshop)[arxiv.papers[5].paper.arxiv_id].withdrawn

    def test_ninety_missed_nights_are_caught_up_in_one_run(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        by_oai(open_at())
        paper = arxiv.papers[0].paper
        late = [
            stored(replace(paper, arxiv_id=f"2407.{n:05}", submitted=date(2024, 5, 3) + timedelta(days=n)), 0)
            for n in range(90)
        ]
        arxiv.papers += late
        arxiv.today = date(2024, 8, 3)
        arxiv.requests.clear()
        workshop = open_at(moment=NOON + timedelta(days=93))
        by_oai(workshop)
        assert len(papers_by_id(workshop.store, (one.paper.arxiv_id for one in late))) == 90
        assert len(arxiv.requests) <= 8


def die(request: BaseHTTPRequestHandler, body: bytes, process: list[int], *, after: bool) -> None:
    """Kill the process that asks, before it gets its answer or while it works on it."""
    if after:
        send(request, body)
        time.sleep(0.02)
    os.kill(process[0], signal.SIGKILL)


def digest(*arguments: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "digest", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class TestAProcessThatIsKilled:
    @pytest.mark.parametrize("arguments", [("--month", "2024-04"), ("--since", "2024-04-01")])
    @pytest.mark.parametrize("after", [False, True])
    def test_ends_where_one_that_was_not_would(
        self,
        arxiv: ArxivStandIn,
        open_at: Callable[..., Workshop],
        tmp_path: Path,
        arguments: tuple[str, str],
        *,
        after: bool,
    ) -> None:
        """Killed at the first request, then at the second of the next run, and so on, until one run comes through."""
        folder = write_settings(tmp_path / "magazine", arxiv).parent
        process = [0]
        for kill_at in range(30):
            arxiv.faults = [None] * kill_at + [lambda r, body: die(r, body, process, after=after)]
            with digest("harvest", *arguments, folder=folder) as running:
                process[0] = running.pid
                running.communicate()
            if running.returncode != -signal.SIGKILL:
                break
        assert kill_at > 1  # how far a run comes before it dies is the machine's affair
        assert running.returncode in {0, 3}
        assert held(open_at()) == {one.paper.arxiv_id: one.paper for one in arxiv.papers}

    def test_lets_go_of_the_store(self, tmp_path: Path, arxiv: ArxivStandIn) -> None:
        folder = write_settings(tmp_path / "magazine", arxiv).parent
        process = [0]
        arxiv.faults = [lambda r, body: die(r, body, process, after=False)]
        with digest("harvest", "--month", "2024-04", folder=folder) as running:
            process[0] = running.pid
            running.communicate()
        with digest("harvest", "--month", "2024-04", folder=folder) as running:
            running.communicate()
        assert running.returncode == 0


class TestTwoRunsAtOnce:
    def test_the_second_says_so_and_exits_with_3(self, tmp_path: Path, arxiv: ArxivStandIn) -> None:
        folder = write_settings(tmp_path / "magazine", arxiv).parent
        (folder / "data").mkdir()
        with (folder / "data" / "digest.db.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with digest("harvest", "--month", "2024-04", folder=folder) as running:
                _, said = running.communicate()
        assert running.returncode == 3
        assert "another digest is at work on" in said
        assert arxiv.requests == []

    def test_a_store_can_be_locked_once(self, tmp_path: Path, arxiv: ArxivStandIn) -> None:
        settings = load_settings(write_settings(tmp_path / "magazine", arxiv))
        with open_workshop(settings, lambda: NOON, lambda *_: None, alone=True):
            second = open_workshop(settings, lambda: NOON, lambda *_: None, alone=True)
            with pytest.raises(NothingToDo, match="another digest is at work"):
                second.__enter__()

    def test_two_magazines_ask_arxiv_one_after_the_other(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        threads = [threading.Thread(target=by_oai, args=(open_at(name),)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ordered = sorted(arxiv.moments)
        assert len(ordered) > 10
        assert all(end <= begin for (_, end), (begin, _) in pairwise(ordered))


class TestTheLedger:
    def test_a_whole_month_has_no_gap(self, open_at: Callable[..., Workshop], stock: list[Stored]) -> None:
        workshop = open_at()
        by_atom(workshop)
        lines = coverage.coverage(workshop, APRIL)
        assert lines[0].announced == lines[0].held == len(stock)
        assert {line.gap for line in lines} == {0}
        assert {line.category for line in lines[1:]} == set(CATEGORIES)
        coverage.check_coverage(workshop, APRIL)

    def test_a_source_that_goes_down_leaves_a_gap_that_is_named(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        arxiv.faults = [None, lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/")]
        workshop = open_at()
        with pytest.raises(SourceError):
            by_atom(workshop)
        lines = coverage.coverage(workshop, APRIL)
        assert (lines[0].held, lines[0].announced) == (200, len(arxiv.papers))
        assert "has moved" in lines[0].reason
        assert any(line.gap is None for line in lines)
        with pytest.raises(GateRefused, match=r"of the papers that arXiv says there are is missing"):
            coverage.check_coverage(workshop, APRIL)
        by_atom(workshop)
        coverage.check_coverage(workshop, APRIL)

    def test_a_month_that_is_asked_for_in_parts_is_held_to_all_of_it(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first_half = sum(one.paper.submitted <= date(2024, 4, 15) for one in arxiv.papers if one.paper.submitted)
        monkeypatch.setattr("digest.harvest.atom._MOST_RESULTS", len(arxiv.papers) - 1)
        pages = -(-first_half // 200)
        arxiv.faults = [None] * (1 + pages) + [lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/")]
        workshop = open_at()
        with pytest.raises(SourceError):
            by_atom(workshop)
        line = coverage.coverage(workshop, APRIL)[0]
        assert (line.held, line.announced) == (first_half, len(arxiv.papers))
        with pytest.raises(GateRefused):
            coverage.check_coverage(workshop, APRIL)
        by_atom(workshop)
        assert coverage.coverage(workshop, APRIL)[0].gap == 0

    def test_what_arxiv_said_there_is_stands_while_it_is_down(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        def away(request: BaseHTTPRequestHandler, _body: bytes) -> None:
            send(request, b"", 301, Location="https://elsewhere.example/")

        arxiv.faults = [None, away, away]
        workshop = open_at()
        for _ in range(2):
            with pytest.raises(SourceError):
                by_atom(workshop)
        assert coverage.coverage(workshop, APRIL)[0].announced == len(arxiv.papers)
        with pytest.raises(GateRefused):
            coverage.check_coverage(workshop, APRIL)

    def test_a_reading_that_a_signal_broke_off_is_not_taken_for_whole(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stopped(*_: object) -> None:
            raise SystemExit(143)

        workshop = open_at()
        with monkeypatch.context() as patched:
            patched.setattr("digest.pipeline.harvesting.save_papers", stopped)
            with pytest.raises(SystemExit):
                by_atom(workshop)
        lines = coverage.coverage(workshop, APRIL)
        assert (lines[0].held, lines[0].announced) == (0, len(arxiv.papers))
        assert {(line.day, line.gap) for line in lines if line.gap is None} >= {("2024-04-30", None)}
        assert lines[0].reason == "the reading was broken off"

    def test_a_record_set_aside_is_counted_with_its_reason(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        victim = arxiv.papers[7].paper.arxiv_id
        arxiv.spoil = lambda text: text.replace("<title>", "<title/><title>") if victim in text[:100] else text
        workshop = open_at()
        by_atom(workshop)
        line = coverage.coverage(workshop, APRIL)[0]
        assert (line.gap, line.reason) == (1, "1 set aside")

    def test_what_was_announced_and_is_not_held_is_fetched_by_id(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        arxiv.today = date(2024, 4, 17)
        workshop = open_at(moment=datetime(2024, 4, 17, 12, tzinfo=UTC))
        report = harvesting.harvest_announcements(workshop)
        expected = [one for one in arxiv.papers if one.announced == arxiv.today]
        assert report.outcome.counts["fetched by id"] == len(expected) > 3
        assert missing_papers(workshop.store) == []
        lines = coverage.coverage(workshop, APRIL)
        assert {line.day for line in lines} == {"2024-04-17"}
        assert sum(line.announced or 0 for line in lines) == sum(
            len(set(CATEGORIES) & set(one.paper.categories)) for one in expected
        )
        assert {line.gap for line in lines} == {0}
        again = harvesting.harvest_announcements(workshop)
        assert not again.outcome.changed

    def test_the_announcement_day_is_kept(self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn) -> None:
        arxiv.today = date(2024, 4, 17)
        workshop = open_at()
        by_oai(workshop)
        harvesting.harvest_announcements(workshop)
        new = [one for one in arxiv.papers if one.announced == arxiv.today and one.paper.categories[0] in CATEGORIES]
        found = papers_by_id(workshop.store, (one.paper.arxiv_id for one in new))
        days = {one.paper.announced for one in found.values()}
        assert days == {arxiv.today}

    def test_a_day_without_announcements_is_no_fault(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        arxiv.today = date(2024, 11, 28)
        assert not harvesting.harvest_announcements(open_at()).outcome.changed

    def test_a_night_on_which_a_source_was_down_is_a_line_until_it_is_made_good(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn
    ) -> None:
        arxiv.today = date(2024, 4, 17)
        moved: Fault = lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/")  # noqa: E731
        arxiv.faults = [moved, moved]
        workshop = open_at(moment=datetime(2024, 4, 17, 12, tzinfo=UTC))
        night.harvest_night(workshop)
        lines = coverage.coverage(workshop, APRIL)
        assert [(line.source, line.day, line.gap) for line in lines] == [
            ("OAI-PMH", "2024-04-17", None),
            ("announcements", "2024-04-17", None),
        ]
        assert all("has moved" in line.reason for line in lines)
        night.harvest_night(workshop)
        assert {line.gap for line in coverage.coverage(workshop, APRIL)} == {0}

    def test_a_list_that_arxiv_cut_off_is_told(
        self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(harvesting, "MOST_ENTRIES", 1)
        arxiv.today = date(2024, 4, 17)
        report = harvesting.harvest_announcements(open_at())
        assert any("was cut off by arXiv at 1 papers" in warning for warning in report.outcome.warnings)

    def test_a_line_that_was_never_announced_does_not_refuse(self, open_at: Callable[..., Workshop]) -> None:
        workshop = open_at()
        assert coverage.coverage(workshop, APRIL) == []
        coverage.check_coverage(workshop, APRIL)


class TestTheNight:
    def test_a_source_that_is_down_does_not_end_it(self, open_at: Callable[..., Workshop], arxiv: ArxivStandIn) -> None:
        arxiv.faults = [lambda r, _: send(r, b"", 301, Location="https://elsewhere.example/")]
        reports = night.harvest_night(open_at())
        assert [report.stage for report in reports] == ["harvest", "announced"]
        assert "has moved" in reports[0].failure
        assert reports[1].failure == ""

    @pytest.mark.parametrize(
        ("today", "months"),
        [
            (date(2024, 5, 5), ("2024-04", "2024-05")),
            (date(2024, 5, 6), ("2024-05",)),
            (date(2024, 1, 1), ("2023-12", "2024-01")),
            (date(2024, 2, 29), ("2024-02",)),
            (date(2024, 12, 31), ("2024-12",)),
        ],
    )
    def test_a_month_stays_open_for_five_days(self, today: date, months: tuple[str, ...]) -> None:
        assert tuple(map(str, night.due_months(today))) == months
