"""The live feed: ticks of the instruments in demand, in turns."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Products
from openalgo.brokers.simulator.ticker import Ticker
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.market import Exchange, InstrumentKey, Mode, Tick
from openalgo.instruments.slices import Slices

CYCLE = timedelta(milliseconds=500)
"""How often an instrument has its turn, in market time, while there are few."""
STRETCH = 0.001
"""Seconds of work between pauses. One piece of work may take as long again."""
MOST_TICKS = 1_000
"""Ticks a real second at most: with more in demand than that allows, turns come less often."""

_TAKEN_ON_AT_ONCE = 8
_BEAT = timedelta(milliseconds=20)
_LONGEST_WAIT = timedelta(days=1)
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)

Publish = Callable[[Tick], None]
Timer = Callable[[], float]
"""A clock that counts seconds, for measuring work."""
_Member = tuple[Ticker, Mode]


class Feed:
    """Publishes `market` along `clock`, which runs at `speed` times the real pace.

    The instruments in demand take turns, so that ticks come evenly. Turns that were missed, by a
    jump of the clock or for want of time, are left out: each instrument comes at most once in a
    go. What is new in demand, or wanted richer than before, has a tick at once, even while its
    exchange is closed.
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
        self._timer = timer
        self._wanted: Mapping[InstrumentKey, Mode] = {}
        self._changed = True
        self._news: asyncio.Future[None] | None = None
        self._members: dict[InstrumentKey, _Member] = {}
        self._new: deque[InstrumentKey] = deque()

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """Publish exactly `wanted` from the next turn on; unknown instruments are left out."""
        self._wanted = dict(wanted)
        self._changed = True
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def run(self, publish: Publish) -> None:
        """Publish until cancelled."""
        self._members.clear()
        self._changed = True
        while True:
            if self._changed:
                self._sort_out()
                round_ = self._round()
            if self._new:
                await self._take_on(publish)
                round_ = self._round()
            now = self._clock.now()
            exchanges = round_.exchanges
            is_open = {e for e in exchanges if self._calendar.is_open(e, now)}
            if is_open:
                await self._publish(round_, now, is_open, publish)
                until = round_.next_at(self._clock.now(), _BEAT * self._speed)
            else:
                openings = (self._calendar.next_open(e, now) for e in exchanges)
                until = min(filter(None, openings), default=now + _LONGEST_WAIT)
            await self._wait(until)

    def _sort_out(self) -> None:
        """Tell what stays in demand from what is new, or wanted richer than before."""
        self._changed = False
        members = self._members
        self._members = {
            key: (members[key][0], min(mode, members[key][1]))
            for key, mode in self._wanted.items()
            if key in members
        }
        self._new.clear()
        self._new.extend(
            key
            for key, mode in self._wanted.items()
            if key not in self._members or mode > self._members[key][1]
        )

    async def _take_on(self, publish: Publish) -> None:
        """Publish a first tick of some of what is new. The rest waits, so that what was wanted
        before does not."""
        slices = Slices(STRETCH, self._timer)
        for _ in range(min(_TAKEN_ON_AT_ONCE, len(self._new))):
            key = self._new.popleft()
            known = self._members.get(key)
            product = self._products.find(key)
            if product is not None:
                ticker = known[0] if known else Ticker(self._market, product)
                mode = self._wanted.get(key, Mode.LTP)
                await self._tell(ticker, mode, publish, slices)
                self._members[key] = (ticker, mode)
            if self._changed:
                return

    def _round(self) -> "_Round":
        return _Round(tuple(self._members.values()), self._clock.now(), self._speed)

    async def _publish(
        self, round_: "_Round", now: datetime, is_open: set[Exchange], publish: Publish
    ) -> None:
        slices = Slices(STRETCH, self._timer)
        for ticker, mode in round_.due(now):
            if ticker.product.key.exchange in is_open:
                await self._tell(ticker, mode, publish, slices)

    async def _tell(self, ticker: Ticker, mode: Mode, publish: Publish, slices: Slices) -> None:
        for _ in ticker.prepare(self._clock.now()):
            if slices.over:
                await slices.pause()
        publish(ticker.tick(self._clock.now(), mode))
        if slices.over:
            await slices.pause()

    async def _wait(self, until: datetime) -> None:
        """Wait for `until`, or for other demand; not at all while there is some to take on."""
        if self._changed or self._new:
            await asyncio.sleep(0)
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

    def __init__(self, members: Sequence[_Member], now: datetime, speed: float) -> None:
        self._members = members
        cycle = max(CYCLE, len(members) * timedelta(seconds=speed) / MOST_TICKS)
        self._interval = cycle / max(len(members), 1)
        self._turn = self._latest(now) + 1
        self.exchanges = {ticker.product.key.exchange for ticker, _ in members}

    def due(self, now: datetime) -> Sequence[_Member]:
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
