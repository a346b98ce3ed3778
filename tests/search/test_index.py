"""The index is exact, is believed only when it is what the store holds, and is rebuilt otherwise."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ModelError
from digest.search.index import Embeddings, Index, VersionIds, open_index


def _unit(rows: int, dim: int = 8, seed: int = 0) -> Embeddings:
    matrix = np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def _hashes(ids: VersionIds, matrix: Embeddings) -> list[tuple[int, str]]:
    return [(int(n), hashlib.sha256(row.tobytes()).hexdigest()) for n, row in zip(ids, matrix, strict=True)]


def _never() -> tuple[VersionIds, Embeddings]:
    raise AssertionError("the cache was good: the vectors must not be loaded")


def _open(
    folder: Path, matrix: Embeddings, load: Callable[[], tuple[VersionIds, Embeddings]] | None = None, model: str = "m"
) -> Index:
    ids = np.arange(10, 10 + len(matrix), dtype=np.int64)
    return open_index(folder, model=model, hashes=_hashes(ids, matrix), load=load or (lambda: (ids, matrix)))


def test_hits_are_those_of_a_plain_dot_product(tmp_path: Path) -> None:
    matrix, query = _unit(50), _unit(1, seed=1)[0]
    expected = np.argsort(-(matrix @ query))[:7] + 10
    hits = _open(tmp_path, matrix).nearest(query, 7)
    assert [hit[0] for hit in hits] == expected.tolist()
    assert [hit[1] for hit in hits] == pytest.approx(np.sort(matrix @ query)[::-1][:7], abs=1e-6)


@settings(max_examples=30)
@given(rows=st.integers(0, 5), k=st.integers(-3, 20))
def test_there_are_never_more_hits_than_papers(tmp_path_factory: pytest.TempPathFactory, rows: int, k: int) -> None:
    hits = _open(tmp_path_factory.mktemp("index"), _unit(rows)).nearest(_unit(1)[0], k)
    assert len(hits) == max(0, min(rows, k))
    assert all(version_id >= 10 for version_id, _ in hits)


def test_ties_are_broken_by_id(tmp_path: Path) -> None:
    matrix = np.tile(_unit(1), (4, 1))
    assert [hit[0] for hit in _open(tmp_path, matrix).nearest(matrix[0], 4)] == [10, 11, 12, 13]


def test_a_good_cache_is_not_built_again(tmp_path: Path) -> None:
    matrix = _unit(5)
    assert _open(tmp_path, matrix).rebuilt
    again = _open(tmp_path, matrix, load=_never)
    assert not again.rebuilt
    vector = again.vector(12)
    assert vector is not None
    np.testing.assert_array_equal(vector, matrix[2])
    assert again.vector(99) is None


def _flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "vectors.faiss").unlink(),
        lambda folder: (folder / "vectors.faiss").write_bytes(b"IxFI"),
        lambda folder: _flip_a_bit(folder / "vectors.faiss"),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").unlink(),
    ],
    ids=["deleted", "truncated", "one bit flipped", "broken manifest", "no manifest"],
)
def test_a_damaged_cache_is_rebuilt_with_the_same_answers(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    matrix, query = _unit(30), _unit(1, seed=2)[0]
    before = _open(tmp_path, matrix).nearest(query, 5)
    damage(tmp_path)
    after = _open(tmp_path, matrix)
    assert after.rebuilt
    assert after.nearest(query, 5) == before


def test_a_cache_of_other_vectors_or_another_model_is_not_believed(tmp_path: Path) -> None:
    _open(tmp_path, _unit(5))
    assert _open(tmp_path, _unit(6)).rebuilt
    assert _open(tmp_path, _unit(6, seed=3)).rebuilt
    assert _open(tmp_path, _unit(6, seed=3), model="other").rebuilt


def test_what_is_no_direction_or_stands_twice_is_refused(tmp_path: Path) -> None:
    broken = _unit(3)
    broken[1] = np.nan
    with pytest.raises(ModelError, match="no direction"):
        _open(tmp_path, broken)
    matrix = _unit(2)
    ids = np.array([7, 7], np.int64)
    with pytest.raises(ModelError, match="two vectors"):
        open_index(tmp_path, model="m", hashes=_hashes(ids, matrix), load=lambda: (ids, matrix))
