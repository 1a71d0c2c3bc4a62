"""Guessing one user's password is made slow, from however many addresses it comes."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from openalgo.domain.errors import RateLimitExceeded

FREE_FAILURES = 5
LONGEST_DELAY = 300.0

_FORGOTTEN_SECONDS = 24 * 3600.0


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class PasswordThrottle:
    """After five failures a name has to wait 1, 2, 4, ... seconds, five minutes at most, before
    it may be tried again. Never for good: that would let anybody lock anybody out.

    An attempt counts as a failure until `succeeded`, so a hundred at once are not five. The table
    is bounded: the name tried longest ago is forgotten first, and any after a day of peace.
    """

    def __init__(
        self, *, size: int = 4096, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._monotonic = monotonic
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def attempt(self, username: str) -> None:
        """Count one attempt. Raises `RateLimitExceeded`, and counts nothing, when it comes too
        early."""
        name = username.casefold()
        now = self._monotonic()
        failures = self._failures.get(name)
        if failures is None or now - failures.last >= _FORGOTTEN_SECONDS:
            failures = _Failures(0, now)
        elif (left := failures.last + _delay(failures.count) - now) > 0:
            raise RateLimitExceeded(math.ceil(left))
        failures.count += 1
        failures.last = now
        self._failures[name] = failures
        self._failures.move_to_end(name)
        if len(self._failures) > self._size:
            self._failures.popitem(last=False)

    def succeeded(self, username: str) -> None:
        """The last attempt was the user's own: start anew."""
        self._failures.pop(username.casefold(), None)


def _delay(failures: int) -> float:
    """Seconds to wait after so many failures."""
    if failures < FREE_FAILURES:
        return 0.0
    # Beyond 2**64 the float would overflow long after the limit decided.
    return min(LONGEST_DELAY, 2.0 ** min(failures - FREE_FAILURES, 64))
