"""Files of chosen papers are read, whatever wrote them."""

from datetime import date

import pytest

from digest.errors import UsageError
from digest.select.picks import Pick, parse_picks


def test_picks_are_read_once_each_with_what_is_known() -> None:
    lines = b'{"id": "2301.03728v2", "title": null, "picked": "2023-01-10"}\n\n{"id": "2301.03728", "title": "T"}\n'
    assert parse_picks(lines, "picks") == [Pick("2301.03728", "T")]
    assert parse_picks(b'{"id": "2301.03728", "picked": "2023-01-10"}', "p")[0].picked == date(2023, 1, 10)


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"title": "x"}', b'{"id": "../etc"}', b'{"id": 5}', b"\xff"])
def test_a_line_that_is_no_pick_is_named(line: bytes) -> None:
    with pytest.raises(UsageError, match="picks, line 2: not a pick"):
        parse_picks(b'{"id": "2301.03728"}\n' + line, "picks")
