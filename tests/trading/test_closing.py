"""Withdrawing orders and closing positions."""

from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.errors import BrokerUnavailable, PositionNotFound
from openalgo.domain.intents import CancelAllOrders, ClosePosition, PlaceOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PositionKey, PriceType, Product
from tests.support.desk import Desk

BUY, SELL = Action.BUY, Action.SELL
SBIN = PositionKey(Exchange.NSE, "SBIN", Product.MIS)
RELIANCE = PositionKey(Exchange.NSE, "RELIANCE", Product.CNC)
FUTURE = PositionKey(Exchange.NFO, "NIFTYFUT", Product.NRML)
CLOSE = ClosePosition(strategy="s")


def resting(
    key: PositionKey, action: Action, strategy: str = "s", trigger: str = "0"
) -> PlaceOrder:
    return PlaceOrder(
        strategy=strategy,
        exchange=key.exchange,
        symbol=key.symbol,
        product=key.product,
        action=action,
        quantity=Decimal(75),
        price_type=PriceType.SL if trigger != "0" else PriceType.LIMIT,
        price=px(100),
        trigger_price=px(trigger),
    )


async def busy() -> Desk:
    """Orders 1 to 5: one done, one waiting for its trigger."""
    desk = Desk()
    await desk.submit(resting(SBIN, BUY))
    await desk.submit(resting(SBIN, SELL, trigger="101"))
    await desk.submit(resting(FUTURE, SELL))
    await desk.submit(resting(RELIANCE, BUY, strategy="other"))
    await desk.submit(resting(RELIANCE, BUY))
    desk.venue.fill("5")
    return desk


# --- cancelling


@pytest.mark.parametrize(
    ("intent", "cancelled"),
    [
        (CancelAllOrders(strategy="s"), "1234"),
        (CancelAllOrders(strategy="s", strategy_only=True), "123"),
        (CancelAllOrders(strategy="s", symbol="SBIN"), "12"),
        (CancelAllOrders(strategy="s", exchange=Exchange.NFO), "3"),
        (CancelAllOrders(strategy="s", product=Product.CNC), "4"),
        (CancelAllOrders(strategy="other", strategy_only=True, product=Product.MIS), ""),
    ],
)
async def test_all_that_works_is_withdrawn_or_what_is_selected(
    intent: CancelAllOrders, cancelled: str
) -> None:
    desk = await busy()
    receipt = await desk.planned(intent)
    assert sorted(desk.venue.cancelled) == list(cancelled)
    assert sorted(receipt.plan.cancels) == list(cancelled)
    assert all(outcome.succeeded for outcome in receipt.cancels)


async def test_what_cannot_be_withdrawn_is_told_apart() -> None:
    desk = await busy()
    desk.venue.stuck["3"] = BrokerUnavailable("No answer")
    receipt = await desk.planned(CancelAllOrders(strategy="s"))
    told = dict(zip(receipt.plan.cancels, receipt.cancels, strict=True))
    assert told["3"].code == "broker_unavailable"
    assert sorted(order_id for order_id, outcome in told.items() if outcome.succeeded) == [*"124"]


# --- closing

quantities = st.integers(-20, 20).map(lambda lots: Decimal(lots * 75))


@given(st.tuples(quantities, quantities, quantities))
async def test_afterwards_everything_is_flat(held: tuple[Decimal, Decimal, Decimal]) -> None:
    desk = Desk()
    desk.venue.held = dict(zip((SBIN, RELIANCE, FUTURE), held, strict=True))
    await desk.planned(CLOSE)
    assert set(desk.venue.held.values()) == {0}
    assert {order.price_type for order in desk.venue.asked} <= {PriceType.MARKET}
    assert len(desk.venue.asked) == sum(map(bool, held))


async def test_what_is_short_is_bought_back_before_the_rest_is_sold() -> None:
    desk = Desk()
    desk.venue.held = {SBIN: Decimal(5), FUTURE: Decimal(-75), RELIANCE: Decimal(7)}
    receipt = await desk.planned(CLOSE)
    assert [order.symbol for order in desk.venue.asked] == ["NIFTYFUT", "SBIN", "RELIANCE"]
    assert [leg.order.symbol for leg in receipt.plan.legs] == ["SBIN", "NIFTYFUT", "RELIANCE"]


@pytest.mark.parametrize(
    ("intent", "closed"),
    [
        (ClosePosition(strategy="s", symbol="SBIN"), [SBIN]),
        (ClosePosition(strategy="s", exchange=Exchange.NSE), [SBIN, RELIANCE]),
        (ClosePosition(strategy="s", product=Product.NRML), [FUTURE]),
        (ClosePosition(strategy="s", product=Product.NRML, exchange=Exchange.NSE), []),
    ],
)
async def test_a_selection_leaves_the_rest_open(
    intent: ClosePosition, closed: list[PositionKey]
) -> None:
    desk = Desk()
    desk.venue.held = dict.fromkeys((SBIN, RELIANCE, FUTURE), Decimal(75))
    await desk.planned(intent)
    assert [key for key, quantity in desk.venue.held.items() if not quantity] == closed


async def test_a_symbol_that_is_named_must_have_a_position() -> None:
    desk = Desk()
    desk.venue.held[SBIN] = Decimal(0)
    with pytest.raises(PositionNotFound, match="No open position found for SBIN"):
        await desk.planned(ClosePosition(strategy="s", symbol="SBIN"))


async def test_exits_at_work_are_withdrawn_before_and_entries_are_left_alone() -> None:
    desk = await busy()
    desk.venue.held = {SBIN: Decimal(75)}
    receipt = await desk.planned(CLOSE)
    assert desk.venue.cancelled == ["2"]
    assert receipt.plan.cancels == ("2",)
    assert desk.venue.held[SBIN] == 0
    assert desk.venue.book["1"].status is OrderStatus.OPEN


async def test_orders_that_are_done_are_in_nobodys_way() -> None:
    desk = await busy()
    desk.venue.fill("2")
    desk.venue.held = {SBIN: Decimal(75)}
    receipt = await desk.planned(CLOSE)
    assert receipt.plan.cancels == ()
    assert desk.venue.held[SBIN] == 0


async def test_an_exit_that_fills_while_the_books_are_read_is_enough() -> None:
    """Whichever book is read first, and however late the second."""
    for book in ("orders", "positions"):
        desk = await busy()
        desk.venue.held = {SBIN: Decimal(75)}
        read = getattr(desk.venue, book)
        # Positions are read to know what to lock, too.
        reads = iter([False, True] if book == "positions" else [True])

        async def just_before_it_fills(
            account_id: int,
            desk: Desk = desk,
            read: Callable[[int], Awaitable[object]] = read,
            reads: Iterator[bool] = reads,
        ) -> object:
            found = await read(account_id)
            if next(reads):
                desk.venue.fill("2")
            return found

        setattr(desk.venue, book, just_before_it_fills)
        await desk.planned(CLOSE)
        assert desk.venue.held[SBIN] == 0, book


async def test_a_position_whose_exit_fills_meanwhile_is_left_to_it() -> None:
    desk = await busy()
    desk.venue.held = {SBIN: Decimal(75), RELIANCE: Decimal(3)}
    cancel = desk.venue.cancel

    async def too_late(account_id: int, order_id: str, *, cause: str) -> object:
        desk.venue.fill(order_id)
        return await cancel(account_id, order_id, cause=cause)

    desk.venue.cancel = too_late  # type: ignore[method-assign, assignment]
    receipt = await desk.planned(CLOSE)
    assert desk.venue.held == {SBIN: 0, RELIANCE: 0}
    told = {
        leg.order.symbol: outcome
        for leg, outcome in zip(receipt.plan.legs, receipt.legs, strict=True)
    }
    assert told["RELIANCE"].succeeded
    assert told["SBIN"].message == (
        "Not sent, because order 2 could not be withdrawn before: "
        "Cannot cancel order in complete status"
    )


async def test_closing_twice_at_once_closes_once() -> None:
    desk = Desk()
    desk.venue.held = {SBIN: Decimal(75), FUTURE: Decimal(-75)}
    async with TaskGroup() as group:
        for _ in range(5):
            group.create_task(desk.planned(CLOSE))
    assert desk.venue.held == {SBIN: 0, FUTURE: 0}
    assert len(desk.venue.asked) == 2


async def test_a_repeat_of_a_named_closing_does_not_close_what_came_later() -> None:
    desk = Desk()
    desk.venue.held = {SBIN: Decimal(75)}
    named = replace(CLOSE, client_order_id="k")
    first = await desk.planned(named)
    desk.venue.held[SBIN] = Decimal(10)
    assert await desk.planned(named) == first
    assert desk.venue.held[SBIN] == 10
