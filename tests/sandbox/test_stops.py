"""Stops: they wait for their trigger once, and then they are ordinary orders."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.errors import InsufficientFunds, InsufficientShares, InvalidOrder
from openalgo.domain.events import OrderAccepted, OrderFilled, OrderTriggered
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import px
from openalgo.domain.orders import Order, OrderStatus, PriceType
from openalgo.sandbox.restore import restore
from tests.support.market import NIFTY_CALL, SBIN, SHELF
from tests.support.paper import Paper, check_invariants


def sl(
    paper: Paper, action: str, trigger: str, limit: str, quantity: int = 10, product: str = "MIS"
) -> Order:
    return paper.order(
        SBIN,
        action,
        quantity,
        limit,
        product,
        price_type=PriceType.SL,
        trigger_price=px(trigger),
    )


def sl_m(
    paper: Paper, action: str, trigger: str, quantity: int = 10, instrument: Instrument = SBIN
) -> Order:
    return paper.order(
        instrument, action, quantity, price_type=PriceType.SL_M, trigger_price=px(trigger)
    )


def fills(paper: Paper) -> list[tuple[str, int]]:
    return [(e.order.order_id, e.trade.price) for e in paper.events if isinstance(e, OrderFilled)]


def test_an_sl_fills_after_a_pull_back_below_its_trigger() -> None:
    """Trigger 100, limit 101: 95, 103, 99.5 trades at the limit. It is not asked for its trigger
    again."""
    paper = Paper()
    paper.market(SBIN, "95")
    order = sl(paper, "BUY", "100", "101")
    assert order.status is OrderStatus.TRIGGER_PENDING
    paper.market(SBIN, "103")
    waiting = paper.stored(order)
    assert (waiting.status, waiting.triggered_at) == (OrderStatus.OPEN, paper.now)
    paper.market(SBIN, "99.5")
    assert fills(paper) == [(order.order_id, px("101"))]
    check_invariants(paper)


def test_a_selling_sl_fills_after_a_bounce_above_its_trigger() -> None:
    paper = Paper()
    paper.market(SBIN, "105")
    order = sl(paper, "SELL", "100", "99")
    paper.market(SBIN, "98")
    assert paper.stored(order).status is OrderStatus.OPEN
    paper.market(SBIN, "100.5")
    assert fills(paper) == [(order.order_id, px("99"))]


@pytest.mark.parametrize(
    ("action", "trigger", "before", "at"),
    [("BUY", "100", "99.95", "100"), ("SELL", "100", "100.05", "100")],
)
def test_touching_the_trigger_is_enough(action: str, trigger: str, before: str, at: str) -> None:
    paper = Paper()
    paper.market(SBIN, before)
    order = sl_m(paper, action, trigger)
    paper.market(SBIN, before)
    assert paper.stored(order).status is OrderStatus.TRIGGER_PENDING
    paper.market(SBIN, at)
    assert paper.stored(order).status is OrderStatus.COMPLETE


def test_an_sl_whose_limit_holds_on_the_triggering_tick_gets_the_ltp() -> None:
    paper = Paper()
    paper.market(SBIN, "95")
    order = sl(paper, "BUY", "100", "101")
    paper.market(SBIN, "100.4", bid="100.3", ask="100.5")
    assert fills(paper) == [(order.order_id, px("100.4"))]
    assert [type(event) for event in paper.events][1:] == [
        OrderAccepted,
        OrderTriggered,
        OrderFilled,
    ]


@pytest.mark.parametrize(("action", "start", "at"), [("BUY", "95", "100.5"), ("SELL", "105", "99")])
def test_an_sl_m_takes_the_far_side_of_a_fresh_book(action: str, start: str, at: str) -> None:
    paper = Paper()
    paper.market(SBIN, start)
    with_book, without = sl_m(paper, action, "100"), sl_m(paper, action, "100")
    paper.market(SBIN, at, bid="90", ask="110")
    far_side = px("110" if action == "BUY" else "90")
    assert fills(paper) == [(with_book.order_id, far_side), (without.order_id, far_side)]
    bare = Paper()
    bare.market(SBIN, start)
    order = sl_m(bare, action, "100")
    bare.market(SBIN, at)
    assert fills(bare) == [(order.order_id, px(at))]


def test_a_trigger_already_met_makes_an_open_order() -> None:
    paper = Paper()
    paper.market(SBIN, "103", bid="102.95", ask="103.05")
    resting = sl(paper, "BUY", "100", "101")
    assert (resting.status, resting.triggered_at) == (OrderStatus.OPEN, paper.now)
    assert sl(paper, "BUY", "100", "104").status is OrderStatus.COMPLETE
    assert sl_m(paper, "BUY", "100").status is OrderStatus.COMPLETE
    assert [price for _, price in fills(paper)] == [px("103"), px("103.05")]


def test_without_a_price_a_stop_waits() -> None:
    paper = Paper()
    assert sl_m(paper, "BUY", "100").status is OrderStatus.TRIGGER_PENDING


@pytest.mark.parametrize(
    ("action", "trigger", "limit"), [("BUY", "100", "99.95"), ("SELL", "100", "100.05")]
)
def test_a_limit_the_market_passes_before_the_trigger_is_refused(
    action: str, trigger: str, limit: str
) -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    with pytest.raises(InvalidOrder, match=f"of an SL {action} must be at or") as refusal:
        sl(paper, action, trigger, limit)
    assert refusal.value.field == "price"
    assert paper.state.accounts == {}


def test_stops_wait_for_the_session() -> None:
    paper = Paper(calendar=ExchangeCalendar())
    paper.now = datetime(2026, 7, 17, 9, 0, tzinfo=IST)
    paper.market(SBIN, "103")
    order = sl_m(paper, "BUY", "100")
    assert order.status is OrderStatus.TRIGGER_PENDING
    paper.later(minutes=10)
    paper.market(SBIN, "104")
    assert paper.stored(order).status is OrderStatus.TRIGGER_PENDING
    paper.now = datetime(2026, 7, 17, 9, 15, tzinfo=IST)
    paper.market(SBIN, "102")
    assert fills(paper) == [(order.order_id, px("102"))]


@pytest.mark.parametrize(
    ("action", "trigger", "limit", "reserved"),
    [
        ("BUY", "100", "120", "2400"),
        ("SELL", "80", "70", "1600"),
        ("BUY", "100", None, "2040"),
        ("SELL", "80", None, "1632"),
    ],
)
def test_what_a_stop_blocks(action: str, trigger: str, limit: str | None, reserved: str) -> None:
    """The worst it may trade at: a buying SL at its limit, an SL-M 2 % beyond its trigger."""
    paper = Paper()
    paper.market(SBIN, "90")
    if limit is None:
        order = sl_m(paper, action, trigger, quantity=100)
    else:
        order = sl(paper, action, trigger, limit, quantity=100)
    assert order.reserved == Decimal(reserved)
    assert paper.funds().used == Decimal(reserved)
    paper.cancel(order.order_id)
    assert paper.funds().used == 0
    check_invariants(paper)


def test_a_protective_stop_blocks_nothing() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    used = paper.funds().used
    stop = sl_m(paper, "SELL", "95", quantity=100)
    assert stop.reserved == 0
    paper.market(SBIN, "94")
    assert paper.funds().used == 0
    assert paper.funds().realised == Decimal(-600)
    assert used == Decimal(2000)
    check_invariants(paper)


def test_an_exit_at_market_needs_no_money_while_a_stop_protects_the_position() -> None:
    """All money is in the position, and it loses: the stop must not stand in the way."""
    paper = Paper(capital="2000")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    stop = sl_m(paper, "SELL", "90", quantity=100)
    paper.market(SBIN, "95")
    assert paper.order(SBIN, "SELL", 100).status is OrderStatus.COMPLETE
    assert paper.funds().available == Decimal(1500)
    assert paper.stored(stop).status is OrderStatus.TRIGGER_PENDING
    check_invariants(paper)


def test_an_account_below_zero_can_still_exit() -> None:
    paper = Paper(capital="2000")
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 100)
    paper.market(SBIN, "60")
    paper.order(SBIN, "SELL", 50)
    assert paper.funds().available < 0
    assert paper.order(SBIN, "SELL", 50).status is OrderStatus.COMPLETE
    check_invariants(paper)


def test_delivery_stops_need_the_shares() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    paper.order(SBIN, "BUY", 10, product="CNC")
    sl(paper, "SELL", "95", "94", quantity=6, product="CNC")
    with pytest.raises(InsufficientShares, match="Only 4 shares available"):
        sl(paper, "SELL", "95", "94", quantity=6, product="CNC")


def test_a_stop_that_the_account_cannot_pay_is_refused() -> None:
    paper = Paper(capital="1000")
    paper.market(SBIN, "90")
    with pytest.raises(InsufficientFunds):
        sl_m(paper, "BUY", "100", quantity=100)


def test_stops_trigger_in_the_order_the_market_reaches_them() -> None:
    paper = Paper()
    paper.market(SBIN, "100")
    far = sl_m(paper, "BUY", "103")
    near = sl_m(paper, "BUY", "101")
    also_near = sl_m(paper, "BUY", "101")
    paper.market(SBIN, "105")
    assert [order_id for order_id, _ in fills(paper)] == [
        near.order_id,
        also_near.order_id,
        far.order_id,
    ]


def test_a_triggered_sl_joins_the_queue_when_it_triggers() -> None:
    paper = Paper()
    paper.market(SBIN, "95")
    stop = sl(paper, "BUY", "98", "99")
    paper.market(SBIN, "97.5")
    paper.later(seconds=60)
    before = paper.order(SBIN, "BUY", 1, "99")
    paper.market(SBIN, "100")
    after = paper.order(SBIN, "BUY", 1, "99")
    paper.market(SBIN, "98.5")
    order = [before.order_id, stop.order_id, after.order_id]
    assert [order_id for order_id, _ in fills(paper)] == order


def test_an_sl_m_in_options_is_like_any_other() -> None:
    paper = Paper()
    paper.market(NIFTY_CALL, "100")
    order = sl_m(paper, "BUY", "110", quantity=65, instrument=NIFTY_CALL)
    assert order.reserved == Decimal("7293.0")
    paper.market(NIFTY_CALL, "111")
    assert paper.stored(order).status is OrderStatus.COMPLETE
    check_invariants(paper)


async def test_that_a_stop_has_triggered_survives_a_restart() -> None:
    paper = Paper()
    paper.market(SBIN, "95")
    triggered = sl(paper, "BUY", "100", "101")
    paper.market(SBIN, "103")
    waiting = sl(paper, "BUY", "110", "112")
    paper.adopt(await restore(paper.stored_books(), SHELF))
    paper.market(SBIN, "99.5")
    assert fills(paper) == [(triggered.order_id, px("101"))]
    paper.market(SBIN, "111")
    assert fills(paper)[1:] == [(waiting.order_id, px("111"))]
    check_invariants(paper)


prices = st.integers(min_value=80, max_value=120)


@given(
    stops=st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), prices, prices), max_size=8),
    path=st.lists(prices, min_size=1, max_size=10),
)
def test_a_stop_limit_fills_exactly_when_its_limit_holds_from_its_trigger_on(
    stops: list[tuple[str, int, int]], path: list[int]
) -> None:
    paper = Paper(capital="100000000")
    orders = []
    for action, trigger, offset in stops:
        limit = trigger + abs(offset - 100) * (1 if action == "BUY" else -1)
        orders.append((sl(paper, action, str(trigger), str(limit)), action, trigger, limit))
    seen: list[int] = []
    for price in path:
        paper.market(SBIN, str(price))
        seen.append(price)
        for order, action, trigger, limit in orders:
            buying = action == "BUY"
            reached = [p >= trigger if buying else p <= trigger for p in seen]
            since = seen[reached.index(True) :] if any(reached) else []
            filled = any(p <= limit if buying else p >= limit for p in since)
            expected = OrderStatus.TRIGGER_PENDING if not since else OrderStatus.OPEN
            assert paper.stored(order).status is (OrderStatus.COMPLETE if filled else expected)
    check_invariants(paper)
