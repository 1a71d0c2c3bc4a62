"""What the API asks of the rest of the system.

`app.py` hands in objects of these shapes; routers know no other names. Unless a docstring says
more, a method may raise any `OpenAlgoError`, which becomes the error envelope.
"""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Protocol

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.market import Candle, Depth, InstrumentKey, Quote
from openalgo.identity.principal import Principal
from openalgo.instruments.status import MasterStatus
from openalgo.instruments.upkeep import Due
from openalgo.marketdata.history import CandleOrigin
from openalgo.observability.health import HealthReport
from openalgo.observability.traffic import OrderCallRecord
from openalgo.trading.explain import Explanation


class KeyAuthenticator(Protocol):
    """Tells whose API key it is. Both methods refuse one that may not be used from `address`."""

    def lookup(self, key: str, address: str) -> Principal | None:
        """The owner, if the key is known in memory; `None` says nothing yet."""
        ...

    def authenticate(self, key: str, address: str) -> Awaitable[Principal | None]:
        """The owner, or `None` when nobody owns this key."""
        ...


class QuoteSource(Protocol):
    def quote(self, key: InstrumentKey) -> Awaitable[Quote]:
        """The current quote. Raises `SymbolNotFound`, `BrokerUnavailable`."""
        ...

    def quotes(self, keys: Sequence[InstrumentKey]) -> Awaitable[Sequence[Quote | OpenAlgoError]]:
        """For each key, in this order, its quote or what `quote` would raise."""
        ...


class MasterKeeper(Protocol):
    """Keeps the instruments of one broker."""

    @property
    def status(self) -> MasterStatus: ...

    @property
    def listed_at(self) -> time | None:
        """When there are new ones every day (IST), `None` where there never are."""
        ...

    def due(self) -> Due:
        """Whether those in force are not the newest there are."""
        ...

    def request(self, *, force: bool = False) -> Due:
        """Download now, if that is due or `force` says so; tells whether, and why.

        Raises `BrokerSessionExpired`."""
        ...


class DepthSource(Protocol):
    def depth(self, key: InstrumentKey) -> Awaitable[Depth]:
        """The five best prices of each side, or fewer. Raises `SymbolNotFound`,
        `BrokerUnavailable`."""
        ...


class HistorySource(Protocol):
    @property
    def intervals(self) -> Sequence[str]:
        """The intervals the broker serves."""
        ...

    def candles(
        self, key: InstrumentKey, interval: str, start: date, end: date, origin: CandleOrigin
    ) -> Awaitable[Sequence[Candle]]:
        """The candles of the days `start` to `end`, ascending; may be made while they are read.

        Raises `SymbolNotFound`, `InvalidRequest`, `NotFound`, `BrokerUnavailable`."""
        ...


class Preferences(Protocol):
    """What the charts of users remember: JSON texts by key."""

    def of_user(self, user_id: int) -> Awaitable[Mapping[str, str]]: ...

    def update(self, user_id: int, values: Mapping[str, str]) -> Awaitable[None]:
        """Add to what is kept, or replace it, key by key. Raises `InvalidRequest` when it would be
        too much; nothing has changed then."""
        ...


class AnalyzerStatus(Protocol):
    """Whether orders go to the paper exchange, and how many calls its log holds."""

    @property
    def analyze_mode(self) -> bool: ...

    @property
    def total_logs(self) -> int: ...


class Analyzer(Protocol):
    """The switch between paper and live of an account."""

    def status(self, account_id: int) -> Awaitable[AnalyzerStatus]: ...

    def set_mode(
        self, account_id: int, analyze: bool, *, by_owner: bool = False
    ) -> Awaitable[AnalyzerStatus]:
        """Set, not flip: repeating it changes nothing. Where orders wait for approval, only the
        account's owner may: `by_owner` says that they do it in a session. Raises
        `OperationBlocked`, `OrderModeUnknown`."""
        ...


class ConnectedBroker(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def simulated(self) -> bool: ...


class Accounts(Protocol):
    def broker_of(self, account_id: int) -> ConnectedBroker:
        """The broker this account is logged in to. Raises `BrokerSessionExpired`."""
        ...


class Journal(Protocol):
    def order_call(self, record: OrderCallRecord) -> None:
        """Keep `record` for the user's order log. Returns at once and never raises."""
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


class OrderExplainer(Protocol):
    def explain(self, account_id: int, order_id: str) -> Awaitable[Explanation]:
        """What led to this order, and what became of it. Raises `OrderNotFound`,
        `StorageUnavailable`."""
        ...


class HealthSource(Protocol):
    def ready(self) -> HealthReport:
        """What this process can do now, from facts already in memory."""
        ...
