"""Which orders fill, in what order, and at what price."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import (
    IdempotencyConflict,
    NoPrice,
    OrderNotFound,
    OrderNotWorking,
)
from openalgo.domain.events import OrderFilled
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus
from tests.support.market import SBIN
from tests.support.paper import Paper, check_invariants


def filled_at(paper: Paper) -> list[tuple[str, int]]:
    return [(e.order.order_id, e.trade.price) for e in paper.events if isinstance(e, OrderFilled)]


@pytest.mark.parametrize(
    ("action", "expected"), [("BUY", "100.05"), ("SELL", "99.95")], ids=["pays ask", "gets bid"]
)
def test_market_takes_the_far_side(action: str, expected: str) -> None:
    paper = Paper()
    paper.market(SBIN, "100", bid="99.95", ask="100.05")
    order = paper.order(SBIN, action, 10)
    assert order.status is OrderStatus.COMPLETE
    assert filled_at(paper) == [(order.order_id, px(expected))]


def test_market_without_a_book_trades_at_the_last_price() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10)
    assert filled_at(paper) == [(order.order_id, px(100))]
    assert order.price == px(100)


def test_an_old_book_is_not_trusted_but_its_last_price_is() -> None:
    paper = Paper()
    paper.market(SBIN, "100", bid="99.95", ask="100.05")
    paper.later(seconds=10)
    order = paper.order(SBIN, "BUY", 10)
    assert filled_at(paper) == [(order.order_id, px(100))]


def test_no_price_younger_than_30_seconds_refuses_market() -> None:
    paper = Paper()
    with pytest.raises(NoPrice, match="unable to fetch current price"):
        paper.order(SBIN, "BUY", 10)
    paper.market(SBIN, "100")
    paper.later(seconds=31)
    with pytest.raises(NoPrice):
        paper.order(SBIN, "BUY", 10)


@pytest.mark.parametrize(("action", "limit"), [("BUY", "101"), ("SELL", "99"), ("BUY", "100")])
def test_marketable_limit_improves_to_the_last_price(action: str, limit: str) -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, action, 10, limit)
    assert filled_at(paper) == [(order.order_id, px(100))]


@pytest.mark.parametrize(
    ("action", "limit", "before", "at"),
    [("BUY", "98", "98.05", "98"), ("SELL", "102", "101.95", "102")],
)
def test_resting_limit_fills_at_its_limit_when_touched(
    action: str, limit: str, before: str, at: str
) -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, action, 10, limit)
    paper.market(SBIN, before)
    assert paper.stored(order).status is OrderStatus.OPEN
    paper.market(SBIN, at)
    assert filled_at(paper) == [(order.order_id, px(limit))]
    check_invariants(paper)


def test_better_price_first_then_older() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    low = paper.order(SBIN, "BUY", 1, "95")
    first = paper.order(SBIN, "BUY", 1, "97")
    second = paper.order(SBIN, "BUY", 1, "97")
    paper.market(SBIN, "90")
    assert [order_id for order_id, _ in filled_at(paper)] == [
        first.order_id,
        second.order_id,
        low.order_id,
    ]


def test_outside_the_session_orders_wait_for_the_open() -> None:
    paper = Paper(calendar=ExchangeCalendar())
    paper.now = datetime(2026, 7, 17, 8, 0, tzinfo=IST)
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10, product="CNC")
    assert order.status is OrderStatus.OPEN
    assert order.reserved == 1000
    paper.later(hours=1)
    paper.market(SBIN, "101")
    assert paper.stored(order).status is OrderStatus.OPEN
    paper.now = datetime(2026, 7, 17, 9, 15, tzinfo=IST)
    paper.market(SBIN, "102", bid="101.95", ask="102.05")
    assert filled_at(paper) == [(order.order_id, px("102.05"))]
    check_invariants(paper)


def test_cancel_is_final() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10, "90")
    paper.cancel(order.order_id)
    paper.market(SBIN, "80")
    assert filled_at(paper) == []
    with pytest.raises(OrderNotWorking, match="Cannot cancel order in cancelled status"):
        paper.cancel(order.order_id)


def test_cancel_sees_only_the_own_account() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10, "90")
    paper.order(SBIN, "BUY", 10, "90", account=2)
    with pytest.raises(OrderNotFound, match=f"Order {order.order_id} not found"):
        paper.cancel(order.order_id, account=2)


def test_ids_have_the_shape_clients_know() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    first, second = paper.order(SBIN, "BUY", 1), paper.order(SBIN, "BUY", 1)
    assert (first.order_id, second.order_id) == ("26071700000001", "26071700000002")
    assert [trade.trade_id for trade in paper.account().trades] == [
        "TRADE-20260717-100000-00000001",
        "TRADE-20260717-100000-00000002",
    ]
    paper.later(days=1)
    paper.market(SBIN, "100")
    assert paper.order(SBIN, "BUY", 1).order_id == "26071800000001"


def test_a_repeat_with_the_same_client_id_is_the_same_order() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    first = paper.order(SBIN, "BUY", 1, client_order_id="mine")
    events = len(paper.events)
    assert paper.order(SBIN, "BUY", 1, client_order_id="mine") == first
    assert len(paper.events) == events
    with pytest.raises(IdempotencyConflict):
        paper.order(SBIN, "BUY", 2, client_order_id="mine")
    other = paper.order(SBIN, "BUY", 1, client_order_id="mine", account=2)
    assert other.order_id != first.order_id


prices = st.integers(min_value=1, max_value=40).map(lambda n: str(80 + n))


@given(
    limits=st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), prices), max_size=12),
    path=st.lists(prices, min_size=1, max_size=8),
)
def test_an_order_fills_exactly_when_the_market_reaches_its_limit(
    limits: list[tuple[str, str]], path: list[str]
) -> None:
    paper = Paper(capital="100000000")
    orders = [(paper.order(SBIN, action, 1, limit), action, int(limit)) for action, limit in limits]
    seen: list[int] = []
    for price in path:
        paper.market(SBIN, price)
        seen.append(int(price))
        for order, action, limit in orders:
            reached = min(seen) <= limit if action == "BUY" else max(seen) >= limit
            assert (paper.stored(order).status is OrderStatus.COMPLETE) == reached
    check_invariants(paper)
