"""An issue is locked when it is printed, and comes out of its lock again, byte for byte."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.issue.lock import read_lock
from digest.paper import Month
from digest.pipeline import night, printing
from digest.pipeline.workshop import Workshop
from digest.settings import load_settings

pytestmark = pytest.mark.model
APRIL = Month(2024, 4)


def _run(workshop: Workshop) -> None:
    night.run_month(workshop, APRIL, from_file=workshop.settings.root / "papers.jsonl")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def _locked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digest", "build", "--locked", "2024-04"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def test_an_issue_is_built_again_without_store_or_model_and_an_editors_change_is_named(
    workshop: Workshop, publication: Path
) -> None:
    _run(workshop)
    site, content = publication / "site" / "public", publication / "site" / "content" / "2024-04"
    printed, lock = _files(site), (content / "issue.lock").read_bytes()
    workshop.store.close()
    shutil.rmtree(publication / "data")
    shutil.rmtree(site)
    (publication / "digest.toml").write_text('[models]\nencoder = "gone"\nwriter = "gone.gguf"\n', encoding="utf-8")

    assert _locked(publication).returncode == 0
    assert _files(site) == printed
    assert (content / "issue.lock").read_bytes() == lock
    assert _locked(publication).returncode == 3, "done again, there is nothing to do"

    text = (content / "issue.toml").read_text(encoding="utf-8")
    (content / "issue.toml").write_text(text.replace("Can memory be bounded?", "Is memory bounded?"), encoding="utf-8")
    refused = _locked(publication)
    assert refused.returncode == 4
    assert refused.stdout == f'{content / "issue.toml"}, line 1 is changed: title = "Is memory bounded?"\n'
    assert "1 thing differs, nothing was written" in refused.stderr
    assert _files(site) == printed

    (content / "issue.toml").write_text(text, encoding="utf-8")
    (publication / "digest.toml").write_text('[site]\ntitle = "Other"\n', encoding="utf-8")
    refused = _locked(publication)
    assert refused.returncode == 4
    assert refused.stdout.splitlines()[0] == "setting site.title is 'Other', was 'digest'"
    assert "pages: 2024-04/ differs" in refused.stdout


def test_the_lock_holds_what_made_the_issue_and_changes_only_with_it(workshop: Workshop, publication: Path) -> None:
    _run(workshop)
    file = publication / "site" / "content" / "2024-04" / "issue.lock"
    written = file.read_bytes()
    lock = read_lock(written, "issue.lock")
    assert lock.made_with["select.entries"] == "8"
    assert sorted(lock.papers) == sorted(one.paper.arxiv_id for one in lock.material.listed)
    assert all(one.summary.prompt_hash and one.summary.evidence for one in lock.material.listed)
    assert set(lock.surroundings.editor_files) == {"issue.toml"}
    assert not printing.build(workshop).outcome.changed
    assert file.read_bytes() == written
    file.write_bytes(b"<<<<<<< HEAD\n" + written)
    with pytest.raises(UsageError, match=r"issue\.lock is no lock .*take it back from git"):
        printing.build(workshop)
    file.write_bytes(b'{"surroundings": {"code": "of an older digest"}}')
    assert printing.build(workshop).outcome.changed
    assert file.read_bytes() == written


def test_a_build_says_what_it_has_no_room_for_and_the_lock_stays_that_of_the_whole_issue(
    workshop: Workshop, publication: Path
) -> None:
    _run(workshop)
    lock = publication / "site" / "content" / "2024-04" / "issue.lock"
    printed, settings = lock.read_bytes(), publication / "digest.toml"
    size = sum(map(len, _files(publication / "site" / "public").values()))
    settings.write_text(
        f"{settings.read_text(encoding='utf-8')}[site]\nmax_bytes = {size - 50_000}\n", encoding="utf-8"
    )
    bounded = replace(workshop, settings=load_settings(settings))
    (warning,) = printing.build(bounded).outcome.warnings
    assert warning.startswith("site.max_bytes is ")
    assert "the pictures of " in warning
    assert lock.read_bytes() == printed
    site = _files(publication / "site" / "public")
    assert sum(map(len, site.values())) <= size - 50_000
    assert _locked(publication).returncode == 3
    assert _files(publication / "site" / "public") == site


def test_a_month_without_a_lock_is_refused(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="`digest build` writes it"):
        printing.rebuild(workshop, APRIL)
