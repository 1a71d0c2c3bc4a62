"""The current quote of an instrument."""

import asyncio
from typing import Protocol

import structlog

from openalgo.brokers.base import DataBroker
from openalgo.domain.clock import epoch_ms
from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError, SymbolNotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey, Quote, Tick
from openalgo.streaming.latest import LatestPrices

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FRESH_FOR_MS = 5_000

_Outcome = Quote | OpenAlgoError | None
"""`None` when whoever asked the broker was cancelled before the answer came."""


class Instruments(Protocol):
    """The symbol master of the account's broker."""

    def find(self, key: InstrumentKey) -> Instrument | None: ...


class Quotes:
    """Answers from the feed while its last tick is fresh, else from the broker."""

    def __init__(self, instruments: Instruments, latest: LatestPrices, broker: DataBroker) -> None:
        self._instruments = instruments
        self._latest = latest
        self._broker = broker
        self._asked: dict[InstrumentKey, asyncio.Future[_Outcome]] = {}

    async def quote(self, key: InstrumentKey) -> Quote:
        """The current quote of `key`.

        A tick counts as fresh for 5 s of market time. Requests for one instrument that overlap
        share one request to the broker. Raises `SymbolNotFound` and `BrokerUnavailable`.
        """
        instrument = self._instruments.find(key)
        if instrument is None:
            raise SymbolNotFound(
                f"Symbol '{key.symbol}' not found for exchange '{key.exchange}'. Please verify "
                "the symbol name and ensure master contracts are downloaded."
            )
        tick = self._latest.get(key)
        if tick is not None and self._is_fresh(tick) and _is_whole(tick):
            return Quote.of(tick)
        while (asked := self._asked.get(key)) is not None:
            outcome = await asyncio.shield(asked)
            if outcome is not None:
                return _unwrapped(outcome)
        return _unwrapped(await self._ask(instrument))

    def _is_fresh(self, tick: Tick) -> bool:
        return epoch_ms(self._broker.clock.now()) - tick.received_ms < FRESH_FOR_MS

    async def _ask(self, instrument: Instrument) -> Quote | OpenAlgoError:
        asked: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._asked[instrument.key] = asked
        outcome: _Outcome = None
        try:
            outcome = await self._broker_quote(instrument)
        finally:
            del self._asked[instrument.key]
            asked.set_result(outcome)
        return outcome

    async def _broker_quote(self, instrument: Instrument) -> Quote | OpenAlgoError:
        try:
            return await self._broker.quote(instrument)
        except OpenAlgoError as error:
            return error
        except Exception as error:
            name = self._broker.info.name
            _log.exception("broker_quote_failed", broker=name, instrument=str(instrument.key))
            failure = BrokerUnavailable(f"{name} gave no quote for {instrument.key}")
            failure.__cause__ = error
            return failure


def _is_whole(tick: Tick) -> bool:
    """Whether the feed sent everything a quote needs, not only the last price."""
    return None not in (tick.open, tick.high, tick.low, tick.prev_close)


def _unwrapped(outcome: Quote | OpenAlgoError) -> Quote:
    if isinstance(outcome, OpenAlgoError):
        raise outcome
    return outcome
