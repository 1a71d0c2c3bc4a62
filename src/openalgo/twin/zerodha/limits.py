"""Kite Connect's limits of requests."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from openalgo.twin.zerodha.errors import KiteError

WINDOWS: Mapping[str, Sequence[tuple[int, float]]] = {
    "quote": ((1, 1.0),),
    "historical": ((3, 1.0),),
    "order": ((10, 1.0), (200, 60.0), (3_000, 86_400.0)),
    "other": ((10, 1.0),),
}
"""How many requests of a kind in how many seconds."""


class Limits:
    """Counts requests in sliding windows. `now` is in seconds, of any origin."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        on: bool,
        windows: Mapping[str, Sequence[tuple[int, float]]] = WINDOWS,
    ) -> None:
        self.on = on
        self._now = now
        self._windows = windows
        self._taken: dict[tuple[str, float], deque[float]] = {}

    def take(self, kind: str) -> None:
        """Count one request. Raises `KiteError` where it is one too many, and does not count it."""
        if not self.on:
            return
        now = self._now()
        windows = []
        for most, seconds in self._windows[kind]:
            taken = self._taken.setdefault((kind, seconds), deque())
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) >= most:
                raise KiteError(429, "NetworkException", "Too many requests")
            windows.append(taken)
        for taken in windows:
            taken.append(now)
