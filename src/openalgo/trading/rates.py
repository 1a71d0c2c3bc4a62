"""How many orders an account has sent in the last second, by exchange segment."""

import time
from collections import deque
from collections.abc import Callable

from openalgo.domain.market import Exchange
from openalgo.trading.venues import VenueMode

Segment = tuple[int, VenueMode, Exchange]
"""What is counted together: the account, paper or live, and the exchange code."""


class MovingWindow:
    """The moments of the last `span` seconds at which something was sent."""

    __slots__ = ("_sent", "_span")

    def __init__(self, span: float = 1.0) -> None:
        self._span = span
        self._sent: deque[float] = deque()

    def count(self, now: float) -> int:
        """How many fall into the `span` seconds before `now`; one that is exactly as old does
        not."""
        sent, oldest = self._sent, now - self._span
        while sent and sent[0] <= oldest:
            sent.popleft()
        return len(sent)

    def add(self, now: float) -> None:
        self._sent.append(now)


class SegmentRates:
    """`monotonic` is transport time, in seconds: what a broker counts by, whatever the market's
    clock says."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[Segment, MovingWindow] = {}

    def take(self, segment: Segment, most: int) -> bool:
        """Count one more, unless `most` have been sent within a second."""
        now = self._monotonic()
        window = self._windows.get(segment)
        if window is None:
            window = self._windows[segment] = MovingWindow()
        if window.count(now) >= most:
            return False
        window.add(now)
        return True

    def count(self, segment: Segment) -> int:
        window = self._windows.get(segment)
        return window.count(self._monotonic()) if window is not None else 0
