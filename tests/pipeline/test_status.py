"""What a night left for tomorrow is counted: texts, translations, ratings, what was not sent or published."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.paper import Month
from digest.pipeline import night, status, translating
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import Settings, load_settings
from digest.store.runs import StageRun, save_run
from tests.openai_stand_in import Stand, says, serve
from tests.small_publication import make_publication

APRIL = Month(2024, 4)
NOW = datetime(2024, 5, 6, 7, 17, tzinfo=UTC)  # April is closed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication with one issue, whose pages are also in Chinese."""
    folder = make_publication(tmp_path_factory.mktemp("status") / "magazine")
    with (folder / "digest.toml").open("a") as file:
        file.write('[site]\nlanguages = ["en", "zh-Hant"]\ncards = false\n')
    with open_workshop(load_settings(folder / "digest.toml"), lambda: NOW, lambda *_: None) as workshop:
        night.run_month(workshop, APRIL, from_file=folder / "papers.jsonl")
    return folder


def with_settings(settings: Settings, section: str, **values: object) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def waiting(settings: Settings, day: int = 6) -> dict[str, int]:
    with open_workshop(settings, lambda: NOW.replace(day=day), lambda *_: None) as workshop:
        return status.look(workshop, 1).waiting


def test_nothing_waits_after_a_whole_night(made: Path) -> None:
    assert waiting(load_settings(made / "digest.toml")) == {}


def test_texts_that_wait_for_a_translation_are_counted_until_they_have_one(made: Path) -> None:
    stand = Stand(answer=lambda _: says('{"translation": "這項研究很好。"}'))
    with serve(stand) as url:
        settings = with_settings(load_settings(made / "digest.toml"), "models", translator=url, translator_model="t")
        assert waiting(settings, day=5) == {"texts to translate": 8}  # the month is still open
        assert stand.asked == []
        with open_workshop(settings, lambda: NOW.replace(day=5), lambda *_: None) as workshop:
            late = replace(workshop, deadline=0.0)
            assert translating.translate(late, APRIL)[0].outcome.counts == {"translated": 0}
            _translate_some(workshop)
        assert waiting(settings, day=6) == {"texts to translate": 5}  # it is closed, and three were done
        with open_workshop(settings, lambda: NOW, lambda *_: None) as workshop:
            night.run_night(workshop, offline=True)
        assert waiting(settings, day=6) == {}


def _translate_some(workshop: Workshop) -> None:
    clock = iter([False] * 3)

    class Short(Workshop):
        def is_late(self) -> bool:
            return next(clock, True)

    short = Short(**{name: getattr(workshop, name) for name in Workshop.__slots__})
    assert translating.translate(short, APRIL)[0].outcome.counts["translated"] == 3


def test_a_translator_that_is_missing_is_no_fault_of_the_status(made: Path) -> None:
    settings = with_settings(load_settings(made / "digest.toml"), "models", translator="gone.gguf")
    assert waiting(settings) == {}


def test_letters_that_were_not_sent_are_counted(made: Path) -> None:
    settings = with_settings(load_settings(made / "digest.toml"), "mail", host="127.0.0.1", to=("a@b.c", "d@e.f"))
    assert waiting(settings) == {"letters and notices to send": 2}
    assert waiting(settings, day=5) == {}  # the month is still open


def test_a_site_that_was_not_sent_is_counted_until_it_is(made: Path) -> None:
    settings = with_settings(load_settings(made / "digest.toml"), "publish", remote="pages.git")
    assert waiting(settings) == {"site to publish": 1}
    with open_workshop(settings, lambda: NOW, lambda *_: None) as workshop:
        for failure, told in (("the remote is down", 1), ("", 0)):
            save_run(workshop.store, StageRun("", "publish", NOW, 1.0, {}, failure))
            assert status.look(workshop, 1).waiting.get("site to publish", 0) == told


def test_papers_that_a_night_did_not_rate_are_counted(made: Path) -> None:
    with open_workshop(load_settings(made / "digest.toml"), lambda: NOW, lambda *_: None) as workshop:
        for left in (7, 0):
            counts = {"chosen": 8} | ({"left for another night": left} if left else {})
            save_run(workshop.store, StageRun("2024-05", "select", NOW, 1.0, counts))
            assert status.look(workshop, 1).waiting.get("papers to rate", 0) == left


def test_what_a_run_left_of_a_month_that_no_night_writes_is_told_with_the_command_that_does(made: Path) -> None:
    june = datetime(2024, 7, 20, 7, 17, tzinfo=UTC)  # April is long closed, and no night comes back to it
    told = "texts of 2024-04 that no night writes (`digest run --month 2024-04` does)"
    with open_workshop(load_settings(made / "digest.toml"), lambda: june, lambda *_: None) as workshop:
        for left in (60, 0):
            counts = {"written": 0} | ({"left for another night": left} if left else {})
            save_run(workshop.store, StageRun("2024-04", "write", june, 1.0, counts))
            assert status.look(workshop, 1).waiting == ({told: 60} if left else {})


def test_what_goes_away_while_the_disk_is_measured_has_no_bytes(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build puts the site in its place while `digest status` looks."""
    settings = load_settings(made / "digest.toml")
    walk = os.walk

    def walk_late(place: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        yield from ((folder, names, [*files, "gone.html"]) for folder, names, files in walk(place))

    with open_workshop(settings, lambda: NOW, lambda *_: None) as workshop:
        before = status.look(workshop, 1).disk
        monkeypatch.setattr(os, "walk", walk_late)
        after = status.look(workshop, 1).disk
    assert (before["site"], before["index"]) == (after["site"], after["index"])
    assert before["site"] == sum(file.stat().st_size for file in (made / "site/public").rglob("*") if file.is_file())
