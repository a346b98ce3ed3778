"""Clients and the time → who may ask now, by a bucket of tokens for each (pure)."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

_MOST_CLIENTS = 10_000  # remembered; the one that was silent longest is forgotten first
_NETWORK = 64  # bits of an IPv6 address that one customer has to himself


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """A bucket for each client: it holds a burst, and fills again at a steady rate."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self._rate, self._burst = per_minute / 60, float(burst)
        self._held: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Take a token at a time in seconds; return 0.0, or after how many seconds there will be one."""
        key = _key(client)
        bucket = self._held.pop(key, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        self._held[key] = bucket
        if len(self._held) > _MOST_CLIENTS:
            self._held.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0

    def __len__(self) -> int:
        """Count the clients that are remembered."""
        return len(self._held)


def _key(client: str) -> str:
    """Return what counts as one client: an address, or an IPv6 customer's whole network."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:  # noqa: PLR2004
        return client
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))
