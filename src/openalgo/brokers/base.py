"""What a broker is to the rest of the system."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Protocol

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Mode, Quote, Tick
from openalgo.domain.words import Word


class AuthKind(Word):
    """How a session with a broker begins.

    NONE needs none. OAUTH sends the user to the broker's page, which sends them back with a code.
    FORM asks for `login_fields` here and passes them on.
    """

    NONE = "none"
    OAUTH = "oauth"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginField:
    """One field of a form. What is `secret` is never shown again."""

    name: str
    label: str
    secret: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTag:
    """What an order can carry at the broker besides its terms: at most `length` letters and digits.
    Where it is `returned` with the order book, it tells orders of ours from others."""

    length: int
    returned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """What a broker's feed carries. A connection from which nothing came for `silent_for` seconds
    while markets are open is dead, whatever it looks like."""

    instruments_a_connection: int
    connections: int
    instruments_a_message: int
    silent_for: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerInfo:
    """What is fixed about a broker. `trading` is false for those that only carry data.

    `depth_levels` are the sizes of order book its feed can deliver, ascending, and
    `depth_levels_at` those of exchanges where they differ. A new list of instruments is there every
    day at `listed_at` (IST), or never where that is `None`.
    `app_fields` are what an account needs to know once (the key of the user's app and its secret),
    `login_fields` what each login asks. `returns_state` says whether an OAUTH broker's callback
    carries `state` back. Sessions end at `session_ends_at` (IST), or when the broker says.
    `quotes_a_call` is how many instruments one quote request may name, and `quote_scopes` are the
    rate limits it counts against. `order_updates` says whether the feed tells of orders; where not,
    the order book is polled. `notes` are what a user should know before connecting.
    """

    id: str
    name: str
    exchanges: frozenset[Exchange]
    trading: bool
    simulated: bool = False
    depth_levels: tuple[int, ...] = (5,)
    depth_levels_at: Mapping[Exchange, tuple[int, ...]] = field(default_factory=dict, hash=False)
    listed_at: time | None = time(8, 0)
    auth: AuthKind = AuthKind.NONE
    app_fields: tuple[LoginField, ...] = ()
    login_fields: tuple[LoginField, ...] = ()
    returns_state: bool = True
    session_ends_at: time | None = None
    tag: OrderTag | None = None
    intervals: tuple[str, ...] = ()
    quotes_a_call: int = 1
    quote_scopes: tuple[str, ...] = ()
    stream: StreamLimits | None = None
    order_updates: bool = False
    notes: tuple[str, ...] = ()

    def levels_at(self, exchange: Exchange) -> tuple[int, ...]:
        """The sizes of order book its feed can deliver of this exchange, ascending."""
        return self.depth_levels_at.get(exchange, self.depth_levels)


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


class ReplayStatus(Protocol):
    """How far a replay has come: `position` of `total` ticks are played, the next is due at
    `next_at` (`None` once `finished`). Times are recorded market time."""

    @property
    def now(self) -> datetime: ...

    @property
    def next_at(self) -> datetime | None: ...

    @property
    def position(self) -> int: ...

    @property
    def total(self) -> int: ...

    @property
    def finished(self) -> bool: ...


class Replay(Protocol):
    """The hand on a replayed market."""

    def status(self) -> ReplayStatus: ...

    def advance(
        self, until: datetime | None = None, ticks: int | None = None
    ) -> Awaitable[ReplayStatus]:
        """Play on to `until`, but at most `ticks`; one tick if neither is given. Returns once
        all has been played and acted upon. Raises `Unsupported` for a replay that runs by
        itself."""
        ...
