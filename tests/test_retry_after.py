"""Whoever asks us to wait is understood, and nonsense is not obeyed."""

import pytest
from httpx import Headers
from hypothesis import given
from hypothesis import strategies as st

from digest.retry_after import asked_to_wait

_NOW = "Mon, 01 Apr 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"retry-after": " 7 "}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "1000000000"}, 1e9),
        ({"Retry-After": "Mon, 01 Apr 2024 00:01:00 GMT", "Date": _NOW}, 60),
        ({"Retry-After": "Sun, 31 Mar 2024 23:00:00 GMT", "Date": _NOW}, 0),
        ({"Retry-After": "Mon, 01 Apr 2024 00:01:00 -0000", "Date": _NOW}, None),
        ({"Retry-After": "Mon, 01 Apr 2024 00:01:00 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_seconds_and_dates_are_read_and_nothing_else(headers: dict[str, str], seconds: float | None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert asked_to_wait(Headers(raw, encoding="utf-8")) == seconds


@given(st.text(), st.text())
def test_no_header_is_a_fault(asked: str, now: str) -> None:
    found = asked_to_wait({"Retry-After": asked, "Date": now})
    assert found is None or found >= 0
