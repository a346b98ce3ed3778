"""A small magazine, the nights that are spent in it, and all that they leave."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType

import jinja2
from sqlalchemy import Engine, event

from digest.pipeline import night
from digest.pipeline.workshop import open_workshop
from digest.publish.languages import Language
from digest.settings import load_settings
from tests.arxiv_stand_in import ArxivStandIn
from tests.faults.harness import BUG, Trap, begin_child, status_of
from tests.small_publication import make_publication

_DERIVED = ("paper_words", "paper_names", "search_", "choice_mark")  # in an order, a name or a count of their own
_OF_THE_RECORD = ('INSERT INTO "run"', 'INSERT INTO "sqlite_sequence"')
NOON = datetime(2024, 5, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Undisturbed:
    """What a first night does, operation by operation, and what it leaves."""

    operations: list[str]
    stages: list[str]  # in which each operation is
    state: dict[str, object]


@dataclass
class Magazine:
    """A folder with a publication in it, and the nights that are spent there."""

    folder: Path
    arxiv: ArxivStandIn

    @property
    def log(self) -> Path:
        return self.folder.parent / "traceback"

    def begin_night(self) -> int:
        """Begin a night in a process of its own, and return the process's number."""
        return begin_child(lambda: spend_night(self.folder, NOON), self.log)

    def end_night(self, process: int) -> int:
        """Wait for a night that was begun, and return its exit status."""
        status = status_of(process)
        assert status != BUG, self.log.read_text()
        return status

    def night(
        self,
        trap: Trap | None = None,
        *,
        now: datetime = NOON,
        names: Path | None = None,
        before: Callable[[], object] = lambda: None,
    ) -> int:
        """Spend a night in a process of its own, where `before` is done first, and return its exit status."""

        def work() -> None:
            event.listen(Engine, "connect", _call_alike)
            before()
            if trap:
                trap.lay()
            try:
                spend_night(self.folder, now)
            finally:
                if trap and names:
                    trap.is_set = False
                    names.write_text(json.dumps([trap.names, trap.stages]))

        return self.end_night(begin_child(work, self.log))

    def operations(self) -> tuple[list[str], list[str]]:
        """Return what a first night does, operation by operation, and in which stages."""
        names = self.folder.parent / "names"
        assert self.night(Trap(0, lambda _: None, self.folder.parent), names=names) == 0
        operations, stages = json.loads(names.read_text())
        return operations, stages

    def state(self) -> dict[str, object]:
        """Return all that a night leaves: what is stored, the site, the locks, and what was published."""
        return {
            "store": stored_rows(self.folder / "data" / "digest.db"),
            "site": tree(self.folder / "site"),
            "published": self.published(),
            "leftovers": [
                str(path.relative_to(self.folder))
                for path in self.folder.rglob("*")
                if path.name.endswith((".new", ".old", ".passing")) and "publish.git" not in path.parts
            ],
        }

    def leftovers(self) -> str:
        """Return a hash of all that the next night will find: all files, and the store without the record of nights."""
        store, seen = self.folder / "data" / "digest.db", hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if not path.name.startswith(store.name):
                seen.update(f"{path.relative_to(self.folder)}\0".encode())
                seen.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"")
        if store.exists():
            with closing(sqlite3.connect(store)) as connection:
                for line in connection.iterdump():
                    seen.update(b"" if line.startswith(_OF_THE_RECORD) else line.encode())
        return seen.hexdigest()

    def published(self) -> str:
        """Return the hash of the tree that was published, "" for none."""
        where = ("-c", "safe.directory=*", "-C", str(self.folder / "pages.git"))  # it may be another user's
        done = subprocess.run(  # noqa: S603
            ["git", *where, "rev-parse", "--verify", "--quiet", "gh-pages^{tree}"],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()


def _call_alike(connection: sqlite3.Connection, _record: object) -> None:
    """Give every new store the same name instead of a random one, so that equal leftovers are equal byte for byte."""
    connection.create_function("randomblob", 1, bytes)


def spend_night(folder: Path, now: datetime) -> None:
    """Do what `digest run` does, in this process."""
    settings = load_settings(folder / "digest.toml")
    with (
        open_workshop(settings, lambda: now, lambda *_: None, alone=True) as workshop,
        night.recorded(workshop) as mine,
    ):
        night.run_night(mine)


def stored_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a store by table, but the record of its nights and what is derived for the search.

    The indexes of words are held against the texts they stand for instead.
    """
    with closing(sqlite3.connect(path)) as store:
        for words in ("paper_words", "paper_names"):
            store.execute(f"INSERT INTO {words}({words}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
        store.rollback()
        names = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        kept = [name for name in names if name not in {"run", "sqlite_sequence"} and not name.startswith(_DERIVED)]
        return {name: sorted(store.execute(f'SELECT * FROM "{name}"'), key=repr) for name in kept}  # noqa: S608


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not file.name.endswith(".made.json")  # a cache that holds times
        and file.name != ".public.words"  # a cache that holds terms in the order in which they were met
        and ".public.before" not in file.parts  # the site before this one, where there was one
    }


def make_template(folder: Path) -> Path:
    """Write a publication before its first night, with a bare repository to publish to."""
    make_publication(folder)
    shutil.rmtree(folder / "site" / "content" / "2024-04")
    (folder / "papers.jsonl").unlink()
    git = ("git", "init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(folder / "pages.git"))
    subprocess.run(git, check=True)  # noqa: S603
    return folder


def warm_up(magazine: Magazine) -> None:
    """Spend a night in this process: every fork then has all modules and templates, which take most of a night."""
    jinja2.Environment.compile = _remembering(jinja2.Environment.compile)  # type: ignore[method-assign, assignment]
    spend_night(magazine.folder, NOON)


def _remembering(compiling: Callable[..., CodeType]) -> Callable[..., CodeType]:
    """Return what compiles each template once for all environments that are set alike: a night makes its own."""
    known: dict[tuple[object, ...], CodeType] = {}

    def compiled(
        environment: jinja2.Environment, source: str, name: str | None = None, filename: str | None = None
    ) -> CodeType:
        language = environment.globals.get("lang")  # whose constant words are put in at compiling
        set_so = (
            frozenset(language.messages.items()) if isinstance(language, Language) else None,
            environment.finalize,
            environment.trim_blocks,
            environment.lstrip_blocks,
            *sorted(environment.filters),
        )
        key = (source, name, filename, *set_so)
        if key not in known:
            known[key] = compiling(environment, source, name, filename)
        return known[key]

    return compiled


def renew(folder: Path, template: Path, arxiv: ArxivStandIn) -> Magazine:
    """Put the publication as it was before its first night into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    text = (folder / "digest.toml").read_text().replace("entries = 8", "entries = 4")
    (folder / "digest.toml").write_text(
        f'{text}[harvest]\ncategories = ["cs.CL"]\napi_url = "{arxiv.api_url}"\noai_url = "{arxiv.oai_url}"\n'
        f'feed_url = "{arxiv.feed_url}"\npause = 0\n[publish]\nremote = "pages.git"\n',
        encoding="utf-8",
    )
    return Magazine(folder, arxiv)
