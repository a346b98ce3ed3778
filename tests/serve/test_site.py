"""The built site is sent as it is now, with the right types, from below any path, and nothing outside of it."""

import gzip
import shutil
from pathlib import Path

import pytest

from tests.serve.conftest import LOST, PAGE, Served


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html; charset=utf-8"), ("/2024-04/", "text/html; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"), ("/static/search.js", "text/javascript; charset=utf-8"),
        ("/static/words.bin", "application/octet-stream"), ("/static/favicon.svg", "image/svg+xml"),
        ("/atom.xml", "application/atom+xml"), ("/feed.json", "application/feed+json"),
        ("/issue.epub", "application/epub+zip"), ("/manifest.webmanifest", "application/manifest+json"),
        ("/papers/x/cite.bib", "text/x-bibtex; charset=utf-8"), ("/no-ending", "application/octet-stream"),
    ],
)  # fmt: skip
def test_files_have_their_types(served: Served, address: str, kind: str) -> None:
    answer = served.one(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_a_page_that_is_none_is_answered_by_the_sites_own(served: Served) -> None:
    for address in ("/nothing", "/2024-04/nothing/", "/static/", "/" + "x" * 300, "/%00", "/index.html/x"):
        answer = served.one(address)
        assert (answer.status_code, answer.text) == (404, LOST), address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "address",
    [
        "/way-out", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/static/..%2f..%2f..%2fsecret.txt",
        "/%2e%2e%2f%2e%2e%2fdigest.toml", "/..%5csecret.txt", "http://magazine.test//etc/passwd", "/%2fetc%2fpasswd",
        "/.../secret.txt",
    ],
)  # fmt: skip
def test_nothing_leads_out_of_the_site(served: Served, address: str) -> None:
    answer = served.one(address)
    assert answer.status_code == 404
    assert answer.text == LOST


def test_a_folder_without_its_slash_is_sent_there_and_keeps_its_query(served: Served) -> None:
    answer = served.one("/2024-04?q=memory%20of")
    assert (answer.status_code, answer.headers["location"]) == (307, "./2024-04/?q=memory%20of")
    assert str(answer.next_request.url) == "http://magazine.test/2024-04/?q=memory%20of"  # type: ignore[union-attr]
    assert served.one("http://magazine.test//2024-04").headers["location"] == "./2024-04/"


def test_a_site_below_a_path_lies_there_with_its_api(made_magazine: Path) -> None:
    served = Served(made_magazine, base="/magazine/")
    assert served.one("/").headers["location"] == "/magazine/"
    assert served.one("/magazine/").text == PAGE
    assert served.one("/magazine/2024-04/").text == PAGE
    assert served.one("/magazine").headers["location"] == "/magazine/"
    assert served.one("/magazine/nothing").text == LOST
    assert served.one("/magazine/api/papers/2404.07143").json()["arxiv_id"] == "2404.07143"
    assert "/magazine/api/search" in served.one("/magazine/api/openapi.json").json()["paths"]
    for address in ("/2024-04/", "/api/papers/2404.07143", "/magazines/"):
        assert served.one(address).headers["content-type"] == "application/problem+json"


def test_what_a_browser_holds_is_not_sent_again_until_it_changes(magazine: Path) -> None:
    served = Served(magazine)
    first = served.one("/")
    assert first.headers["cache-control"] == "no-cache"
    again = served.one("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (magazine / "site" / "public" / "index.html").write_text("<p>A new month</p>", encoding="utf-8")
    changed = served.one("/", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.text) == (200, "<p>A new month</p>")


def test_text_is_sent_packed_to_those_who_take_it_and_in_parts_to_those_who_ask(served: Served) -> None:
    packed = served.one("/", headers={"accept-encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", PAGE)
    assert "accept-encoding" in packed.headers["vary"].lower()
    part = served.one("/", headers={"range": "bytes=0-8", "accept-encoding": "gzip"})
    assert (part.status_code, part.content) == (206, PAGE.encode()[:9])
    assert len(gzip.compress(PAGE.encode())) < len(PAGE)


def test_a_site_may_come_and_go_while_it_is_served(magazine: Path) -> None:
    served, folder = Served(magazine), magazine / "site" / "public"
    aside = folder.with_name("aside")
    folder.rename(aside)
    assert served.one("/").json()["detail"] == "this page is not here"
    shutil.copytree(aside, folder, symlinks=True)
    assert served.one("/").text == PAGE
