"""What one client hears of the orders of its account."""

from collections.abc import Callable
from typing import Protocol, get_args

from openalgo.api.ws import frames
from openalgo.api.ws.outbox import Outbox
from openalgo.domain.events import Event, OrderNews
from openalgo.identity.principal import Principal

_ORDER_NEWS = get_args(OrderNews)


class EventSource(Protocol):
    def listen(self, account_id: int, sink: Callable[[Event], None]) -> Callable[[], None]:
        """Call `sink` with every event of the account until the returned function is called."""
        ...


class OrderStream:
    """Sends order updates while it is open. `broker` is where the account trades in earnest."""

    def __init__(self, events: EventSource, principal: Principal, broker: str, outbox: Outbox):
        self._events = events
        self._principal = principal
        self._broker = broker
        self._outbox = outbox
        self._stop: Callable[[], None] | None = None

    def open(self) -> None:
        """Send from now on. Safe to call again."""
        if self._stop is None:
            self._stop = self._events.listen(self._principal.account_id, self._hear)

    def close(self) -> None:
        """Send no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _hear(self, event: Event) -> None:
        if isinstance(event, _ORDER_NEWS):
            frame = frames.order_update(event, self._principal.username, self._broker)
            self._outbox.put(frames.encode(frame))
