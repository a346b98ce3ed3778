"""A site that may not grow for ever: what it leaves out, in which order, and that no page leads to what is missing."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from digest.edition import Issue
from digest.errors import DigestError
from digest.paper import Month
from digest.places import STATIC, TEMPLATES
from digest.publish.draft import Drafts
from digest.publish.output import MARKER, Written, built_files, write_site
from digest.publish.render import SiteFrame, draft_site
from digest.publish.room import NOTHING, Filling, LeftOut, Room
from tests.site_checks import count_links, page_of

_META = "{http://www.w3.org/1999/xhtml}meta"
_SAID = 20_000  # bytes kept for what is said of the rest


def _build(issues: list[Issue], frame: SiteFrame, folder: Path, max_bytes: int) -> Written:
    def drafts(left_out: LeftOut) -> Drafts:
        return draft_site(issues, frame, [TEMPLATES], STATIC, left_out=left_out)

    return write_site(drafts(NOTHING), folder, Room(max_bytes, drafts))


def _held(folder: Path) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath(path): (folder / path).read_bytes() for path in built_files(folder)}


def _spare(files: dict[PurePosixPath, bytes]) -> int:
    """Return the bytes of the papers' own pictures, citations and Markdown."""
    own = [path for path in files if path.match("papers/*/*") and path.suffix not in {".html", ".xml"}]
    return sum(len(files[path]) for path in own)


@pytest.fixture(scope="module")
def issues(issue: Issue) -> list[Issue]:
    """Four papers in April, two of them and one more in March."""
    return [issue, replace(issue, month=Month(2024, 3), title="March", entries=issue.entries[:2])]


@pytest.fixture(scope="module")
def two_languages(frame: SiteFrame) -> SiteFrame:
    return replace(frame, languages=("en", "zh-Hant"))


@pytest.fixture(scope="module")
def whole(issues: list[Issue], two_languages: SiteFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "public"
    _build(issues, two_languages, folder, 0)
    return folder


def _bounds(whole: Path) -> Iterator[int]:
    """Yield bounds from one in which everything fits down to one in which nothing spare does."""
    files = _held(whole)
    total, spare = sum(map(len, files.values())), _spare(files)
    marker = len(files[PurePosixPath(MARKER)])
    for share in (0.0, 0.02, 0.4, 0.75, 0.97, 1.0):
        yield total - marker - int(spare * share) + _SAID


def test_pictures_go_first_then_files_and_the_oldest_papers_before_the_newer(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path
) -> None:
    order = [f"papers/{entry.paper.arxiv_id.replace('/', '-')}/" for entry in reversed(issues[0].entries)]
    expected = [f"{folder}card.png" for folder in order] + order
    counts = []
    for bound in _bounds(whole):
        written = _build(issues, two_languages, tmp_path / "public", bound)
        counts.append(len(written.left_out.names))
        assert written.left_out.names == set(expected[: counts[-1]])
        assert written.size <= bound
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == len(expected)
    assert len(set(counts)) > 3


def test_no_page_leads_to_what_was_left_out_and_the_site_says_what_that_is(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path
) -> None:
    *_, some, _, nothing_spare = _bounds(whole)
    for bound in (some, nothing_spare):
        written = _build(issues, two_languages, tmp_path / "public", bound)
        files = _held(tmp_path / "public")
        assert count_links(files, "/digest/") > 200
        metas = [meta for path in files if path.suffix == ".html" for meta in page_of(files, path).iter(_META)]
        images = [str(meta.get("content")) for meta in metas if meta.get("property") == "og:image"]
        assert len(images) == 36
        for image in images:
            assert PurePosixPath(image.removeprefix("https://example.org/digest/")) in files
        told = {"cards": written.left_out.cards, "citations": written.left_out.papers}
        assert json.loads(files[PurePosixPath(MARKER)])["left_out"] == told
        about = files[PurePosixPath("about/index.html")].decode()
        assert f"({told['cards']} papers)" in about
        assert f"({told['citations']} papers)" in about
        assert f"（{told['cards']} 篇）" in files[PurePosixPath("zh-hant/about/index.html")].decode()
    page = files[PurePosixPath("papers/2404.00001/index.html")].decode()
    assert 'Save all papers of this issue as <a href="../../2024-04/papers.bib">BibTeX</a>' in page
    assert 'og:image" content="https://example.org/digest/2024-04/card.png"' in page
    assert "pages of newer papers have the same as `paper.md`" in files[PurePosixPath("llms.txt")].decode()


def test_pages_feeds_and_issues_are_never_left_out(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path
) -> None:
    _build(issues, two_languages, tmp_path / "public", list(_bounds(whole))[-1])
    gone = _held(whole).keys() - _held(tmp_path / "public").keys()
    assert gone
    assert {path.name for path in gone} == {"card.png", "cite.bib", "cite.ris", "cite.json", "paper.md"}
    assert {path.parts[0] for path in gone} == {"papers"}


def test_pages_that_have_no_room_at_all_are_refused_and_the_old_site_stays(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path
) -> None:
    bound = list(_bounds(whole))[-1]
    _build(issues, two_languages, tmp_path / "public", 0)
    before = _held(tmp_path / "public")
    with pytest.raises(
        DigestError, match=r"pages and feeds alone have 0\.\d MB, and site\.max_bytes is 0\.\d MB: raise"
    ):
        _build(issues, two_languages, tmp_path / "public", bound - 2_000)
    assert _held(tmp_path / "public") == before
    assert not (tmp_path / ".public.new").exists()


def test_a_bounded_site_is_written_only_where_something_changed(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path
) -> None:
    build = partial(_build, issues, two_languages, tmp_path / "public")
    bound = list(_bounds(whole))[3]
    assert build(bound).changed
    stamps = {file: file.stat().st_mtime_ns for file in (tmp_path / "public").rglob("*")}
    assert build(bound).changed == 0
    (tmp_path / ".public.made.json").unlink()
    assert build(bound).changed == 0
    assert build(bound).changed == 0
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "public").rglob("*")} == stamps
    assert not (tmp_path / ".public.new").exists()


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_a_bounded_site_is_that_of_a_build_from_nothing(
    issues: list[Issue], two_languages: SiteFrame, whole: Path, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  dice, not secrets
    bounds = list(_bounds(whole))
    many, frame = list(issues), two_languages
    for step in range(5):
        bound = dice.choice(bounds) + 15_000  # what is changed below may grow by so much
        place = dice.randrange(2)
        changed = replace(many[place].entries[0], note="Words. " * dice.randrange(200))
        many[place] = dice.choice([
            replace(many[place], entries=(changed, *many[place].entries[1:])),
            replace(many[place], entries=many[place].entries[1:] + many[place].entries[:1]),
            replace(many[place], title=f"Title {step}"),
        ])  # fmt: skip
        if dice.random() < 0.3:
            (tmp_path / ".public.made.json").unlink(missing_ok=True)
        _build(many, frame, tmp_path / "public", bound)
        _build(many, frame, tmp_path / f"from-nothing-{step}", bound)
        assert _held(tmp_path / "public") == _held(tmp_path / f"from-nothing-{step}"), step
        assert _build(many, frame, tmp_path / "public", bound).changed == 0


def test_what_is_spare_goes_in_until_something_does_not_fit() -> None:
    filling = Filling(max_bytes=_SAID + 100)
    filling.need(60)
    assert filling.takes(40)
    assert not filling.takes(1)
    assert not filling.is_over
    filling.need(41)
    with pytest.raises(DigestError, match=r"have 0\.0 MB"):
        filling.check()


def test_a_site_without_a_bound_takes_all() -> None:
    filling = Filling(max_bytes=0)
    filling.need(10**12)
    filling.check()
    assert filling.takes(10**12)
