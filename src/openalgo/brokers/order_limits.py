"""How many orders a broker takes, where the user knows better than we do."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from openalgo.brokers.limits import RateLimit
from openalgo.domain.words import Word


class Span(Word):
    """What orders are counted by."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


OrderLimits = Mapping[Span, int]
"""How many orders may be sent in any second, minute ..."""

_SECONDS = {Span.SECOND: 1.0, Span.MINUTE: 60.0, Span.HOUR: 3600.0, Span.DAY: 24 * 3600.0}
_LONGEST_TO_SHORTEST = tuple(reversed(_SECONDS))
_SHORTEST = 1.05
"""Calls sent evenly need not arrive so: a second is taken a little longer."""


def with_order_limits(limits: Iterable[RateLimit], wanted: OrderLimits) -> tuple[RateLimit, ...]:
    """`limits`, those of orders with the `wanted` numbers; what is not wanted otherwise stays.

    A span the broker does not count by is counted too, by the first limit of orders. Where fewer
    orders are wanted than are kept for exits, all but one are.
    """
    changed = []
    left = dict(wanted)
    for limit in limits:
        if not limit.of_orders:
            changed.append(limit)
            continue
        windows = [(left.pop(_span(seconds), calls), seconds) for calls, seconds in limit.windows]
        changed.append(_with(limit, windows))
    for number, limit in enumerate(changed):
        if limit.of_orders and left:
            more = [(calls, max(_SECONDS[span], _SHORTEST)) for span, calls in left.items()]
            changed[number] = _with(limit, [*limit.windows, *more])
            break
    return tuple(changed)


def _span(seconds: float) -> Span:
    """By what a window counts that lasts so long, or a little longer."""
    return next(span for span in _LONGEST_TO_SHORTEST if seconds >= _SECONDS[span])


def _with(limit: RateLimit, windows: Iterable[tuple[int, float]]) -> RateLimit:
    windows = tuple(windows)
    reserve = min((limit.reserve, *(calls - 1 for calls, _ in windows)))
    return replace(limit, windows=windows, reserve=reserve)
