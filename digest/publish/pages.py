"""A built site → a branch of a Git repository, without a checkout: only our files change, and nobody's work is lost.

A commit of ours carries the trailer "Made-by: digest", and names in "Kept:" trailers the files that it found on the
branch and left there (a CNAME, a README). So the branch itself tells our files from those of others.
"""

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from digest.errors import PublishError
from digest.publish.git import Git, GitFailed

_TRAILER, _MAKER = "Made-by", "digest"
_OWN_REF = "refs/digest/published"
_TRIES, _PAUSE = 5, 0.2  # races with other pushers; seconds
_HARMLESS = frozenset({"CNAME", ".nojekyll", ".gitignore", "README.md", "README", "LICENSE", "LICENSE.md"})
_RACES = (  # what git says where another was faster
    *("[rejected] (fetch first)", "[rejected] (non-fast-forward)", "(stale info)", "reference already exists"),
    *("cannot lock ref", "failed to update ref", "incorrect old value", "remote ref updated since checkout"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The branch that a site goes to."""

    git: Git
    branch: str
    squash: bool  # one commit of ours, in the place of its forerunners
    author: str  # "name <address>"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What publishing did."""

    commit: str
    files: int  # of the site
    kept: tuple[str, ...]  # files of others on the branch
    changed: bool  # False: the branch holds exactly this already
    tries: int = 1


@dataclass(frozen=True, slots=True)
class _Branch:
    """What lies on the branch now."""

    tip: str = ""  # "" where there is no branch
    ours: str = ""  # the newest commit of ours, "" where there is none
    below_ours: str = ""  # the newest commit of others below our newest ones, "" where all the rest is ours
    kept: tuple[str, ...] = ()  # lines of `git ls-tree` of what is not ours


def publish_site(
    target: Target,
    site: Path,
    paths: Sequence[str],
    *,
    message: str,
    now: datetime,
) -> Pushed:
    """Make the branch hold the site's files, and what others put there; push nothing where it does already.

    Raises:
        PublishError: there is no git, the remote cannot be reached or refuses, or the branch is someone else's.
    """
    _prepare(target.git)
    blobs = _store_blobs(target.git, site, paths)
    for attempt in range(1, _TRIES + 1):
        branch = _look(target)
        tree, kept = _tree(target.git, blobs, branch)
        if branch.tip and tree == _text(target.git("rev-parse", f"{branch.tip}^{{tree}}")):
            return Pushed(branch.tip, len(paths), kept, changed=False, tries=attempt)
        parent = branch.below_ours if target.squash and branch.tip == branch.ours else branch.tip
        commit = _commit(target, tree, parent, f"{message}\n\n{_trailers(kept)}", now)
        try:
            _push(target, commit, branch.tip)
        except GitFailed as failed:
            if not any(sign in failed.said for sign in _RACES):
                also = ', or set publish.history = "kept"' if parent != branch.tip else ""
                raise PublishError(f"{failed}; the site lies whole in {site}: mend that{also}, run again") from failed
            time.sleep(random.uniform(0, attempt * _PAUSE))  # noqa: S311  two who met should not meet again
            continue
        target.git("update-ref", _OWN_REF, commit)
        return Pushed(commit, len(paths), kept, changed=True, tries=attempt)
    raise PublishError(f"others pushed to {target.branch} faster than we could, {_TRIES} times: run again later")


def _prepare(git: Git) -> None:
    """Make our repository; what a killed process left locked in it is freed, since we are alone here."""
    with _named(git.folder):
        if not _is_whole(git):
            shutil.rmtree(git.folder, ignore_errors=True)
            git.folder.mkdir(parents=True)
            git("init", "--quiet", "--bare", "--template=", "--initial-branch=unused", ".")
        for lock in git.folder.rglob("*.lock"):
            lock.unlink()


def _is_whole(git: Git) -> bool:
    """Tell whether our repository is one: in the place of a damaged one git takes a person's own, of a folder above."""
    try:
        return Path(_text(git("rev-parse", "--absolute-git-dir"))) == git.folder.resolve()
    except GitFailed:
        return False


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error of ours, naming our repository."""
    try:
        yield
    except OSError as error:
        raise PublishError(f"{folder} cannot be written: {error.strerror}; mend that and run again") from error


def _store_blobs(git: Git, site: Path, paths: Sequence[str]) -> dict[str, str]:
    """Put the files into our repository and return their names there, by path."""
    listed = "".join(f"{site / path}\n" for path in paths)
    names = git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listed.encode()).decode().split()
    return dict(zip(paths, names, strict=True))


def _look(target: Target) -> _Branch:
    """Ask the remote what its branch holds, and fetch it where that is new to us."""
    git, name = target.git, f"refs/heads/{target.branch}"
    try:
        told = _text(git("ls-remote", git.remote, name))
        if not told:
            return _Branch()
        git("fetch", "--quiet", "--no-tags", "--force", git.remote, f"{name}:{_OWN_REF}")
    except GitFailed as failed:
        raise PublishError(f"{failed}; check publish.remote, and that this machine may push there") from failed
    tip = _text(git("rev-parse", _OWN_REF))
    log = _text(git("log", "--first-parent", f"--format=%H %(trailers:key={_TRAILER},valueonly,separator=%x2C)", tip))
    commits = [(line.partition(" ")[0], line.partition(" ")[2] == _MAKER) for line in log.splitlines()]
    first = next((place for place, (_, is_ours) in enumerate(commits) if is_ours), len(commits))
    ours = commits[first][0] if first < len(commits) else ""
    below = next((commit for commit, is_ours in commits[first:] if not is_ours), "")
    return _Branch(tip, ours, below, _kept(git, target.branch, tip, ours))


def _kept(git: Git, branch: str, tip: str, ours: str) -> tuple[str, ...]:
    """Return the entries of the branch that we did not put there.

    Raises:
        PublishError: there is no commit of ours, and files that could be someone's work.
    """
    entries = _entries(git, tip)
    if not ours:
        foreign = sorted(path for path in entries if path not in _HARMLESS and not path.startswith(".github/"))
        if foreign:
            raise PublishError(
                f"the branch {branch} holds {len(foreign)} files that digest did not put there, "
                f"such as {foreign[0]!r}: set publish.branch to a branch of its own, or remove that one"
            )
        return tuple(entries.values())
    kept_then = _text(git("log", "-1", "--format=%(trailers:key=Kept,valueonly)", ours)).splitlines()
    own = set(_entries(git, ours)) - {unquote(path, errors="surrogateescape") for path in kept_then}
    return tuple(line for path, line in entries.items() if path not in own)


def _entries(git: Git, commit: str) -> dict[str, str]:
    """Return the lines of `git ls-tree`, "mode type name<tab>path", by path."""
    lines = git("ls-tree", "-r", "-z", commit).decode(errors="surrogateescape").split("\0")
    return {line.partition("\t")[2]: line for line in lines if line}


def _tree(git: Git, blobs: dict[str, str], branch: _Branch) -> tuple[str, tuple[str, ...]]:
    """Return the tree of the site and of what others put on the branch, and the paths of the latter."""
    folders = {path[:place] for path in blobs for place, char in enumerate(path) if char == "/"}
    kept = {}
    for line in branch.kept:
        head, _, path = line.partition("\t")
        above = {path[:place] for place, char in enumerate(path) if char == "/"}
        if path not in blobs and path not in folders and not above & blobs.keys():
            mode, _, name = head.split(" ")
            kept[path] = f"{mode} {name}\t{path}\0"
    lines = [f"100644 {name}\t{path}\0" for path, name in blobs.items()] + list(kept.values())
    index = git.folder / "index.passing"
    with _named(git.folder):
        index.unlink(missing_ok=True)
    passing = {"GIT_INDEX_FILE": str(index)}
    git(
        "update-index", "-z", "--index-info", stdin="".join(lines).encode(errors="surrogateescape"), environment=passing
    )
    tree = _text(git("write-tree", "--missing-ok", environment=passing))
    with _named(git.folder):
        index.unlink(missing_ok=True)
    return tree, tuple(sorted(kept))


def _trailers(kept: Sequence[str]) -> str:
    return "".join(f"Kept: {quote(path, errors='surrogateescape')}\n" for path in kept) + f"{_TRAILER}: {_MAKER}\n"


def _commit(target: Target, tree: str, parent: str, message: str, now: datetime) -> str:
    name, _, address = target.author.partition(" <")
    moment = f"{int(now.timestamp())} +0000"
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", name), ("EMAIL", address.rstrip(">")), ("DATE", moment))
    }
    parents = ("-p", parent) if parent else ()
    return _text(target.git("commit-tree", tree, *parents, stdin=message.encode(), environment=who))


def _push(target: Target, commit: str, tip: str) -> None:
    """Push a commit while the branch still ends with the tip we saw: it may take the place of commits of ours."""
    name = f"refs/heads/{target.branch}"
    lease = f"--force-with-lease={name}:{tip}"
    target.git("push", "--porcelain", "--no-verify", lease, target.git.remote, f"{commit}:{name}")


def _text(printed: bytes) -> str:
    return printed.decode(errors="replace").strip()
