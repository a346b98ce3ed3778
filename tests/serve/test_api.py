"""The archive over HTTP: the command line's answers, papers by any id, the store as it is now, problems in a line."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import anyio
import httpx
import pytest

from digest.pipeline.workshop import Workshop
from digest.serve.archive import Archive
from digest.serve.problems import Refusal
from digest.store.papers import mark_withdrawn, save_papers
from tests.serve.conftest import INFINI, OLD, Served, bundled_papers, hold, workshop_in


def _problem(answer: httpx.Response, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "\n" not in answer.text
    return str(answer.json()["detail"])


def _digest(folder: Path, *arguments: str) -> list[object]:
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "digest", *arguments, "--json"], cwd=folder, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_answers_are_those_of_the_command_line(served: Served) -> None:
    asked = {"q": "remember very long documents with bounded memory -survey", "k": "5", "since": "2024"}
    told = served.one(f"/api/search?{urlencode(asked)}").json()
    assert told["papers"][0]["arxiv_id"] == INFINI
    assert told["papers"] == _digest(served.folder, "search", asked["q"], "--k", "5", "--since", "2024")
    similar = served.one(f"/api/similar/{INFINI}?k=3").json()["papers"]
    assert similar == _digest(served.folder, "similar", INFINI, "--k", "3")
    assert len(similar) == 3


def test_a_paper_is_told_whole_and_its_text_as_text(served: Served) -> None:
    told = served.one("/api/papers/hep-th/9901001v1").json()
    assert told["title"] == OLD.title
    assert told["abstract"] == OLD.abstract
    assert (told["version"], told["authors"], told["submitted"]) == (2, ["Ada Byron"], None)
    assert told["url"] == "https://arxiv.org/abs/hep-th/9901001v2"


def test_an_old_id_is_found_with_its_slash_written_either_way(served: Served) -> None:
    for written in (OLD.arxiv_id, quote(OLD.arxiv_id, safe="")):
        assert served.one(f"/api/papers/{written}").json()["arxiv_id"] == OLD.arxiv_id
        assert len(served.one(f"/api/similar/{written}?k=2").json()["papers"]) == 2


def test_notes_for_the_person_who_asked_come_with_the_answer(served: Served) -> None:
    told = served.one("/api/search?q=strings&author=Biron").json()
    assert [paper["arxiv_id"] for paper in told["papers"]] == [OLD.arxiv_id]
    assert told["notes"] == ["no author is named 'biron': looked for byron"]


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/search", 400, "nothing to search for"),
        ("/api/search?q=%22%22", 400, "nothing to search for"),
        ("/api/search?q=x&since=2023-02-30", 400, "since:2024-04-01"),
        ("/api/search?q=x&k=0", 422, "k: Input should be greater than or equal to 1"),
        ("/api/search?q=x&k=101&q2=y", 422, "q2: Extra inputs are not permitted"),
        ("/api/search?q=" + "x" * 2_001, 422, "q: String should have at most 2000 characters"),
        ("/api/papers/2404.00000", 404, "2404.00000 is not held here"),
        ("/api/papers/24.1", 422, "arxiv_id: String should match pattern"),
        ("/api/similar/hep-th/0001001", 404, "hep-th/0001001 is not held here"),
        ("/api/papers/", 422, "arxiv_id"),
        ("/api/nothing", 404, "/api/ lists them"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_line(served: Served, address: str, status: int, says: str) -> None:
    assert says in _problem(served.one(address), status)


def test_the_api_leads_to_a_page_about_itself_that_fetches_nothing(served: Served) -> None:
    assert served.one("/api").headers["location"] == "/api/"
    answer = served.one("/api/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "/api/papers/{arxiv_id}" in answer.text
    assert "at most 100" in answer.text
    for fetching in ("<script", "src=", "<link", "url(", "@import"):
        assert fetching not in answer.text


def test_papers_that_a_night_adds_are_found_by_word_and_meaning_while_serving(magazine: Path) -> None:
    served = Served(magazine)
    new = replace(OLD, arxiv_id="2405.00001", version=1, title="Zymurgy", abstract="The brewing of beer with yeast.")

    async def ask() -> None:
        async with served.client() as client:
            first = (await client.get("/api/search?q=brewing+of+beer&k=1")).json()["papers"][0]["arxiv_id"]
            assert first != new.arxiv_id
            with workshop_in(magazine) as workshop:
                hold(workshop, [new])
            for text in ("zymurgy", "making alcoholic drinks"):
                papers = (await client.get(f"/api/search?q={text}&k=1")).json()["papers"]
                assert [paper["arxiv_id"] for paper in papers] == [new.arxiv_id]
            with workshop_in(magazine) as workshop:
                mark_withdrawn(workshop.store, [new.arxiv_id])
            papers = (await client.get("/api/search?q=zymurgy")).json()["papers"]
            assert new.arxiv_id not in [paper["arxiv_id"] for paper in papers]

    anyio.run(ask)


def test_a_store_that_takes_the_place_of_another_is_the_one_that_answers(magazine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "digest.toml").write_text((magazine / "digest.toml").read_text(encoding="utf-8"), encoding="utf-8")
    with workshop_in(other) as workshop:
        hold(workshop, [OLD])
    served = Served(magazine)

    async def ask() -> None:
        async with served.client() as client:
            assert (await client.get(f"/api/papers/{INFINI}")).status_code == 200
            (other / "data" / "digest.db").replace(magazine / "data" / "digest.db")
            for beside in ("-wal", "-shm"):
                (magazine / "data" / f"digest.db{beside}").unlink(missing_ok=True)
            assert (await client.get(f"/api/papers/{INFINI}")).status_code == 404
            papers = (await client.get("/api/search?q=memory&k=5")).json()["papers"]
            assert [paper["arxiv_id"] for paper in papers] == [OLD.arxiv_id]

    anyio.run(ask)


def test_what_is_not_there_yet_is_said_and_nothing_is_made(magazine: Path) -> None:
    (magazine / "data" / "digest.db").rename(magazine / "data" / "elsewhere.db")
    answer = Served(magazine).one("/api/search?q=memory")
    assert "nothing is held yet" in _problem(answer, 503)
    assert answer.headers["retry-after"] == "60"
    assert not (magazine / "data" / "digest.db").exists()


def test_a_damaged_store_is_told_to_its_keeper_and_not_to_strangers(
    magazine: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (magazine / "data").glob("digest.db*"):
        file.write_bytes(b"no database at all" * 100)
    answer = Served(magazine).one("/api/search?q=memory")
    assert str(magazine) not in _problem(answer, 503)
    assert "digest.db is not an SQLite database" in caplog.text
    assert Served(magazine).one("/").status_code == 200  # the site does not need it


def test_a_paper_without_a_vector_has_no_neighbours_yet(magazine: Path) -> None:
    with workshop_in(magazine) as workshop:
        save_papers(workshop.store, [replace(OLD, arxiv_id="2405.00002", title="New", abstract="Not embedded.")])
    assert "digest embed" in _problem(Served(magazine).one("/api/similar/2405.00002"), 409)


def test_many_who_ask_at_once_get_each_their_own_answer(served: Served) -> None:
    papers = bundled_papers(12)

    async def ask() -> None:
        async with served.client() as client, anyio.create_task_group() as tasks:

            async def one(arxiv_id: str, title: str) -> None:
                answer = (await client.get("/api/search", params={"q": title, "k": 1})).json()
                assert [paper["arxiv_id"] for paper in answer["papers"]] == [arxiv_id]

            for paper in papers:
                tasks.start_soon(one, paper.arxiv_id, paper.title)

    anyio.run(ask)


def test_too_many_who_ask_at_once_are_told_to_come_again(magazine: Path) -> None:
    begin = threading.Event()

    @contextmanager
    def slow() -> Iterator[Workshop]:
        begin.wait()
        with workshop_in(magazine) as workshop:
            yield workshop

    archive, told = Archive(slow, magazine / "data" / "digest.db"), list[str]()

    async def one() -> None:
        try:
            told.append((await archive.paper(INFINI)).arxiv_id)
        except Refusal as refusal:
            told.append(str(refusal.retry_after))
            begin.set()

    async def ask() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(one)
        await archive.close()

    anyio.run(ask)
    assert sorted(told) == ["1"] * 7 + [INFINI] * 33  # one is answered and 32 wait
