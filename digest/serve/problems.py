"""Why there is no answer → one line of JSON (RFC 9457), or one line for an assistant."""

from http import HTTPStatus

from digest.serve.shapes import Problem

MEDIA_TYPE = "application/problem+json"


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault of ours
    """What was asked gets no answer; the line says why and how to mend it."""

    def __init__(self, status: HTTPStatus, detail: str, *, retry_after: float = 0.0) -> None:
        super().__init__(status, detail)
        self.status, self.detail, self.retry_after = status, detail, retry_after

    def __str__(self) -> str:
        """Say why."""
        return self.detail


def problem(status: HTTPStatus, detail: str) -> bytes:
    """Write a problem document, on one line."""
    return Problem(title=status.phrase, status=status, detail=detail).model_dump_json().encode()
