"""The simulated market as a data broker."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.simulator.info import INFO
from openalgo.brokers.simulator.instruments import LISTINGS, instruments
from openalgo.brokers.simulator.market import STEP, TradingDay
from openalgo.domain.calendar import AlwaysOpenCalendar, Session, session_date
from openalgo.domain.clock import Clock, SystemClock
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey, Quote, Tick

_ONE_DAY = timedelta(days=1)

_Days = Mapping[InstrumentKey, TradingDay]


class SimulatorBroker:
    """Prices of the listed instruments, the same for everyone who uses the same `seed`.

    It follows `clock` wherever that goes: the price at an instant depends on nothing but the seed,
    the symbol and the instant.
    """

    def __init__(self, seed: int = 1, clock: Clock | None = None) -> None:
        self._seed = seed
        self._clock = clock or SystemClock()
        self._calendar = AlwaysOpenCalendar()
        self._building = asyncio.Lock()
        self._date: date | None = None
        self._days: _Days = {}

    @property
    def info(self) -> BrokerInfo:
        return INFO

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def calendar(self) -> AlwaysOpenCalendar:
        return self._calendar

    async def instruments(self) -> Sequence[Instrument]:
        return instruments()

    async def quote(self, instrument: Instrument) -> Quote:
        """The quote of this instant. Between sessions it stands at the last close."""
        now = self._clock.now()
        days = await self._days_of(session_date(now))
        day = days.get(instrument.key)
        if day is None:
            raise BrokerUnavailable(f"{instrument.key} is not listed on the {INFO.name.lower()}")
        return Quote.of(day.tick(now))

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        """Send a tick of every instrument each half second while the market is open.

        The instruments take turns, one to a turn of the event loop. When the clock jumps, the
        turns in between are left out.
        """
        while True:
            session = self._session(self._clock.now())
            await self._clock.sleep_until(session.opens)
            await self._stream_session(session, publish)
            await self._clock.sleep_until(session.closes)

    async def _stream_session(self, session: Session, publish: Callable[[Tick], None]) -> None:
        days = list((await self._days_of(session_date(session.opens))).values())
        turn = 0
        while True:
            turn = max(turn, _turn_at(session, self._clock.now(), len(days)))
            due = _due(session, turn, len(days))
            if due >= session.closes:
                return
            await self._clock.sleep_until(due)
            now = self._clock.now()
            if now >= session.closes:
                return
            publish(days[turn % len(days)].tick(now))
            turn += 1

    def _session(self, now: datetime) -> Session:
        """The session that is running at `now`, else the next."""
        day = session_date(now)
        session = self._session_of(day)
        return session if now < session.closes else self._session_of(day + _ONE_DAY)

    def _session_of(self, day: date) -> Session:
        return self._calendar.sessions(Exchange.NSE, day)[0]

    async def _days_of(self, day: date) -> _Days:
        async with self._building:
            if self._date != day:
                self._days = await asyncio.to_thread(self._build, day)
                self._date = day
            return self._days

    def _build(self, day: date) -> _Days:
        session = self._session_of(day)
        return {listing.key: TradingDay(self._seed, listing, day, session) for listing in LISTINGS}


def _due(session: Session, turn: int, instruments: int) -> datetime:
    step, place = divmod(turn, instruments)
    return session.opens + step * STEP + place * (STEP / instruments)


def _turn_at(session: Session, now: datetime, instruments: int) -> int:
    """The turn that fell due last, 0 before the session."""
    step, rest = divmod(max(now - session.opens, timedelta(0)), STEP)
    return step * instruments + min(int(rest / (STEP / instruments)), instruments - 1)
