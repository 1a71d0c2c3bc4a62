"""What instruments trade at, then and now."""

import math
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.market import InstrumentKey, Quote


class QuoteSource(Protocol):
    def quotes(self, keys: Sequence[InstrumentKey]) -> Awaitable[Sequence[Quote | OpenAlgoError]]:
        """For each key, in this order, its quote or why there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMove:
    """What `key` traded at when the order was queued and what it trades at now, in rupees;
    `None` where that is not known."""

    key: InstrumentKey
    queued: float | None
    now: float | None

    @property
    def percent(self) -> float | None:
        """How far it moved, in percent of what it was."""
        if self.queued is None or self.now is None:
            return None
        return round((self.now - self.queued) / self.queued * 100, 2) + 0.0


async def last_prices(
    quotes: QuoteSource, keys: Iterable[InstrumentKey]
) -> dict[InstrumentKey, float | None]:
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    return dict(zip(wanted, map(_price, await quotes.quotes(wanted)), strict=True))


def moves(
    queued: Mapping[InstrumentKey, float | None], now: Mapping[InstrumentKey, float | None]
) -> tuple[PriceMove, ...]:
    return tuple(
        PriceMove(key=key, queued=price, now=now.get(key)) for key, price in queued.items()
    )


def furthest(moved: Iterable[PriceMove]) -> PriceMove | None:
    """The one that moved most; one of unknown price before all others."""
    return max(moved, key=_distance, default=None)


def _distance(move: PriceMove) -> float:
    return math.inf if move.percent is None else abs(move.percent)


def _price(outcome: Quote | OpenAlgoError) -> float | None:
    if isinstance(outcome, OpenAlgoError) or not math.isfinite(outcome.ltp) or outcome.ltp <= 0:
        return None
    return outcome.ltp
