"""Windows are kept, whatever is asked of them."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.limits import Lane, Limiter, LimitReached, RateLimit, Scopes
from tests.brokers.kit.virtual import VirtualLoop, now


def test_limits_that_leave_nothing_are_refused() -> None:
    for windows, reserve in [(((2, 1.0),), 2), (((2, 1.0),), -1), (((2, 0.0),), 0)]:
        with pytest.raises(ValueError, match="Rate limit api"):
            RateLimit("api", windows, reserve)
    twice = RateLimit("api", ((2, 1.0),))
    with pytest.raises(ValueError, match="two rate limits for api"):
        Limiter([twice, twice])


calls = st.tuples(
    st.sampled_from(list(Lane)),
    st.sampled_from([("a",), ("b",), ("a", "b")]),
    st.integers(1, 3),  # weight
    st.floats(0, 3),  # begins
    st.floats(0, 8),  # patience
)
limits = st.tuples(st.integers(4, 9), st.sampled_from([0.5, 1.0, 2.5]))


@given(st.lists(calls, max_size=40), st.lists(limits, min_size=1, max_size=2), limits)
def test_no_window_is_ever_exceeded_and_everybody_gets_an_answer(
    wanted: list[tuple[Lane, Scopes, int, float, float]],
    a: list[tuple[int, float]],
    b: tuple[int, float],
) -> None:
    granted: list[tuple[float, Scopes, int]] = []
    outcomes: list[bool] = []

    async def run() -> None:
        limiter = Limiter([RateLimit("a", tuple(a), reserve=1), RateLimit("b", (b,))])

        async def call(
            lane: Lane, scopes: Scopes, weight: int, begins: float, patience: float
        ) -> None:
            await asyncio.sleep(begins)
            started = now()
            try:
                await limiter.acquire(scopes, lane, weight=weight, within=patience)
            except LimitReached:
                outcomes.append(False)
                return
            assert now() - started <= patience + 1e-6
            granted.append((now(), scopes, weight))
            outcomes.append(True)

        await asyncio.gather(*(call(*one) for one in wanted))
        assert limiter.waiting == 0

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run())
    assert len(outcomes) == len(wanted)
    for scope, windows in (("a", a), ("b", [b])):
        taken = [(at, weight) for at, scopes, weight in granted if scope in scopes]
        for most, seconds in windows:
            for since, _ in taken:
                # The span ends just before the window lets the first of them go.
                held = sum(w for at, w in taken if since <= at < since + seconds - 1e-6)
                assert held <= most


@settings(max_examples=25)
@given(st.lists(st.floats(0, 0.004), min_size=400, max_size=700))
def test_a_large_limit_is_kept_though_calls_are_counted_together(pauses: list[float]) -> None:
    times: list[float] = []

    async def run() -> None:
        limiter = Limiter([RateLimit("api", ((300, 1.0),))])
        for pause in pauses:
            await asyncio.sleep(pause)
            await limiter.acquire(("api",), Lane.READ, within=100)
            times.append(now())

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(run())
    for first, last in zip(times, times[300:], strict=False):
        assert last - first >= 1.0 - 1e-6
