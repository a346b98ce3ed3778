"""Where what may be deleted at any time is kept."""

import os
import stat
import tempfile
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Return the user's cache folder; where no home is known, one among the temporary files that is the user's alone.

    What others could have put there would be believed, so a folder of theirs is no folder: nothing can be kept then.
    """
    try:
        return user_cache_path("digest")
    except RuntimeError:  # neither HOME nor an entry among the users, as in a container with a number for a user
        folder = Path(tempfile.gettempdir()) / f"digest-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return Path(os.devnull) / "digest"
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if is_ours else Path(os.devnull) / "digest"
