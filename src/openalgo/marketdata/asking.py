"""What quotes, depth and history have in common: a listed instrument, and a broker that answers."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError, SymbolNotFound
from openalgo.domain.instruments import Instrument, InstrumentFinder
from openalgo.domain.market import InstrumentKey, Tick

V = TypeVar("V")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

FRESH_FOR_MS = 5_000
"""How long (market time) a tick of the feed stands for the market."""


def listed(instruments: InstrumentFinder, key: InstrumentKey) -> Instrument:
    """The instrument called `key`. Raises `SymbolNotFound`."""
    instrument = instruments.find(key)
    if instrument is None:
        raise SymbolNotFound(
            f"Symbol '{key.symbol}' not found for exchange '{key.exchange}'. Please verify "
            "the symbol name and ensure master contracts are downloaded."
        )
    return instrument


def is_whole(tick: Tick) -> bool:
    """Whether the feed sent everything a quote needs, not only the last price."""
    return None not in (tick.open, tick.high, tick.low, tick.prev_close)


async def answered(answer: Awaitable[V], info: BrokerInfo, what: str, instrument: Instrument) -> V:
    """`answer`, with everything a broker did not mean to raise told as `BrokerUnavailable`.

    `what` was asked for, as one word: `quote`, `depth`, `history`.
    """
    try:
        return await answer
    except OpenAlgoError:
        raise
    except Exception as error:
        _log.exception(f"broker_{what}_failed", broker=info.name, instrument=str(instrument.key))
        raise BrokerUnavailable(f"{info.name} gave no {what} for {instrument.key}") from error
