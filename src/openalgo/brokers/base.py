"""What a broker is to the rest of the system."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Mode, Quote, Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerInfo:
    """What is fixed about a broker. `trading` is false for those that only carry data.

    `depth_levels` are the sizes of order book its feed can deliver, ascending. A new list of
    instruments is there every day at `listed_at` (IST), or never where that is `None`.
    """

    id: str
    name: str
    exchanges: frozenset[Exchange]
    trading: bool
    simulated: bool = False
    depth_levels: tuple[int, ...] = (5,)
    listed_at: time | None = time(8, 0)


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

    @property
    def intervals(self) -> tuple[str, ...]:
        """The candle intervals it serves itself, in the spelling of the API: `1m` ... `D`."""
        ...

    async def instruments(self) -> Sequence[Instrument]:
        """The whole symbol master."""
        ...

    async def quote(self, instrument: Instrument) -> Quote:
        """The current quote. Raises `BrokerUnavailable` when there is none to be had."""
        ...

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        """The current order book, at most `levels` prices a side.

        Raises `BrokerUnavailable` when there is none to be had.
        """
        ...

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        """The candles of the session days `start` to `end`, both included, ascending.

        The last one may still be running; days to come have none. What is returned may be made
        while it is read, so a long history is best iterated once. Raises `Unsupported` for an
        interval that is not among `intervals`.
        """
        ...

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """From now on `stream` sends ticks of exactly these instruments, each this rich.

        A broker that cannot choose may send more.
        """
        ...

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        """Send ticks of the instruments in demand to `publish` until cancelled."""
        ...
