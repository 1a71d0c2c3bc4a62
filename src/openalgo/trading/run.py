"""One intent on its way."""

from dataclasses import dataclass

from openalgo.observability.latency import OrderTiming
from openalgo.trading.markets import Market
from openalgo.trading.venues import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Whose intent it is, on which market, where it goes, and the causality id it runs under."""

    account_id: int
    market: Market
    venue: Venue
    cause: str
    timing: OrderTiming
