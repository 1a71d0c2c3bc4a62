"""Baskets and splits: which orders they become."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.errors import InvalidOrder, OrderRefused, SymbolNotFound
from openalgo.domain.intents import BasketOrder, PlaceOrder, SplitOrder
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, Product
from openalgo.trading.baskets import MOST_PARTS, split
from tests.support.desk import Desk

BUY, SELL = Action.BUY, Action.SELL


def order(action: Action = BUY, quantity: str = "1", symbol: str = "SBIN") -> PlaceOrder:
    return PlaceOrder(
        strategy="s",
        exchange=Exchange.NSE,
        symbol=symbol,
        action=action,
        quantity=Decimal(quantity),
    )


def basket(*orders: PlaceOrder) -> BasketOrder:
    return BasketOrder(strategy="s", orders=orders)


def parts(quantity: object, size: object, *, stop: bool = False, lots: bool = False) -> SplitOrder:
    return SplitOrder(
        strategy="s",
        exchange=Exchange.NFO if lots else Exchange.NSE,
        symbol="NIFTYFUT" if lots else "SBIN",
        product=Product.NRML if lots else Product.MIS,
        action=BUY,
        quantity=Decimal(str(quantity)),
        split_size=Decimal(str(size)),
        stop_on_error=stop,
    )


# --- baskets


@given(st.lists(st.sampled_from(Action), min_size=1, max_size=30))
async def test_everything_is_bought_before_anything_is_sold(actions: list[Action]) -> None:
    desk = Desk()
    orders = [order(action, str(n + 1)) for n, action in enumerate(actions)]
    receipt = await desk.planned(basket(*orders))
    sent = [each.action for each in desk.venue.asked]
    assert sent == sorted(actions, key=[BUY, SELL].index)
    assert [leg.order for leg in receipt.plan.legs] == orders
    booked = [desk.venue.book[str(outcome.order_id)] for outcome in receipt.legs]
    assert [each.quantity for each in booked] == [each.quantity for each in orders]


async def test_a_basket_is_sent_a_few_at_a_time() -> None:
    desk = Desk()
    await desk.planned(basket(*[order()] * 40))
    assert desk.venue.most_at_once == 10


async def test_an_order_that_cannot_be_placed_does_not_stop_the_others() -> None:
    desk = Desk()
    desk.venue.fate = lambda each: OrderRefused("No") if each.quantity == 2 else None
    receipt = await desk.planned(
        basket(order(), order(symbol="NOSUCH"), order(quantity="1.5"), order(quantity="2"))
    )
    assert [outcome.code for outcome in receipt.legs] == [
        "",
        "symbol_not_found",
        "invalid_order",
        "order_rejected",
    ]
    assert [each.quantity for each in desk.venue.asked] == [1, 2]


# --- splits


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_parts_are_the_whole(quantity: int, size: int) -> None:
    if -(-quantity // size) > MOST_PARTS:
        with pytest.raises(InvalidOrder, match="exceed maximum limit of 100"):
            split(Decimal(quantity), Decimal(size))
        return
    found = split(Decimal(quantity), Decimal(size))
    assert sum(found) == quantity
    assert set(found[:-1]) <= {size}
    assert 0 < found[-1] <= size


@given(st.integers(1, 1000), st.integers(1, 1000))
async def test_the_orders_of_a_split_sum_to_it(quantity: int, size: int) -> None:
    desk = Desk()
    if -(-quantity // size) > MOST_PARTS:
        with pytest.raises(InvalidOrder):
            await desk.planned(parts(quantity, size))
        assert desk.venue.asked == []
        return
    await desk.planned(parts(quantity, size))
    assert sum(each.quantity for each in desk.venue.book.values()) == quantity
    assert desk.venue.most_at_once == 1


def test_an_enormous_split_is_refused_at_once() -> None:
    with pytest.raises(InvalidOrder):
        split(Decimal(10) ** 12 - 1, Decimal(1))


def test_fractions_are_split_too() -> None:
    assert split(Decimal("2.5"), Decimal(1)) == [1, 1, Decimal("0.5")]


async def test_fractions_are_traded_where_there_are_coins() -> None:
    desk = Desk()
    coins = replace(
        parts("2.5", 1), exchange=Exchange.CRYPTO, symbol="BTCUSD", product=Product.NRML
    )
    receipt = await desk.planned(coins)
    assert [leg.order.quantity for leg in receipt.plan.legs] == [1, 1, Decimal("0.5")]


async def test_parts_are_whole_lots() -> None:
    desk = Desk()
    receipt = await desk.planned(parts(375, 150, lots=True))
    assert [leg.order.quantity for leg in receipt.plan.legs] == [150, 150, 75]
    with pytest.raises(InvalidOrder, match="multiples of lot size 75") as caught:
        await desk.planned(parts(375, 100, lots=True))
    assert caught.value.field == "splitsize"
    with pytest.raises(InvalidOrder, match="multiples of lot size 75") as caught:
        await desk.planned(parts(100, 75, lots=True))
    assert caught.value.field == "quantity"
    assert len(desk.venue.asked) == 3


async def test_a_split_of_nothing_listed_is_refused_whole() -> None:
    with pytest.raises(SymbolNotFound):
        await Desk().planned(replace(parts(3, 1), symbol="NOSUCH"))


@pytest.mark.parametrize(
    ("stop", "codes"),
    [
        (False, ["", "order_rejected", ""]),
        (True, ["", "order_rejected", "leg_skipped"]),
    ],
)
async def test_a_refused_part_stops_the_rest_only_if_asked_to(stop: bool, codes: list[str]) -> None:
    desk = Desk()
    answers = iter([None, OrderRefused("No"), None])
    desk.venue.fate = lambda _: next(answers)
    receipt = await desk.planned(parts(30, 10, stop=stop))
    assert [outcome.code for outcome in receipt.legs] == codes
