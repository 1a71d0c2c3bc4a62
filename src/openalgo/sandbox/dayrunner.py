"""The days of the paper exchange: each of their events is passed to the engine when it is due."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Protocol

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.day_events import TRADED, DayEvent, DayEventKind, day_events, next_day_event
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.waiting import first_of
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.needs import Needs, Survey
from openalgo.sandbox.state import DayDone, PaperExchange

_ONE_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_AHEAD = timedelta(days=12)
_AFTER_ALL = max(DayEventKind)
_ACCOUNTS_AT_ONCE = 10
_INSTRUMENTS_AT_ONCE = 100


class PriceSource(Protocol):
    """Prices of instants the feed has nothing of. What cannot be had is left out."""

    async def find(
        self, wanted: Needs
    ) -> tuple[Mapping[InstrumentKey, Mark], Mapping[InstrumentKey, Basis]]:
        """The marks of what is held, and what contracts that expire settle against."""
        ...


class DayRunner:
    """Waits on the clock of the market, and passes what is due, oldest first.

    What was missed is the same list over a longer gap: how far it is done is stored with what was
    done, so neither downtime nor a kill leaves anything out or does it twice.
    """

    def __init__(
        self,
        engine: Engine,
        calendar: Calendar,
        clock: Clock,
        exchanges: Collection[Exchange] = TRADED,
        prices: PriceSource | None = None,
    ) -> None:
        self._engine = engine
        self._calendar = calendar
        self._clock = clock
        self._exchanges = [exchange for exchange in TRADED if exchange in exchanges]
        self._prices = prices
        self._turn = asyncio.Lock()
        engine.follow_days(self.catch_up)

    async def run(self) -> None:
        """Until cancelled. Raises what the engine raises when it cannot store."""
        while True:
            rules = self._engine.rules
            await self.catch_up()
            # Other rules may move what comes next.
            await first_of(self._clock.sleep_until(self._next.at), self._engine.other_rules(rules))

    async def catch_up(self) -> None:
        """Return once everything that is due by now is done."""
        async with self._turn:
            done = await self._begin()
            while (event := await self._next_after(done)) is not None:
                await self._pass(event)
                done = DayDone(event.at, event.kind)
            self._announce(done)

    async def settled(self) -> None:
        """`catch_up`, and return when all that was asked of the engine is stored."""
        await self.catch_up()
        await self._engine.settled()

    def next_events(self) -> list[DayEvent]:
        """The next event of each kind for every exchange, in the order they will happen."""
        now = self._clock.now()
        seen: set[tuple[DayEventKind, Exchange | None]] = set()
        coming = []
        for event in day_events(
            self._calendar, now, now + _AHEAD, self._engine.rules.days, self._exchanges
        ):
            concerns = {(event.kind, exchange) for exchange in event.exchanges or (None,)}
            if not concerns <= seen:
                seen |= concerns
                coming.append(event)
        return coming

    async def _begin(self) -> DayDone:
        """How far the days are done. At first that is when the oldest account began; where the
        clock was put back, there is nothing left of the days it shows."""
        done = await self._engine.read(_done)
        now = self._clock.now()
        if done is None or done.at > now + _ONE_DAY:
            return DayDone(now, _AFTER_ALL)
        return done

    async def _next_after(self, done: DayDone) -> DayEvent | None:
        """The first event after `done` that is due, if one is."""
        since, now = done.at - _INSTANT, self._clock.now()
        while since < now:
            until = min(since + _ONE_DAY, now)
            for event in day_events(
                self._calendar, since, until, self._engine.rules.days, self._exchanges
            ):
                if (event.at, event.kind) > done:
                    return event
            since = until
            await asyncio.sleep(0)
        return None

    async def _pass(self, event: DayEvent) -> None:
        marks: Mapping[InstrumentKey, Mark] = {}
        underlyings: Mapping[InstrumentKey, Basis] = {}
        if self._prices is not None and (wanted := await self._needs(event)):
            marks, underlyings = await self._prices.find(wanted)
        await self._engine.pass_day(event, marks, underlyings)

    async def _needs(self, event: DayEvent) -> Needs:
        read, survey = self._engine.read, Survey(event, self._engine.rules)
        accounts = await read(lambda state: list(state.accounts))
        for start in range(0, len(accounts), _ACCOUNTS_AT_ONCE):
            some = accounts[start : start + _ACCOUNTS_AT_ONCE]
            await read(partial(survey.see, accounts=some))
        held = survey.held
        for start in range(0, len(held), _INSTRUMENTS_AT_ONCE):
            keys = held[start : start + _INSTRUMENTS_AT_ONCE]
            await read(partial(survey.price, keys=keys))
        return survey.needs

    def _announce(self, done: DayDone) -> None:
        self._next = next_day_event(
            self._calendar,
            max(done.at, self._clock.now()),
            self._engine.rules.days,
            self._exchanges,
        )
        self._engine.day_due(self._next.at)


def _done(state: PaperExchange) -> DayDone | None:
    if state.day_done is not None or not state.accounts:
        return state.day_done
    oldest = min(account.funds.opened_at for account in state.accounts.values())
    return DayDone(oldest, _AFTER_ALL)
