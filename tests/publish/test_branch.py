"""A site goes to a branch of a real Git repository: only ours changes, and nobody's work is lost."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from digest.errors import PublishError
from digest.publish.git import Git, GitFailed
from digest.publish.output import built_files, write_site
from digest.publish.pages import Pushed, Target, publish_site

NOW = datetime(2024, 5, 1, 7, 17, tzinfo=UTC)
FILES = {PurePosixPath(path): path.encode() for path in ("index.html", "papers/1/index.html", ".nojekyll")}


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{part}": "someone" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(folder), *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | who,
    )
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository, as a host has it."""
    folder = tmp_path / "remote.git"
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site."""
    write_site(FILES, tmp_path / "public")
    return tmp_path / "public"


@pytest.fixture
def publish(tmp_path: Path, remote: Path, site: Path) -> Callable[..., Pushed]:
    """Publish the site from a repository of its own, as `digest publish` does."""

    def one(name: str = "cache", *, squash: bool = False, address: str = "", **more: object) -> Pushed:
        target = Target(
            git=Git(tmp_path / f"{name}.git", address or str(remote), token=str(more.pop("token", ""))),
            branch="gh-pages",
            squash=squash,
            author="digest <digest@localhost>",
        )
        return publish_site(target, site, built_files(site), message="Publish", now=NOW)

    return one


def files_of(remote: Path, branch: str = "gh-pages") -> dict[str, str]:
    paths = git(remote, "ls-tree", "-r", "--name-only", branch).splitlines()
    return {path: git(remote, "show", f"{branch}:{path}") for path in paths}


def commits_of(remote: Path, branch: str = "gh-pages") -> int:
    return int(git(remote, "rev-list", "--count", branch))


def someone_pushes(remote: Path, folder: Path, files: dict[str, str | None]) -> str:
    """Commit files (None: remove it) to the branch from a checkout of someone's, and return the commit."""
    if not folder.exists():
        git(remote, "clone", "--quiet", str(remote), str(folder))
        fresh = not git(remote, "branch", "--list", "gh-pages")
        git(folder, "checkout", "--quiet", *(("--orphan",) if fresh else ()), "gh-pages")
    else:
        git(folder, "pull", "--quiet", "--rebase", "origin", "gh-pages")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (folder / path).unlink()
        else:
            (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "By hand")
    git(folder, "push", "--quiet", "origin", "gh-pages")
    return git(folder, "rev-parse", "HEAD")


def change(site: Path, text: str) -> None:
    write_site(FILES | {PurePosixPath("index.html"): text.encode()}, site)


def test_the_branch_holds_exactly_the_site(publish: Callable[..., Pushed], remote: Path, site: Path) -> None:
    pushed = publish()
    assert (pushed.changed, pushed.files, pushed.kept) == (True, 4, ())
    assert sorted(files_of(remote)) == built_files(site)
    assert all((site / path).read_text().strip() == text for path, text in files_of(remote).items())
    assert git(remote, "log", "-1", "--format=%an %ae %at %s", "gh-pages") == (
        f"digest digest@localhost {int(NOW.timestamp())} Publish"
    )


def test_nothing_is_pushed_when_nothing_changed(publish: Callable[..., Pushed], remote: Path) -> None:
    before = publish().commit
    assert not publish().changed
    assert not publish("another machine").changed
    assert git(remote, "rev-parse", "gh-pages") == before


def test_the_same_site_at_the_same_time_is_the_same_commit(
    publish: Callable[..., Pushed], remote: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.git"
    git(remote, "clone", "--quiet", "--bare", str(remote), str(other))
    assert publish().commit == publish("two", address=str(other)).commit


@pytest.mark.parametrize(("squash", "commits"), [(False, 3), (True, 1)])
def test_history_is_kept_or_squashed_as_set(
    publish: Callable[..., Pushed], remote: Path, site: Path, commits: int, *, squash: bool
) -> None:
    for text in ("one", "two", "three"):
        change(site, text)
        assert publish(squash=squash).changed
    assert commits_of(remote) == commits
    assert files_of(remote)["index.html"] == "three"


def test_what_vanished_from_the_site_vanishes_from_the_branch(
    publish: Callable[..., Pushed], remote: Path, site: Path
) -> None:
    publish()
    write_site({PurePosixPath("index.html"): b"alone"}, site)
    publish()
    assert sorted(files_of(remote)) == ["build.json", "index.html"]


def test_a_cname_that_was_there_before_us_stays(
    publish: Callable[..., Pushed], remote: Path, site: Path, tmp_path: Path
) -> None:
    by_hand = someone_pushes(remote, tmp_path / "hand", {"CNAME": "digest.example\n", "README.md": "Ours"})
    assert publish(squash=True).kept == ("CNAME", "README.md")
    for text in ("one", "two"):
        change(site, text)
        publish(squash=True)
    assert files_of(remote)["CNAME"] == "digest.example"
    assert git(remote, "log", "--format=%H", "gh-pages").splitlines()[1:] == [by_hand]


@pytest.mark.parametrize("squash", [False, True])
def test_what_others_add_later_stays_and_their_commits_too(
    publish: Callable[..., Pushed], remote: Path, site: Path, tmp_path: Path, *, squash: bool
) -> None:
    publish(squash=squash)
    added = {"CNAME": "digest.example\n", "umlaut ü/\tnote\n2.txt": "x", "index.html": "defaced"}
    by_hand = someone_pushes(remote, tmp_path / "hand", dict(added))
    for text in ("one", "two", "three"):
        change(site, text)
        publish(squash=squash)
    held = {path: git(remote, "show", f"gh-pages:{path}") for path in added}
    assert held == {"CNAME": "digest.example", "umlaut ü/\tnote\n2.txt": "x", "index.html": "three"}
    assert by_hand in git(remote, "rev-list", "gh-pages").splitlines()
    assert commits_of(remote) == (3 if squash else 5)


def test_a_file_of_ours_that_someone_removed_comes_back(
    publish: Callable[..., Pushed], remote: Path, tmp_path: Path
) -> None:
    publish()
    someone_pushes(remote, tmp_path / "hand", {"index.html": None})
    assert publish().changed
    assert files_of(remote)["index.html"] == "index.html"


def test_a_branch_with_someones_work_is_refused_and_left_alone(
    publish: Callable[..., Pushed], remote: Path, tmp_path: Path
) -> None:
    by_hand = someone_pushes(remote, tmp_path / "hand", {"thesis.tex": "years of work"})
    for squash in (False, True):
        with pytest.raises(PublishError, match=r"did not put there, such as 'thesis.tex': set publish.branch"):
            publish(squash=squash)
    assert git(remote, "rev-parse", "gh-pages") == by_hand


@pytest.mark.parametrize("squash", [False, True])
def test_a_race_with_another_pusher_is_run_again_and_loses_nothing(
    publish: Callable[..., Pushed], remote: Path, site: Path, tmp_path: Path, *, squash: bool
) -> None:
    """Between our look and our push someone pushes, twice; git's own hook of our repository is where we step in."""
    publish(squash=squash)
    change(site, "new")
    hand, real = tmp_path / "hand", Git.__call__
    theirs: list[str] = []

    def racing(self: Git, *arguments: str, **more: object) -> bytes:
        if arguments[0] == "push" and len(theirs) < 2:
            theirs.append(someone_pushes(remote, hand, {f"note-{len(theirs)}.txt": "mine"}))
        return real(self, *arguments, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "__call__", racing)
        pushed = publish(squash=squash)
    assert (pushed.tries, pushed.kept) == (3, ("note-0.txt", "note-1.txt"))
    assert set(theirs) <= set(git(remote, "rev-list", "gh-pages").splitlines())
    assert files_of(remote)["index.html"] == "new"


def test_a_race_that_is_never_won_is_given_up(
    publish: Callable[..., Pushed], remote: Path, site: Path, tmp_path: Path
) -> None:
    publish()
    change(site, "new")
    real, count = Git.__call__, iter(range(99))

    def racing(self: Git, *arguments: str, **more: object) -> bytes:
        if arguments[0] == "push":
            someone_pushes(remote, tmp_path / "hand", {"note.txt": str(next(count))})
        return real(self, *arguments, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "__call__", racing)
        with pytest.raises(PublishError, match="faster than we could, 5 times"):
            publish()
    assert files_of(remote)["note.txt"] == "4"


def test_a_branch_made_by_another_meanwhile_is_not_overwritten(
    publish: Callable[..., Pushed], remote: Path, tmp_path: Path
) -> None:
    real, theirs = Git.__call__, list[str]()

    def racing(self: Git, *arguments: str, **more: object) -> bytes:
        if arguments[0] == "push" and not theirs:
            theirs.append(someone_pushes(remote, tmp_path / "hand", {"thesis.tex": "years of work"}))
        return real(self, *arguments, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "__call__", racing)
        with pytest.raises(PublishError, match=r"thesis\.tex"):
            publish(squash=True)
    assert git(remote, "rev-parse", "gh-pages") == theirs[0]


def test_what_is_in_the_way_of_the_site_gives_way(
    publish: Callable[..., Pushed], remote: Path, tmp_path: Path, site: Path
) -> None:
    publish()
    hand = tmp_path / "hand"
    someone_pushes(remote, hand, {"papers/1/index.html": None, "tags": "a file where a folder will be"})
    shutil.rmtree(hand / "papers", ignore_errors=True)
    someone_pushes(remote, hand, {"papers": "here too"})
    write_site(FILES | {PurePosixPath("tags/llm/index.html"): b"LLM"}, site)
    assert publish().kept == ()
    assert files_of(remote)["tags/llm/index.html"] == "LLM"


def test_a_remote_that_refuses_is_told_in_its_own_words_and_the_next_time_goes_on(
    publish: Callable[..., Pushed], remote: Path
) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'protected branch' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PublishError, match=r"protected branch.*the site lies whole in"):
        publish()
    hook.unlink()
    assert publish().changed


def test_a_host_that_takes_no_forced_push_is_told(publish: Callable[..., Pushed], remote: Path, site: Path) -> None:
    git(remote, "config", "receive.denyNonFastForwards", "true")
    publish(squash=True)
    change(site, "new")
    with pytest.raises(PublishError, match=r"denying non-fast-forward.*publish\.history = \"kept\""):
        publish(squash=True)
    assert publish(squash=False).changed


@pytest.mark.parametrize("address", ["/nowhere/at/all.git", "https://127.0.0.1:9/x.git", "ext::sh -c true"])
def test_a_remote_that_is_not_there_is_one_line(publish: Callable[..., Pushed], address: str) -> None:
    with pytest.raises(PublishError, match=r"check publish\.remote") as refused:
        publish(address=address)
    assert "\n" not in str(refused.value)


def test_no_git_is_one_line(publish: Callable[..., Pushed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PublishError, match=r"git is not installed: install it, or leave publish\.remote empty"):
        publish()


def test_a_lock_that_a_killed_push_left_is_no_obstacle(
    publish: Callable[..., Pushed], tmp_path: Path, site: Path
) -> None:
    publish()
    for name in ("refs/digest/published.lock", "index.passing.lock", "config.lock", "packed-refs.lock"):
        (tmp_path / "cache.git" / name).write_text("")
    change(site, "new")
    assert publish().changed


@pytest.mark.parametrize("damage", ["HEAD", "objects", "config"])
def test_a_damaged_repository_of_ours_is_made_anew(
    publish: Callable[..., Pushed], tmp_path: Path, site: Path, damage: str
) -> None:
    publish()
    target = tmp_path / "cache.git" / damage
    if target.is_dir():
        target.rename(tmp_path / "gone")
    else:
        target.unlink()
    change(site, "new")
    assert publish().changed


@pytest.mark.parametrize("damage", ["HEAD", "config"])
def test_a_damaged_repository_of_ours_is_never_taken_for_the_persons_own_above_it(
    publish: Callable[..., Pushed], tmp_path: Path, site: Path, damage: str
) -> None:
    """A file that a power cut left without its content."""
    publish()
    git(tmp_path, "init", "--quiet", ".")
    before = sorted(path.relative_to(tmp_path) for path in (tmp_path / ".git").rglob("*"))
    (tmp_path / "cache.git" / damage).write_text("" if damage == "HEAD" else "\0\0\0")
    change(site, "new")
    assert publish().changed
    assert sorted(path.relative_to(tmp_path) for path in (tmp_path / ".git").rglob("*")) == before


def test_an_address_that_is_none_is_one_line_also_with_a_token(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="ls-remote failed"):
        Git(tmp_path, "https://[1/pages.git", "a-token")("ls-remote", "https://[1/pages.git")


def test_surroundings_that_steer_git_elsewhere_are_not_followed(
    publish: Callable[..., Pushed], remote: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As they are set in a hook of another repository."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    pushed = publish()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name)
    assert git(remote, "rev-parse", "gh-pages") == pushed.commit


class TestATokenIs:
    def test_sent_to_its_host_alone_and_in_no_argument(self, tmp_path: Path) -> None:
        git_over_https = Git(tmp_path, "https://host.example/you/x.git", token="s3cret")  # noqa: S106
        variables = git_over_https._environment()  # noqa: SLF001
        assert variables["GIT_CONFIG_KEY_0"] == "http.https://host.example/.extraHeader"
        assert "s3cret" not in repr(git_over_https)
        for address in ("http://host.example/x.git", "git@host.example:x.git", str(tmp_path)):
            assert "GIT_CONFIG_COUNT" not in Git(tmp_path, address, token="s3cret")._environment()  # noqa: S106, SLF001

    def test_blotted_out_wherever_git_repeats_it(self, tmp_path: Path) -> None:
        one = Git(tmp_path, "https://host.example/x.git", token="s3cret")  # noqa: S106
        said = "fatal: https://you:s3cret@host.example/x.git eC1hY2Nlc3MtdG9rZW46czNjcmV0 https://other:pass@h/"
        assert one.without_secrets(said) == "fatal: https://***@host.example/x.git *** https://***@h/"

    def test_in_no_error(self, publish: Callable[..., Pushed], capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(PublishError) as refused:
            publish(address="https://you:p4ss@127.0.0.1:9/s3cret.git", token="s3cret")  # noqa: S106
        chain = repr(refused.value) + str(refused.value) + repr(refused.value.__cause__)
        assert "s3cret" not in chain
        assert "p4ss" not in chain
        assert capfd.readouterr() == ("", "")
