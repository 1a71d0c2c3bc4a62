"""The numbers of orders a user may set."""

import pytest

from openalgo.brokers.limits import RateLimit
from openalgo.brokers.order_limits import OrderLimits, Span, with_order_limits

QUOTES = RateLimit("quote", ((1, 1.05), (100, 60.0)))
PACE = RateLimit("orders", ((10, 1.05),), reserve=1, of_orders=True)
VOLUME = RateLimit("volume", ((200, 60.5), (3000, 86_400.0)), reserve=20, of_orders=True)


def volume(*windows: tuple[int, float], reserve: int = 20) -> RateLimit:
    return RateLimit("volume", windows, reserve=reserve, of_orders=True)


@pytest.mark.parametrize(
    ("wanted", "limits"),
    [
        ({}, (QUOTES, PACE, VOLUME)),
        ({Span.MINUTE: 400}, (QUOTES, PACE, volume((400, 60.5), (3000, 86_400.0)))),
        (
            {Span.SECOND: 20, Span.DAY: 5000},
            (
                QUOTES,
                RateLimit("orders", ((20, 1.05),), reserve=1, of_orders=True),
                volume((200, 60.5), (5000, 86_400.0)),
            ),
        ),
        (
            {Span.HOUR: 50},
            (
                QUOTES,
                RateLimit("orders", ((10, 1.05), (50, 3600.0)), reserve=1, of_orders=True),
                VOLUME,
            ),
        ),
        ({Span.DAY: 5}, (QUOTES, PACE, volume((200, 60.5), (5, 86_400.0), reserve=4))),
        (
            {Span.SECOND: 1},
            (QUOTES, RateLimit("orders", ((1, 1.05),), of_orders=True), VOLUME),
        ),
    ],
)
def test_what_is_wanted_replaces_what_is_usual(
    wanted: OrderLimits, limits: tuple[RateLimit, ...]
) -> None:
    assert with_order_limits((QUOTES, PACE, VOLUME), wanted) == limits


def test_a_broker_without_limits_of_orders_has_none_to_change() -> None:
    assert with_order_limits((QUOTES,), {Span.DAY: 5}) == (QUOTES,)
