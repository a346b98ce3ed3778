"""A month's folder of the editor's files → what the editor wants; what is wrong is named with its line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import fuzz

from digest.edition import Feature
from digest.errors import UsageError
from digest.issue import releases
from digest.issue.features import article_figures
from digest.issue.releases import Releases
from digest.paper import split_arxiv_id
from digest.text import fold_title
from digest.toml_lines import Table, read_toml
from digest.topic_caps import topic_caps

FILE_NAME = "issue.toml"
_KEYS = ("title", "subtitle", "editor", "published", "opening", "order", "caps", "features", "papers", "hides")
_FEATURE_KEYS = ("slug", "title", "file", "papers")
_PAPER_KEYS = ("id", "title", "starred", "retitle", "note", "summary")
_HIDE_KEYS = ("id", "title")
_CAP_KEYS = ("entries", "per_topic")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_TAKEN_SLUGS = (
    "contents",
    "opening",
    "other-papers",
    "in-figures",
    "how-this-issue-was-made",
    "late-arrivals",
    "errata",
)  # anchors every issue has
SAME_TITLE = 90  # of 100, folded: no two titles among the 2,275 bundled papers are this alike
_TITLE_START = 16  # letters and digits: "Phi-3 Technical Report" names its paper, "Phi-3" could name several
_WHY_TITLE = "write the paper's, so that a wrong id is noticed"


@dataclass(frozen=True, slots=True)
class Pin:
    """A paper that the editor puts in."""

    arxiv_id: str
    title: str  # typed by the editor, to be checked against the store
    line: int  # in the editor's file, from 1
    starred: bool = False
    note: str = ""  # Markdown
    retitle: str = ""  # printed instead of the paper's own title
    summary: str = ""  # printed instead of a model's or the abstract's words


@dataclass(frozen=True, slots=True)
class Hide:
    """A paper that the editor keeps out."""

    arxiv_id: str
    title: str  # typed by the editor, to be checked against the store
    line: int  # in the editor's file, from 1


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of what this issue may list; None where the settings decide."""

    entries: int | None = None
    per_topic: int | None = None
    topics: Mapping[str, int] = field(default_factory=dict)  # by the topic's slug; over the settings' caps


@dataclass(frozen=True, slots=True)
class EditorFile:
    """What the editor wants of an issue; all empty where nobody edits it."""

    name: str = ""  # of the file, for messages
    title: str = ""
    subtitle: str = ""
    editor: str = ""
    published: date | None = None
    opening: str = ""  # Markdown
    order: tuple[str, ...] = ()  # arXiv ids of the papers that stand first in the list
    caps: Caps = Caps()
    features: tuple[Feature, ...] = ()
    pins: tuple[Pin, ...] = ()
    hidden: tuple[Hide, ...] = ()

    @property
    def named(self) -> tuple[Pin | Hide, ...]:
        """Every paper that the file names, with its typed title."""
        return (*self.pins, *self.hidden)

    @property
    def hides(self) -> tuple[str, ...]:
        """The arXiv ids of the papers to keep out."""
        return tuple(hide.arxiv_id for hide in self.hidden)


def load_editor_file(folder: Path) -> EditorFile:
    """Read a month's issue.toml and the Markdown beside it; a month without the file is edited by nobody.

    Raises:
        UsageError: a file is missing, unreadable or not as it must be; the message names it and the line.
    """
    file = folder / FILE_NAME
    if not file.exists():
        return EditorFile()
    articles = {article.name: _read(article) for article in sorted(folder.glob("*.md"))}
    models = folder / releases.FILE_NAME
    known = releases.parse_releases(_read(models), str(models)) if models.exists() else None
    return parse_editor_file(_read(file), str(file), articles, known)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # some editors begin a file with a byte order mark
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error


def parse_editor_file(text: str, name: str, articles: Mapping[str, str], known: Releases | None = None) -> EditorFile:
    """Read the text of an issue.toml; `articles` holds the Markdown files beside it, by file name (pure).

    `known` is what the models.toml beside it says: the articles' figures are made from it.

    Raises:
        UsageError: it is not as docs/editor.md says; the message names the file and the line.
    """
    whole = read_toml(text, name)
    whole.refuse_unknown(_KEYS)
    papers, hides = whole.tables("papers"), whole.tables("hides")
    _refuse_doubled([*papers, *hides])
    pins = tuple(_pin(table) for table in papers)
    pinned = {pin.arxiv_id for pin in pins}
    return EditorFile(
        name=name,
        title=whole.text("title"),
        subtitle=whole.text("subtitle"),
        editor=whole.text("editor"),
        published=whole.day("published"),
        opening=_opening(whole, articles),
        order=_order(whole, pinned),
        caps=_caps(whole.table("caps")),
        features=_features(whole.tables("features"), articles, pinned, known),
        pins=pins,
        hidden=tuple(_hide(table) for table in hides),
    )


def _opening(whole: Table, articles: Mapping[str, str]) -> str:
    """Return the opening's Markdown: the text itself, or the file that it names."""
    written = whole.text("opening")
    is_file = written.endswith(".md") and not re.search(r"\s", written)
    return _article(whole, "opening", articles) if is_file else written


def _article(table: Table, key: str, articles: Mapping[str, str]) -> str:
    file = table.needed_text(key, "name the Markdown file that holds the text")
    if file not in articles:
        raise table.error(key, f"{file} is not there: put it beside {FILE_NAME}, under this name ending in .md")
    return articles[file].strip()


def _order(whole: Table, pinned: set[str]) -> tuple[str, ...]:
    order = _listed_ids(whole, "order", pinned)
    doubled = next((one for place, one in enumerate(order) if one in order[:place]), "")
    if doubled:
        raise whole.error("order", f"{doubled} stands twice in the order: keep one", doubled)
    return order


def _caps(table: Table) -> Caps:
    topics = topic_caps(table, _CAP_KEYS)
    return Caps(table.count("entries"), table.count("per_topic"), topics)


def _pin(table: Table) -> Pin:
    table.refuse_unknown(_PAPER_KEYS)
    return Pin(
        _arxiv_id(table),
        table.needed_text("title", _WHY_TITLE),
        table.line_of("id"),
        table.flag("starred"),
        table.text("note"),
        table.text("retitle"),
        table.text("summary"),
    )


def _hide(table: Table) -> Hide:
    table.refuse_unknown(_HIDE_KEYS)
    return Hide(_arxiv_id(table), table.needed_text("title", _WHY_TITLE), table.line_of("id"))


def _arxiv_id(table: Table) -> str:
    return _bare_id(table, "id", table.needed_text("id", "a paper is named by its arXiv id, such as 2404.07143"))


def _bare_id(table: Table, key: str, written: str) -> str:
    try:
        return split_arxiv_id(written)[0]
    except ValueError as error:
        raise table.error(key, str(error), written) from error


def _listed_ids(table: Table, key: str, pinned: set[str]) -> tuple[str, ...]:
    """Return the ids of a list, each of which must be among the issue's papers."""
    found = []
    for written in table.texts(key):
        arxiv_id = _bare_id(table, key, written)
        if arxiv_id not in pinned:
            complaint = f"{arxiv_id} is not among the issue's papers: add it there, with its title"
            raise table.error(key, complaint, written)
        found.append(arxiv_id)
    return tuple(found)


def _refuse_doubled(tables: Iterable[Table]) -> None:
    line_by_id: dict[str, int] = {}
    for table in tables:
        arxiv_id = _arxiv_id(table)
        if arxiv_id in line_by_id:
            before = line_by_id[arxiv_id]
            raise table.error("id", f"{arxiv_id} stands on line {before} too, among papers and hides: keep one")
        line_by_id[arxiv_id] = table.line_of("id")


def _features(
    tables: Iterable[Table], articles: Mapping[str, str], pinned: set[str], known: Releases | None
) -> tuple[Feature, ...]:
    features: list[Feature] = []
    for table in tables:
        feature = _feature(table, articles, pinned, known)
        if feature.slug in {earlier.slug for earlier in features}:
            raise table.error("slug", f"the slug {feature.slug!r} is taken by an earlier feature: choose another")
        features.append(feature)
    return tuple(features)


def _feature(table: Table, articles: Mapping[str, str], pinned: set[str], known: Releases | None) -> Feature:
    table.refuse_unknown(_FEATURE_KEYS)
    slug = table.needed_text("slug", "it is the feature's place in the issue's address, such as new-models")
    if not _SLUG.fullmatch(slug) or slug in _TAKEN_SLUGS:
        raise table.error("slug", f"the slug {slug!r} cannot be used: write small letters and hyphens, like new-models")
    papers = _listed_ids(table, "papers", pinned)
    title = table.needed_text("title", "it is the feature's heading")
    markdown, file = _article(table, "file", articles), table.text("file")
    figures = article_figures(articles[file], str(Path(table.name).with_name(file)), known)
    return Feature(slug=slug, title=title, markdown=markdown, papers=papers, figures=figures)


def check_titles(
    editor: EditorFile, title_by_id: Mapping[str, str], earlier: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> None:
    """Hold each id and typed title against what is stored.

    A retitled version (`earlier` holds the titles of the versions before), a lost space and a title cut short are no
    fault; a title that belongs to another paper is, and so is an id that the store does not hold.

    Raises:
        UsageError: some do not belong together or are not held; the message names the lines and the mend.
    """
    doubtful = [one for one in editor.named if not _is_exact(one, title_by_id)]
    ids_by_fold: dict[str, list[str]] = {}
    for arxiv_id, title in title_by_id.items() if doubtful else ():
        ids_by_fold.setdefault(fold_title(title), []).append(arxiv_id)
    wrong = []
    for one in doubtful:
        stored = title_by_id.get(one.arxiv_id)
        owners = ids_by_fold.get(fold_title(one.title), [])
        own = () if stored is None else (stored, *earlier.get(one.arxiv_id, ()))
        if owners or not any(same_title(one.title, title) for title in own):
            wrong.append(_wrong_pair(one, stored, owners))
    if wrong:
        raise UsageError(f"{editor.name}, {'; '.join(wrong)}")


def _is_exact(one: Pin | Hide, title_by_id: Mapping[str, str]) -> bool:
    return fold_title(one.title) == fold_title(title_by_id.get(one.arxiv_id, ""))


def _wrong_pair(one: Pin | Hide, stored: str | None, owners: Sequence[str]) -> str:
    if stored is None and not owners:
        fetch = f"mend the id, or fetch the paper with `digest harvest --id {one.arxiv_id}`"
        return f"line {one.line}: {one.arxiv_id} is not in the store: {fetch}"
    found = f"{one.arxiv_id} is {stored!r}" if stored is not None else f"{one.arxiv_id} is not in the store"
    mend = f"that is the title of {' and '.join(owners)}" if owners else "mend the id or the title"
    return f"line {one.line}: {found}, not {one.title!r}: {mend}"


def same_title(one: str, other: str) -> bool:
    """Tell whether two titles name one paper: equal letters and digits, nearly equal ones, or one starts the other."""
    shorter, longer = sorted((fold_title(one), fold_title(other)), key=len)
    if len(shorter) >= _TITLE_START and longer.startswith(shorter):
        return True
    return fuzz.ratio(shorter, longer) >= SAME_TITLE
