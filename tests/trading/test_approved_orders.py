"""What becomes of approved orders reaches the Action Center."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.events import OrderCancelled, OrderRejected, PendingOrderUpdated
from openalgo.domain.intents import BasketOrder, SmartOrder
from openalgo.domain.orders import Action, Order, OrderStatus
from openalgo.persistence.stores import Store
from openalgo.trading.approvals.states import (
    FOLLOWS,
    LegStatus,
    State,
    Status,
    after_sending,
    after_trading,
)
from openalgo.trading.venues import VenueMode
from tests.support.approvals import ACCOUNT, OWNER, BoxVenue, Center
from tests.support.market import MORNING, SBIN, intent

BUY = intent(SBIN, "BUY", 10, "790")
SELL = intent(SBIN, "SELL", 10, "810")


class Follow:
    """The follower at work."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self._seq = 0

    def tell(self, order: Order) -> None:
        """The venue's event of an order that ended."""
        self._seq += 1
        kind = OrderRejected if order.status is OrderStatus.REJECTED else OrderCancelled
        self.center.bus.publish(
            kind(account_id=ACCOUNT, seq=self._seq, at=MORNING, cause="c", order=order)
        )

    async def until(self, state: State) -> None:
        """Returns once some order has come to `state`."""
        reached = asyncio.Event()

        def look(_: object = None) -> None:
            news = [each for each in self.center.news if isinstance(each, PendingOrderUpdated)]
            if news and news[-1].state == state:
                reached.set()

        stop = self.center.bus.listen(ACCOUNT, look)
        look()
        await asyncio.wait_for(reached.wait(), 10)
        stop()


@asynccontextmanager
async def following(center: Center) -> AsyncIterator[Follow]:
    running = asyncio.create_task(center.center.follower.run())
    try:
        yield Follow(center)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def follow(center: Center) -> AsyncIterator[Follow]:
    async with following(center) as follow:
        yield follow


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (OrderStatus.COMPLETE, State.FILLED),
        (OrderStatus.CANCELLED, State.CANCELLED),
        (OrderStatus.REJECTED, State.BROKER_REJECTED),
    ],
)
async def test_an_order_ends_and_its_approval_with_it(
    center: Center, follow: Follow, status: OrderStatus, state: State
) -> None:
    approval = await center.approvals.approve(ACCOUNT, await center.signal(BUY), OWNER)
    [order_id] = approval.order.order_ids
    follow.tell(center.venue.end(order_id, status))
    await follow.until(state)
    order = await center.order(approval.order.id)
    assert (order.state, order.version) == (state, 4)
    assert [leg.status for leg in order.legs] == [LegStatus(status)]
    assert (await center.audit(order.id))[-1] == ("system", "follow", "submitted", state)


async def test_an_order_that_ended_before_anybody_listened_is_found_in_the_book(
    center: Center, follow: Follow
) -> None:
    pending_id = await center.signal(BUY)
    move = center.steps.move

    async def filling(*args: object, **options: object) -> object:
        for order in center.venue.book:
            center.venue.end(order.order_id, OrderStatus.COMPLETE)
        return await move(*args, **options)  # type: ignore[arg-type]

    center.steps.move = filling  # type: ignore[method-assign, assignment]
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    await follow.until(State.FILLED)


async def test_of_several_orders_the_last_decides(center: Center, follow: Follow) -> None:
    basket = BasketOrder(strategy="test", orders=(BUY, SELL))
    approval = await center.approvals.approve(ACCOUNT, await center.signal(basket), OWNER)
    first, second = approval.order.order_ids
    follow.tell(center.venue.end(first, OrderStatus.COMPLETE))
    follow.tell(center.venue.end(second, OrderStatus.CANCELLED))
    await follow.until(State.PARTIAL)
    order = await center.order(approval.order.id)
    assert [leg.status for leg in order.legs] == [LegStatus.COMPLETE, LegStatus.CANCELLED]
    assert [entry[1] for entry in await center.audit(order.id)].count("follow") == 1


async def test_what_needed_no_order_is_done(center: Center, follow: Follow) -> None:
    center.venue.hold(SBIN, "MIS", 10)
    wish = SmartOrder(
        strategy="test",
        exchange=SBIN.exchange,
        symbol=SBIN.symbol,
        action=Action.BUY,
        quantity=Decimal(10),
        position_size=Decimal(10),
    )
    await center.approvals.approve(ACCOUNT, await center.signal(wish), OWNER)
    await follow.until(State.FILLED)


async def test_after_a_restart_the_book_is_read(main: Store) -> None:
    before = Center(main)
    approval = await before.approvals.approve(ACCOUNT, await before.signal(BUY), OWNER)
    before.venue.end(approval.order.order_ids[0], OrderStatus.COMPLETE)
    after = Center(main, venue=before.venue)
    async with following(after) as follow:
        await follow.until(State.FILLED)


async def test_a_live_order_is_not_looked_for_on_paper(main: Store) -> None:
    before = Center(main)
    approval = await before.approvals.approve(ACCOUNT, await before.signal(BUY), OWNER)
    [order_id] = approval.order.order_ids
    paper = BoxVenue(VenueMode.ANALYZE)
    paper.book, paper.placed = before.venue.book[:], before.venue.placed[:]
    paper.end(order_id, OrderStatus.CANCELLED)
    after = Center(main, venue=paper)
    async with following(after) as follow:
        again = await after.signal(BUY)
        await after.approvals.approve(ACCOUNT, again, OWNER)
        paper.end(paper.book[0].order_id, OrderStatus.COMPLETE)
        follow.tell(paper.book[0])
        await follow.until(State.FILLED)
    assert (await after.order(again)).state is State.FILLED
    assert (await after.order(approval.order.id)).state is State.SUBMITTED


async def test_orders_of_others_are_none_of_its_business(center: Center, follow: Follow) -> None:
    approval = await center.approvals.approve(ACCOUNT, await center.signal(BUY), OWNER)
    [order_id] = approval.order.order_ids
    stranger = center.venue.end(order_id, OrderStatus.CANCELLED)
    center.venue.end(order_id, OrderStatus.OPEN)
    follow.tell(replace(stranger, order_id="another"))
    follow.tell(center.venue.end(order_id, OrderStatus.COMPLETE))
    await follow.until(State.FILLED)


# --- the states


legs = st.lists(st.sampled_from(LegStatus), max_size=5)


@given(legs)
def test_after_sending_the_state_says_how_much_stands(statuses: list[LegStatus]) -> None:
    state = after_sending(statuses)
    assert state in FOLLOWS[State.APPROVING]
    assert (state is State.UNKNOWN) is (LegStatus.UNKNOWN in statuses)
    if state is State.SUBMITTED:
        assert LegStatus.REFUSED not in statuses
    if state is State.FAILED:
        assert set(statuses) == {LegStatus.REFUSED}


@given(legs)
def test_a_state_is_final_only_when_no_order_works(statuses: list[LegStatus]) -> None:
    state = after_trading(statuses)
    working = {LegStatus.OPEN, LegStatus.WAITING} & set(statuses)
    assert (state is None) is bool(working)
    if state is State.FILLED:
        assert {leg for leg in statuses if leg.stood} <= {LegStatus.COMPLETE}


def test_every_state_has_one_of_the_three_old_words() -> None:
    assert Status.PENDING.states == {State.PENDING}
    assert Status.REJECTED.states == {State.REJECTED, State.EXPIRED, State.WITHDRAWN}
    assert Status.APPROVED.states == set(State) - Status.PENDING.states - Status.REJECTED.states
