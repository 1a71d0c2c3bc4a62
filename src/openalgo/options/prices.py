"""The quotes of a chain by column, and which of them tell what an option is worth."""

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple, Self

import numpy as np

from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.options.forward import fair_mids
from openalgo.options.normal import Floats

STALE_AFTER_MS = 60_000
"""How far (market time) a last price may lag the newest of its chain and still count."""

_UNKNOWN = Quote(key=InstrumentKey(Exchange.NFO, ""), at_ms=0, ltp=0.0)
_COLUMNS = attrgetter(
    *("at_ms", "ltp", "bid", "ask", "bid_quantity", "ask_quantity", "open", "high", "low"),
    *("prev_close", "volume", "oi"),
)


class Prices(NamedTuple):
    """What `Quote` says of many options, 0 where there is no quote; `mids` are the fair middles,
    NaN where there is none."""

    at_ms: Sequence[int]
    ltp: Sequence[float]
    bid: Sequence[float]
    ask: Sequence[float]
    bid_quantity: Sequence[int]
    ask_quantity: Sequence[int]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    prev_close: Sequence[float]
    volume: Sequence[int]
    oi: Sequence[int]
    mids: Floats

    @classmethod
    def of(cls, quotes: Sequence[Quote | None], ticks: Floats) -> Self:
        """The columns of `quotes`, of which there is at least one."""
        columns = list(zip(*(_COLUMNS(quote or _UNKNOWN) for quote in quotes), strict=True))
        bid, ask = np.array(columns[2], np.float64), np.array(columns[3], np.float64)
        return cls._make([*columns, fair_mids(bid, ask, ticks)])

    def to_invert(self, newest_ms: int, part: slice) -> Floats:
        """The prices that volatilities are sought for: the middle of a fair spread, else a last
        price that is not stale when the newest is of `newest_ms`, else NaN."""
        ltp = np.array(self.ltp[part], np.float64)
        is_fresh = newest_ms - np.array(self.at_ms[part]) <= STALE_AFTER_MS
        counts = is_fresh & np.isfinite(ltp) & (ltp > 0)
        mids = self.mids[part]
        return np.where(np.isnan(mids), np.where(counts, ltp, np.nan), mids)
