"""Where the owner says what became of an order, the broker is asked whether that can be."""

from datetime import timedelta

import pytest

from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerSessionExpired,
    BrokerUnavailable,
    OrderUnresolved,
)
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import SentState
from openalgo.domain.orders import Action, Order
from openalgo.trading.live.unresolved import AnotherOrder, NotUnresolved, UnresolvedOrders
from openalgo.trading.live.venue import BrokerVenue
from tests.support.fake_broker import raising
from tests.support.live import LiveDesk, limit, order


async def lost(live: LiveDesk) -> str:
    """The reference of an order that was not answered, two minutes ago."""
    live.desk.before = raising(BrokerOutcomeUnknown("Fake did not answer in time"))
    with pytest.raises(OrderUnresolved):
        await live.place(limit(3))
    live.desk.before = lambda: None
    live.clock.advance(timedelta(minutes=2))
    (sent,) = await live.rows()
    return sent.tag


async def settle(live: LiveDesk, reference: str, order_id: str) -> SentState:
    orders = UnresolvedOrders(live.journal, live.clock, live.events.append, lambda _: live.venue)
    settled = await orders.settle(live.account_id, reference, order_id=order_id, by="asha")
    return settled.state


async def test_an_order_of_the_same_terms_is_taken_for_it(live: LiveDesk) -> None:
    reference = await lost(live)
    order_id = live.desk.add(limit(3), "")
    assert await settle(live, reference, order_id) is SentState.ACCEPTED


@pytest.mark.parametrize("other", [order(3, action=Action.SELL), None])
async def test_another_order_or_none_is_not(live: LiveDesk, other: PlaceOrder | None) -> None:
    reference = await lost(live)
    order_id = "25112100009999" if other is None else live.desk.add(other, "")
    with pytest.raises(AnotherOrder, match=order_id):
        await settle(live, reference, order_id)
    (sent,) = await live.rows()
    assert sent.state is SentState.UNKNOWN


@pytest.mark.parametrize("error", [BrokerUnavailable("down"), BrokerSessionExpired("Log in")])
async def test_who_cannot_be_asked_does_not_stop_it(live: LiveDesk, error: Exception) -> None:
    reference = await lost(live)
    live.desk.reading = raising(error)
    assert await settle(live, reference, "25112100009999") is SentState.ACCEPTED


async def test_of_an_earlier_day_the_book_says_nothing(live: LiveDesk) -> None:
    reference = await lost(live)
    live.clock.advance(timedelta(days=1))
    assert await settle(live, reference, "25112100009999") is SentState.ACCEPTED


async def test_what_was_found_out_meanwhile_stands(live: LiveDesk) -> None:
    reference = await lost(live)
    another = live.desk.add(limit(3), "")
    found = live.desk.add(limit(3), reference)
    orders = UnresolvedOrders(live.journal, live.clock, live.events.append, lambda _: live.venue)

    async def meanwhile(account_id: int, order_id: str) -> Order:
        await live.look()
        return await BrokerVenue.order(live.venue, account_id, order_id)

    live.venue.order = meanwhile  # type: ignore[method-assign]
    with pytest.raises(NotUnresolved, match="accepted"):
        await orders.settle(live.account_id, reference, order_id=another, by="asha")
    (sent,) = await live.rows()
    assert sent.order_id == found
