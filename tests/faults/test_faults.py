"""Whatever fails, wherever a night is killed, the next night reaches the state of one that was never disturbed."""

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from digest.publish.output import built_files
from tests.arxiv_stand_in import ArxivStandIn
from tests.faults.harness import Spring, Trap, end, fail, kill
from tests.faults.magazine import Magazine, Undisturbed, renew

# A night has some hundreds of operations; each test tries so many of them, evenly spread from a place that the seed
# chooses. EVERY_FAULT=1 tries them all, which takes some twenty minutes for each kind.
_SEED = int(os.environ.get("FAULT_SEED", "2024"))
_FAILS = frozenset({0, 1, 3})  # a source may fail without ending the night; what is done on the way may be all there is


def places(count: int, tried: int) -> Iterator[int]:
    """Yield the numbers of the operations to disturb."""
    stride = 1 if os.environ.get("EVERY_FAULT") else max(1, count // tried)
    yield from range(1 + random.Random(_SEED).randrange(stride), count + 1, stride)  # noqa: S311


def test_a_night_is_made_of_many_kinds_of_operations(undisturbed: Undisturbed) -> None:
    counts = Counter(undisturbed.operations)
    assert len(undisturbed.operations) > 200
    kinds = ("open to write", "os.mkdir", "os.rename", "sql", "commit", "subprocess.Popen", "socket.connect")
    assert min(counts[name] for name in kinds) >= 3


def test_a_second_night_changes_nothing(magazine: Magazine, undisturbed: Undisturbed) -> None:
    for status in (0, 3):
        assert magazine.night() == status
        assert magazine.state() == undisturbed.state


@pytest.mark.parametrize(
    ("spring", "tried", "statuses"),
    [
        (fail, 12, _FAILS),
        (kill, 12, {-signal.SIGKILL}),
        (end(signal.SIGTERM), 3, {143}),
        (end(signal.SIGINT), 2, {130}),
        (end(signal.SIGHUP), 2, {129}),
    ],
    ids=["fails", "is killed at", "gets SIGTERM at", "gets SIGINT at", "gets SIGHUP at"],
)
def test_whatever_operation_a_night(  # noqa: PLR0913, PLR0917  fixtures
    spring: Spring,
    tried: int,
    statuses: AbstractSet[int],
    undisturbed: Undisturbed,
    template: Path,
    arxiv: ArxivStandIn,
    tmp_path: Path,
) -> None:
    disturbed, mended = list(places(len(undisturbed.operations), tried)), set[str]()
    assert len(disturbed) >= tried
    for at in disturbed:
        disturb(at, spring, statuses, undisturbed, renew(tmp_path / "magazine", template, arxiv), mended)


def disturb(  # noqa: PLR0913, PLR0917  what is tried, and where
    at: int,
    spring: Spring,
    statuses: AbstractSet[int],
    undisturbed: Undisturbed,
    magazine: Magazine,
    mended: set[str] | None = None,
) -> None:
    """Let a first night's operation be disturbed, and hold what is there then, and after the next night.

    `mended` has what faults left from which a next night was held before: from the same, it is not spent again.
    """
    status = magazine.night(Trap(at, spring, magazine.folder.parent))
    name, stage = undisturbed.operations[at - 1], undisturbed.stages[at - 1]
    where = f"operation {at} of {len(undisturbed.operations)} ({name}, in {stage or 'no stage'})"
    assert status in statuses, where
    assert_one_whole_site_or_none(magazine, undisturbed, where)
    left = magazine.leftovers() if mended is not None else ""
    if mended is not None and left in mended:
        return
    assert magazine.night() in {0, 3}, where
    assert_as_undisturbed(magazine, undisturbed, f"after {where}")
    if mended is not None:
        mended.add(left)


@pytest.mark.parametrize(
    "stage", ["harvest", "announced", "picks", "embed", "tag", "select", "write", "build", "publish"]
)
def test_a_night_that_is_interrupted_in_a_stage_ends_in_order(
    stage: str, undisturbed: Undisturbed, magazine: Magazine
) -> None:
    there = [at for at, known in enumerate(undisturbed.stages, start=1) if known == stage]
    at = random.Random(_SEED).choice(there)  # noqa: S311
    disturb(at, end(signal.SIGINT), {130}, undisturbed, magazine)


def test_a_night_that_is_killed_after_a_commit(
    undisturbed: Undisturbed, template: Path, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    commits = [at for at, name in enumerate(undisturbed.operations[:-1], start=1) if name == "commit"]
    for place in places(len(commits), 4):
        after = commits[place - 1] + 1  # at what follows the commit; the test above kills before some
        disturb(after, kill, {-signal.SIGKILL}, undisturbed, renew(tmp_path / "magazine", template, arxiv))


def test_a_night_that_cannot_remove_a_file(
    undisturbed: Undisturbed, template: Path, arxiv: ArxivStandIn, tmp_path: Path
) -> None:
    removals = [at for at, name in enumerate(undisturbed.operations, start=1) if name in {"os.remove", "shutil.rmtree"}]
    assert len(removals) >= 8
    for place in places(len(removals), 6):
        disturb(removals[place - 1], fail, _FAILS, undisturbed, renew(tmp_path / "magazine", template, arxiv))


def test_a_night_under_another_umask_leaves_and_publishes_the_same(
    magazine: Magazine, undisturbed: Undisturbed
) -> None:
    assert magazine.night(before=lambda: os.umask(0o077)) == 0
    assert_as_undisturbed(magazine, undisturbed, "under a strict umask")


def test_two_nights_at_once_are_one(magazine: Magazine, undisturbed: Undisturbed) -> None:
    begun = [magazine.begin_night() for _ in range(3)]
    statuses = sorted(magazine.end_night(process) for process in begun)
    assert statuses == [0, 3, 3]
    assert_as_undisturbed(magazine, undisturbed, "after three at once")


def assert_as_undisturbed(magazine: Magazine, undisturbed: Undisturbed, when: str) -> None:
    """The whole of what a night leaves is as if nothing had happened."""
    after = magazine.state()
    for part, expected in undisturbed.state.items():
        assert after[part] == expected, f"{part} differs {when}"


def assert_one_whole_site_or_none(magazine: Magazine, undisturbed: Undisturbed, where: str) -> None:
    """What readers see right after the fault is a whole site or none yet, here and where it is published."""
    site = magazine.folder / "site" / "public"
    if site.exists():
        assert built_files(site), where
    assert magazine.published() in {"", undisturbed.state["published"]}, where
