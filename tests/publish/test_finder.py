"""The search of the site's pages: its files, and the page itself in a browser whose network is cut."""

import base64
import gzip
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from digest.edition import Entry, Issue, Quality
from digest.harvest.snapshot import read_snapshot
from digest.paper import Month, Paper, Topic
from digest.pipeline.models import word_table
from digest.pipeline.provenance import small_vector
from digest.places import BUNDLED, STATIC, TEMPLATES
from digest.publish.draft import rendered
from digest.publish.finder import WordTable, finder_drafts
from digest.publish.output import write_site
from digest.publish.render import SiteFrame, render_site
from digest.publish.shelf import shelve
from digest.search.encoder import find_encoder, load_encoder, passage
from digest.write.summarise import Subject, summarise
from tests.web import QuietHandler, serving

Served = tuple[str, dict[str, int]]  # the site's address, and compressed bytes sent by file name
INFINI = "2404.07143"
WORDS_BUDGET, MEANING_BUDGET = 300_000, 3_000_000  # bytes that travel, compressed as GitHub Pages does


def _table() -> WordTable:
    table = word_table()
    return WordTable(table.encoder, table.words, table.rows, table.scales, table.projection)


def _entry(paper: Paper, vector: str = "") -> Entry:
    summary = summarise(Subject(paper.title, paper.abstract), None)
    topics = (Topic("long-context", "Long context", "Long inputs."),) if paper.arxiv_id == INFINI else ()
    return Entry(
        paper=paper, title=paper.title, summary=summary, tldr=summary, topics=topics, reason="near", vector=vector
    )


def _issue_of(issue: Issue, entries: tuple[Entry, ...], month: Month) -> Issue:
    quality = replace(issue.quality, encoder=word_table().encoder)
    return replace(issue, month=month, entries=entries, features=(), quality=quality)


def _contents(issues: list[Issue], table: WordTable | None) -> dict[str, bytes]:
    drafts = dict(finder_drafts(shelve(issues), table, ""))
    return {path.removeprefix("search/"): content for path, content in rendered(drafts)}


class TestTheFiles:
    def test_a_term_leads_to_its_papers_whose_numbers_count_from_the_oldest_issue(self, issue: Issue) -> None:
        papers = [Paper(arxiv_id=f"2404.0000{n}", title=f"On cats {n}", abstract="Dogs bark.") for n in (1, 2)]
        older = Paper(arxiv_id="2403.00009", title="On dogs", abstract="Cats.")
        files = _contents(
            [
                _issue_of(issue, tuple(map(_entry, papers)), Month(2024, 4)),
                _issue_of(issue, (_entry(older),), Month(2024, 3)),
            ],
            None,
        )
        assert json.loads(files["catalogue.json"])["months"] == [["2024-03", 1], ["2024-04", 2]]
        steps = json.loads(files["terms/_.json"])["dogs"]
        numbers, scores = np.cumsum(steps[0::2]).tolist(), steps[1::2]
        assert numbers == [0, 1, 2]
        assert scores[0] > scores[1] == scores[2]  # a title's word counts for more
        shown = [json.loads(files[f"papers/{month}.json"]) for month in ("2024-03", "2024-04")]
        assert [[paper["id"] for paper in papers] for papers in shown] == [["2403.00009"], ["2404.00001", "2404.00002"]]

    def test_without_vectors_or_a_table_nothing_is_said_of_meaning(self, issue: Issue) -> None:
        for table in (None, _table()):
            files = _contents([issue], table)
            assert json.loads(files["catalogue.json"])["meaning"] is None
            assert not any(name.endswith(".bin") for name in files)

    def test_a_paper_without_a_vector_is_near_nothing(self, issue: Issue) -> None:
        table = _table()
        vector = base64.b64encode(bytes([1] * len(table.projection))).decode()
        papers = [Paper(arxiv_id=f"2404.0000{n}", title="Cats", abstract="Dogs.") for n in (1, 2)]
        entries = (_entry(papers[0]), _entry(papers[1], vector))
        files = _contents([_issue_of(issue, entries, Month(2024, 4))], table)
        vectors = np.frombuffer(files["vectors/2024-04.bin"], np.int8).reshape(2, table.dims)
        assert vectors.any(axis=1).tolist() == [False, True]
        assert len(files["words.bin"]) == len(table.words) * (table.dims + 4)

    def test_another_encoders_vectors_are_let_be(self, issue: Issue) -> None:
        table = _table()
        vector = base64.b64encode(bytes([1] * len(table.projection))).decode()
        entry = _entry(Paper(arxiv_id="2404.00001", title="Cats", abstract="Dogs."), vector)
        files = _contents([replace(issue, entries=(entry,))], table)
        assert json.loads(files["catalogue.json"])["meaning"] is None

    def test_many_terms_are_split_by_prefix_and_none_is_lost(self, issue: Issue) -> None:
        words = [f"{a}{b}{c}{n}" for a in "abc" for b in "xyz" for c in "klm" for n in range(300)]
        papers = [
            Paper(arxiv_id=f"2404.{n:05}", title="Words", abstract=" ".join(words[n * 81 : (n + 1) * 81]))
            for n in range(100)
        ]
        files = _contents([_issue_of(issue, tuple(map(_entry, papers)), Month(2024, 4))], None)
        shards = json.loads(files["catalogue.json"])["terms"]
        terms = {shard: json.loads(files[f"terms/{shard or '_'}.json"]) for shard in shards}
        assert len(shards) > 1
        assert all(term.startswith(shard) for shard, held in terms.items() for term in held)
        assert {term for held in terms.values() for term in held} >= set(words)
        assert sum(len(held) for held in terms.values()) == len({term for held in terms.values() for term in held})

    @given(st.text(max_size=200), st.text(max_size=500))
    def test_any_text_makes_files_that_can_be_read(self, title: str, abstract: str) -> None:
        paper = Paper(arxiv_id="2404.00001", title=title or "A", abstract=abstract.encode(errors="ignore").decode())
        entry = replace(_entry(replace(paper, title="A")), title=title.encode(errors="ignore").decode())
        shelf = shelve([_bare_issue(entry)])
        for path, content in rendered(dict(finder_drafts(shelf, None, ""))):
            assert json.loads(content) is not None, path


def _bare_issue(*entries: Entry) -> Issue:
    quality = Quality(
        considered=1, listed=1, passed=0, retried=0, fell_back=0, extracted=1, writer="none", writer_hash="",
        encoder="", pinned=0, starred=0, hidden=0, retitled=0, noted=0,
    )  # fmt: skip
    return Issue(
        month=Month(2024, 4), title="A", subtitle="", editor="", published=date(2024, 5, 1), opening="", features=(),
        entries=entries, quality=quality,
    )  # fmt: skip


class _Counting(QuietHandler):
    """Notes how many bytes each file is when compressed as GitHub Pages compresses it."""

    sent: dict[str, int]

    def do_GET(self) -> None:  # noqa: N802  the name is the library's
        file = Path(self.translate_path(self.path.partition("?")[0]))
        file = file / "index.html" if file.is_dir() else file
        content = file.read_bytes() if file.is_file() else b""
        self.sent[file.name] = len(content) if file.suffix == ".bin" else len(gzip.compress(content))
        super().do_GET()


@pytest.fixture(scope="module")
def april(issue: Issue) -> Issue:
    """The April list's size: 60 real papers, with the vectors the embedded encoder gives."""
    with_infini = [p for p in read_snapshot(BUNDLED / "april-2024.jsonl.gz") if isinstance(p, Paper)]
    papers = [p for p in with_infini if p.arxiv_id == INFINI] + with_infini[300:359]
    vectors = load_encoder(find_encoder("embedded", Path()), 0).encode([passage(p.title, p.abstract) for p in papers])
    return _issue_of(issue, tuple(map(_entry, papers, map(small_vector, vectors))), Month(2024, 4))


@pytest.fixture(scope="module")
def served(
    april: Issue, frame: SiteFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, int]]]:
    """The site under a sub-path, and what was asked for of it, in compressed bytes by file name."""
    folder = tmp_path_factory.mktemp("pages")
    write_site(render_site([april], frame, [TEMPLATES], STATIC, _table()), folder / "digest")
    sent: dict[str, int] = {}
    with serving(folder, type("Handler", (_Counting,), {"sent": sent})) as root:
        yield f"{root}digest/", sent


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda told: faults.append(told.text) if "Content Security Policy" in told.text else None)
    yield opened
    context.close()
    assert faults == []


def _loaded(page: Page, address: str) -> None:
    """Open the search page and wait until all that finding by meaning needs is there."""
    page.goto(f"{address}search/?q=attention")
    page.wait_for_selector("[data-ready=yes]")


@pytest.mark.page
@pytest.mark.model
class TestThePage:
    def test_finds_by_meaning_with_the_network_cut(self, page: Page, served: Served) -> None:
        _loaded(page, served[0])
        page.context.set_offline(True)
        page.fill("#q", "remember very long documents with bounded memory")
        expect(page.locator(".finder-hits li").first).to_contain_text("Infini-attention")
        expect(page.locator("[role=status]")).to_contain_text("papers")
        first = page.locator(".finder-hits li").first
        expect(first.locator(".source").last).to_contain_text("closeness")
        day = first.locator(".source").first.locator("span").last
        expect(day).to_have_text(re.compile(r"^(\d\d? )?Apr 2024$"))  # no made-up day

    def test_the_first_search_and_the_meaning_stay_in_their_budgets(self, page: Page, served: Served) -> None:
        address, sent = served
        sent.clear()
        page.goto(f"{address}search/")
        page.uncheck("[name=meaning]")
        page.fill("#q", "infini attention")
        expect(page.locator(".finder-hits li").first).to_contain_text("Infini-attention")
        assert 0 < sum(sent.values()) < WORDS_BUDGET
        assert "words.bin" not in sent
        page.check("[name=meaning]")
        page.wait_for_selector("[data-ready=yes]")
        by_meaning = sum(size for name, size in sent.items() if name.endswith(".bin") or name == "words.json")
        vectors_of_10_000 = 10_000 * word_table().dims
        assert by_meaning + vectors_of_10_000 < MEANING_BUDGET

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            (INFINI, "Infini-attention"),
            ("arXiv:2404.07143v2", "Infini-attention"),
            ("tag:long-context", "Infini-attention"),
            ('"efficient infinite context"', "Infini-attention"),
            ("infinite contexts", "Infini-attention"),  # another form of the word
        ],
    )
    def test_knows_ids_filters_and_phrases(self, page: Page, served: Served, query: str, first: str) -> None:
        _loaded(page, served[0])
        page.fill("#q", query)
        expect(page.locator(".finder-hits li").first).to_contain_text(first)

    def test_the_headings_of_found_papers_skip_no_level(self, page: Page, served: Served) -> None:
        _loaded(page, served[0])
        page.wait_for_selector(".finder-hits li")
        levels = page.locator("h1, h2, h3").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
        assert len(levels) > 3
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels

    def test_leaves_out_what_the_reader_does_not_want(self, page: Page, served: Served) -> None:
        _loaded(page, served[0])
        page.fill("#q", "infinite context -infini")
        page.wait_for_function("document.querySelector('[role=status]').textContent.includes('paper')")
        expect(page.locator(".finder-hits")).not_to_contain_text("Infini-attention")

    @pytest.mark.parametrize(
        "query", ["the of and", "zzzzqqq", "tag:", '"', "-", "since:2999", "<b>x</b>", "𝕏 ∑ 词", "a" * 400]
    )
    def test_any_query_has_an_answer(self, page: Page, served: Served, query: str) -> None:
        _loaded(page, served[0])
        page.fill("#q", query)
        expect(page.locator("[role=status]")).to_contain_text("paper", ignore_case=True)
        assert page.locator(".finder-hits b").count() == 0

    def test_says_so_when_a_file_cannot_be_fetched(self, page: Page, served: Served) -> None:
        page.route("**/search/catalogue.json", lambda route: route.abort())
        page.goto(f"{served[0]}search/")
        page.fill("#q", "attention")
        expect(page.locator("[role=status]")).to_contain_text("could not be fetched")

    def test_without_scripts_there_are_the_lists(self, browser: Browser, served: Served) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{served[0]}search/")
        expect(page.locator("#q")).to_be_hidden()
        expect(page.get_by_role("link", name="All issues")).to_be_visible()
        context.close()

    def test_goes_by_keyboard_and_keeps_the_query_in_the_address(self, page: Page, served: Served) -> None:
        page.goto(f"{served[0]}search/")
        page.keyboard.type("infini attention")  # the field has the focus
        expect(page.locator(".finder-hits li").first).to_contain_text("Infini-attention")
        assert "q=infini+attention" in page.url
        page.locator(".finder-hits a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/papers/{INFINI}/")
        expect(page.locator("h1")).to_contain_text("Infini-attention")


@pytest.mark.model
def test_the_browsers_direction_is_close_to_the_encoders() -> None:
    table = word_table()
    encoder = load_encoder(find_encoder("embedded", Path()), 0)
    queries = ["efficient fine-tuning of large language models", "image diffusion", "jailbreak attacks on chatbots"]
    for query, vector in zip(queries, encoder.encode(queries), strict=True):
        right = vector @ table.projection
        assert float(table.encode(query) @ right) / math.sqrt(float(right @ right)) > 0.6


def test_a_text_of_unknown_words_has_no_direction() -> None:
    assert not word_table().encode("zzzqq 词").any()
