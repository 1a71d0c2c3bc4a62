"""A recording as a data broker."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.intervals import DAILY, INTRADAY
from openalgo.brokers.replay.candles import CandleBuilder
from openalgo.brokers.replay.day import RunningDay
from openalgo.brokers.replay.info import INFO
from openalgo.brokers.replay.pace import Pace
from openalgo.brokers.replay.reader import Recording
from openalgo.brokers.replay.times import instant
from openalgo.domain.calendar import AlwaysOpenCalendar, session_date, session_start
from openalgo.domain.clock import IST, ManualClock, ist_text
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, InstrumentKey, Level, Mode, Quote, Tick

_LONGEST_NAP = 0.25
_SLICE = 250
"""Records taken before others have their turn: about two milliseconds."""

Publish = Callable[[Tick], None]
Settle = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStatus:
    """How far a replay has come: `position` of `total` ticks are played, the next is due at
    `next_at` (`None` once `finished`)."""

    now: datetime
    next_at: datetime | None
    position: int
    total: int
    finished: bool


class ReplayBroker:
    """Plays `recording` on its own clock, which starts with the first record.

    With a `speed` above 0 it runs by itself, so many recorded seconds to a real one; the time
    between the last tick of one session day and the first of the next takes no time at all. With
    `speed` 0 it is stepped: it moves by `advance` alone, and the same steps and orders always
    give the same result. After the last tick, prices and clock stand still.
    """

    def __init__(self, recording: Recording, *, speed: float = 1.0) -> None:
        self._instruments = recording.instruments
        self._records = recording.records
        self._places: defaultdict[InstrumentKey, list[int]] = defaultdict(list)
        for place, record in enumerate(recording.records):
            self._places[record.key].append(place)
        self._speed = speed
        self._clock = ManualClock(recording.start)
        self._calendar = AlwaysOpenCalendar()
        self._position = 0
        self._days: defaultdict[InstrumentKey, RunningDay] = defaultdict(RunningDay)
        self._last: dict[InstrumentKey, Tick] = {}
        self._publish: Publish | None = None
        self._attached = asyncio.Event()
        self._stepping = asyncio.Lock()
        self._settle: Settle | None = None

    @property
    def info(self) -> BrokerInfo:
        return INFO

    @property
    def clock(self) -> ManualClock:
        return self._clock

    @property
    def calendar(self) -> AlwaysOpenCalendar:
        return self._calendar

    @property
    def intervals(self) -> tuple[str, ...]:
        return (*INTRADAY, *DAILY)

    def on_step(self, settle: Settle) -> None:
        """Await `settle` after each move of the clock and each tick, before the next: time for
        whoever acts on them to finish."""
        self._settle = settle

    async def instruments(self) -> Sequence[Instrument]:
        return self._instruments

    async def quote(self, instrument: Instrument) -> Quote:
        """The last tick played. Raises `BrokerUnavailable` before the first."""
        return Quote.of(self._last_tick(instrument))

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        """What was recorded of the order book: the best price of each side, if that.

        Raises `BrokerUnavailable` before the first tick.
        """
        tick = self._last_tick(instrument)
        book = msgspec.structs.replace(
            tick,
            buy_levels=_best(tick.bid, tick.bid_quantity),
            sell_levels=_best(tick.ask, tick.ask_quantity),
        )
        return Depth.of(book, levels)

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        """The candles of what was played so far, of whatever kind the recording is."""
        if interval not in self.intervals:
            raise Unsupported(
                f"A recording has no {interval} candles; use one of {', '.join(self.intervals)}."
            )
        first, after = session_start(start), session_start(end + timedelta(days=1))
        places = self._places.get(instrument.key, [])
        places = places[: bisect_left(places, self._position)]
        builder = CandleBuilder(interval)
        for number, place in enumerate(places[self._at_or_after(places, first) :], start=1):
            record = self._records[place]
            if instant(record.at) >= after:
                break
            builder.add(record)
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        return builder.candles()

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """Nothing changes: whatever was recorded is played."""

    def status(self) -> ReplayStatus:
        next_at = self._next_at()
        return ReplayStatus(
            now=self._clock.now(),
            next_at=next_at,
            position=self._position,
            total=len(self._records),
            finished=next_at is None,
        )

    async def stream(self, publish: Publish) -> None:
        self._publish = publish
        self._attached.set()
        try:
            if self._speed:
                await self._play()
            await asyncio.get_running_loop().create_future()
        finally:
            self._attached.clear()

    async def advance(
        self, until: datetime | None = None, ticks: int | None = None
    ) -> ReplayStatus:
        """Play all ticks up to and including `until` (a time without zone is IST), but at most
        `ticks` of them; one tick if neither is given.

        Once every tick up to `until` is played, the clock stands at `until`. Waits for `stream`
        to run. Raises `Unsupported` for a replay that runs by itself.
        """
        if self._speed:
            raise Unsupported(
                f"This replay runs by itself at speed {self._speed:g}; start it with speed 0 to "
                "step through it."
            )
        if until is not None and until.tzinfo is None:
            until = until.replace(tzinfo=IST)
        left = 1 if until is None and ticks is None else ticks
        await self._attached.wait()
        async with self._stepping:
            while self._is_due(until) and (left is None or left > 0):
                await self._step()
                left = None if left is None else left - 1
            if until is not None and not self._is_due(until) and until > self._clock.now():
                self._clock.set(until)
                await self._settled()
        return self.status()

    def _last_tick(self, instrument: Instrument) -> Tick:
        tick = self._last.get(instrument.key)
        if tick is None:
            now = ist_text(self._clock.now())
            raise BrokerUnavailable(f"{instrument.key} has no price yet at {now}")
        return tick

    def _at_or_after(self, places: Sequence[int], at: datetime) -> int:
        """How many of `places` hold a record from before `at`."""
        return bisect_left(places, at, key=lambda place: instant(self._records[place].at))

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        day: date | None = None
        pace = Pace(self._speed, self._clock.now(), loop.time())
        while (at := self._next_at()) is not None:
            if session_date(at) != day:
                day = session_date(at)
                pace = Pace(self._speed, at, loop.time())
            while (left := pace.real_at(at) - loop.time()) > 0:
                await asyncio.sleep(min(left, _LONGEST_NAP))
                # Time passes between two ticks too.
                self._clock.set(min(pace.recorded_at(loop.time()), at))
            await self._step()

    async def _step(self) -> None:
        """Play the next tick. Who waited for a time up to then acts before it is published."""
        record = self._records[self._position]
        at = instant(record.at)
        if at > self._clock.now():
            self._clock.set(at)
            await self._settled()
        tick = self._days[record.key].tick(record, session_date(at))
        self._last[record.key] = tick
        self._position += 1
        if self._publish is not None:
            self._publish(tick)
        await self._settled()

    async def _settled(self) -> None:
        """Let everybody else run, whatever `settle` does."""
        if self._settle is not None:
            await self._settle()
        await asyncio.sleep(0)

    def _next_at(self) -> datetime | None:
        if self._position == len(self._records):
            return None
        return instant(self._records[self._position].at)

    def _is_due(self, until: datetime | None) -> bool:
        next_at = self._next_at()
        return next_at is not None and (until is None or next_at <= until)


def _best(price: float | None, quantity: int | None) -> tuple[Level, ...]:
    return () if price is None else (Level(price, quantity or 0),)
