"""A folder → a publication's folder: settings and content put there, nothing ever overwritten."""

import os
import shutil
from pathlib import Path

from digest.errors import UsageError
from digest.places import BUNDLED, CONTENT, STARTER_SETTINGS
from digest.settings import FILE_NAME, load_settings

DEMO_MONTH = "2024-04"
DEMO_PAPERS = BUNDLED / "april-2024.jsonl.gz"


def write_settings(folder: Path) -> Path:
    """Write a digest.toml to begin with and return its path.

    Raises:
        UsageError: one is there already, or the folder cannot be written.
    """
    file = folder / FILE_NAME
    if file.exists():
        raise UsageError(f"{file} is there already and was left as it is: edit it, or choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy_whole(STARTER_SETTINGS, file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}; choose another folder") from error
    return file


def prepare_demo(folder: Path) -> Path:
    """Return the folder's settings file, after putting there what the April 2024 issue needs and is missing.

    Raises:
        UsageError: the settings file is broken, or the folder cannot be written.
    """
    file = folder / FILE_NAME
    if not file.exists():
        write_settings(folder)
    settings = load_settings(file)
    content = settings.path(settings.site.content) / DEMO_MONTH
    if not content.exists():
        try:
            content.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(CONTENT / DEMO_MONTH, content)
        except OSError as error:
            raise UsageError(f"{content} cannot be written: {error.strerror}; choose another folder") from error
    return file


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that the target is either whole or not there."""
    beside = target.with_name(target.name + ".new")
    shutil.copyfile(source, beside)
    os.replace(beside, target)  # noqa: PTH105  Path.replace says less than what it does
