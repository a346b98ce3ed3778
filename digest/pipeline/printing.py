"""Issues → the site and their locks; a lock → the same site again, without store, model or network."""

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from digest import __version__
from digest.edition import Issue
from digest.errors import UsageError
from digest.issue import lock as locks
from digest.issue.compose import Material, compose
from digest.issue.editor import FILE_NAME, load_editor_file
from digest.issue.errata import amended
from digest.issue.lock import Lock, Surroundings
from digest.paper import Month
from digest.pipeline.files import write_whole
from digest.pipeline.making import material_of
from digest.pipeline.models import word_table
from digest.pipeline.provenance import code_hash
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.places import STATIC, TEMPLATES
from digest.publish.collector import seldom_collecting
from digest.publish.counts import FORGETFUL, WordMemory
from digest.publish.draft import Drafts, rendered
from digest.publish.finder import WordTable
from digest.publish.output import Written, write_site
from digest.publish.render import MADE_WITH, SiteFrame, draft_site
from digest.publish.room import NOTHING, LeftOut, Room, told
from digest.store import issues
from digest.store.papers import papers_by_id

logger = logging.getLogger(__name__)


# The settings of [site] that every page of the publication shares.
_PRINTED_SETTINGS = (
    "title", "description", "editor", "base_url", "report_url", "support", "domain", "languages", "cards",
    "author_papers",
)  # fmt: skip


def _told(setting: object) -> str:
    return setting if isinstance(setting, str) else str(setting)


def build(workshop: Workshop) -> StageReport:
    """Build the site from every issue in the store, and lock each; the old site stays until the new one is whole.

    An issue that has a lock and is not in the store (it was lost, or this is another machine) is printed from its lock.

    Raises:
        UsageError: an editor's file or a template is broken, or the output folder is not ours.
    """
    return perform(workshop, "", "build", lambda: _build(workshop))


@seldom_collecting()
def _build(workshop: Workshop) -> Outcome:
    press = _Press(workshop)
    materials = {month: press.material(month) for month in issues.months(workshop.store)}
    lost = press.lost(materials)
    composed = {month: press.compose(month, one) for month, one in sorted((materials | lost).items())}
    drafts = press.whole(*composed.values())
    written = write_site(drafts, press.output, press.room(*composed.values()))
    is_alone = len(composed) == 1 and not written.left_out
    locked = [
        press.keep(month, material, composed[month], written.hashes if is_alone else None)
        for month, material in materials.items()
    ]
    counts = {"issues": len(composed), "files": len(written.hashes), "locked": sum(locked)}
    warnings = (*map(press.told_of_lost, lost), *press.warnings(written))
    return Outcome(counts=counts, changed=bool(written.changed or any(locked)), warnings=warnings)


def issue_of(workshop: Workshop, month: Month) -> tuple[Issue, SiteFrame, list[Path]]:
    """Return an issue as the site prints it, what all pages share, and the folders of templates."""
    press = _Press(workshop)
    return press.compose(month, press.material(month)), press.frame, press.templates


def rebuild(workshop: Workshop, month: Month) -> tuple[list[str], StageReport | None]:
    """Build the site from the locks alone; where the month's issue would not come out as locked, say why and stop.

    Returns:
        A line for each difference, and what was built; None where something differs and nothing was written.

    Raises:
        UsageError: the month has no lock, or the lock is broken.
    """
    press = _Press(workshop)
    differences = press.differences(month)
    if differences:
        return differences, None
    return [], perform(workshop, str(month), "build", lambda: _rebuild(press))


def _rebuild(press: "_Press") -> Outcome:
    locked = press.locks()
    composed = [press.compose(month, one.material) for month, one in locked.items()]
    written = write_site(press.whole(*composed), press.output, press.room(*composed))
    counts = {"issues": len(locked), "files": len(written.hashes)}
    return Outcome(counts=counts, changed=bool(written.changed), warnings=press.warnings(written))


@dataclass(frozen=True, slots=True)
class _Press:
    """Everything that turns an issue's material into pages."""

    workshop: Workshop

    @property
    def output(self) -> Path:
        return self.workshop.settings.path(self.workshop.settings.site.output)

    @property
    def frame(self) -> SiteFrame:
        site = self.workshop.settings.site
        return SiteFrame(**{name: getattr(site, name) for name in _PRINTED_SETTINGS})

    @property
    def templates(self) -> list[Path]:
        """The folders in which templates are looked for, in turn."""
        named = self.workshop.settings.site.templates
        if named is None:
            return [TEMPLATES]
        own = self.workshop.settings.path(named)
        if not own.is_dir():
            raise UsageError(f"{own} is no folder: mend site.templates in digest.toml, or take it out to use our own")
        return [own, TEMPLATES]

    @property
    def content(self) -> Path:
        return self.workshop.settings.path(self.workshop.settings.site.content)

    def folder(self, month: Month) -> Path:
        """Return where the month's editor's files lie, and its lock."""
        return self.content / str(month)

    def lock_file(self, month: Month) -> Path:
        """Return where the month's issue is locked, or would be."""
        return self.folder(month) / locks.FILE_NAME

    def lock_files(self) -> list[Path]:
        """Return every lock there is, by the names of their folders."""
        return sorted(self.content.glob(f"*/{locks.FILE_NAME}"))

    def compose(self, month: Month, material: Material) -> Issue:
        """Put the issue together with the editor's words as they are now."""
        return compose(month, load_editor_file(self.folder(month)), material)

    def material(self, month: Month) -> Material:
        """Return what the issue is made of, with the errata since it was published."""
        material, lock = material_of(self.workshop, month), self.last_lock(month)
        today = self.workshop.clock().date()
        if lock is None or today < self.compose(month, lock.material).published:
            return material
        printed = lock.material
        ids = [one.paper.arxiv_id for one in printed.listed]
        known = {arxiv_id: held.paper for arxiv_id, held in papers_by_id(self.workshop.store, ids).items()}
        return amended(material, printed, known, today)

    def last_lock(self, month: Month) -> Lock | None:
        """Return how the issue was locked the last time; None where it was not printed, or by an older digest.

        Raises:
            UsageError: the lock is broken.
        """
        file = self.lock_file(month)
        held = file.read_bytes() if file.exists() else b""
        try:
            return locks.read_lock(held, str(file)) if held else None
        except UsageError as error:
            if not locks.is_of_other_code(held, code_hash()):
                raise
            logger.warning("%s; it was written by another digest and is written anew, without its errata", error)
            return None

    @property
    def word_table(self) -> WordTable:
        """The words by which the search page finds papers by meaning."""
        known = word_table()
        return WordTable(known.encoder, known.words, known.rows, known.scales, known.projection)

    def draft(self, *composed: Issue, left_out: LeftOut = NOTHING, memory: WordMemory = FORGETFUL) -> Drafts:
        """Return the files of a site that holds these issues, none rendered yet."""
        return draft_site(
            composed, self.frame, self.templates, STATIC, self.word_table, left_out=left_out, word_memory=memory
        )

    def whole(self, *composed: Issue, left_out: LeftOut = NOTHING) -> Drafts:
        """Return the files of the site that holds all issues; their words are remembered for the next build."""
        return self.draft(*composed, left_out=left_out, memory=WordMemory.beside(self.output))

    def room(self, *composed: Issue) -> Room:
        """Return how large a site of these issues may grow, and how it is drafted without something."""
        return Room(self.workshop.settings.site.max_bytes, lambda left_out: self.whole(*composed, left_out=left_out))

    def warnings(self, written: Written) -> tuple[str, ...]:
        """Say what the site leaves out."""
        return (told(written.left_out, self.workshop.settings.site.max_bytes),) if written.left_out else ()

    def hashes(self, *composed: Issue) -> dict[str, str]:
        """Return the hash of each file of a site that holds these issues, by path."""
        return {path: hashlib.sha256(content).hexdigest() for path, content in rendered(self.draft(*composed))}

    def locks(self) -> dict[Month, Lock]:
        """Return every lock there is, by month."""
        found = [locks.read_lock(file.read_bytes(), str(file)) for file in self.lock_files()]
        return {lock.month: lock for lock in found}

    def lost(self, held: Collection[Month]) -> dict[Month, Material]:
        """Return what the issues are made of that have a lock of their own and are not among those held, by month.

        Raises:
            UsageError: a lock cannot be read, and nothing else holds what it printed.
        """
        files = {month: self.lock_file(month) for month in set(self.locked_months()) - set(held)}
        found = {month: locks.read_lock(file.read_bytes(), str(file)) for month, file in sorted(files.items())}
        return {month: lock.material for month, lock in found.items() if lock.month == month}

    def locked_months(self) -> Iterator[Month]:
        """Yield the months whose folder holds a lock."""
        for file in self.lock_files():
            with suppress(ValueError):  # a folder of the editor's own
                yield Month.parse(file.parent.name)

    def told_of_lost(self, month: Month) -> str:
        """Say that an issue is printed from its lock, and what ends that."""
        lock = self.lock_file(month)
        return (
            f"the issue of {month} is printed from {lock}, for the store does not hold it: restore the store from "
            "a backup; to take the issue off the site, move that file away"
        )

    def keep(self, month: Month, material: Material, issue: Issue, alone: Mapping[str, str] | None) -> bool:
        """Write the issue's lock where it is not written yet; `alone` has the site's hashes if it holds no other."""
        file = self.lock_file(month)
        lock = Lock(
            month=month,
            surroundings=self.surroundings(month),
            made_with=_made_with(self.workshop),
            papers=locks.stated_papers(material),
            material=material,
        )
        held = _lock_in(file)
        if held is not None and replace(held, made_with=lock.made_with) == replace(lock, output=held.output):
            if held.made_with == lock.made_with:
                return False
            output = held.output  # what chose and wrote is another, and all that is printed the same
        else:
            output = locks.output_hashes(self.hashes(issue) if alone is None else alone)
        write_whole(file, locks.write_lock(replace(lock, output=output)))
        return True

    def surroundings(self, month: Month) -> Surroundings:
        """Return what the pages hang on besides the issue, as it is now."""
        site = self.workshop.settings.site
        return Surroundings(
            digest=__version__,
            code=code_hash(),
            libraries={name: version(name) for name in MADE_WITH},
            settings={f"site.{name}": _told(getattr(site, name)) for name in _PRINTED_SETTINGS},
            templates={name: one for folder in reversed(self.templates) for name, one in _hashes(folder).items()},
            static=_hashes(STATIC),
            editor_files={name: locks.line_hashes(content) for name, content in self.editor_files(month).items()},
        )

    def editor_files(self, month: Month) -> dict[str, bytes]:
        """Return what the editor wrote for a month's issue, by file name; an article that it does not name is none."""
        folder = self.folder(month)
        found = {file.name: file.read_bytes() for file in sorted(folder.glob("*")) if file.suffix in {".toml", ".md"}}
        named = found.get(FILE_NAME, b"")
        return {name: content for name, content in found.items() if name.endswith(".toml") or name.encode() in named}

    def differences(self, month: Month) -> list[str]:
        """Return in what the issue differs from its lock, a line each; none where it comes out as it was."""
        file = self.lock_file(month)
        if not file.exists():
            raise UsageError(f"{file} is not there: `digest build` writes it when it prints the issue")
        lock = locks.read_lock(file.read_bytes(), str(file))
        by_editor = locks.editors_changes(lock, self.editor_files(month))
        by_others = locks.other_changes(lock, self.surroundings(month))
        if by_editor:
            return [f"{self.folder(month) / one}" for one in by_editor] + by_others
        pages = self.hashes(self.compose(month, lock.material))
        changed = locks.output_changes(lock, locks.output_hashes(pages))
        return by_others + changed if changed else []


def _made_with(workshop: Workshop) -> dict[str, str]:
    settings = workshop.settings
    return {
        "models.context": str(settings.models.context),
        "models.encoder": settings.models.encoder,
        "models.writer": settings.models.writer,
        **({"models.translator": settings.models.translator} if settings.models.translator else {}),
        "select.entries": str(settings.select.entries),
        "select.per_topic": str(settings.select.per_topic),
        **({"tags.chooser": settings.tags.chooser} if settings.tags.chooser != "none" else {}),
    }


def _lock_in(file: Path) -> Lock | None:
    """Return the lock in a file; None where there is none, or a broken one, which is written anew."""
    try:
        return locks.read_lock(file.read_bytes(), str(file)) if file.exists() else None
    except UsageError:
        return None


def _hashes(folder: Path) -> dict[str, str]:
    """Return a hash for each file that shapes pages; the prompts do not, and summaries carry theirs."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.parent.name != "prompts"
    }
