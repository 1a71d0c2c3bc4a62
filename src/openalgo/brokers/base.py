"""What a broker is to the rest of the system."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, Quote, Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerInfo:
    """What is fixed about a broker. `trading` is false for those that only carry data."""

    id: str
    name: str
    exchanges: frozenset[Exchange]
    trading: bool
    simulated: bool = False


class DataBroker(Protocol):
    """A broker (or an embedded market) that can be asked for instruments and prices.

    A market carries its clock and its calendar: a replayed day runs on recorded time.
    """

    @property
    def info(self) -> BrokerInfo: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def calendar(self) -> Calendar: ...

    async def instruments(self) -> Sequence[Instrument]:
        """The whole symbol master."""
        ...

    async def quote(self, instrument: Instrument) -> Quote:
        """The current quote. Raises `BrokerUnavailable` when there is none to be had."""
        ...

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        """Send ticks of every instrument to `publish` until cancelled."""
        ...
