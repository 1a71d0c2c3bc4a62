"""In-process publish and subscribe. Publishing is synchronous and waits for nobody."""

from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from openalgo.domain.events import Event
from openalgo.domain.market import Tick
from openalgo.streaming.latest import LatestPrices
from openalgo.streaming.views import Views

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Hub:
    """Where feeds publish ticks, the paper exchange publishes events, and listeners get both.

    A listener is a function that returns at once: it does its work or queues it. One that raises
    is logged; the others hear all the same.
    """

    def __init__(self) -> None:
        self.latest = LatestPrices()
        self.views = Views()
        self._taps = _Listeners[Tick]()
        self._accounts: dict[int, _Listeners[Event]] = {}

    def tap(self, callback: Callable[[Tick], None]) -> None:
        """Call `callback` with every tick from now on, after the taps registered before."""
        self._taps.add(callback)

    def publish(self, tick: Tick) -> None:
        """Merge `tick` into the latest prices; tell every tap in order, then whoever watches."""
        merged = self.latest.merge(tick)
        self._taps.tell(merged)
        self.views.tell(merged)

    def listen(self, account_id: int, sink: Callable[[Event], None]) -> Callable[[], None]:
        """Call `sink` with every event of the account until the returned function is called."""
        listeners = self._accounts.setdefault(account_id, _Listeners())
        listeners.add(sink)

        def stop() -> None:
            listeners.remove(sink)
            if not listeners and self._accounts.get(account_id) is listeners:
                del self._accounts[account_id]

        return stop

    def publish_event(self, event: Event) -> None:
        """Hand `event` to everybody who listens to its account."""
        if (listeners := self._accounts.get(event.account_id)) is not None:
            listeners.tell(event)


class _Listeners(Generic[T]):
    """Callbacks in order of registration. They may come and go while one is being called."""

    def __init__(self) -> None:
        self._callbacks: tuple[Callable[[T], None], ...] = ()

    def __len__(self) -> int:
        return len(self._callbacks)

    def add(self, callback: Callable[[T], None]) -> None:
        self._callbacks = (*self._callbacks, callback)

    def remove(self, callback: Callable[[T], None]) -> None:
        """Forget `callback`. Safe to call twice."""
        self._callbacks = tuple(known for known in self._callbacks if known is not callback)

    def tell(self, news: T) -> None:
        for callback in self._callbacks:
            try:
                callback(news)
            except Exception:
                name = getattr(callback, "__qualname__", type(callback).__qualname__)
                log.exception("a listener failed", listener=name, news=type(news).__name__)
