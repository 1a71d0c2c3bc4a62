"""How long brokers take to answer."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.http import CallRecord, Kind
from openalgo.observability.call_times import CallTimes, Histogram


def call(
    ms: float = 20.0,
    *,
    broker: str = "Zerodha",
    name: str = "place_order",
    queued_ms: float = 0.0,
    status: int = 200,
    problem: str | None = None,
) -> CallRecord:
    return CallRecord(
        broker=broker,
        account="1",
        name=name,
        kind=Kind.ORDER,
        attempt=1,
        queued_ms=queued_ms,
        ms=ms,
        status=status,
        bytes=10,
        problem=problem,
    )


@given(
    st.lists(st.floats(min_value=0.05, max_value=60_000), min_size=1, max_size=200),
    st.sampled_from([50, 90, 99, 100]),
)
def test_a_percentile_is_at_most_a_tenth_too_high(durations: list[float], percent: int) -> None:
    histogram = Histogram()
    for ms in durations:
        histogram.add(ms)
    exact = sorted(durations)[ceil(len(durations) * percent / 100) - 1]
    assert exact <= histogram.percentile(percent) <= exact * 1.1001


@pytest.mark.parametrize("ms", [0.0, 1e9])
def test_what_is_beyond_the_buckets_counts(ms: float) -> None:
    histogram = Histogram()
    assert histogram.percentile(99) == 0
    histogram.add(ms)
    assert histogram.count == 1
    assert histogram.percentile(50) == ms


def test_calls_are_told_by_broker_and_name_with_what_went_wrong() -> None:
    times = CallTimes()
    for ms in (10.0, 20.0, 30.0):
        times.note(call(ms, queued_ms=ms / 10))
    times.note(call(5_000, status=0, problem="timeout"))
    times.note(call(status=429))
    times.note(call(name="funds"))
    times.note(call(broker="Other"))
    funds, placed = times.of("Zerodha")
    assert (funds.name, funds.count, funds.errors) == ("funds", 1, {})
    assert (placed.name, placed.count) == ("place_order", 5)
    assert placed.errors == {"timeout": 1, "http 429": 1}
    assert placed.p50 == pytest.approx(20, rel=0.1)
    assert placed.p99 == placed.longest == 5_000
    assert placed.queued_p99 == 3
    assert times.of("nobody") == []
