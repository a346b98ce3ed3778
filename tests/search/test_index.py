"""The index is exact, follows the store, is believed only when it is what the store holds, and is rebuilt otherwise."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ModelError
from digest.search.copies import Copies
from digest.search.index import Index, Truth, faults, open_index
from digest.search.rows import Embeddings, VersionIds, read_manifest

Vector = npt.NDArray[np.float32]


def _unit(rows: int, dim: int = 8, seed: int = 0) -> Embeddings:
    matrix = np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


@dataclass
class Shop:
    """A store in memory that keeps a list of its changes, as the real one does."""

    held: dict[int, Vector] = field(default_factory=dict)
    log: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rows: int, seed: int = 0) -> "Shop":
        shop = cls()
        shop.put(dict(enumerate(_unit(rows, seed=seed), 10)))
        return shop

    def put(self, vectors: dict[int, Vector]) -> None:
        self.held |= vectors
        self.log += list(vectors)

    def drop(self, version_id: int) -> None:
        del self.held[version_id]
        self.log.append(version_id)

    @property
    def truth(self) -> Truth:
        return Truth(
            model="m", store="s", seq=len(self.log), everything=self._everything, changed=self._changed,
            latest=self._latest,
        )  # fmt: skip

    def _everything(self) -> tuple[VersionIds, Embeddings]:
        self.asked.append("everything")
        ids = np.array(sorted(self.held), np.int64)
        return ids, np.vstack([self.held[n] for n in sorted(self.held)]) if self.held else np.empty((0, 0), np.float32)

    def _changed(self, seq: int) -> tuple[int, list[int]]:
        return len(self.log), list(dict.fromkeys(self.log[seq:]))

    def _latest(self, version_ids: Iterable[int]) -> dict[int, Vector]:
        return {n: self.held[n] for n in version_ids if n in self.held}

    def nearest(self, query: Vector, k: int) -> list[int]:
        ids, matrix = self._everything()
        return [int(ids[row]) for row in np.argsort(-(matrix @ query), kind="stable")[:k]]


QUERY = _unit(1, seed=99)[0]


def _found(index: Index, k: int = 5) -> list[int]:
    return [version_id for version_id, _ in index.nearest(QUERY, k)]


def test_hits_are_those_of_a_plain_dot_product(tmp_path: Path) -> None:
    shop = Shop.of(50)
    hits = open_index(tmp_path, shop.truth).nearest(QUERY, 7)
    assert [hit[0] for hit in hits] == shop.nearest(QUERY, 7)
    assert [hit[1] for hit in hits] == pytest.approx([float(shop.held[hit[0]] @ QUERY) for hit in hits], abs=1e-6)


def test_only_what_passes_is_found(tmp_path: Path) -> None:
    shop = Shop.of(50)
    index = open_index(tmp_path, shop.truth)
    ranking = shop.nearest(QUERY, 50)
    among = index.nearest(QUERY, 3, among=np.array(sorted(ranking[10:20]), np.int64))
    assert [hit[0] for hit in among] == ranking[10:13]
    without = index.nearest(QUERY, 3, without=np.array([ranking[0], 999], np.int64))
    assert [hit[0] for hit in without] == ranking[1:4]
    assert index.nearest(QUERY, 3, among=np.array([999], np.int64)) == []


@settings(max_examples=30)
@given(rows=st.integers(0, 5), k=st.integers(-3, 20))
def test_there_are_never_more_hits_than_papers(tmp_path_factory: pytest.TempPathFactory, rows: int, k: int) -> None:
    hits = open_index(tmp_path_factory.mktemp("index"), Shop.of(rows).truth).nearest(QUERY, k)
    assert len(hits) == max(0, min(rows, k))
    assert all(version_id >= 10 for version_id, _ in hits)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 400), k=st.integers(1, 30), dim=st.sampled_from([2, 8, 384]), seed=st.integers(0, 99))
def test_among_eight_bit_copies_the_very_nearest_are_found(rows: int, k: int, dim: int, seed: int) -> None:
    matrix, query = _unit(rows, dim, seed), _unit(1, dim, seed + 100)[0]
    passing = np.random.default_rng(seed).random(rows) < 0.7
    k = min(k, int(passing.sum()))
    if not k:
        return
    found, scores = Copies(matrix).nearest(query, k, passing)
    assert passing[found].all()
    assert np.allclose(scores, matrix[found] @ query, atol=1e-6)
    nearest = np.sort((matrix @ query)[passing])[::-1][:k]
    assert np.allclose(np.sort(scores)[::-1][:k], nearest, atol=1e-6)


def test_rows_that_crowd_within_a_step_are_told_apart() -> None:
    """Eight bits cannot order them, so more of them are looked at until the nearest are certain."""
    draw = np.random.default_rng(5)
    matrix = _unit(1, 64) + draw.normal(0, 1e-4, (3_000, 64)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    query = matrix[17] + draw.normal(0, 1e-3, 64).astype(np.float32)
    found, scores = Copies(matrix).nearest(query, 10, np.ones(3_000, np.bool_))
    assert len(found) > 4 * 10
    assert np.allclose(np.sort(scores)[::-1][:10], np.sort(matrix @ query)[::-1][:10], atol=1e-6)


def test_copies_of_damaged_rows_end_in_an_answer() -> None:
    matrix = _unit(50)
    matrix[3] = np.nan
    found, _ = Copies(matrix).nearest(QUERY, 5, np.ones(50, np.bool_))
    assert len(found) >= 5


def test_an_index_that_is_asked_again_gives_the_same_answer_from_copies(tmp_path: Path) -> None:
    index = open_index(tmp_path, Shop.of(10_050).truth)
    once, *others = [index.nearest(QUERY, 20, without=np.array([12, 15], np.int64)) for _ in range(3)]
    assert index._copies is not None  # noqa: SLF001
    assert all([n for n, _ in once] == [n for n, _ in other] for other in others)


def test_ties_are_broken_by_id(tmp_path: Path) -> None:
    shop = Shop()
    shop.put(dict.fromkeys((13, 11, 12, 10), QUERY))
    assert _found(open_index(tmp_path, shop.truth), 4) == [10, 11, 12, 13]


def test_a_good_index_is_not_built_again(tmp_path: Path) -> None:
    shop = Shop.of(5)
    assert open_index(tmp_path, shop.truth).rebuilt
    shop.asked.clear()
    again = open_index(tmp_path, shop.truth, is_whole=True)
    assert (again.rebuilt, again.followed, shop.asked) == (False, 0, [])
    np.testing.assert_array_equal(again.vector(12), shop.held[12])
    assert again.vector(99) is None


def test_a_night_is_added_changed_and_taken_out_without_a_rebuild(tmp_path: Path) -> None:
    shop = Shop.of(60)
    open_index(tmp_path, shop.truth)
    shop.asked.clear()
    shop.put(dict(enumerate(_unit(9, seed=3), 200)))
    shop.put({12: _unit(1, seed=4)[0]})
    shop.drop(15)
    shop.put({17: shop.held[17]})  # noted, but the same
    index = open_index(tmp_path, shop.truth)
    assert (index.rebuilt, index.followed, shop.asked) == (False, 11, [])
    assert index.count == 68
    assert _found(index, 68) == shop.nearest(QUERY, 68)
    assert faults(tmp_path, shop.truth) == []


@settings(max_examples=40)
@given(
    nights=st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 9)))), min_size=1, max_size=6
    )
)
def test_following_night_after_night_ends_where_a_rebuild_does(
    tmp_path_factory: pytest.TempPathFactory, nights: list[list[tuple[int, int | None]]]
) -> None:
    folder, shop = tmp_path_factory.mktemp("index"), Shop.of(20)
    for night in nights:
        for version_id, seed in night:
            if seed is not None:
                shop.put({version_id: _unit(1, seed=seed)[0]})
            elif version_id in shop.held:
                shop.drop(version_id)
        followed = open_index(folder, shop.truth)
        assert faults(folder, shop.truth) == []
    anew = open_index(tmp_path_factory.mktemp("anew"), shop.truth)
    assert followed.nearest(QUERY, 50) == anew.nearest(QUERY, 50)


def test_an_index_with_too_many_holes_is_built_anew(tmp_path: Path) -> None:
    shop = Shop.of(10)
    open_index(tmp_path, shop.truth)
    for version_id in range(10, 14):
        shop.drop(version_id)
    assert open_index(tmp_path, shop.truth).rebuilt
    assert [file.suffix for file in sorted(tmp_path.glob("v*-*"))] == [".f32", ".i64"]


def _flip(pattern: str, place: int) -> Callable[[Path], None]:
    def flip(folder: Path) -> None:
        file = next(folder.glob(pattern))
        content = bytearray(file.read_bytes())
        content[place] ^= 1
        file.write_bytes(content)

    return flip


def _cut(pattern: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(next(folder.glob(pattern)), 40)


def _write(pattern: str, row: int, value: npt.NDArray[np.generic]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        file = next(folder.glob(pattern))
        content = bytearray(file.read_bytes())
        content[row * value.nbytes : (row + 1) * value.nbytes] = value.tobytes()
        file.write_bytes(content)

    return write


DAMAGES = {
    "vectors deleted": lambda folder: next(folder.glob("vectors-*")).unlink(),
    "vectors cut short": _cut("vectors-*"),
    "ids cut short": _cut("versions-*"),
    "one bit of a vector flipped": _flip("vectors-*", 333),
    "one bit of an id flipped": _flip("versions-*", 24),
    "an id twice": _write("versions-*", 3, np.array([11], np.int64)),
    "a vector that is NaN": _write("vectors-*", 7, np.full(8, np.nan, np.float32)),
    "manifest no JSON": lambda folder: (folder / "manifest.json").write_text("{"),
    "manifest of another kind": lambda folder: (folder / "manifest.json").write_text('{"rows": -1}'),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_index_is_named_and_rebuilt_with_the_same_answers(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    shop = Shop.of(30)
    before = open_index(tmp_path, shop.truth).nearest(QUERY, 5)
    damage(tmp_path)
    assert faults(tmp_path, shop.truth)
    after = open_index(tmp_path, shop.truth, is_whole=True)
    assert after.rebuilt
    assert after.nearest(QUERY, 5) == before
    assert faults(tmp_path, shop.truth) == []


def test_an_index_of_another_store_another_model_or_a_later_state_is_not_believed(tmp_path: Path) -> None:
    shop = Shop.of(5)
    open_index(tmp_path, shop.truth)
    for other in (replace(shop.truth, model="n"), replace(shop.truth, store="t"), replace(shop.truth, seq=2)):
        assert open_index(tmp_path, other).rebuilt


def test_vectors_that_were_changed_behind_the_list_of_changes_are_noticed(tmp_path: Path) -> None:
    shop = Shop.of(10)
    open_index(tmp_path, shop.truth)
    shop.held |= dict(enumerate(_unit(10, seed=5), 10))  # as a store restored from elsewhere
    assert open_index(tmp_path, shop.truth).rebuilt


def test_what_is_no_direction_is_refused(tmp_path: Path) -> None:
    shop = Shop.of(3)
    shop.held[11] = np.full(8, np.nan, np.float32)
    with pytest.raises(ModelError, match="no direction"):
        open_index(tmp_path, shop.truth)


def test_many_vectors_are_found_by_lists_with_exact_scores_and_late_ones_too(tmp_path: Path) -> None:
    shop = Shop.of(4_000)
    assert open_index(tmp_path, shop.truth).is_exact
    index = open_index(tmp_path, shop.truth, exact_up_to=1_000)
    assert (index.is_exact, index.rebuilt) == (False, False)
    shop.put({9_000: QUERY})
    shop.drop(shop.nearest(QUERY, 2)[1])
    index = open_index(tmp_path, shop.truth, exact_up_to=1_000)
    found, true = index.nearest(QUERY, 10), shop.nearest(QUERY, 10)
    assert found[0][0] == 9_000
    assert len({version_id for version_id, _ in found}.intersection(true)) >= 9
    assert all(score == pytest.approx(float(shop.held[n] @ QUERY), abs=1e-5) for n, score in found)
    narrow = np.array(sorted(true[3:5]), np.int64)
    assert {n for n, _ in index.nearest(QUERY, 2, among=narrow)} == set(true[3:5])
    assert open_index(tmp_path, shop.truth).is_exact


def test_lists_that_are_cut_short_are_made_anew(tmp_path: Path) -> None:
    shop = Shop.of(2_000)
    before = open_index(tmp_path, shop.truth, exact_up_to=1_000).nearest(QUERY, 5)
    os.truncate(next(tmp_path.glob("lists-*")), 500)
    after = open_index(tmp_path, shop.truth, exact_up_to=1_000)
    assert (after.rebuilt, after.is_exact) == (True, False)
    assert after.nearest(QUERY, 5) == before


def test_lists_for_which_the_disk_has_no_room_are_refused_in_one_line(tmp_path: Path) -> None:
    shop = Shop.of(4_000)
    open_index(tmp_path, shop.truth)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(ModelError, match="check its permissions and the disk's space"):
            open_index(tmp_path, shop.truth, exact_up_to=1_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.glob("lists-*"))
    assert not open_index(tmp_path, shop.truth, exact_up_to=1_000).is_exact


# A process that dies at the n-th call of one of the calls that make a write last, in the middle of an update.
_DYING = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
import numpy as np
from test_index import Shop, _unit, open_index
shop = Shop.of(3_000)
open_index(Path({folder!r}), shop.truth)
shop.put(dict(enumerate(_unit(500, seed=3), 9_000)))
shop.drop(12)
left = {calls}
def counted(real, before):
    def call(*arguments):
        global left
        left -= 1
        if left == 0 and before:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*arguments)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return call
os.fsync, os.replace = counted(os.fsync, {before}), counted(os.replace, {before})
open_index(Path({folder!r}), shop.truth)
"""


@pytest.mark.parametrize(("calls", "before"), [(1, True), (2, True), (3, True), (4, True), (4, False)])
def test_a_process_killed_in_an_update_leaves_the_next_search_right(
    tmp_path: Path, calls: int, *, before: bool
) -> None:
    script = _DYING.format(tests=str(Path(__file__).parent), folder=str(tmp_path), calls=calls, before=before)
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)  # noqa: S603  our own script
    assert done.returncode == -signal.SIGKILL
    shop = Shop.of(3_000)
    shop.put(dict(enumerate(_unit(500, seed=3), 9_000)))
    shop.drop(12)
    index = open_index(tmp_path, shop.truth)
    assert not index.rebuilt
    assert _found(index, 50) == shop.nearest(QUERY, 50)
    assert faults(tmp_path, shop.truth) == []
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert manifest.rows == 3_500
