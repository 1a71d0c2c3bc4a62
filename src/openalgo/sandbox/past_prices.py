"""Prices the feed did not bring: a quote of now, or what a candle says of then."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import structlog

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import NO_SPOT_EXCHANGES, Candle, InstrumentKey, Quote
from openalgo.domain.numbers import Px, px
from openalgo.instruments.current import CurrentMaster
from openalgo.sandbox.contracts import Basis, terms
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.needs import Needs

log = structlog.get_logger(__name__)

_NOW = timedelta(minutes=2)
_PATIENCE = 5.0
_AT_ONCE = 8
_INTERVAL = "1m"


class QuoteSource(Protocol):
    async def quote(self, key: InstrumentKey) -> Quote: ...


class CandleSource(Protocol):
    async def candles(
        self, key: InstrumentKey, interval: str, start: date, end: date
    ) -> Sequence[Candle]: ...


class PastPrices:
    """Asks the broker, for seconds at most. What it cannot say is left out."""

    def __init__(
        self, masters: CurrentMaster, quotes: QuoteSource, history: CandleSource, clock: Clock
    ) -> None:
        self._masters = masters
        self._quotes = quotes
        self._history = history
        self._clock = clock

    async def find(
        self, wanted: Needs
    ) -> tuple[Mapping[InstrumentKey, Mark], Mapping[InstrumentKey, Basis]]:
        """The marks of `wanted.instruments`, and what `wanted.expiring` settle against, at
        `wanted.at`."""
        bases = {each.key: self._base_of(each) for each in wanted.expiring}
        asked = {each.key: each for each in wanted.instruments}
        asked |= {base.key: base for base in bases.values() if base is not None}
        turns = asyncio.Semaphore(_AT_ONCE)
        found: dict[InstrumentKey, Mark] = {}

        async def ask(instrument: Instrument) -> None:
            async with turns:
                mark = await self._mark(instrument, wanted.at)
            if mark is not None and mark.ltp:
                found[instrument.key] = mark

        try:
            async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
                for instrument in asked.values():
                    group.create_task(ask(instrument))
        except TimeoutError:
            pass
        marks = {each.key: found[each.key] for each in wanted.instruments if each.key in found}
        settling = {
            key: Basis(base, found[base.key].ltp)
            for key, base in bases.items()
            if base is not None and base.key in found
        }
        return marks, settling

    async def _mark(self, instrument: Instrument, at: datetime) -> Mark | None:
        try:
            if self._clock.now() - at <= _NOW:
                quote = await self._quotes.quote(instrument.key)
                return Mark.of(quote, instrument, at)
            return await self._mark_then(instrument, at)
        except OpenAlgoError:
            return None
        except Exception:
            # The day goes on without a price; it does not without its events.
            log.exception("a price of the day could not be had", symbol=instrument.symbol)
            return None

    async def _mark_then(self, instrument: Instrument, at: datetime) -> Mark | None:
        """The last minute that was over at `at`."""
        day = session_date(at - timedelta(microseconds=1))
        last: Candle | None = None
        for candle in await self._history.candles(instrument.key, _INTERVAL, day, day):
            if candle.at_s + 60 > at.timestamp():
                break
            last = candle
        if last is None:
            return None
        ended = datetime.fromtimestamp(last.at_s, UTC) + timedelta(minutes=1)
        return Mark(px(last.close, instrument.tick_size), Px(0), Px(0), ended)

    def _base_of(self, contract: Instrument) -> Instrument | None:
        """What a contract settles against: a share or an index, and for options where there is no
        spot market the first future that lives as long."""
        spelled = terms(contract)
        if spelled is None:
            return None
        master = self._masters.master
        if contract.exchange not in NO_SPOT_EXCHANGES:
            return master.underlying(spelled.base, contract.exchange)
        if spelled.strike is None:
            return None
        futures = master.contracts.futures(spelled.base, contract.exchange, spelled.expiry)
        return futures[0] if futures else None
