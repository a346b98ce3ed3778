"""A client may ask a burst at once and then at a steady rate, whoever else asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.serve.rate import Buckets


def test_a_burst_is_let_through_and_then_one_for_each_second_of_waiting() -> None:
    buckets = Buckets(per_minute=60, burst=3)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a", 0.0) == pytest.approx(1.0)
    assert buckets.take("a", 0.5) == pytest.approx(0.5)
    assert buckets.take("a", 1.0) == 0
    assert buckets.take("b", 1.0) == 0  # another client's bucket is its own


@given(gaps=st.lists(st.floats(0, 30), max_size=60), per_minute=st.integers(1, 600), burst=st.integers(1, 20))
def test_nobody_gets_more_than_the_burst_and_the_rate(gaps: list[float], per_minute: int, burst: int) -> None:
    buckets, now, let_through = Buckets(per_minute, burst), 0.0, 0
    for gap in gaps:
        now += gap
        wait = buckets.take("a", now)
        let_through += wait == 0
        assert wait <= 60 / per_minute + 1e-6
    assert let_through <= burst + now * per_minute / 60 + 1e-6


@given(wait=st.floats(0, 1000))
def test_who_waits_as_long_as_told_is_let_through(wait: float) -> None:
    buckets = Buckets(per_minute=7, burst=1)
    buckets.take("a", wait)
    told = buckets.take("a", wait)
    assert told > 0
    assert buckets.take("a", wait + told + 1e-6) == 0


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    buckets = Buckets(per_minute=60, burst=1)
    assert buckets.take("a", 100.0) == 0
    assert buckets.take("a", 0.0) > 0


def test_a_network_of_ipv6_is_one_client_and_an_ipv4_address_another() -> None:
    buckets = Buckets(per_minute=1, burst=1)
    assert buckets.take("2001:db8::1", 0.0) == 0
    assert buckets.take("2001:db8::2", 0.0) > 0
    assert buckets.take("2001:db8:0:1::1", 0.0) == 0
    assert buckets.take("192.0.2.1", 0.0) == buckets.take("192.0.2.2", 0.0) == 0


def test_many_clients_take_bounded_memory() -> None:
    buckets = Buckets(per_minute=1, burst=1)
    for number in range(12_000):
        buckets.take(str(number), 0.0)
    assert len(buckets) == 10_000
