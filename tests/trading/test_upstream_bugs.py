"""Where the original went wrong with orders about orders, and what is right.

What went wrong with money is in tests/sandbox.
"""

from decimal import Decimal

import pytest

from openalgo.domain.errors import InvalidOrder, PositionNotFound
from openalgo.domain.intents import CancelAllOrders, ClosePosition, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product
from openalgo.trading.checks import check
from tests.support.desk import Desk
from tests.support.market import SHELF
from tests.trading.test_closing import SBIN, SELL, resting
from tests.trading.test_smart import smart


async def test_upstream_bug_cancel_all_leaves_stops() -> None:
    """Orders that wait for their trigger are withdrawn with the others."""
    desk = Desk()
    await desk.submit(resting(SBIN, SELL))
    await desk.submit(resting(SBIN, SELL, trigger="101"))
    receipt = await desk.planned(CancelAllOrders(strategy="s"))
    assert sorted(desk.venue.cancelled) == sorted(receipt.plan.cancels) == ["1", "2"]
    assert {order.status for order in await desk.venue.orders(1)} == {OrderStatus.CANCELLED}


@pytest.mark.parametrize(
    ("price", "trigger", "price_type"),
    [(None, None, PriceType.MARKET), ("99", None, PriceType.LIMIT), ("101", "100", PriceType.SL)],
)
async def test_upstream_bug_smart_orders_are_all_market(
    price: str | None, trigger: str | None, price_type: PriceType
) -> None:
    """A smart order keeps the price type it was sent with, and its prices."""
    desk = Desk()
    await desk.planned(smart(10, price=price, trigger=trigger))
    [order] = desk.venue.asked
    assert order.price_type is price_type
    assert order.price == px(price or 0)
    assert order.trigger_price == px(trigger or 0)


async def test_upstream_bug_smart_orders_forget_shares_held() -> None:
    """For delivery, what is held counts: a target of nothing sells the shares."""
    desk = Desk()
    desk.venue.shares[InstrumentKey(Exchange.NSE, "SBIN")] = Decimal(70)
    await desk.planned(smart(0, key=SBIN._replace(product=Product.CNC)))
    [order] = desk.venue.asked
    assert order.action is Action.SELL
    assert order.quantity == 70


async def test_upstream_bug_closing_a_flat_row_asks_for_a_quantity() -> None:
    """A position that is flat is not there to be closed."""
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(0)
    with pytest.raises(PositionNotFound, match="No open position found for SBIN"):
        await desk.planned(ClosePosition(strategy="s", symbol="SBIN"))
    assert desk.venue.asked == []


async def test_upstream_bug_closing_leaves_exits_that_reverse_the_account() -> None:
    """Exits at work are withdrawn before the position is closed."""
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(75)
    await desk.submit(resting(SBIN, SELL))
    await desk.planned(ClosePosition(strategy="s"))
    assert desk.venue.cancelled == ["1"]
    assert desk.venue.held[SBIN] == 0


@pytest.mark.parametrize("exchange", [Exchange.NSE_INDEX, Exchange.BSE_INDEX, Exchange.MCX_INDEX])
def test_upstream_bug_an_index_is_traded(exchange: Exchange) -> None:
    order = PlaceOrder(
        strategy="s",
        exchange=exchange,
        symbol="NIFTY",
        product=Product.MIS,
        action=Action.BUY,
        quantity=Decimal(1),
        price_type=PriceType.MARKET,
    )
    with pytest.raises(InvalidOrder, match="Index instruments are not tradable"):
        check(order, SHELF)
