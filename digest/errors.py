"""What can go wrong, as one small tree; the command line turns any of it into one line and a status.

DigestError            status 1: something failed; the line says what and how to mend it
├── UsageError         status 2: a command, a settings file or an editor's file is not as it must be
├── StoreError         the database cannot be read, written or is newer than this code
├── SourceError        a source of papers refused, timed out or sent nonsense
├── ModelError         a model file is missing, is no model, or failed while working
├── PublishError       the site lies complete here, but could not be sent to where it is read
├── NothingToDo        status 3: there was nothing to do (said, not hidden)
└── GateRefused        status 4: nothing was published because a gate said no
"""

from typing import ClassVar


class DigestError(Exception):
    """The base of every error a user can cause or meet; its one line names the thing and the mend."""

    status: ClassVar[int] = 1


class UsageError(DigestError):
    """A command, a settings file or an editor's file is not as it must be."""

    status = 2


class StoreError(DigestError):
    """The database cannot be opened, is damaged, or was written by newer code."""


class SourceError(DigestError):
    """A source of papers refused, timed out or sent nonsense."""


class ModelError(DigestError):
    """A model file is missing, is not what it claims to be, or failed while working."""


class PublishError(DigestError):
    """The site lies complete on this machine, but could not be sent, or nobody could be told of it."""


class NothingToDo(DigestError):  # noqa: N818  it is an outcome, told apart by its exit status
    """There was nothing to do."""

    status = 3


class GateRefused(DigestError):  # noqa: N818  it is an outcome, told apart by its exit status
    """Nothing was published, because a gate said no."""

    status = 4
