"""The ways out to brokers: one for each account."""

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from openalgo.brokers.adapter import Broker, Values
from openalgo.brokers.clients import Clients, Route
from openalgo.brokers.http import BrokerHttp, CallRecord, Limiter
from openalgo.domain.errors import BrokerAuthExpired

_AppKey = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True, eq=False)
class Line:
    """How the calls of one account go out, whatever session they are in."""

    http: BrokerHttp = field(init=False)


class Lines:
    """Makes them. Accounts with the same app at the same broker share their rate limits, since
    brokers count calls by the key of the app."""

    def __init__(self, clients: Clients, record: Callable[[CallRecord], None]) -> None:
        self._clients = clients
        self._record = record
        self._limiters: WeakValueDictionary[_AppKey, Limiter] = WeakValueDictionary()

    def make(
        self,
        account_id: int,
        broker: Broker,
        app: Values,
        route: Route,
        refused: Callable[[Line, BrokerAuthExpired], None] = lambda _line, _error: None,
    ) -> Line:
        """`refused` hears that the broker took no more calls in the session of this line."""
        line = Line()
        line.http = BrokerHttp(
            broker.api,
            self._clients,
            account=str(account_id),
            route=route,
            limiter=self._limiter(account_id, broker, app),
            record=self._record,
            on_auth_expired=lambda error: refused(line, error),
        )
        return line

    def _limiter(self, account_id: int, broker: Broker, app: Values) -> Limiter:
        own = app or {"account": str(account_id)}
        key = (broker.info.id, tuple(sorted(own.items())))
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = self._limiters[key] = Limiter(broker.api.limits)
        return limiter
