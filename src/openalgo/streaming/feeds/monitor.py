"""How the feed of a market is doing, for its clients."""

from collections.abc import Callable

from openalgo.streaming.feeds.status import FeedState, FeedStatus
from openalgo.streaming.listeners import Listeners


class FeedMonitor:
    """Tells the status now, and its listeners of every change of state."""

    def __init__(self, status: Callable[[], FeedStatus]) -> None:
        self.status = status
        self._listeners: Listeners[FeedStatus] = Listeners()
        self._told = FeedState.IDLE

    def listen(self, sink: Callable[[FeedStatus], None]) -> Callable[[], None]:
        """Call `sink` with every change until the returned function is called."""
        self._listeners.add(sink)
        return lambda: self._listeners.remove(sink)

    def changed(self, status: FeedStatus) -> bool:
        """Something about the feed is new; whether its state is."""
        if status.state is self._told:
            return False
        self._told = status.state
        self._listeners.tell(status)
        return True
