"""The ways out to brokers: one for each account."""

from collections.abc import Callable, Iterable
from datetime import datetime
from weakref import WeakKeyDictionary, WeakValueDictionary

from openalgo.brokers.adapter import Broker, Values
from openalgo.brokers.clients import Clients, Route
from openalgo.brokers.http import BrokerHttp, CallRecord, Limiter
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerAuthExpired

_AppKey = tuple[str, tuple[tuple[str, str], ...]]


class Lines:
    """Makes them: how the calls of an account go out, whatever session they are in.

    Accounts with the same app at the same broker share their rate limits, since brokers count
    calls by the key of the app. `sent` tells when an account sent its orders of today, so that
    those of a process or of a session before count too."""

    def __init__(
        self,
        clients: Clients,
        record: Callable[[CallRecord], None],
        clock: Clock,
        sent: Callable[[int], Iterable[datetime]],
    ) -> None:
        self._clients = clients
        self._record = record
        self._clock = clock
        self._sent = sent
        self._limiters: WeakValueDictionary[_AppKey, Limiter] = WeakValueDictionary()
        self._counted: WeakKeyDictionary[Limiter, set[int]] = WeakKeyDictionary()

    def make(
        self,
        account_id: int,
        broker: Broker,
        app: Values,
        route: Route,
        refused: Callable[[BrokerHttp, BrokerAuthExpired], None] = lambda _line, _error: None,
    ) -> BrokerHttp:
        """`refused` hears that the broker took no more calls in the session of this line."""
        line = BrokerHttp(
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
        counted = self._counted.setdefault(limiter, set())
        if account_id not in counted:
            counted.add(account_id)
            now = self._clock.now()
            limiter.sent_before((now - at).total_seconds() for at in self._sent(account_id))
        return limiter
