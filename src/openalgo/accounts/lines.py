"""The ways out to brokers: one for each account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakKeyDictionary, WeakValueDictionary

from openalgo.brokers.adapter import Broker, Values
from openalgo.brokers.clients import Clients, Route
from openalgo.brokers.http import BrokerHttp, CallRecord, Limiter
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerAuthExpired

_AppKey = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True, eq=False)
class Line:
    """How the calls of one account go out, whatever session they are in."""

    limiter: Limiter
    http: BrokerHttp = field(init=False)


class Lines:
    """Makes them. Accounts with the same app at the same broker share their rate limits, since
    brokers count calls by the key of the app. `sent` tells when an account sent its orders of
    today, so that those of a process or of a session before count too."""

    def __init__(
        self, clients: Clients, record: Callable[[CallRecord], None], clock: Clock
    ) -> None:
        self._clients = clients
        self._record = record
        self._clock = clock
        self.sent: Callable[[int], Iterable[datetime]] | None = None
        self._limiters: WeakValueDictionary[_AppKey, Limiter] = WeakValueDictionary()
        self._counted: WeakKeyDictionary[Limiter, set[int]] = WeakKeyDictionary()

    def make(
        self,
        account_id: int,
        broker: Broker,
        app: Values,
        route: Route,
        refused: Callable[[Line, BrokerAuthExpired], None] = lambda _line, _error: None,
    ) -> Line:
        """`refused` hears that the broker took no more calls in the session of this line."""
        line = Line(self._limiter(account_id, broker, app))
        self.count(account_id, line)
        line.http = BrokerHttp(
            broker.api,
            self._clients,
            account=str(account_id),
            route=route,
            limiter=line.limiter,
            record=self._record,
            on_auth_expired=lambda error: refused(line, error),
        )
        return line

    def count(self, account_id: int, line: Line) -> None:
        """Count what the account sent before this limiter was there to count it."""
        counted = self._counted.setdefault(line.limiter, set())
        if self.sent is not None and account_id not in counted:
            counted.add(account_id)
            now = self._clock.now()
            line.limiter.sent_before((now - at).total_seconds() for at in self.sent(account_id))

    def _limiter(self, account_id: int, broker: Broker, app: Values) -> Limiter:
        own = app or {"account": str(account_id)}
        key = (broker.info.id, tuple(sorted(own.items())))
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = self._limiters[key] = Limiter(broker.api.limits)
        return limiter
