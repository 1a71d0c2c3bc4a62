"""A smart order trades what is missing, and nothing else."""

from asyncio import TaskGroup
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.errors import InvalidOrder, SymbolNotFound
from openalgo.domain.intents import SmartOrder
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Order, OrderStatus, PositionKey, PriceType, Product
from tests.support.desk import Desk

BUY, SELL = Action.BUY, Action.SELL
SBIN = PositionKey(Exchange.NSE, "SBIN", Product.MIS)


def smart(
    target: object,
    *,
    action: Action = BUY,
    quantity: object = 0,
    price: str | None = None,
    trigger: str | None = None,
    name: str | None = None,
    key: PositionKey = SBIN,
) -> SmartOrder:
    price_type = PriceType.SL if trigger else PriceType.LIMIT if price else PriceType.MARKET
    return SmartOrder(
        strategy="s",
        client_order_id=name,
        exchange=key.exchange,
        symbol=key.symbol,
        product=key.product,
        action=action,
        quantity=Decimal(str(quantity)),
        position_size=Decimal(str(target)),
        price_type=price_type,
        price=px(price or 0),
        trigger_price=px(trigger or 0),
    )


async def traded(desk: Desk, intent: SmartOrder) -> list[tuple[Action, int]]:
    receipt = await desk.planned(intent)
    assert all(outcome.succeeded for outcome in receipt.legs)
    return [(leg.order.action, int(leg.order.quantity)) for leg in receipt.plan.legs]


# --- from the position to its target


@pytest.mark.parametrize(
    ("action", "quantity", "target", "held", "expected"),
    [
        (BUY, 100, 0, 0, (BUY, 100)),
        (SELL, 100, 0, 0, (SELL, 100)),
        (BUY, 0, 0, 0, None),
        (SELL, 0, 0, 0, None),
        (BUY, 100, 100, 100, None),
        (SELL, 100, -100, -100, None),
        (SELL, 0, 0, 100, (SELL, 100)),
        (BUY, 100, 0, 100, (SELL, 100)),
        (BUY, 0, 0, -100, (BUY, 100)),
        (SELL, 100, 0, -100, (BUY, 100)),
        (BUY, 100, 100, 0, (BUY, 100)),
        (SELL, 5, 100, 0, (BUY, 100)),
        (SELL, 100, -100, 0, (SELL, 100)),
        (BUY, 5, -100, 0, (SELL, 100)),
        (BUY, 100, 200, 100, (BUY, 100)),
        (BUY, 100, 100, -100, (BUY, 200)),
        (SELL, 100, 100, 200, (SELL, 100)),
        (SELL, 100, -100, 100, (SELL, 200)),
        (SELL, 100, -200, -100, (SELL, 100)),
    ],
)
async def test_every_row_of_the_table(
    action: Action, quantity: int, target: int, held: int, expected: tuple[Action, int] | None
) -> None:
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(held)
    orders = await traded(desk, smart(target, action=action, quantity=quantity))
    assert orders == ([] if expected is None else [expected])


wholes = st.integers(-500, 500)


@given(held=wholes, targets=st.lists(wholes.filter(bool), min_size=1, max_size=5))
async def test_once_filled_the_position_is_the_target(held: int, targets: list[int]) -> None:
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(held)
    for target in targets:
        await desk.planned(smart(target, quantity=7))
        assert desk.venue.held[SBIN] == target


@given(held=wholes.filter(bool))
async def test_a_target_of_nothing_closes_whatever_is_held(held: int) -> None:
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(held)
    await desk.planned(smart(0, quantity=7))
    assert desk.venue.held[SBIN] == 0


@given(targets=st.lists(st.integers(1, 500), min_size=2, max_size=6))
async def test_what_waits_to_be_filled_is_not_ordered_again(targets: list[int]) -> None:
    desk = Desk()
    for target in targets:
        await desk.planned(smart(target, price="99"))
    for order_id in list(desk.venue.book):
        desk.venue.fill(order_id)
    assert desk.venue.held[SBIN] == max(targets)


async def test_other_products_and_symbols_are_other_positions() -> None:
    desk = Desk()
    desk.venue.held[SBIN._replace(product=Product.CNC)] = Decimal(40)
    desk.venue.held[SBIN._replace(symbol="RELIANCE")] = Decimal(60)
    assert await traded(desk, smart(100)) == [(BUY, 100)]


async def test_settled_shares_count_for_delivery_only() -> None:
    desk = Desk()
    delivery = SBIN._replace(product=Product.CNC)
    desk.venue.shares[InstrumentKey(Exchange.NSE, "SBIN")] = Decimal(70)
    desk.venue.shares[InstrumentKey(Exchange.NSE, "RELIANCE")] = Decimal(5)
    desk.venue.held[delivery] = Decimal(10)
    assert await traded(desk, smart(0, key=delivery)) == [(SELL, 80)]
    assert await traded(desk, smart(100)) == [(BUY, 100)]


async def test_the_terms_of_the_order_are_those_of_the_intent() -> None:
    desk = Desk()
    await desk.planned(smart(-10, price="101", trigger="101.5"))
    [order] = desk.venue.asked
    assert (order.price_type, order.price, order.trigger_price) == (
        PriceType.SL,
        px("101"),
        px("101.5"),
    )
    assert order.strategy == "s"


async def test_one_that_fills_while_the_books_are_read_is_not_ordered_again() -> None:
    desk = Desk()
    await desk.planned(smart(100, price="99"))
    read = desk.venue.orders

    async def just_before_it_fills(account_id: int) -> list[Order]:
        orders = await read(account_id)
        desk.venue.fill("1")
        return orders

    desk.venue.orders = just_before_it_fills  # type: ignore[method-assign]
    assert await traded(desk, smart(100)) == []


# --- what is under way


async def test_a_stop_that_waits_is_under_way_too() -> None:
    desk = Desk()
    await desk.planned(smart(100, price="102", trigger="101"))
    assert desk.venue.book["1"].status is OrderStatus.TRIGGER_PENDING
    assert await traded(desk, smart(100, price="102", trigger="101")) == []
    assert await traded(desk, smart(130)) == [(BUY, 30)]


async def test_orders_the_other_way_or_of_others_do_not_count() -> None:
    desk = Desk()
    await desk.planned(smart(100, price="99"))
    await desk.submit(smart(100).order(action=SELL, quantity=Decimal(30), client_order_id="mine"))
    desk.venue.held[SBIN] = Decimal(20)
    assert await traded(desk, smart(-5)) == [(SELL, 25)]


async def test_two_at_once_trade_what_one_would() -> None:
    desk = Desk()
    async with TaskGroup() as group:
        for _ in range(20):
            group.create_task(desk.planned(smart(100)))
    assert desk.venue.held[SBIN] == 100
    assert len(desk.venue.asked) == 1


async def test_a_request_id_that_comes_twice_does_not_swallow_the_second_order() -> None:
    desk = Desk()
    for _ in range(2):
        desk.venue.held[SBIN] = Decimal(0)
        await desk.planned(smart(100), cause="always the same")
    assert desk.venue.held[SBIN] == 100
    assert len(desk.venue.asked) == 2


# --- what cannot be


async def test_an_unknown_symbol_is_refused_even_with_nothing_to_do() -> None:
    with pytest.raises(SymbolNotFound):
        await Desk().planned(smart(0, key=SBIN._replace(symbol="NOSUCH")))


async def test_only_what_is_ordered_has_to_be_whole_lots() -> None:
    desk = Desk()
    future = PositionKey(Exchange.NFO, "NIFTYFUT", Product.NRML)
    assert await traded(desk, smart(150, quantity=1, key=future)) == [(BUY, 150)]
    with pytest.raises(InvalidOrder, match="multiples of lot size 75"):
        await desk.planned(smart(100, quantity=75, key=future))


async def test_a_repeat_finishes_the_first_plan_whatever_the_position_is_now() -> None:
    desk = Desk()
    first = await desk.planned(smart(100, name="k"))
    desk.venue.held[SBIN] = Decimal(0)
    again = await desk.planned(smart(100, name="k"))
    assert again == first
    assert [order.client_order_id for order in desk.venue.asked] == ["smart-k:0"]
