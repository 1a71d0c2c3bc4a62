"""What the API asks of the rest of the system.

`app` hands in objects of these shapes; routers know no other names. Unless a docstring says
more, a method may raise any `OpenAlgoError`, which becomes the error envelope.
"""

from collections.abc import Awaitable, Mapping
from datetime import time
from typing import Protocol

from openalgo.identity.principal import Principal
from openalgo.instruments.status import MasterStatus
from openalgo.instruments.upkeep import Due
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


class Journal(Protocol):
    def order_call(self, record: OrderCallRecord) -> None:
        """Keep `record` for the user's order log. Returns at once and never raises."""
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
