"""How often somebody may ask.

`limits` parses the rules but does not count: its asynchronous memory store starts a task and a
thread hop per call and per live key (220 µs and up, against 1 µs for the deques here).
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_network

from limits import parse, parse_many

from openalgo.api.addresses import is_loopback
from openalgo.domain.errors import RateLimitExceeded
from openalgo.identity.networks import parse_address

Timer = Callable[[], float]


class RateClass(StrEnum):
    """Which of the configured limits an endpoint falls under."""

    API = "api"
    ORDER = "order"
    SMART_ORDER = "smart_order"
    GREEKS = "greeks"


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of the tightest window is left; `reset_after` in seconds."""

    limit: int
    remaining: int
    reset_after: float


class _Window:
    """A moving window: at most `limit` entries in any `span` seconds."""

    __slots__ = ("_entries", "limit", "span")

    def __init__(self, limit: int, span: float) -> None:
        self.limit = limit
        self.span = span
        self._entries: deque[float] = deque()

    def remaining(self, now: float) -> int:
        entries = self._entries
        oldest = now - self.span
        while entries and entries[0] <= oldest:
            entries.popleft()
        return self.limit - len(entries)

    def add(self, now: float) -> None:
        self._entries.append(now)

    def reset_after(self, now: float) -> float:
        """Seconds until the oldest entry leaves."""
        return self._entries[0] + self.span - now if self._entries else 0.0


class CallLimits:
    """Limits per caller and endpoint, by rate class. Callers are API keys, or sessions.

    `rules` are texts such as `10 per second;100 per minute`. The table holds one entry per
    authenticated caller and endpoint, so strangers cannot make it grow; beyond `size` entries the
    oldest is forgotten, since sessions come and go.
    """

    def __init__(
        self,
        rules: dict[RateClass, str],
        timer: Timer = time.monotonic,
        *,
        size: int = 16_384,
    ) -> None:
        self._rules = {
            rate: [(item.amount, float(item.get_expiry())) for item in parse_many(rule)]
            for rate, rule in rules.items()
        }
        self._windows: dict[tuple[int, str], tuple[_Window, ...]] = {}
        self._timer = timer
        self._size = size

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, caller_id: int, endpoint: str, rate: RateClass) -> tuple[Standing, bool]:
        """Count one call. The second value says whether it may go on; a refused call is not
        counted in any window."""
        windows = self._windows.get((caller_id, endpoint))
        if windows is None:
            if len(self._windows) >= self._size:
                del self._windows[next(iter(self._windows))]
            windows = tuple(_Window(limit, span) for limit, span in self._rules[rate])
            self._windows[caller_id, endpoint] = windows
        now = self._timer()
        left = [window.remaining(now) for window in windows]
        lowest = min(left)
        # Of several windows that are equally full, the longest one says when to come back.
        tightest = max(
            (window for window, rest in zip(windows, left, strict=True) if rest == lowest),
            key=lambda window: window.reset_after(now),
        )
        if lowest <= 0:
            return Standing(tightest.limit, 0, tightest.reset_after(now)), False
        for window in windows:
            window.add(now)
        return Standing(tightest.limit, lowest - 1, tightest.reset_after(now)), True


class AddressWindows:
    """Moving windows per client address, loopback included: for what may be guessed at.

    slowapi is not used for this: it reads the environment by itself, keeps a row per address for
    ever, and counts by the machine's clock alone. An IPv6 client is its /64. The table is bounded:
    the address unseen for longest is forgotten first.
    """

    def __init__(self, rule: str, *, size: int = 4096, timer: Timer = time.monotonic) -> None:
        self._rules = [(item.amount, float(item.get_expiry())) for item in parse_many(rule)]
        self._size = size
        self._timer = timer
        self._windows: OrderedDict[str, tuple[_Window, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, address: str) -> None:
        """Count one call. Raises `RateLimitExceeded`, and counts nothing, when there were too
        many."""
        subject = _network_of(address)
        windows = self._windows.pop(subject, None)
        if windows is None:
            windows = tuple(_Window(limit, span) for limit, span in self._rules)
        self._windows[subject] = windows
        if len(self._windows) > self._size:
            self._windows.popitem(last=False)
        now = self._timer()
        full = [window for window in windows if window.remaining(now) <= 0]
        if full:
            raise RateLimitExceeded(math.ceil(max(window.reset_after(now) for window in full)))
        for window in windows:
            window.add(now)


class AddressLimits:
    """A token bucket per client address: the cheap first line, before a key is looked at.

    Loopback is exempt. An IPv6 client is its /64. The table is bounded: the address unseen for
    longest is forgotten first.
    """

    def __init__(self, rule: str, *, size: int = 4096, timer: Timer = time.monotonic) -> None:
        item = parse(rule)
        self._capacity = float(item.amount)
        self._per_second = item.amount / item.get_expiry()
        self._size = size
        self._timer = timer
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def check(self, address: str | None) -> None:
        """Raises `RateLimitExceeded` when `address` has asked too often."""
        subject = _subject(address) if address else None
        if subject is None:
            return
        now = self._timer()
        tokens, seen = self._buckets.pop(subject, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - seen) * self._per_second)
        allowed = tokens >= 1.0
        self._buckets[subject] = (tokens - 1.0 if allowed else tokens, now)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        if not allowed:
            raise RateLimitExceeded(math.ceil((1.0 - tokens) / self._per_second))


@lru_cache(maxsize=4096)
def _subject(address: str) -> str | None:
    """Who is counted for `address`; `None` for this machine itself."""
    return None if is_loopback(address) else _network_of(address)


def _network_of(address: str) -> str:
    """An IPv6 address as its /64: whoever has one has all of them."""
    ip = parse_address(address)
    if isinstance(ip, IPv6Address) and not ip.is_loopback:
        return str(ip_network((int(ip), 64), strict=False))
    return address if ip is None else str(ip)
