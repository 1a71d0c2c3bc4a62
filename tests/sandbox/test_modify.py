"""Changing a working order: its money, its place in the queue, and what it does at once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import (
    InsufficientFunds,
    InsufficientShares,
    InvalidOrder,
    NoPrice,
    OrderNotFound,
    OrderNotWorking,
)
from openalgo.domain.events import OrderFilled, OrderModified
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product
from openalgo.sandbox.restore import restore
from tests.support.market import SBIN, SHELF
from tests.support.paper import Paper, check_invariants


@pytest.fixture
def paper() -> Paper:
    paper = Paper()
    paper.market(SBIN, "100", bid="99.95", ask="100.05")
    return paper


def stop(paper: Paper, trigger: str = "105", limit: str = "106", action: str = "BUY") -> Order:
    return paper.order(SBIN, action, 10, limit, price_type=PriceType.SL, trigger_price=px(trigger))


def fills(paper: Paper) -> list[tuple[str, int]]:
    return [(e.order.order_id, e.trade.price) for e in paper.events if isinstance(e, OrderFilled)]


def test_the_margin_follows_the_order(paper: Paper) -> None:
    """One share at 50, modified to 100,000 at 90, needs the money for 100,000."""
    order = paper.order(SBIN, "BUY", 1, "50", product="CNC")
    assert paper.funds().used == 50
    modified = paper.modify(order, quantity=100_000, price="90")
    assert modified.reserved == paper.funds().used == Decimal(9_000_000)
    check_invariants(paper)
    assert paper.modify(order, quantity=10).reserved == Decimal(900)
    assert paper.funds().used == Decimal(900)
    paper.market(SBIN, "90")
    position = paper.position(SBIN, "CNC")
    assert position is not None
    assert (position.quantity, position.margin) == (Decimal(10), Decimal(900))
    check_invariants(paper)


def test_too_little_money_leaves_the_order_as_it_was(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 1000, "90", product="CNC")
    events = len(paper.events)
    shortage = r"Required: ₹1,80,00,000\.00, Available: ₹1,00,00,0"
    with pytest.raises(InsufficientFunds, match=shortage):
        paper.modify(order, quantity=200_000)
    assert paper.stored(order) == order
    assert len(paper.events) == events
    check_invariants(paper)


def test_the_money_of_the_order_itself_may_be_spent(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 100_000, "90", product="CNC")
    assert paper.modify(order, price="95").reserved == Decimal(9_500_000)


def test_a_change_that_makes_it_marketable_trades_at_once(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 10, "90")
    modified = paper.modify(order, price="101")
    assert modified.status is OrderStatus.COMPLETE
    assert fills(paper) == [(order.order_id, px("100"))]
    assert [type(event) for event in paper.events][-2:] == [OrderModified, OrderFilled]
    assert [event.cause for event in paper.events][-2:] == ["change", "change"]
    check_invariants(paper)


def test_limit_to_market_takes_the_far_side(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 10, "90")
    modified = paper.modify(order, price_type=PriceType.MARKET, price="0")
    assert (modified.price_type, modified.price) == (PriceType.MARKET, px("100"))
    assert fills(paper) == [(order.order_id, px("100.05"))]


def test_limit_to_stop_waits_and_stop_to_limit_does_not(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 10, "90")
    modified = paper.modify(order, price_type=PriceType.SL, price="111", trigger_price="110")
    assert modified.status is OrderStatus.TRIGGER_PENDING
    assert modified.reserved == Decimal(222)
    paper.market(SBIN, "89")
    assert fills(paper) == []
    modified = paper.modify(order, price_type=PriceType.LIMIT, price="88", trigger_price="0")
    assert (modified.status, modified.trigger_price) == (OrderStatus.OPEN, 0)
    paper.market(SBIN, "87")
    assert fills(paper) == [(order.order_id, px("88"))]
    check_invariants(paper)


def test_a_stop_keeps_its_trigger_when_none_is_sent(paper: Paper) -> None:
    order = stop(paper)
    modified = paper.modify(order, price="107", trigger_price="0")
    assert (modified.price, modified.trigger_price) == (px("107"), px("105"))
    modified = paper.modify(order, price_type=PriceType.SL_M, price="0", trigger_price="0")
    assert (modified.price, modified.trigger_price) == (0, px("105"))
    assert modified.reserved == Decimal("214.2")
    paper.market(SBIN, "105")
    assert paper.stored(order).status is OrderStatus.COMPLETE
    check_invariants(paper)


def test_a_trigger_moved_to_the_market_fires_at_once(paper: Paper) -> None:
    order = stop(paper)
    modified = paper.modify(order, trigger_price="99")
    assert modified.status is OrderStatus.COMPLETE
    assert modified.triggered_at == paper.now


def test_a_triggered_stop_waits_again_only_for_another_trigger(paper: Paper) -> None:
    order = stop(paper, trigger="98", limit="99")
    assert order.status is OrderStatus.OPEN
    assert paper.modify(order, price="99.5").status is OrderStatus.OPEN
    paper.market(SBIN, "99.6")
    modified = paper.modify(order, trigger_price="105", price="106")
    assert (modified.status, modified.triggered_at) == (OrderStatus.TRIGGER_PENDING, None)
    paper.market(SBIN, "90")
    assert fills(paper) == []


@pytest.mark.parametrize(
    ("changes", "keeps"),
    [
        ({"quantity": 5}, True),
        ({"quantity": 10}, True),
        ({"quantity": 11}, False),
        ({"price": "96"}, False),
    ],
)
def test_only_less_quantity_keeps_the_place_in_the_queue(
    paper: Paper, changes: dict[str, Any], keeps: bool
) -> None:
    first, second = paper.order(SBIN, "BUY", 10, "95"), paper.order(SBIN, "BUY", 10, "95")
    paper.modify(first, **changes)
    paper.modify(first, price="95")
    paper.market(SBIN, "95")
    order = [first.order_id, second.order_id] if keeps else [second.order_id, first.order_id]
    assert [order_id for order_id, _ in fills(paper)] == order
    check_invariants(paper)


async def test_the_place_in_the_queue_survives_a_restart(paper: Paper) -> None:
    first, second = paper.order(SBIN, "BUY", 10, "95"), paper.order(SBIN, "BUY", 10, "95")
    paper.modify(first, quantity=11)
    paper.adopt(await restore(paper.stored_books(), SHELF))
    third = paper.order(SBIN, "BUY", 10, "95")
    paper.market(SBIN, "95")
    assert [order_id for order_id, _ in fills(paper)] == [
        second.order_id,
        first.order_id,
        third.order_id,
    ]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        (
            {"price_type": PriceType.MARKET, "price": "95"},
            "price",
            "MARKET orders do not accept a price",
        ),
        (
            {"price_type": PriceType.SL_M, "price": "95", "trigger_price": "99"},
            "price",
            "SL-M orders do not accept a price",
        ),
        ({"trigger_price": "95"}, "trigger_price", "LIMIT orders do not accept a trigger_price"),
        ({"price_type": PriceType.SL}, "trigger_price", "SL orders require trigger_price"),
        (
            {"price_type": PriceType.SL, "price": "99", "trigger_price": "100"},
            "price",
            "must be at or above its trigger price",
        ),
        ({"quantity": 0}, "quantity", "Quantity must be positive"),
        ({"action": Action.SELL}, "action", r"action cannot be changed .*\(BUY, not SELL\)"),
        ({"product": Product.CNC}, "product", r"product cannot be changed .*\(MIS, not CNC\)"),
        ({"symbol": "INFY"}, "symbol", "symbol cannot be changed"),
        ({"exchange": Exchange.BSE}, "exchange", "exchange cannot be changed"),
    ],
)
def test_what_is_refused(paper: Paper, changes: dict[str, Any], field: str, message: str) -> None:
    order = paper.order(SBIN, "BUY", 10, "90")
    with pytest.raises(InvalidOrder, match=message) as refusal:
        paper.modify(order, **changes)
    assert refusal.value.field == field
    assert paper.stored(order) == order


def test_a_market_order_that_becomes_a_limit_needs_a_price() -> None:
    paper = Paper(calendar=ExchangeCalendar())
    paper.now = datetime(2026, 7, 17, 9, 0, tzinfo=IST)
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10)
    with pytest.raises(InvalidOrder, match="LIMIT orders require price"):
        paper.modify(order, price_type=PriceType.LIMIT)
    modified = paper.modify(order, price_type=PriceType.LIMIT, price="99")
    assert (modified.price, modified.reserved) == (px("99"), Decimal(198))
    check_invariants(paper)


def test_a_change_to_market_needs_a_price_from_somewhere() -> None:
    paper = Paper()
    order = paper.order(SBIN, "BUY", 10, "90")
    with pytest.raises(NoPrice):
        paper.modify(order, price_type=PriceType.MARKET, price="0")
    assert paper.stored(order) == order


def test_outside_the_session_a_marketable_change_waits() -> None:
    paper = Paper(calendar=ExchangeCalendar())
    paper.now = datetime(2026, 7, 17, 9, 0, tzinfo=IST)
    paper.market(SBIN, "100")
    order = paper.order(SBIN, "BUY", 10, "90")
    assert paper.modify(order, price="101").status is OrderStatus.OPEN
    paper.now = datetime(2026, 7, 17, 9, 15, tzinfo=IST)
    paper.market(SBIN, "100")
    assert paper.stored(order).status is OrderStatus.COMPLETE


def test_final_and_unknown_orders_stay_what_they_are(paper: Paper) -> None:
    order = paper.order(SBIN, "BUY", 10)
    with pytest.raises(OrderNotWorking, match="Cannot modify order in complete status"):
        paper.modify(order, quantity=20)
    paper.order(SBIN, "BUY", 1, account=2)
    with pytest.raises(OrderNotFound, match=f"Order {order.order_id} not found"):
        paper.modify(order, account=2, quantity=20)


def test_a_delivery_sale_may_not_outgrow_the_shares(paper: Paper) -> None:
    paper.order(SBIN, "BUY", 10, product="CNC")
    sale = paper.order(SBIN, "SELL", 6, "110", product="CNC")
    assert paper.modify(sale, quantity=10).quantity == 10
    with pytest.raises(InsufficientShares, match="Only 10 shares available"):
        paper.modify(sale, quantity=11)


def test_an_exit_that_outgrows_the_position_pays_for_the_rest(paper: Paper) -> None:
    paper.order(SBIN, "BUY", 10)
    used = paper.funds().used
    exit_ = paper.order(SBIN, "SELL", 10, "110")
    assert exit_.reserved == 0
    assert paper.modify(exit_, quantity=15).reserved == Decimal(110)
    assert paper.modify(exit_, quantity=10).reserved == 0
    assert paper.funds().used == used
    check_invariants(paper)
