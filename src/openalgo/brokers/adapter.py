"""What an adapter is made of.

An adapter is a package with one name the registry reads, `BROKER`, and a module for each protocol
below, whose functions are the protocol's methods:

    BROKER = Broker(
        info=INFO, api=API, endpoints=..., auth=auth, orders=orders, portfolio=portfolio,
        market_data=market_data, instruments=instruments, stream=stream, gtt=gtt, margin=margin,
    )

Adapters translate. They keep nothing between calls, know no database and no other adapter (families
excepted), and make no decision of business. Unless a docstring says more, functions raise what
`BrokerHttp.call` raises, and `reply.unusable(...)` for what cannot be understood: an error is never
an empty book or a zero.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from openalgo.brokers.api import BrokerApi
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.http import BrokerHttp, Credentials, Progress
from openalgo.brokers.order_limits import OrderLimits, with_order_limits
from openalgo.brokers.rows import (
    FundsRow,
    GttRow,
    HoldingRow,
    MarginRow,
    OrderRow,
    PositionRow,
    TradeRow,
)
from openalgo.domain.clock import Clock
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import Candle, Depth, InstrumentKey, Mode, Quote, Tick

Values = Mapping[str, str]
"""What was filled into a form, or came with a callback: by the names of its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a broker is. `login` is the page users are sent to, "" where there is none."""

    api: str
    login: str = ""
    stream: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login at a broker, as it is kept: whom the broker calls by `client_id`, and the tokens.

    It is over at `expires_at`; `None` where nobody knows."""

    client_id: str
    tokens: Values = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None = None


class Listing(Protocol):
    """The broker's symbol master, both ways."""

    def find(self, key: InstrumentKey) -> Instrument | None: ...

    def by_token(self, token: str) -> Instrument | None: ...

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        """The instrument the broker spells `broker_symbol` on its exchange `broker_exchange`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What calls of a logged-in account go by."""

    http: BrokerHttp
    instruments: Listing
    clock: Clock


class Auth(Protocol):
    """Sessions. `app` holds the account's `app_fields`."""

    def login_url(self, endpoints: Endpoints, app: Values, state: str) -> str:
        """Where the user logs in; the broker gives `state` back with its callback. OAUTH only."""
        ...

    async def login(self, http: BrokerHttp, app: Values, answers: Values, now: datetime) -> Session:
        """A session for what the callback brought, or for the filled-in `login_fields`. Raises
        `BrokerRejected` with the broker's words."""
        ...

    def credentials(self, app: Values, session: Session) -> Credentials:
        """What makes calls those of `session`."""
        ...

    async def logout(self, http: BrokerHttp, app: Values, session: Session) -> None: ...


class Orders(Protocol):
    """Taking, changing and withdrawing orders, and the books of the day."""

    async def place(
        self, connection: Connection, order: PlaceOrder, instrument: Instrument, tag: str
    ) -> str:
        """The id the broker gives the order. Sent at most once."""
        ...

    async def modify(
        self, connection: Connection, change: ModifyOrder, instrument: Instrument, row: OrderRow
    ) -> None:
        """Change the order that stands as `row`."""
        ...

    async def cancel(self, connection: Connection, row: OrderRow) -> None: ...

    async def orders(self, connection: Connection) -> Sequence[OrderRow]:
        """Today's orders, wherever they were placed, oldest first."""
        ...

    async def order(self, connection: Connection, order_id: str) -> OrderRow:
        """Raises `OrderNotFound`."""
        ...

    async def trades(self, connection: Connection) -> Sequence[TradeRow]: ...


class Portfolio(Protocol):
    async def positions(self, connection: Connection) -> Sequence[PositionRow]: ...

    async def holdings(self, connection: Connection) -> Sequence[HoldingRow]: ...

    async def funds(self, connection: Connection) -> FundsRow: ...


class Margins(Protocol):
    async def margin(
        self, connection: Connection, orders: Sequence[tuple[PlaceOrder, Instrument]]
    ) -> MarginRow: ...


class Gtts(Protocol):
    async def place(
        self, connection: Connection, gtt: PlaceGtt, instrument: Instrument, last_price: float
    ) -> str:
        """The id of the trigger."""
        ...

    async def modify(
        self,
        connection: Connection,
        change: ModifyGtt,
        instrument: Instrument,
        last_price: float,
    ) -> None: ...

    async def cancel(self, connection: Connection, trigger_id: str) -> None: ...

    async def gtts(self, connection: Connection) -> Sequence[GttRow]: ...


class MarketData(Protocol):
    async def quotes(
        self, connection: Connection, instruments: Sequence[Instrument]
    ) -> Mapping[InstrumentKey, Quote]:
        """At most `quotes_a_call`; what the broker does not know is left out."""
        ...

    async def depth(self, connection: Connection, instrument: Instrument) -> Depth:
        """Raises `BrokerUnavailable` when there is none to be had."""
        ...

    async def candles(
        self, connection: Connection, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        """The candles of both days and those between, ascending, in as many calls as it takes."""
        ...


class Instruments(Protocol):
    def download(self, http: BrokerHttp, progress: Progress) -> AsyncGenerator[Instrument, None]:
        """Today's instruments, parsed as they arrive."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAddress:
    """Where the feed of a session is. The address may hold its token: never show it."""

    url: str = field(repr=False)
    headers: Values = field(default_factory=dict, repr=False)


Frame = str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamNotice:
    """What a feed says of itself. With `session_over` its token is no longer taken."""

    message: str
    session_over: bool = False


StreamNews = Tick | OrderRow | StreamNotice


class Stream(Protocol):
    """The words of a feed: pure functions. `stream_key` is what its messages call an instrument."""

    def address(self, endpoints: Endpoints, app: Values, session: Session) -> StreamAddress: ...

    def stream_key(self, instrument: Instrument) -> int | str: ...

    def subscribe(self, wanted: Sequence[tuple[Instrument, Mode]]) -> Sequence[Frame]:
        """The messages that ask for exactly this much of each, whatever was asked before: at most
        `instruments_a_message` in each."""
        ...

    def unsubscribe(self, instruments: Sequence[Instrument]) -> Sequence[Frame]: ...

    def decoder(
        self, names: Mapping[int | str, Instrument], listing: Listing
    ) -> Callable[[Frame, int], Iterable[StreamNews]]:
        """Decodes the frames of one connection, each with when it came (ms since the epoch).
        `names` are those subscribed, by `stream_key`; it changes as they do. What is unknown or
        malformed is left out, never guessed; a frame of nothing but a heartbeat is empty.

        What is returned is iterated once, with pauses: where a frame may hold more than some 500
        ticks, decode as it is read, so that one frame cannot hold the event loop."""
        ...

    def pings(self) -> Sequence[Frame]:
        """What must be sent every ten seconds to stay connected; empty for most."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """An adapter. What is `None` the broker does not have."""

    info: BrokerInfo
    api: BrokerApi
    endpoints: Endpoints
    auth: Auth
    orders: Orders
    portfolio: Portfolio
    market_data: MarketData
    instruments: Instruments
    stream: Stream | None = None
    gtt: Gtts | None = None
    margin: Margins | None = None

    def at(self, endpoints: Endpoints) -> "Broker":
        """The same broker, elsewhere."""
        return replace(self, endpoints=endpoints, api=replace(self.api, base_url=endpoints.api))

    def limited(self, orders: OrderLimits) -> "Broker":
        """The same broker, taking so many orders."""
        limits = with_order_limits(self.api.limits, orders)
        return replace(self, api=replace(self.api, limits=limits))
