"""An intent's fingerprint tells whether two requests ask for the same thing."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, PriceType, Product

ORDER = PlaceOrder(
    strategy="breakout",
    exchange=Exchange.NFO,
    symbol="NIFTY27JAN26FUT",
    action=Action.BUY,
    quantity=Decimal(65),
    price_type=PriceType.SL,
    product=Product.NRML,
    price=px("25000.05"),
    trigger_price=px("24990"),
    disclosed_quantity=Decimal(0),
    client_order_id="a-1",
)

orders = st.builds(
    PlaceOrder,
    strategy=st.text(max_size=8),
    exchange=st.sampled_from(Exchange),
    symbol=st.text(max_size=8),
    action=st.sampled_from(Action),
    quantity=st.integers(1, 1000).map(Decimal),
    price_type=st.sampled_from(PriceType),
    product=st.sampled_from(Product),
    price=st.integers(0, 10**12).map(Px),
    trigger_price=st.integers(0, 10**12).map(Px),
    disclosed_quantity=st.integers(0, 1000).map(Decimal),
    client_order_id=st.none() | st.text(max_size=8),
)


@given(orders)
def test_equal_orders_have_equal_fingerprints(order: PlaceOrder) -> None:
    assert order.fingerprint() == replace(order).fingerprint()


@given(orders, orders)
def test_fingerprints_are_equal_only_for_equal_orders(
    first: PlaceOrder, second: PlaceOrder
) -> None:
    assert (first.fingerprint() == second.fingerprint()) is (first == second)


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, strategy="breakouts"),
        replace(ORDER, exchange=Exchange.BFO),
        replace(ORDER, symbol="NIFTY24FEB26FUT"),
        replace(ORDER, action=Action.SELL),
        replace(ORDER, quantity=Decimal(130)),
        replace(ORDER, price_type=PriceType.LIMIT),
        replace(ORDER, product=Product.MIS),
        replace(ORDER, price=px("25000.10")),
        replace(ORDER, trigger_price=px("24990.05")),
        replace(ORDER, disclosed_quantity=Decimal(5)),
        replace(ORDER, client_order_id="a-2"),
        replace(ORDER, client_order_id=None),
        replace(ORDER, price=ORDER.trigger_price, trigger_price=ORDER.price),
    ],
)
def test_every_field_counts(other: PlaceOrder) -> None:
    assert other.fingerprint() != ORDER.fingerprint()


def test_a_fingerprint_is_thirty_two_hex_digits() -> None:
    assert len(bytes.fromhex(ORDER.fingerprint())) == 16


@pytest.mark.parametrize(("first", "second"), [("75", "75.0"), ("100", "1E+2"), ("0.5", "0.50")])
def test_the_spelling_of_a_quantity_does_not_count(first: str, second: str) -> None:
    orders = [replace(ORDER, quantity=Decimal(text)) for text in (first, second)]
    assert orders[0] == orders[1]
    assert orders[0].fingerprint() == orders[1].fingerprint()


def test_a_fingerprint_is_the_same_after_a_restart() -> None:
    """It is stored, so it must not depend on what differs from process to process."""
    program = (
        "from decimal import Decimal\n"
        "from openalgo.domain.intents import PlaceOrder\n"
        "from openalgo.domain.market import Exchange\n"
        "from openalgo.domain.orders import Action\n"
        "print(PlaceOrder(strategy='s', exchange=Exchange.NSE, symbol='INFY',"
        " action=Action.BUY, quantity=Decimal(1)).fingerprint())"
    )
    here = PlaceOrder(
        strategy="s",
        exchange=Exchange.NSE,
        symbol="INFY",
        action=Action.BUY,
        quantity=Decimal(1),
    ).fingerprint()
    there = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert there.strip() == here


def test_an_order_is_a_market_order_for_the_day_unless_it_says_otherwise() -> None:
    order = PlaceOrder(
        strategy="s",
        exchange=Exchange.NSE,
        symbol="INFY",
        action=Action.SELL,
        quantity=Decimal(1),
    )
    assert (order.price_type, order.product) == (PriceType.MARKET, Product.MIS)
    assert (order.price, order.trigger_price) == (Px(0), Px(0))
    assert order.disclosed_quantity == 0
    assert order.key == InstrumentKey(Exchange.NSE, "INFY")


def test_an_intent_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ORDER.quantity = Decimal(1)  # type: ignore[misc]
