"""One intent on its way."""

from dataclasses import dataclass

from openalgo.observability.latency import OrderTiming
from openalgo.trading.venues import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Whose intent it is, where it goes, and the causality id it runs under."""

    account_id: int
    venue: Venue
    cause: str
    timing: OrderTiming
