"""The order book of an instrument."""

from typing import Protocol

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.clock import Clock, epoch_ms
from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.market import Depth, InstrumentKey, Tick
from openalgo.marketdata.asking import FRESH_FOR_MS, answered, is_whole, listed
from openalgo.marketdata.inflight import InFlight
from openalgo.streaming.latest import LatestPrices

LEVELS = 5


class DepthBroker(Protocol):
    """A broker that can be asked for an order book."""

    @property
    def info(self) -> BrokerInfo: ...

    @property
    def clock(self) -> Clock: ...

    async def depth(self, instrument: Instrument, levels: int = LEVELS) -> Depth: ...


class Depths:
    """Answers from the feed while it sends order books, else from the broker."""

    def __init__(
        self, instruments: InstrumentFinder, latest: LatestPrices, broker: DepthBroker
    ) -> None:
        self._instruments = instruments
        self._latest = latest
        self._broker = broker
        self._asked: InFlight[InstrumentKey, Depth] = InFlight()

    async def depth(self, key: InstrumentKey) -> Depth:
        """The five best prices of each side, fewer where there are no more.

        Fresh and shared as with quotes. Raises `SymbolNotFound` and `BrokerUnavailable`.
        """
        instrument = listed(self._instruments, key)
        tick = self._latest.get(key)
        if tick is not None and self._says_all(tick):
            return Depth.of(tick, LEVELS)
        return await self._asked.get(key, lambda: self._ask(instrument))

    def _says_all(self, tick: Tick) -> bool:
        has_book = bool(tick.buy_levels or tick.sell_levels) and is_whole(tick)
        return has_book and epoch_ms(self._broker.clock.now()) - tick.received_ms < FRESH_FOR_MS

    async def _ask(self, instrument: Instrument) -> Depth:
        broker = self._broker
        return await answered(broker.depth(instrument, LEVELS), broker.info, "depth", instrument)
