"""Where the files that travel with the code lie: beside the package in a checkout, inside it in a wheel."""

from importlib.resources import files
from pathlib import Path

from digest.errors import UsageError

PACKAGE = Path(str(files("digest")))
_CARRIED = PACKAGE / "_carried"  # hatchling puts templates/, migrations/ and site/ here (pyproject.toml, force-include)
_CHECKOUT = PACKAGE.parent

BUNDLED = PACKAGE / "bundled"  # the April 2024 papers, an expert's picks, the taxonomy


def _carried(in_wheel: str, in_checkout: str) -> Path:
    packed = _CARRIED / in_wheel
    return packed if packed.exists() else _CHECKOUT / in_checkout


TEMPLATES = _carried("templates", "templates")
PROMPTS = TEMPLATES / "prompts"
MIGRATIONS = _carried("migrations", "migrations")
STATIC = _carried("static", "site/static")
CONTENT = _carried("content", "site/content")
STARTER_SETTINGS = _carried("digest.toml", "digest.toml")


def expanded(path: Path | str) -> Path:
    """Return a path with ~ and ~somebody in the place of their home folders.

    Raises:
        UsageError: there is no such person here, or nobody's home is known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{path} begins at a home folder that is not there: write the whole path") from error
