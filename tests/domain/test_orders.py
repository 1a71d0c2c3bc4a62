"""What an order says of itself."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px, traded_value
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product, Trade

AT = datetime(2026, 1, 5, 4, tzinfo=UTC)
WORKING = (OrderStatus.OPEN, OrderStatus.TRIGGER_PENDING)
FINAL = (OrderStatus.COMPLETE, OrderStatus.CANCELLED, OrderStatus.REJECTED)


def an_order(status: OrderStatus, quantity: int, filled: int, value: Decimal) -> Order:
    return Order(
        account_id=1,
        order_id="26010500000001",
        symbol="INFY",
        exchange=Exchange.NSE,
        action=Action.BUY,
        product=Product.MIS,
        price_type=PriceType.LIMIT,
        quantity=Decimal(quantity),
        price=px("1500"),
        status=status,
        strategy="s",
        created_at=AT,
        updated_at=AT,
        filled_quantity=Decimal(filled),
        filled_value=value,
    )


def test_buying_adds_and_selling_takes_away() -> None:
    assert (Action.BUY.sign, Action.SELL.sign) == (1, -1)


def test_an_order_works_until_it_is_final() -> None:
    assert {s for s in OrderStatus if s.is_working} == set(WORKING)
    assert set(OrderStatus) == {*WORKING, *FINAL}


@given(st.sampled_from(WORKING), st.integers(1, 10**6), st.integers(0, 10**6))
def test_what_has_not_filled_is_pending_while_the_order_works(
    status: OrderStatus, quantity: int, filled: int
) -> None:
    filled = min(filled, quantity)
    order = an_order(status, quantity, filled, Decimal(filled))
    assert order.pending_quantity + order.filled_quantity == order.quantity
    assert order.pending_quantity >= 0


@pytest.mark.parametrize("status", FINAL)
def test_nothing_is_pending_once_the_order_is_final(status: OrderStatus) -> None:
    assert an_order(status, quantity=10, filled=4, value=Decimal(400)).pending_quantity == 0


def test_the_average_is_zero_before_the_first_fill() -> None:
    assert an_order(OrderStatus.OPEN, 10, 0, Decimal(0)).average_price == 0


fills = st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 10**5)), min_size=1, max_size=6)


@given(fills)
def test_the_average_is_weighted_by_quantity_and_lies_among_the_fills(
    paise_and_quantity: list[tuple[int, int]],
) -> None:
    prices = [Decimal(paise) / 100 for paise, _ in paise_and_quantity]
    quantities = [quantity for _, quantity in paise_and_quantity]
    value = sum(
        (traded_value(px(p), Decimal(q)) for p, q in zip(prices, quantities, strict=True)),
        Decimal(0),
    )
    total = sum(quantities)
    order = an_order(OrderStatus.COMPLETE, total, total, value)
    slack = Decimal("1e-15")  # a quotient has 28 digits
    assert min(prices) - slack <= order.average_price <= max(prices) + slack
    assert abs(order.average_price * total - value) < Decimal("1e-9")


def test_the_average_of_two_fills() -> None:
    value = traded_value(px("100"), Decimal(1)) + traded_value(px("103"), Decimal(2))
    assert an_order(OrderStatus.OPEN, 5, 3, value).average_price == 102


def test_orders_and_trades_name_their_instrument() -> None:
    trade = Trade(
        account_id=1,
        trade_id="T1",
        order_id="26010500000001",
        symbol="INFY",
        exchange=Exchange.NSE,
        action=Action.BUY,
        product=Product.MIS,
        quantity=Decimal(1),
        price=px("1500"),
        strategy="s",
        at=AT,
    )
    order = an_order(OrderStatus.OPEN, 1, 0, Decimal(0))
    assert order.key == trade.key == InstrumentKey(Exchange.NSE, "INFY")
    assert str(order.key) == "NSE:INFY"
