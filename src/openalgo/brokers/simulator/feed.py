"""The live feed: ticks of the instruments in demand, in turns."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Products
from openalgo.brokers.simulator.slices import Slices, Timer
from openalgo.brokers.simulator.ticker import Ticker
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick

CYCLE = timedelta(milliseconds=500)
"""How often an instrument has its turn, in market time, while there are few."""
MOST_TICKS = 1_000
"""Ticks a real second at most: with more in demand than that allows, turns come less often."""

_BEAT = timedelta(milliseconds=20)
_LONGEST_WAIT = timedelta(days=1)
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)

Publish = Callable[[Tick], None]


class Feed:
    """Publishes `market` along `clock`, which runs at `speed` times the real pace.

    The instruments in demand take turns, so that ticks come evenly. Turns that were missed, by a
    jump of the clock or for want of time, are left out: each instrument comes at most once in a
    go. What is new in demand has its first tick at once, even while its exchange is closed.
    """

    def __init__(
        self,
        market: Market,
        products: Products,
        clock: Clock,
        calendar: Calendar,
        speed: float,
        timer: Timer,
    ) -> None:
        self._market = market
        self._products = products
        self._clock = clock
        self._calendar = calendar
        self._speed = speed
        self._slices = Slices(timer)
        self._wanted: Mapping[InstrumentKey, Mode] = {}
        self._changed = True
        self._news: asyncio.Future[None] | None = None
        self._tickers: dict[InstrumentKey, Ticker] = {}

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """Publish exactly `wanted` from the next turn on; unknown instruments are left out."""
        self._wanted = dict(wanted)
        self._changed = True
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def run(self, publish: Publish) -> None:
        """Publish until cancelled."""
        self._tickers.clear()
        round_ = await self._take_on(publish)
        while True:
            if self._changed:
                round_ = await self._take_on(publish)
            now = self._clock.now()
            exchanges = round_.exchanges
            is_open = {e for e in exchanges if self._calendar.is_open(e, now)}
            if is_open:
                await self._publish(round_, now, is_open, publish)
                await self._wait(round_.next_at(self._clock.now(), _BEAT * self._speed))
            else:
                openings = (self._calendar.next_open(e, now) for e in exchanges)
                await self._wait(min(filter(None, openings), default=now + _LONGEST_WAIT))

    async def _take_on(self, publish: Publish) -> "_Round":
        """Make the round of what is wanted now, with a first tick of everything new."""
        self._changed = False
        wanted = self._wanted
        self._tickers = {key: t for key, t in self._tickers.items() if key in wanted}
        self._slices.start()
        for key, mode in wanted.items():
            if key in self._tickers or (product := self._products.find(key)) is None:
                continue
            ticker = Ticker(self._market, product)
            await self._tell(ticker, mode, publish)
            self._tickers[key] = ticker
        members = [(ticker, wanted[key]) for key, ticker in self._tickers.items()]
        return _Round(members, self._clock.now(), self._speed)

    async def _publish(
        self, round_: "_Round", now: datetime, is_open: set[Exchange], publish: Publish
    ) -> None:
        self._slices.start()
        for ticker, mode in round_.due(now):
            if ticker.product.key.exchange in is_open:
                await self._tell(ticker, mode, publish)

    async def _tell(self, ticker: Ticker, mode: Mode, publish: Publish) -> None:
        for _ in ticker.prepare(self._clock.now()):
            await self._slices.pause()
        publish(ticker.tick(self._clock.now(), mode))
        await self._slices.pause()

    async def _wait(self, until: datetime) -> None:
        """Wait for `until`, or for other demand."""
        if self._changed:
            return
        self._news = asyncio.get_running_loop().create_future()
        sleeping = asyncio.ensure_future(self._clock.sleep_until(until))
        try:
            await asyncio.wait({sleeping, self._news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()


class _Round:
    """`members` take turns at fixed times of the clock, so a new round goes on where the one
    before it stopped."""

    def __init__(self, members: Sequence[tuple[Ticker, Mode]], now: datetime, speed: float) -> None:
        self._members = members
        cycle = max(CYCLE, len(members) * timedelta(seconds=speed) / MOST_TICKS)
        self._interval = cycle / max(len(members), 1)
        self._turn = self._latest(now) + 1
        self.exchanges = {ticker.product.key.exchange for ticker, _ in members}

    def due(self, now: datetime) -> Sequence[tuple[Ticker, Mode]]:
        """Whose turn has come by `now`, each once."""
        count, latest = len(self._members), self._latest(now)
        first = max(self._turn, latest - count + 1)
        self._turn = max(self._turn, latest + 1)
        return [self._members[turn % count] for turn in range(first, latest + 1)]

    def next_at(self, now: datetime, pause: timedelta) -> datetime:
        """When to look again: once a turn has come, and no sooner than after `pause`."""
        return max(_ORIGIN + self._turn * self._interval, now + pause)

    def _latest(self, now: datetime) -> int:
        return (now - _ORIGIN) // self._interval
