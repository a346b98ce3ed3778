"""Arguments → what the git executable printed; secrets leave in its environment only, and come back blotted out."""

import base64
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from digest.errors import PublishError

_LONGEST = 900  # seconds that one command may take: a first push of a large archive over a slow line
_STEERING = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")
_PASSWORD = re.compile(r"(?<=//)[^/@\s]+@")


class GitFailed(PublishError):  # noqa: N818  it may be no fault of ours: a race is run again
    """A git command ended with a fault; `said` is what it printed, without secrets."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message, said)
        self.message, self.said = message, said

    def __str__(self) -> str:
        """Write the message alone."""
        return self.message


@dataclass(frozen=True, slots=True)
class Git:
    """A bare repository of our own, and the way to talk to a remote from it."""

    folder: Path
    remote: str = ""  # an address
    token: str = field(default="", repr=False)  # sent to the remote's host by HTTPS, and to no other

    def __call__(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        """Run a command and return what it printed.

        Raises:
            PublishError: git is not installed, or takes too long.
            GitFailed: the command ended with a fault.
        """
        try:
            done = subprocess.run(  # noqa: S603  no shell, and the arguments are ours
                ["git", "-C", str(self.folder), *_QUIET, *arguments],  # noqa: S607  the one that the person installed
                input=stdin,
                capture_output=True,
                env=self._environment() | dict(environment or {}),
                timeout=_LONGEST,
                check=False,
            )
        except FileNotFoundError as error:
            raise PublishError("git is not installed: install it, or leave publish.remote empty") from error
        except subprocess.TimeoutExpired as error:
            raise PublishError(f"git {arguments[0]} was not done in {_LONGEST} s: check the line, run again") from error
        except OSError as error:
            raise PublishError(f"git cannot be started: {error.strerror}; nothing was published") from error
        said = self.without_secrets((done.stderr + done.stdout).decode(errors="replace"))
        if done.returncode:
            raise GitFailed(f"git {arguments[0]} failed: {_reason(said)}", said)
        return done.stdout

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _STEERING}
        asks_nobody = {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
        }
        return inherited | asks_nobody | self._credentials()

    def _credentials(self) -> dict[str, str]:
        """Return the token as a header for the remote's host, in variables: arguments can be seen by all users."""
        try:
            parts = urlsplit(self.remote)
        except ValueError:  # git says what is wrong with it
            return {}
        if not self.token or parts.scheme != "https":
            return {}
        header = f"Authorization: Basic {self._encoded_token()}"
        settings = {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": header, "http.followRedirects": "false"}
        pairs = list(enumerate(settings.items()))
        numbered = {f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in pairs}
        return numbered | {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in pairs} | {"GIT_CONFIG_COUNT": "2"}

    def _encoded_token(self) -> str:
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode()

    def without_secrets(self, text: str) -> str:
        """Return a text without the token, and without what stands before a host's name in an address."""
        for secret in (self.token, self._encoded_token()) if self.token else ():
            text = text.replace(secret, "***")
        return _PASSWORD.sub("***@", text)


# Nothing of the person's own set-up may change the bytes, run a program or outlive this process.
_QUIET = tuple(
    part
    for setting in ("core.hooksPath=/dev/null", "core.autocrlf=false", "gc.autoDetach=false")
    for part in ("-c", setting)
)


def _reason(said: str) -> str:
    """Return the line of git's output that says what was wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!"))]
    return (telling or lines or ["it did not say why"])[0][:300]
