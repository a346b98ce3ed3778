"""Whatever stands in a paper, the site is whole: strict pages, valid feeds, links that hold, the same bytes."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath

import feedparser
import html5lib
import orjson
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from digest.edition import Entry, Issue
from digest.paper import Topic
from digest.places import STATIC, TEMPLATES
from digest.publish.addresses import author_slug
from digest.publish.render import SiteFrame, render_site
from digest.publish.scholarly import linked_data
from tests.site_checks import count_links, page_of

Files = dict[PurePosixPath, bytes]
PAGE = PurePosixPath("papers/2404.07143/index.html")
_H = "{http://www.w3.org/1999/xhtml}"


def _site(issue: Issue, frame: SiteFrame, **changes: object) -> Files:
    """Return the site of an issue with one paper, changed."""
    entry: Entry = issue.entries[1]
    paper = replace(entry.paper, **changes)  # type: ignore[arg-type]
    entry = replace(entry, paper=paper, title=paper.title, feature="", note="", similar=())
    one = replace(issue, entries=(entry,), features=())
    return render_site([one], replace(frame, cards=False), [TEMPLATES], STATIC)


@settings(max_examples=15)
@given(st.text(max_size=60), st.text(max_size=120), st.lists(st.text(min_size=1, max_size=20), max_size=3))
@example("C++ \u202e{{7*7}} ]]> \ud800", "$x$ $5 \x00 \u2028 e\u0301 \ufeff\u200b", ["אבי כהן", "王小明", "É. É"])
def test_any_unicode_makes_valid_pages_feeds_and_citations(
    issue: Issue, frame: SiteFrame, title: str, abstract: str, authors: list[str]
) -> None:
    site = _site(issue, frame, title=title, abstract=abstract, authors=tuple(authors))
    html5lib.HTMLParser(strict=True).parse(site[PAGE].decode())
    assert count_links(site, "/digest/") > 50
    for name in ("papers/atom.xml", "papers/rss.xml", "atom.xml"):
        assert not feedparser.parse(site[PurePosixPath(name)]).bozo
    assert json.loads(site[PurePosixPath("papers/feed.json")])["items"]
    assert json.loads(site[PurePosixPath("papers/2404.07143/cite.json")])
    assert not parse_string(site[PurePosixPath("papers/2404.07143/cite.bib")].decode()).failed_blocks
    assert len(rispy.loads(site[PurePosixPath("papers/2404.07143/cite.ris")].decode())) == 1
    etree.fromstring(site[PurePosixPath("sitemap.xml")])


def test_three_thousand_authors_and_a_long_abstract_are_printed_and_lists_name_three(
    issue: Issue, frame: SiteFrame
) -> None:
    names = tuple(f"Author Number{n}" for n in range(3000))
    site = _site(issue, replace(frame, author_papers=2), authors=names, abstract="Long words. " * 5000)
    tree = page_of(site, PAGE)
    metas = [one for one in tree.iter(f"{_H}meta") if one.get("name") == "citation_author"]
    assert len(metas) == 3000
    issue_page = site[PurePosixPath("2024-04/index.html")].decode()
    assert "Author Number2 et al." in issue_page
    assert "Author Number99" not in issue_page


def test_a_name_from_the_right_does_not_turn_the_words_around_it(issue: Issue, frame: SiteFrame) -> None:
    site = _site(issue, frame, authors=("אבי כהן", "Ann One"))
    assert "<bdi>אבי כהן</bdi>, " in site[PurePosixPath("2024-04/index.html")].decode()


def test_the_same_name_in_two_normal_forms_is_one_author_and_other_scripts_have_their_own() -> None:
    assert author_slug("Jos\u00e9 Garc\u00eda") == author_slug("Jose\u0301 Garci\u0301a") == "jose-garcia"
    slugs = {author_slug(name) for name in ("王小明", "王大明", "אבי כהן", "C++", "..", "/", "con", "A" * 300)}
    assert len(slugs) == 8
    assert all(slug.isascii() and slug == slug.lower() and "/" not in slug and ".." not in slug for slug in slugs)


def test_linked_data_cannot_end_its_script() -> None:
    text = linked_data({"name": "</script><script>alert(1)</script>\u2028\u2029&<!--"})
    assert not set(text) & {"<", ">", "&", "\u2028", "\u2029"}
    assert orjson.loads(str(text))["name"].startswith("</script>")


@pytest.mark.parametrize("base", ["https://example.org/", "https://example.org/a/b/", "http://localhost:8000/"])
def test_links_hold_under_any_base_path_and_domain(issue: Issue, frame: SiteFrame, base: str) -> None:
    there = replace(frame, base_url=base, domain="example.org", cards=False)
    site = render_site([issue], there, [TEMPLATES], STATIC)
    assert count_links(site, "/" + base.split("/", 3)[3]) > 100
    assert site[PurePosixPath("CNAME")] == b"example.org\n"
    assert f'<link rel="canonical" href="{base}2024-04/">'.encode() in site[PurePosixPath("2024-04/index.html")]


def test_topics_whose_names_differ_in_signs_have_pages_of_their_own(issue: Issue, frame: SiteFrame) -> None:
    topics = (Topic("c-plus-plus", "C++", "One."), Topic("c", "c--", "Two."))
    entries = (replace(issue.entries[0], topics=topics),)
    site = render_site([replace(issue, entries=entries, features=())], frame, [TEMPLATES], STATIC)
    assert "C++" in site[PurePosixPath("tags/c-plus-plus/index.html")].decode()
    assert len({str(path).lower() for path in site}) == len(site), "no two paths are one where case does not count"


_BUILD = """
import hashlib, sys
sys.path.insert(0, "benchmarks")
from build import _issues
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site
frame = SiteFrame(title="d", description="d", languages=("en", "zh-Hant"))
files = render_site(_issues(8), frame, [TEMPLATES], STATIC)
whole = hashlib.sha256()
for path in sorted(files):
    whole.update(str(path).encode() + files[path])
print(whole.hexdigest())
"""


def test_the_bytes_are_the_same_under_another_hash_seed_locale_and_time_zone() -> None:
    root = Path(__file__).parents[2]

    def build(**changes: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(root), **changes}
        done = subprocess.run(  # noqa: S603  our own code
            [sys.executable, "-c", _BUILD],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    one = build(PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC")
    assert one == build(PYTHONHASHSEED="2", LC_ALL="C", LANG="tr_TR.UTF-8", TZ="Pacific/Kiritimati", PYTHONUTF8="0")
