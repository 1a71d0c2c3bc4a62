"""A plan is carried out once, however often it is asked for and whatever happens meanwhile."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.errors import (
    BrokerUnavailable,
    IdempotencyConflict,
    InsufficientShares,
    OpenAlgoError,
    OrderRefused,
    RateLimitExceeded,
    RecordedRefusal,
    StorageUnavailable,
)
from openalgo.domain.intents import BasketOrder, PlaceOrder, SplitOrder
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action
from openalgo.trading.plans import Outcome, Results
from openalgo.trading.venues import VenueMode
from tests.support.desk import Desk


def basket(*quantities: int, name: str | None = "k") -> BasketOrder:
    return BasketOrder(
        strategy="s",
        client_order_id=name,
        orders=tuple(
            PlaceOrder(
                strategy="s",
                exchange=Exchange.NSE,
                symbol="SBIN",
                action=Action.BUY if quantity > 0 else Action.SELL,
                quantity=Decimal(abs(quantity)),
            )
            for quantity in quantities
        ),
    )


def in_parts(stop: bool) -> SplitOrder:
    return SplitOrder(
        strategy="s",
        client_order_id="k",
        exchange=Exchange.NSE,
        symbol="SBIN",
        action=Action.BUY,
        quantity=Decimal(30),
        split_size=Decimal(10),
        stop_on_error=stop,
    )


def booked(desk: Desk) -> list[int]:
    return sorted(int(order.quantity) for order in desk.venue.book.values())


# --- once


async def test_a_hundred_requests_at_once_are_one_set_of_orders_and_equal_answers() -> None:
    desk = Desk()
    intent = basket(1, 2, -3)
    answers = await asyncio.gather(*(desk.planned(intent) for _ in range(100)))
    assert booked(desk) == [1, 2, 3]
    assert len(desk.venue.asked) == 3
    assert all(answer == answers[0] for answer in answers)


async def test_a_repeat_asks_nobody_even_in_another_process() -> None:
    desk = Desk()
    first = await desk.planned(basket(1, 2))
    desk.restarted()
    written = dict(desk.plans.stored)
    assert await desk.planned(basket(1, 2)) == first
    assert len(desk.venue.asked) == 2
    assert all(desk.plans.stored[key] is written[key] for key in written)


async def test_another_request_under_the_same_id_is_refused() -> None:
    desk = Desk()
    await desk.planned(basket(1, 2))
    with pytest.raises(IdempotencyConflict):
        await desk.planned(basket(1, 3))
    with pytest.raises(IdempotencyConflict):
        await desk.planned(in_parts(stop=False))
    assert booked(desk) == [1, 2]


async def test_a_plan_begun_on_paper_is_not_finished_live() -> None:
    desk = Desk()
    desk.venue.lost = lambda order: order.quantity == 2
    await desk.planned(basket(1, 2))
    desk.venue.mode = VenueMode.LIVE
    with pytest.raises(IdempotencyConflict):
        await desk.planned(basket(1, 2))
    assert len(desk.venue.asked) == 2


async def test_without_an_id_every_request_counts() -> None:
    desk = Desk()
    for _ in range(2):
        await desk.planned(basket(1, 2, name=None))
    assert booked(desk) == [1, 1, 2, 2]
    assert desk.plans.stored == {}


async def test_nothing_leaves_before_the_plan_is_stored() -> None:
    desk = Desk()

    async def full(*_: object) -> None:
        raise StorageUnavailable

    desk.plans.add = full  # type: ignore[method-assign, assignment]
    with pytest.raises(StorageUnavailable):
        await desk.planned(basket(1, 2))
    assert desk.venue.asked == []


async def test_orders_that_left_are_answered_even_if_their_results_cannot_be_stored() -> None:
    desk = Desk()

    async def full(*_: object) -> None:
        raise StorageUnavailable

    desk.plans.note_results = full  # type: ignore[method-assign, assignment]
    first = await desk.planned(basket(1, 2))
    assert [outcome.order_id for outcome in first.legs] == ["1", "2"]
    assert (await desk.planned(basket(1, 2))).legs == first.legs
    assert booked(desk) == [1, 2]


# --- interrupted

fates = st.lists(st.sampled_from(["taken", "lost", "refused", "unsent"]), min_size=1, max_size=8)


@given(fates, st.integers(0, 3), st.booleans())
async def test_repeats_finish_a_plan_and_send_nothing_twice(
    fates: list[str], repeats: int, restart: bool
) -> None:
    desk = Desk()
    numbers = range(1, len(fates) + 1)
    fate = dict(zip(numbers, fates, strict=True))
    refusals: dict[str, OpenAlgoError] = {
        "refused": OrderRefused("No"),
        "unsent": BrokerUnavailable("No answer"),
    }
    desk.venue.fate = lambda order: refusals.get(fate[int(order.quantity)])
    desk.venue.lost = lambda order: fate[int(order.quantity)] == "lost"
    for _ in range(1 + repeats):
        receipt = await desk.planned(basket(*numbers))
        told = [outcome.code for outcome in receipt.legs]
        words = {
            "taken": "",
            "lost": "order_outcome_unknown",
            "refused": "order_rejected",
            "unsent": "broker_unavailable",
        }
        assert told == [words[each] for each in fates]
    if restart:
        desk.restarted()
    desk.venue.fate = lambda _: None
    desk.venue.lost = lambda _: False
    receipt = await desk.planned(basket(*numbers))
    expected = [number for number in numbers if fate[number] != "refused"]
    assert booked(desk) == expected
    assert [outcome.succeeded for outcome in receipt.legs] == [
        number in expected for number in numbers
    ]


async def test_a_repeat_after_a_crash_in_mid_plan_finishes_it() -> None:
    desk = Desk()

    class Killed(BaseException):
        """The process ends here."""

    desk.venue.fate = lambda order: Killed() if order.quantity == 3 else None
    with pytest.raises(Killed):
        await desk.planned(basket(1, -2, -3, -4))
    assert 1 in booked(desk)
    desk.restarted()
    desk.venue.fate = lambda _: None
    receipt = await desk.planned(basket(1, -2, -3, -4))
    assert all(outcome.succeeded for outcome in receipt.legs)
    assert booked(desk) == [1, 2, 3, 4]


async def test_a_leg_that_waited_for_a_failed_one_is_sent_once_that_one_succeeds() -> None:
    desk = Desk()
    desk.venue.fate = lambda _: BrokerUnavailable("No answer")
    first = await desk.planned(in_parts(stop=True))
    assert [outcome.code for outcome in first.legs] == [
        "broker_unavailable",
        "leg_skipped",
        "leg_skipped",
    ]
    desk.venue.fate = lambda _: None
    again = await desk.planned(in_parts(stop=True))
    assert all(outcome.succeeded for outcome in again.legs)
    assert booked(desk) == [10, 10, 10]


async def test_a_leg_that_waited_for_a_refused_one_is_never_sent() -> None:
    desk = Desk()
    desk.venue.fate = lambda _: OrderRefused("No")
    first = await desk.planned(in_parts(stop=True))
    desk.venue.fate = lambda _: None
    assert (await desk.planned(in_parts(stop=True))).legs == first.legs
    assert booked(desk) == []


async def test_what_nobody_foresaw_hides_no_other_order() -> None:
    desk = Desk()
    desk.venue.fate = lambda order: ZeroDivisionError("inside") if order.quantity == 2 else None
    receipt = await desk.planned(basket(1, 2, 3))
    assert [outcome.code for outcome in receipt.legs] == ["", "order_outcome_unknown", ""]
    assert "inside" not in receipt.legs[1].message


# --- outcomes


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (OrderRefused("No"), True),
        (BrokerUnavailable("No answer"), False),
        (RateLimitExceeded(1), False),
        (StorageUnavailable(), False),
    ],
)
def test_only_what_cannot_change_is_kept(error: OpenAlgoError, final: bool) -> None:
    outcome = Outcome.refused(error)
    assert outcome.is_final is final
    assert Results(legs=(outcome,)).only_final().legs == ((outcome,) if final else (None,))


def test_a_refusal_is_raised_as_it_was() -> None:
    refused = Outcome.refused(InsufficientShares("Not enough", order_id="9"))
    with pytest.raises(RecordedRefusal) as caught:
        refused.raise_refusal()
    error = caught.value
    assert (error.code, error.status, error.message) == ("insufficient_shares", 400, "Not enough")
    assert error.extra() == {"orderid": "9"}
    Outcome(order_id="9").raise_refusal()


async def test_ids_of_the_orders_are_numbered_under_that_of_the_request() -> None:
    desk = Desk()
    await desk.planned(basket(1, 2))
    assert [order.client_order_id for order in desk.venue.asked] == ["k:0", "k:1"]
    other = replace(basket(1), client_order_id="j")
    await desk.planned(other)
    assert desk.venue.asked[-1].client_order_id == "j:0"
