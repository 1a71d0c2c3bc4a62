"""Market time moves when it is told to, and is written in IST."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.clock import (
    IST,
    AcceleratedClock,
    ManualClock,
    SystemClock,
    epoch_ms,
    ist_text,
)

START = datetime(2026, 1, 5, 9, 15, tzinfo=IST)
SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def settle() -> None:
    """Let every task run until it waits again."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_manual_clock_stands_still_and_speaks_utc() -> None:
    clock = ManualClock(START)
    assert clock.now() == clock.now() == START
    assert clock.now().tzinfo is UTC


def test_a_manual_clock_moves_forward_only() -> None:
    clock = ManualClock(START)
    clock.advance(SECOND)
    clock.set(START)
    clock.advance(-SECOND)
    assert clock.now() == START + SECOND
    clock.set((START + 3 * SECOND).astimezone(timezone(timedelta(hours=-5))))
    assert clock.now() == START + 3 * SECOND
    assert clock.now().tzinfo is UTC


async def test_sleeping_until_the_past_or_now_returns_at_once() -> None:
    clock = ManualClock(START)
    async with asyncio.timeout(1):
        await clock.sleep_until(START)
        await clock.sleep_until(START - SECOND)


async def test_sleepers_wake_when_their_time_comes_and_not_before() -> None:
    clock = ManualClock(START)
    woken: list[int] = []

    async def sleeper(seconds: int) -> None:
        await clock.sleep_until(START + seconds * SECOND)
        woken.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (3, 1, 2, 1):
            group.create_task(sleeper(seconds))
        await settle()
        assert woken == []
        clock.advance(SECOND)
        await settle()
        assert woken == [1, 1]
        clock.advance(SECOND - timedelta(microseconds=1))
        await settle()
        assert woken == [1, 1]
        clock.set(START + timedelta(days=1))
        await settle()
        assert woken == [1, 1, 2, 3]


async def test_those_who_wait_for_the_same_time_wake_in_order() -> None:
    clock = ManualClock(START)
    woken: list[int] = []

    async def sleeper(name: int) -> None:
        await clock.sleep_until(START + SECOND)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name in range(10):
            group.create_task(sleeper(name))
        await settle()
        clock.advance(SECOND)
    assert woken == list(range(10))


async def test_a_cancelled_sleeper_does_not_disturb_the_others() -> None:
    clock = ManualClock(START)
    leaves = asyncio.create_task(clock.sleep_until(START + SECOND))
    stays = asyncio.create_task(clock.sleep_until(START + SECOND))
    await settle()
    leaves.cancel()
    await settle()
    clock.advance(SECOND)
    async with asyncio.timeout(1):
        await stays
    assert leaves.cancelled()


def test_the_systems_clock_is_aware() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


async def test_the_systems_clock_naps_and_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    clock = SystemClock()
    now = START.astimezone(UTC)

    async def nap(seconds: float) -> None:
        nonlocal now
        naps.append(seconds)
        # The first nap finds that the machine was suspended for a minute.
        now += timedelta(seconds=60 if len(naps) == 1 else seconds)

    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr("openalgo.domain.clock.asyncio.sleep", nap)
    await clock.sleep_until(START + timedelta(seconds=100))
    assert naps == [30, 30, 10]


@pytest.mark.parametrize("factor", [0.5, 1, 7, 86_400])
async def test_an_accelerated_clock_runs_faster_from_where_it_started(factor: float) -> None:
    real = ManualClock(START)
    clock = AcceleratedClock(factor, real)
    assert clock.now() == START
    real.advance(10 * SECOND)
    assert clock.now() == START + 10 * factor * SECOND
    assert AcceleratedClock(factor, real).now() == START + 10 * SECOND


async def test_an_accelerated_clock_wakes_sleepers_in_its_own_time() -> None:
    real = ManualClock(START)
    clock = AcceleratedClock(60, real)
    sleeping = asyncio.ensure_future(clock.sleep_until(START + timedelta(minutes=10)))
    await settle()
    real.advance(9.9 * SECOND)
    await settle()
    assert not sleeping.done()
    real.advance(0.1 * SECOND)
    await settle()
    assert sleeping.done()
    assert clock.now() == START + timedelta(minutes=10)
    await clock.sleep_until(START)


@given(
    factor=st.floats(0.01, 100_000),
    wait=st.timedeltas(timedelta(0), timedelta(days=30)),
)
async def test_an_accelerated_clock_never_wakes_too_early(factor: float, wait: timedelta) -> None:
    class Leaping(ManualClock):
        async def sleep_until(self, at: datetime) -> None:
            self.set(at)

    clock = AcceleratedClock(factor, Leaping(START))
    at = START + wait
    await clock.sleep_until(at)
    late = (clock.now() - at) / factor
    assert timedelta(0) <= late <= timedelta(microseconds=2) + wait * 1e-9


@pytest.mark.parametrize("factor", [0, -1])
def test_a_clock_does_not_stand_still_or_run_backwards(factor: float) -> None:
    with pytest.raises(ValueError, match="times the real speed"):
        AcceleratedClock(factor)


@given(st.integers(1_700_000_000_000, 2_000_000_000_000), st.integers(0, 999))
def test_epoch_milliseconds_are_whole_milliseconds_gone_by(ms: int, microseconds: int) -> None:
    at = EPOCH + timedelta(milliseconds=ms, microseconds=microseconds)
    assert epoch_ms(at) == epoch_ms(at.astimezone(IST)) == ms


@pytest.mark.parametrize("ms", [1001, 1_089_242_731_491])
def test_epoch_milliseconds_are_exact_at_any_time(ms: int) -> None:
    assert epoch_ms(EPOCH + timedelta(milliseconds=ms)) == ms


def test_books_and_logs_show_ist() -> None:
    at = datetime(2026, 1, 5, 18, 45, 0, 999_999, tzinfo=UTC)
    assert ist_text(at) == "2026-01-06 00:15:00"
    assert ist_text(at.astimezone(timezone(timedelta(hours=-8)))) == "2026-01-06 00:15:00"
