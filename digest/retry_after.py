"""The headers of an answer → how long its server asks to wait (pure)."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait (RFC 9110, 10.2.3); None where it does not say, or says nonsense.

    The header's names are looked up as they are written here: hand over a mapping that ignores their case. A date is
    counted from the server's own clock (`Date`), so that ours need not be right; one that is past asks for no wait.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdecimal():
        return float(asked[:12])
    try:
        moments = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (moments[0] - moments[1]).total_seconds())
    except (ValueError, TypeError):  # no date, or one of the two without a time zone
        return None
