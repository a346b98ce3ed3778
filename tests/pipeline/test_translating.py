"""Summaries on Chinese pages: translated where a server can and the gate passes, else in English and marked."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.errors import UsageError
from digest.paper import Month
from digest.pipeline import night, printing, translating
from digest.pipeline.workshop import Workshop, open_workshop
from digest.settings import load_settings
from digest.write.model.llama import find_writer
from tests.openai_stand_in import Reply, Stand, says, serve
from tests.small_publication import make_publication

APRIL = Month(2024, 4)
_KNOWN = {  # a faithful translation of two of the texts that the issue prints
    "Introduces an efficient method to scale Transformer": (
        "提出一種高效的方法，將基於 Transformer 的大型語言模型（LLM）擴展到無限長的輸入，而記憶體與計算量有界。"
        "以 1B 與 8B 的 LLM，在長上下文語言建模基準、1M 序列長度的 passkey 上下文區塊檢索"
        "與 500K 長度的書籍摘要任務上展示該方法的有效性。"
    ),
    "Proposes a likelihood ratio test": (
        "提出一種概似比檢定，根據樹推斷所用的對齊詞表中不變字元位點的比例，判定給定的語言是否相關。"
    ),
}
Open = Callable[..., AbstractContextManager[Workshop]]


def translate(body: dict[str, Any]) -> Reply:
    """Answer as a model that can translate two texts and gets the others wrong."""
    asked = body["messages"][0]["content"]
    known = next((said for begins, said in _KNOWN.items() if begins in asked), "這項研究很好。")
    return says(json.dumps({"translation": known}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication whose issue is written and printed, in English and Chinese, without a translator."""
    folder = make_publication(tmp_path_factory.mktemp("translated") / "magazine")
    with (folder / "digest.toml").open("a") as file:
        file.write('[site]\nlanguages = ["en", "zh-Hant", "zh-Hans"]\ncards = false\n')
    return folder


@pytest.fixture
def stand() -> Stand:
    return Stand(answer=translate)


@pytest.fixture
def at(made: Path, stand: Stand, tmp_path: Path) -> Iterator[Open]:
    """Open the publication with a translator on loopback, its store and site in a folder of their own."""
    settings = load_settings(made / "digest.toml")
    site = settings.site.model_copy(update={"output": tmp_path / "public", "content": tmp_path / "content"})
    with serve(stand) as url:

        @contextmanager
        def opened(**models: str) -> Iterator[Workshop]:
            chosen = settings.models.model_copy(update={"translator": url, "translator_model": "t"} | models)
            own = {"models": chosen, "site": site, "store": tmp_path / "digest.db", "index": tmp_path / "index"}
            mine = settings.model_copy(update=own)
            with open_workshop(mine, lambda: datetime(2024, 5, 1, tzinfo=UTC), lambda *_: None) as workshop:
                yield workshop

        yield opened


def spend(workshop: Workshop) -> dict[str, dict[str, int]]:
    papers = workshop.settings.root / "papers.jsonl"
    reports = night.run_month(workshop, APRIL, from_file=papers, offline=True)
    return {report.stage: report.outcome.counts for report in reports}


def page(workshop: Workshop, path: str) -> str:
    return (workshop.settings.site.output / path / "index.html").read_text(encoding="utf-8")


def test_what_passes_is_printed_in_chinese_and_the_rest_in_english_and_both_are_marked(at: Open, stand: Stand) -> None:
    with at() as workshop:
        assert spend(workshop)["translate"] == {"translated": 8, "passed": 2, "fell back": 6}
        assert len(stand.asked) == 8 + 6
        traditional, simplified = page(workshop, "zh-hant/papers/2404.07143"), page(workshop, "zh-hans/2024-04")
        english = page(workshop, "2024-04")
        assert "擴展到無限長的輸入" in traditional
        assert "由 t 翻譯；其數字" in traditional
        assert "扩展到无限长的输入" in simplified
        assert simplified.count('<span class="label">机器翻译</span>') == 2
        assert simplified.count('<span class="label">英文</span>') == 6
        assert simplified.count('<p class="summary"><span lang="en">') == 6
        assert "翻" not in english
        assert "in English" not in english
        assert not spend(workshop)["translate"]["translated"]
        assert len(stand.asked) == 8 + 6
        assert printing.rebuild(workshop, APRIL)[0] == []


def test_what_the_editor_s_own_words_stand_for_is_not_translated(at: Open, stand: Stand) -> None:
    with at() as workshop:
        folder = workshop.settings.site.content / "2024-04"
        folder.mkdir(parents=True)
        (folder / "issue.toml").write_text(
            '[[papers]]\nid = "2404.07143"\ntitle = "Leave No Context Behind: Efficient Infinite Context Transformers '
            'with Infini-attention"\nsummary = "In my own words."\n',
            encoding="utf-8",
        )
        assert spend(workshop)["translate"]["translated"] == 7
        assert not any(
            "Introduces an efficient method to scale" in one["messages"][0]["content"] for one in stand.asked
        )
        assert "In my own words." in page(workshop, "zh-hant/2024-04")


def test_a_translator_that_is_down_ends_nothing_and_the_next_night_goes_on(at: Open, stand: Stand) -> None:
    stand.faults = [translate({"messages": [{"content": ""}]})] * 3 + [(401, {}, b"")] * 9
    with at() as workshop:
        spend(workshop)
        assert '<span class="label">英文</span>' in page(workshop, "zh-hant/2024-04")
        stand.faults.clear()
        (report,) = translating.translate(workshop, APRIL)
        assert 0 < report.outcome.counts["translated"] <= 8
        assert not report.outcome.warnings


def test_without_time_left_nothing_is_asked(at: Open, stand: Stand) -> None:
    with at() as workshop:
        (report,) = translating.translate(replace(workshop, deadline=0.0), APRIL)
        assert (report.outcome.counts, stand.asked) == ({"translated": 0}, [])


def test_without_a_translator_there_is_no_such_stage(at: Open, stand: Stand) -> None:
    with at(translator="") as workshop:
        assert "translate" not in spend(workshop)
    assert stand.asked == []


def test_a_file_that_is_missing_is_a_warning_and_a_server_without_a_model_an_error(at: Open) -> None:
    with at(translator="none.gguf") as workshop:
        (report,) = translating.translate(workshop, APRIL)
        assert "none.gguf cannot be read" in report.outcome.warnings[0]
        assert "stands in English until the next run" in report.outcome.warnings[0]
        spend(workshop)
        assert '<span class="label">英文</span>' in page(workshop, "zh-hant/2024-04")
    with at(translator_model="") as workshop, pytest.raises(UsageError, match=r"models\.translator_model is missing"):
        translating.translate(workshop, APRIL)


def test_a_small_model_does_not_translate(at: Open) -> None:
    file = find_writer("embedded", Path())
    with at(translator=str(file)) as workshop, pytest.raises(UsageError, match="cannot translate"):
        translating.translate(workshop, APRIL)
