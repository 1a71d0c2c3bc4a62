"""How fast a client may talk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto


class Verdict(Enum):
    TAKEN = auto()
    REFUSED = auto()
    ENOUGH = auto()
    """It goes on and on: end the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """At most `burst` messages at once and `rate` a second in the long run. A client that sends
    `patience` more without a pause will not understand."""

    rate: float = 100.0
    burst: int = 3_000
    patience: int = 100


class Pacer:
    """Watches the messages of one client."""

    def __init__(self, pace: Pace, timer: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._timer = timer
        self._left = float(pace.burst)
        self._refused = 0
        self._at = timer()

    def message(self) -> Verdict:
        """One has come."""
        pace, now = self._pace, self._timer()
        self._left = min(float(pace.burst), self._left + (now - self._at) * pace.rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            self._refused = 0
            return Verdict.TAKEN
        self._refused += 1
        return Verdict.ENOUGH if self._refused > pace.patience else Verdict.REFUSED
