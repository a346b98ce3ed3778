"""A site that is built again after any change is, byte for byte, the site built from nothing."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.edition import Change, Entry, Erratum, Issue
from digest.paper import Hit, Month, Paper, Topic, Verdict
from digest.places import STATIC, TEMPLATES
from digest.publish.counts import WordMemory
from digest.publish.output import MARKER, built_files, write_site
from digest.publish.render import SiteFrame, draft_site, render_site

_TOPICS = tuple(Topic(slug, slug.title(), f"Of {slug}.") for slug in ("agents", "vision", "speech"))
_NAMES = ("Ann One", "Bob Two", "Cy Three", "Élise Four", "Ann One")
_WORDS = ("attention", "memory", "graph", "$x_1$", "naïve", "<b>", "loss", "bound")


@dataclass
class Desk:
    """A publication that changes at random; the same seed, the same changes."""

    dice: random.Random
    issues: list[Issue]
    frame: SiteFrame
    own: Path  # a folder of templates
    site: Path

    def words(self) -> str:
        return " ".join(self.dice.choices(_WORDS, k=4))

    def build(self) -> int:
        memory = WordMemory.beside(self.site)
        drafts = draft_site(self.issues, self.frame, [self.own, TEMPLATES], STATIC, word_memory=memory)
        return write_site(drafts, self.site).changed

    def held(self) -> dict[str, bytes]:
        return {path: (self.site / path).read_bytes() for path in built_files(self.site) if path != MARKER}

    def anew(self) -> dict[str, bytes]:
        files = render_site(self.issues, self.frame, [self.own, TEMPLATES], STATIC)
        return {str(path): content for path, content in files.items()}

    # --- what may happen between two builds ---

    def change_entry(self) -> None:
        place = self.dice.randrange(len(self.issues))
        entries = list(self.issues[place].entries)
        if not entries:
            return
        n = self.dice.randrange(len(entries))
        entries[n] = self.dice.choice(_ENTRY_CHANGES)(self, entries[n])
        self.issues[place] = replace(self.issues[place], entries=tuple(entries))

    def add_entry(self) -> None:
        place = self.dice.randrange(len(self.issues))
        arxiv_id = f"2404.{self.dice.randrange(30):05}"
        issue = self.issues[place]
        others = [entry for entry in issue.entries if entry.paper.arxiv_id != arxiv_id]
        paper = Paper(arxiv_id=arxiv_id, title=self.words(), abstract=f"We show {self.words()}.", authors=_NAMES[:2])
        new = replace(self.dice.choice(self.issues[-1].entries or (_A_PAPER[0],)), paper=paper, title=paper.title)
        others.insert(self.dice.randrange(len(others) + 1), new)
        self.issues[place] = replace(issue, entries=tuple(others))

    def remove_entry(self) -> None:
        place = self.dice.randrange(len(self.issues))
        self.issues[place] = replace(self.issues[place], entries=self.issues[place].entries[1:])

    def change_issue(self) -> None:
        place = self.dice.randrange(len(self.issues))
        issue = self.issues[place]
        self.issues[place] = self.dice.choice(
            [
                replace(issue, title=self.words()),
                replace(issue, subtitle=self.words()),
                replace(issue, opening=self.words()),
                replace(issue, published=date(2024, 5, self.dice.randrange(1, 29))),
                replace(issue, features=issue.features[::-1]),
                replace(issue, quality=replace(issue.quality, considered=self.dice.randrange(99))),
            ]
        )

    def add_or_drop_issue(self) -> None:
        month = Month(2024, self.dice.randrange(1, 7))
        others = [issue for issue in self.issues if issue.month != month]
        known = len(others) == len(self.issues)
        self.issues = [*others, replace(self.issues[0], month=month)] if known or not others else others

    def change_frame(self) -> None:
        self.frame = self.dice.choice(
            [
                replace(self.frame, title=self.words()),
                replace(self.frame, author_papers=self.dice.randrange(1, 3)),
                replace(self.frame, languages=self.dice.choice([("en",), ("en", "zh-Hant")])),
            ]
        )

    def change_template(self) -> None:
        (self.own / "_foot.html").write_text(f"<p>{self.dice.randrange(9)}</p>")

    def deface(self) -> None:
        path = self.dice.choice(built_files(self.site))
        if path != MARKER:
            (self.site / path).unlink()
            (self.site / path).write_text("defaced")

    def stray(self) -> None:
        (self.site / "papers" / "stray").mkdir(parents=True, exist_ok=True)
        (self.site / "papers" / "stray" / "file").write_text("stray")

    def spoil_notes(self) -> None:
        kind = self.dice.choice(["made.json", "words"])
        notes = self.site.with_name(f".{self.site.name}.{kind}")
        content = bytearray(notes.read_bytes())
        content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
        notes.write_bytes(content)

    def spoil_the_site_before(self) -> None:
        before = self.site.with_name(f".{self.site.name}.before")
        if self.dice.random() < 0.3:
            shutil.rmtree(before, ignore_errors=True)
            return
        (before / "tags").mkdir(parents=True, exist_ok=True)
        for name in ("index.html", "tags/agents"):  # a folder in the place of a file, a file in that of a folder
            file = before / name
            shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
        (before / "index.html" / "deep").mkdir(parents=True)
        (before / "tags" / "agents").write_text("in the way")


def _erratum(desk: Desk, entry: Entry) -> Entry:
    erratum = Erratum(
        arxiv_id=entry.paper.arxiv_id, day=date(2024, 6, desk.dice.randrange(1, 29)), change=Change.TITLE,
        before=desk.words(), after=desk.words(),
    )  # fmt: skip
    return replace(entry, errata=(*entry.errata, erratum))


def _paper(**changes: Any) -> Callable[[Desk, Entry], Entry]:  # noqa: ANN401  values, or how to make them
    return lambda desk, entry: replace(
        entry,
        paper=replace(entry.paper, **{name: one(desk) if callable(one) else one for name, one in changes.items()}),
    )


_ENTRY_CHANGES: tuple[Callable[[Desk, Entry], Entry], ...] = (
    lambda desk, entry: replace(entry, title=desk.words()),
    lambda desk, entry: replace(entry, note=desk.words()),
    lambda desk, entry: replace(entry, reason=desk.words()),
    lambda _, entry: replace(entry, starred=not entry.starred),
    lambda _, entry: replace(entry, late=not entry.late),
    lambda _, entry: replace(entry, feature="" if entry.feature else "experts"),
    lambda desk, entry: replace(entry, topics=tuple(desk.dice.sample(_TOPICS, desk.dice.randrange(3)))),
    lambda desk, entry: replace(entry, summary=replace(entry.summary, text=desk.words())),
    lambda desk, entry: replace(entry, summary=replace(entry.summary, verdict=desk.dice.choice(list(Verdict)))),
    lambda desk, entry: replace(entry, similar=(Hit(f"2404.{desk.dice.randrange(30):05}", desk.words(), 0.5),)),
    _erratum,
    _paper(abstract=lambda desk: f"We show {desk.words()}. It is {desk.words()}."),
    _paper(title=Desk.words),
    _paper(authors=lambda desk: tuple(desk.dice.sample(_NAMES, 3))),
    _paper(withdrawn=True),
    _paper(version=2, updated=date(2024, 6, 1)),
    _paper(submitted=date(2024, 4, 3)),
    _paper(comment=Desk.words),
)
_CHANGES: tuple[Callable[[Desk], object], ...] = (
    *[Desk.change_entry] * 8,
    *[Desk.change_issue] * 3,
    Desk.add_entry, Desk.remove_entry, Desk.add_or_drop_issue, Desk.change_frame, Desk.change_template, Desk.deface,
    Desk.stray, Desk.spoil_notes, Desk.spoil_the_site_before,
)  # fmt: skip
_A_PAPER: list[Entry] = []


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_the_site_is_that_of_a_build_from_nothing(
    tmp_path: Path, issue: Issue, frame: SiteFrame, seed: int
) -> None:
    _A_PAPER[:] = issue.entries[:1]
    own = tmp_path / "templates"
    own.mkdir()
    issues = [issue, replace(issue, month=Month(2024, 2), title="Before", entries=issue.entries[:2])]
    plain = replace(frame, cards=False)
    desk = Desk(random.Random(seed), issues, plain, own, tmp_path / "public")  # noqa: S311  dice, not secrets
    desk.build()
    for _ in range(6):
        done = desk.dice.choices(_CHANGES, k=desk.dice.randrange(1, 4))
        for change in done:
            change(desk)
        desk.build()
        assert desk.held() == desk.anew(), (seed, [change.__name__ for change in done])
        assert desk.build() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".public.before", ".public.made.json", ".public.words", "public", "templates",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_one_change_is_seen_on_every_page_that_shows_it(
    tmp_path: Path, issue: Issue, frame: SiteFrame, seed: int
) -> None:
    _A_PAPER[:] = issue.entries[:1]
    desk = Desk(
        random.Random(seed),  # noqa: S311  dice, not secrets
        [issue, replace(issue, month=Month(2024, 2))],
        replace(frame, cards=False),
        tmp_path / "own",
        tmp_path / "public",
    )
    desk.build()
    (Desk.change_entry if seed % 4 else Desk.change_issue)(desk)
    desk.build()
    assert desk.held() == desk.anew()
