"""The simulated market as a data broker."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.intervals import DAILY, INTRADAY
from openalgo.brokers.simulator.contracts import Contracts
from openalgo.brokers.simulator.feed import STRETCH, Feed, Timer
from openalgo.brokers.simulator.history import History
from openalgo.brokers.simulator.hours import Group, TradingDays
from openalgo.brokers.simulator.info import INFO
from openalgo.brokers.simulator.instruments import Listing
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Products
from openalgo.brokers.simulator.ticker import Ticker
from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, session_date
from openalgo.domain.clock import AcceleratedClock, Clock, SystemClock
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, InstrumentKey, Mode, Quote, Tick
from openalgo.instruments.slices import Slices

_TICKERS_KEPT = 512
_PAST_DAYS_KEPT = 32


class SimulatorBroker:
    """A whole market, the same for everyone who uses the same `seed` and `calendar`.

    It follows `clock` wherever that goes: what shows at an instant depends on nothing but the
    seed, the calendar, the instrument and the instant. With a `speed` other than 1, the market's
    own clock runs so many times as fast as `clock`.

    Building it takes some 50 ms, so do it before the server starts or in a thread.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: Clock | None = None,
        *,
        speed: float = 1.0,
        calendar: Calendar | None = None,
        timer: Timer = time.perf_counter,
    ) -> None:
        real = clock or SystemClock()
        self._clock = real if speed == 1 else AcceleratedClock(speed, real)
        self._calendar = calendar or AlwaysOpenCalendar()
        contracts = Contracts()
        days = TradingDays(self._calendar)
        market = Market(seed, days)
        products = Products(market, contracts)
        past = Market(seed, days, _PAST_DAYS_KEPT)
        self._history = History(past, Products(past, contracts))
        self._listing = Listing(market, contracts)
        self._feed = Feed(market, products, self._clock, self._calendar, speed, timer)
        self._timer = timer
        self._working = asyncio.Lock()
        self._reading = asyncio.Lock()

        def ticker(key: InstrumentKey) -> Ticker | None:
            product = products.find(key)
            return None if product is None else Ticker(market, product)

        self._ticker = lru_cache(maxsize=_TICKERS_KEPT)(ticker)
        for group in Group:
            days.memory(group, session_date(self._clock.now()))

    @property
    def info(self) -> BrokerInfo:
        return INFO

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def calendar(self) -> Calendar:
        return self._calendar

    @property
    def intervals(self) -> tuple[str, ...]:
        return (*INTRADAY, *DAILY)

    async def instruments(self) -> Sequence[Instrument]:
        """What is listed on the present session day."""
        found = []
        async with self._working:
            today = session_date(self._clock.now())
            slices = Slices(STRETCH, self._timer)
            for _ in self._listing.prepare(today):
                if slices.over:
                    await slices.pause()
            for instrument in self._listing.instruments(today):
                found.append(instrument)
                if slices.over:
                    await slices.pause()
        return tuple(found)

    async def quote(self, instrument: Instrument) -> Quote:
        """The quote of this instant. Between sessions it stands at the last close."""
        return Quote.of(await self._tick(instrument, Mode.QUOTE))

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        """The order book of this instant, at most 20 prices a side; an index has none."""
        return Depth.of(await self._tick(instrument, Mode.DEPTH), levels)

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        """Goes back a year, with days, weeks and months five; a contract to its first day."""
        if interval not in self.intervals:
            raise Unsupported(
                f"The {INFO.name.lower()} has no {interval} candles; use one of "
                f"{', '.join(self.intervals)}."
            )
        async with self._reading:
            steps = self._history.candles(instrument.key, interval, start, end, self._clock.now())
            found = await Slices(STRETCH, self._timer).run(steps)
        if found is None:
            raise _not_listed(instrument)
        return found

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        self._feed.set_demand(wanted)

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        """Send a tick of each instrument in demand every half second of the market, but at most
        1,000 ticks a real second, while its exchange is open."""
        await self._feed.run(publish)

    async def _tick(self, instrument: Instrument, mode: Mode) -> Tick:
        """The instrument now. What takes a while is done by one caller in each turn of the event
        loop, so that many who ask at once do not hold it together."""
        ticker = self._ticker(instrument.key)
        if ticker is None:
            raise _not_listed(instrument)
        if not ticker.is_current(self._clock.now()):
            async with self._working:
                for _ in ticker.prepare(self._clock.now()):
                    await asyncio.sleep(0)
                tick = ticker.tick(self._clock.now(), mode)
                await asyncio.sleep(0)
                return tick
        return ticker.tick(self._clock.now(), mode)


def _not_listed(instrument: Instrument) -> BrokerUnavailable:
    return BrokerUnavailable(f"{instrument.key} is not listed on the {INFO.name.lower()}")
