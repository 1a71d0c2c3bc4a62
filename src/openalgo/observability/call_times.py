"""How long brokers take to answer, by what they were asked."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

_STEP = 1.1
_BOUNDS = [0.05 * _STEP**power for power in range(150)]
"""In milliseconds: each bucket is a tenth wider than the one before, up to more than an hour."""
_REFUSED = 400


class MadeCall(Protocol):
    """One sending: `ms` from then to the end of the answer, after `queued_ms` in the queue of a
    rate limit. `status` is 0 where no answer came, and `problem` one word for why."""

    @property
    def broker(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def queued_ms(self) -> float: ...

    @property
    def ms(self) -> float: ...

    @property
    def status(self) -> int: ...

    @property
    def problem(self) -> str | None: ...


class Histogram:
    """Counts durations in so few buckets that any number of them costs the same. A percentile is at
    most a tenth too high."""

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0.0
        self._buckets = [0] * (len(_BOUNDS) + 1)

    def add(self, ms: float) -> None:
        self.count += 1
        self.longest = max(self.longest, ms)
        self._buckets[bisect_left(_BOUNDS, ms)] += 1

    def percentile(self, percent: float) -> float:
        """In milliseconds; 0 where nothing was counted."""
        wanted, seen = self.count * percent / 100, 0
        for bound, number in zip(_BOUNDS, self._buckets, strict=False):
            seen += number
            if seen and seen >= wanted:
                return min(bound, self.longest)
        return self.longest


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStats:
    """The calls of one name, in milliseconds. `errors` are counted by what was wrong: `timeout`,
    `connect`, `http 429` and so on. `queued_` is the wait for our own rate limits."""

    name: str
    count: int
    errors: Mapping[str, int]
    p50: float
    p90: float
    p99: float
    longest: float
    queued_p50: float
    queued_p99: float


class CallTimes:
    """All calls since the server started. Nothing of what was said is kept."""

    def __init__(self) -> None:
        self._kept: defaultdict[tuple[str, str], _Calls] = defaultdict(_Calls)

    def note(self, call: MadeCall) -> None:
        """Returns at once, and never raises."""
        calls = self._kept[call.broker, call.name]
        calls.answered.add(call.ms)
        calls.queued.add(call.queued_ms)
        if call.problem is not None:
            calls.errors[call.problem] += 1
        elif call.status >= _REFUSED:
            calls.errors[f"http {call.status}"] += 1

    def of(self, broker: str) -> Sequence[CallStats]:
        """By name, of all accounts together."""
        return [
            CallStats(
                name=name,
                count=calls.answered.count,
                errors=dict(calls.errors),
                p50=calls.answered.percentile(50),
                p90=calls.answered.percentile(90),
                p99=calls.answered.percentile(99),
                longest=calls.answered.longest,
                queued_p50=calls.queued.percentile(50),
                queued_p99=calls.queued.percentile(99),
            )
            for (of, name), calls in sorted(self._kept.items())
            if of == broker
        ]


class _Calls:
    __slots__ = ("answered", "errors", "queued")

    def __init__(self) -> None:
        self.answered = Histogram()
        self.queued = Histogram()
        self.errors: Counter[str] = Counter()
