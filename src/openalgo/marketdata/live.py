"""Prices of one account at its broker."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import structlog
from msgspec.structs import replace

from openalgo.brokers.adapter import Broker, Connection
from openalgo.brokers.base import BrokerInfo
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, InstrumentKey, Quote
from openalgo.marketdata.batches import QuoteBatches, QuoteOutcome

Connect = Callable[[], Connection]
"""The account's connection as it is now. Raises `BrokerSessionExpired`."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LiveMarketData:
    """What `Quotes`, `Depths` and `History` ask a broker for, in the account's session.

    Quotes that are asked for close together are one call of the broker. While its rate limit is
    used up they gather, so that many who ask wait no longer than one. All methods raise
    `BrokerSessionExpired` when the account is not logged in, and whatever the broker's calls
    raise; no price is ever made up.
    """

    def __init__(self, broker: Broker, connect: Connect, clock: Clock) -> None:
        """Raises `ValueError` where the broker has no rate limit of one of its `quote_scopes`."""
        scopes = broker.info.quote_scopes
        unknown = set(scopes) - {limit.scope for limit in broker.api.limits}
        if unknown:
            raise ValueError(f"{broker.info.name} has no rate limit {', '.join(sorted(unknown))}")
        self._broker = broker
        self._connect = connect
        self._clock = clock
        self._batches = QuoteBatches(
            broker.info.name,
            self._ask_quotes,
            lambda: connect().http.room_in(scopes),
            broker.info.quotes_a_call,
        )

    @property
    def info(self) -> BrokerInfo:
        return self._broker.info

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def intervals(self) -> tuple[str, ...]:
        return self._broker.info.intervals

    async def quote(self, instrument: Instrument) -> Quote:
        """Raises `BrokerUnavailable` for what the broker does not know."""
        (outcome,) = await self._batches.outcomes([instrument])
        if isinstance(outcome, OpenAlgoError):
            raise outcome
        return outcome

    async def quotes(self, instruments: Sequence[Instrument]) -> list[QuoteOutcome]:
        """For each of `instruments`, in their order, its quote or what went wrong."""
        return await self._batches.outcomes(instruments)

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        """At most `levels` prices a side."""
        book = await self._broker.market_data.depth(self._connect(), instrument)
        return replace(
            book, buy_levels=book.buy_levels[:levels], sell_levels=book.sell_levels[:levels]
        )

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        """The candles of the session days `start` to `end`, both included, ascending.

        Raises `Unsupported` for an interval that is not among `intervals`.
        """
        if interval not in self.intervals:
            raise Unsupported(
                f"{self.info.name} has no {interval} candles; use one of "
                f"{', '.join(self.intervals)}."
            )
        return await self._broker.market_data.candles(
            self._connect(), instrument, interval, start, end
        )

    async def close(self) -> None:
        """Ask no more for quotes, for when the account's market ends."""
        await self._batches.close()

    async def _ask_quotes(self, instruments: Sequence[Instrument]) -> Mapping[InstrumentKey, Quote]:
        try:
            return await self._broker.market_data.quotes(self._connect(), instruments)
        except OpenAlgoError:
            raise
        except Exception as error:
            name = self.info.name
            _log.exception("broker_quotes_failed", broker=name, instruments=len(instruments))
            raise BrokerUnavailable(f"{name} gave no quotes") from error
