"""Prices that stay away though everything seems well."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from structlog.testing import capture_logs

from openalgo.domain.calendar import AlwaysOpenCalendar, ExchangeCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.market import Exchange
from openalgo.streaming.feeds.stale import StaleTicks
from openalgo.streaming.feeds.status import FeedState, FeedStatus
from tests.support.market import MORNING
from tests.support.markets import feed_status


@asynccontextmanager
async def watching(
    longest: float = 120,
    state: FeedState = FeedState.CONNECTED,
    subscribed: int = 1,
    at_night: bool = False,
) -> AsyncIterator[StaleTicks]:
    def status() -> FeedStatus:
        return feed_status("zerodha", state, subscribed)

    clock = ManualClock(MORNING + timedelta(hours=12 if at_night else 0))
    calendar = ExchangeCalendar() if at_night else AlwaysOpenCalendar()
    stale = StaleTicks("zerodha", longest, status, lambda: {Exchange.NSE}, calendar, clock)
    running = asyncio.ensure_future(stale.run())
    yield stale
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def seconds(count: float, each: Callable[[], None] = lambda: None) -> None:
    for _ in range(int(count / 10)):
        await asyncio.sleep(10)
        each()


async def test_silence_is_warned_of_once_until_prices_come_again() -> None:
    with capture_logs() as logs:
        async with watching() as stale:
            await seconds(130, stale.heard)
            assert stale.since is None
            await seconds(200)
            assert stale.since is not None
            assert stale.since >= 120
            await seconds(600)
            assert len(logs) == 1
            stale.heard()
            await seconds(40)
            assert stale.since is None
            await seconds(200)
    assert [each["log_level"] for each in logs] == ["warning", "warning"]


async def test_nothing_is_said_while_no_prices_are_to_be_expected() -> None:
    with capture_logs() as logs:
        for options in (
            {"longest": 0},
            {"longest": -5},
            {"state": FeedState.ERROR},
            {"subscribed": 0},
            {"at_night": True},
        ):
            async with watching(**options) as stale:
                await seconds(1000)
                assert stale.since is None
    assert logs == []
