"""A reader's own stars on the static page, in a real browser."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from digest.edition import Issue
from digest.pipeline.provenance import small_vector
from digest.places import STATIC, TEMPLATES
from digest.publish.output import write_site
from digest.publish.render import SiteFrame, render_site
from digest.select.picks import read_picks
from tests.web import serving

# In the order of the list: the second is near to the fourth, the third to the first.
VECTORS = [(1.0, 0.0, 0.1), (0.0, 1.0, 0.1), (0.9, 0.3, 0.0), (0.1, 0.9, 0.2)]
TITLES = ["Paper 2405.00732", "Paper 2404.07143", "Paper 2404.00001", "Paper hep-th/9901001"]


def test_a_vector_is_made_small_and_points_the_same_way() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    small = np.stack([np.frombuffer(base64.b64decode(small_vector(row)), np.int8) for row in rows]).astype(np.float32)
    small /= np.linalg.norm(small, axis=1, keepdims=True)
    assert np.abs(small @ small.T - rows @ rows.T).max() < 0.01
    assert small_vector(None) == ""
    assert set(base64.b64decode(small_vector(np.zeros(3, np.float32)))) == {0}


@pytest.fixture
def address(issue: Issue, frame: SiteFrame, tmp_path: Path) -> Iterator[str]:
    entries = tuple(
        replace(entry, vector=small_vector(np.array(vector, np.float32)))
        for entry, vector in zip(issue.entries, VECTORS, strict=True)
    )
    write_site(render_site([replace(issue, entries=entries)], frame, [TEMPLATES], STATIC), tmp_path / "site" / "digest")
    with serving(tmp_path / "site") as root:
        yield f"{root}digest/"


def _titles(page: Page) -> list[str]:
    return page.locator(".list > .entry h3 a").all_inner_texts()


@pytest.mark.page
def test_a_star_whose_vector_did_not_come_before_the_page_was_left_gets_it_when_the_list_is_sorted(
    address: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.route("**/near.json", lambda route: route.abort())
    page.goto(address + "2024-04/")
    page.locator(".entry", has_text=TITLES[3]).get_by_role("button", name="Star").press("Enter")
    expect(page.get_by_role("status")).to_have_text("One star of yours.")
    page.unroute("**/near.json")
    page.reload()
    page.get_by_role("button", name="Nearest to my stars first").click()
    expect(page.locator(".near")).to_have_count(4)
    page.close()


@pytest.mark.page
def test_stars_put_the_list_in_another_order_and_say_why(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address + "2024-04/")
    order = page.get_by_role("button", name="Nearest to my stars first")
    expect(order).to_be_hidden()
    page.locator(".entry", has_text=TITLES[3]).get_by_role("button", name="Star").press("Enter")
    expect(page.get_by_role("status")).to_have_text("One star of yours.")
    page.reload()
    expect(page.get_by_role("status")).to_have_text("One star of yours.")
    order.click()
    expect(page.locator(".near")).to_have_count(4)
    assert _titles(page) == [TITLES[3], TITLES[1], TITLES[2], TITLES[0]]
    assert page.locator(".near").all_inner_texts()[:2] == [
        "Starred by you", "Near your star “Paper hep-th/9901001” (0.99)"
    ]  # fmt: skip
    order.click()
    assert _titles(page) == TITLES
    expect(page.locator(".near")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_contain_text("No stars of yours yet.")
    page.close()


@pytest.mark.page
def test_stars_are_saved_as_picks_that_digest_reads(address: str, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(address + "papers/hep-th-9901001/")
    page.get_by_role("button", name="Star").click()
    page.goto(address + "2024-04/")
    page.locator(".entry").first.get_by_role("button", name="Star").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as picks").click()
    saved.value.save_as(tmp_path / "picks.jsonl")
    picks = read_picks(tmp_path / "picks.jsonl")
    assert [(pick.arxiv_id, pick.title) for pick in picks] == [
        ("hep-th/9901001", TITLES[3]), ("2405.00732", TITLES[0])
    ]  # fmt: skip
    assert all(pick.picked for pick in picks)
    page.close()


@pytest.mark.page
@pytest.mark.parametrize("kept", ["not JSON", "{}", "[null, 1, {}]", '[{"id": "2404.07143", "title": "<img src=x>"}]'])
def test_whatever_the_browser_kept_the_page_works(address: str, browser: Browser, kept: str) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + "2024-04/")
    page.evaluate("kept => localStorage.setItem('digest-stars', kept)", kept)
    page.reload()
    page.locator(".entry").first.get_by_role("button", name="Star").click()
    page.get_by_role("button", name="Nearest to my stars first").click()
    expect(page.locator(".near")).not_to_have_count(0)
    assert page.locator("img").count() == 0
    assert faults == []
    page.close()


def test_the_scripts_of_a_page_without_the_search_are_small(site: dict[PurePosixPath, bytes]) -> None:
    scripts = {path.name: len(content) for path, content in site.items() if path.suffix == ".js"}
    assert scripts["scheme.js"] + scripts["reader.js"] <= 20_000
