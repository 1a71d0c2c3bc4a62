"""The current quote of an instrument, or of many."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.market import InstrumentKey, Quote, Tick
from openalgo.instruments.slices import Slices
from openalgo.marketdata.asking import FRESH_FOR_MS, answered, is_whole, listed
from openalgo.marketdata.batches import QuoteOutcome
from openalgo.marketdata.inflight import InFlight
from openalgo.streaming.latest import LatestPrices

_AT_ONCE = 32
"""How many instruments of one call the broker is asked about at the same time."""


class QuoteBroker(Protocol):
    """A broker that can be asked for a quote."""

    @property
    def info(self) -> BrokerInfo: ...

    @property
    def clock(self) -> Clock: ...

    async def quote(self, instrument: Instrument) -> Quote: ...


@runtime_checkable
class ManyQuotesBroker(Protocol):
    """A broker that can be asked for many quotes at once, and shares what is under way itself."""

    async def quotes(self, instruments: Sequence[Instrument]) -> Sequence[QuoteOutcome]: ...


class Quotes:
    """Answers from the feed while its last tick is fresh, else from the broker."""

    def __init__(
        self, instruments: InstrumentFinder, latest: LatestPrices, broker: QuoteBroker
    ) -> None:
        self._instruments = instruments
        self._latest = latest
        self._broker = broker
        self._many = broker if isinstance(broker, ManyQuotesBroker) else None
        self._asked: InFlight[InstrumentKey, Quote] = InFlight()

    async def quote(self, key: InstrumentKey) -> Quote:
        """The current quote of `key`.

        A tick counts as fresh for 5 s of market time. Requests for one instrument that overlap
        share one request to the broker. Raises `SymbolNotFound` and `BrokerUnavailable`.
        """
        instrument = listed(self._instruments, key)
        return self._told(key) or await self._asked.get(key, lambda: self._ask(instrument))

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[QuoteOutcome]:
        """For each of `keys`, in their order, its quote or what was raised instead."""
        outcomes: dict[InstrumentKey, QuoteOutcome] = {}
        unanswered: list[Instrument] = []
        slices = Slices()
        for key in dict.fromkeys(keys):
            try:
                instrument = listed(self._instruments, key)
            except OpenAlgoError as error:
                outcomes[key] = error
            else:
                if (told := self._told(key)) is not None:
                    outcomes[key] = told
                else:
                    unanswered.append(instrument)
            if slices.over:
                await slices.pause()
        if self._many is not None:
            answers = await self._many.quotes(unanswered)
            outcomes.update(zip([row.key for row in unanswered], answers, strict=True))
        else:
            await self._ask_each(unanswered, outcomes)
        return [outcomes[key] for key in keys]

    async def _ask_each(
        self, instruments: Sequence[Instrument], outcomes: dict[InstrumentKey, QuoteOutcome]
    ) -> None:
        left = iter(instruments)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(instruments))):
                group.create_task(self._gather(left, outcomes))

    async def _gather(
        self, left: Iterator[Instrument], outcomes: dict[InstrumentKey, QuoteOutcome]
    ) -> None:
        slices = Slices()
        for instrument in left:
            key = instrument.key
            try:
                outcomes[key] = await self.quote(key)
            except OpenAlgoError as error:
                outcomes[key] = error
            if slices.over:
                await slices.pause()

    def _told(self, key: InstrumentKey) -> Quote | None:
        """What the feed says of it, if that is fresh and whole."""
        tick = self._latest.get(key)
        if tick is not None and self._is_fresh(tick) and is_whole(tick):
            return Quote.of(tick)
        return None

    def _is_fresh(self, tick: Tick) -> bool:
        return epoch_ms(self._broker.clock.now()) - tick.received_ms < FRESH_FOR_MS

    async def _ask(self, instrument: Instrument) -> Quote:
        broker = self._broker
        return await answered(broker.quote(instrument), broker.info, "quote", instrument)
