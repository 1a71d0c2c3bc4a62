"""The ticks of one market. Publishing is synchronous and waits for nobody."""

from collections.abc import Callable

from openalgo.domain.market import Tick
from openalgo.streaming.latest import LatestPrices
from openalgo.streaming.listeners import Listeners
from openalgo.streaming.views import Views


class Hub:
    """Where the feed of a market publishes, and everybody hears who asked.

    A listener is a function that returns at once: it does its work or queues it. One that raises
    is logged; the others hear all the same.
    """

    def __init__(self) -> None:
        self.latest = LatestPrices()
        self.views = Views()
        self._taps = Listeners[Tick]()

    def tap(self, callback: Callable[[Tick], None]) -> None:
        """Call `callback` with every tick from now on, after the taps registered before."""
        self._taps.add(callback)

    def publish(self, tick: Tick) -> None:
        """Merge `tick` into the latest prices; tell every tap in order, then whoever watches."""
        merged = self.latest.merge(tick)
        self._taps.tell(merged)
        self.views.tell(merged)
