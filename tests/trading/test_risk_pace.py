"""Orders per second and orders per day."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.errors import EngineBusy, RiskRefused
from openalgo.domain.market import Exchange
from openalgo.domain.orders import OrderStatus
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.venues import VenueMode
from tests.support.market import NIFTY_FUT, SBIN, intent
from tests.support.risk import Guarded

BUY = intent(SBIN, "BUY", 1)
SELL = intent(SBIN, "SELL", 1)
SEGMENT = (1, VenueMode.LIVE, Exchange.NSE)


async def count(guarded: Guarded, tries: int) -> int:
    """How many of so many plain orders pass."""
    passed = 0
    for _ in range(tries):
        try:
            await guarded.send(BUY, SBIN)
        except RiskRefused:
            continue
        passed += 1
    return passed


# --- the window


@given(
    limit=st.integers(1, 12),
    gaps=st.lists(st.integers(0, 300), max_size=200),
)
def test_no_second_ever_holds_more_than_the_limit(limit: int, gaps: list[int]) -> None:
    """Whichever second one looks at; and nobody is refused who would have had room."""
    now = 0
    rates = SegmentRates(lambda: now / 256)
    taken: list[int] = []
    for gap in gaps:
        now += gap
        recent = sum(at > now - 256 for at in taken)
        assert rates.take(SEGMENT, limit) == (recent < limit)
        if recent < limit:
            taken.append(now)
        assert rates.count(SEGMENT) == sum(at > now - 256 for at in taken)
    for start in taken:
        assert sum(start <= at < start + 256 for at in taken) <= limit


def test_segments_are_counted_apart() -> None:
    rates = SegmentRates(lambda: 0.0)
    others = [(2, *SEGMENT[1:]), (1, VenueMode.ANALYZE, Exchange.NSE), (*SEGMENT[:2], Exchange.NFO)]
    assert rates.take(SEGMENT, 1)
    assert not rates.take(SEGMENT, 1)
    assert all(rates.take(other, 1) for other in others)


# --- orders per second


async def test_a_broker_gets_ten_orders_a_second_of_which_two_are_kept_for_exits() -> None:
    guarded = Guarded(mode=VenueMode.LIVE)
    assert await count(guarded, 20) == 8
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(BUY, SBIN)
    assert refusal.value.code == "risk_orders_per_second"
    assert refusal.value.extra() == {"limit": "orders_per_second", "allowed": 8, "value": 9}
    assert refusal.value.message == (
        "This would be order 9 on NSE within a second, above your limit of 8 "
        "(2 more are kept for exits)"
    )
    guarded.hold(SBIN, 10)
    for _ in range(2):
        await guarded.send(SELL, SBIN)
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(SELL, SBIN)
    assert refusal.value.extra() == {"limit": "orders_per_second", "allowed": 10, "value": 11}
    await guarded.send(intent(NIFTY_FUT, "BUY", 65, product="NRML"), NIFTY_FUT)
    guarded.seconds += 1
    assert await count(guarded, 20) == 8


@given(
    kept=st.integers(0, 4),
    steps=st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=80),
)
async def test_exits_always_have_their_share_and_never_more_than_the_limit_is_sent(
    kept: int, steps: list[tuple[int, bool]]
) -> None:
    guarded = Guarded(RiskLimits(orders_per_second=5, kept_for_exits=kept))
    guarded.hold(SBIN, 1_000)
    sent: list[int] = []
    now = 0
    for gap, is_exit in steps:
        now += gap
        guarded.seconds = now / 256
        recent = sum(at > now - 256 for at in sent)
        room = 5 if is_exit else 5 - kept
        try:
            await guarded.send(SELL if is_exit else BUY, SBIN)
        except RiskRefused:
            assert recent >= room
        else:
            assert recent < room
            sent.append(now)


@pytest.mark.parametrize(("limit", "for_all"), [(1, 1), (2, 1), (5, 4), (10, 8), (11, 8)])
async def test_a_fifth_is_kept_for_exits_where_nothing_is_said(limit: int, for_all: int) -> None:
    assert await count(Guarded(RiskLimits(orders_per_second=limit)), 20) == for_all


async def test_orders_that_arrive_together_all_count() -> None:
    guarded = Guarded(RiskLimits(orders_per_second=5, kept_for_exits=0, max_orders_per_day=50))
    guarded.venue.gate.clear()
    sending = [asyncio.ensure_future(guarded.send(BUY, SBIN)) for _ in range(20)]
    await asyncio.sleep(0)
    guarded.venue.gate.set()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    refusals = [each for each in outcomes if isinstance(each, RiskRefused)]
    assert len(refusals) == 15
    assert len(guarded.venue.placed) == 5


async def test_changes_count_unless_told_otherwise() -> None:
    guarded = Guarded(RiskLimits(orders_per_second=2, kept_for_exits=0))
    order = await guarded.send(intent(SBIN, "BUY", 1, "800"), SBIN)
    await guarded.change(order, SBIN, price="801")
    with pytest.raises(RiskRefused) as refusal:
        await guarded.change(order, SBIN, price="802")
    assert refusal.value.code == "risk_orders_per_second"
    guarded.limit(RiskLimits(orders_per_second=2, kept_for_exits=0, count_changes=False))
    await guarded.change(order, SBIN, price="802")


# --- orders per day


async def test_orders_beyond_the_days_limit_are_refused() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=3))
    assert await count(guarded, 5) == 3
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(BUY, SBIN)
    assert refusal.value.extra() == {"limit": "max_orders_per_day", "allowed": 3, "value": 4}
    assert refusal.value.message == "This would be order 4 of today, above your limit of 3"


async def test_a_restart_forgets_no_order_of_the_day() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=3))
    assert await count(guarded, 2) == 2
    guarded.restart()
    assert await count(guarded, 5) == 1


async def test_the_book_is_read_once_a_day_however_many_arrive() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=30))
    await asyncio.gather(*(guarded.send(BUY, SBIN) for _ in range(20)))
    assert guarded.venue.read == ["orders"]
    assert await count(guarded, 20) == 10


async def test_the_day_begins_at_three_and_counts_no_order_of_before() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=3))
    assert await count(guarded, 5) == 3
    guarded.clock.advance(timedelta(hours=16, minutes=59, seconds=59))
    assert await count(guarded, 5) == 0
    # The orders of yesterday still work, so the book shows them.
    guarded.clock.advance(timedelta(seconds=1))
    assert await count(guarded, 5) == 3


async def test_an_order_the_venue_rejects_is_one_of_the_day() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=2))
    guarded.venue.fate = lambda _: EngineBusy()
    with pytest.raises(EngineBusy):
        await guarded.send(BUY, SBIN)
    guarded.venue.fate = lambda _: None
    assert await count(guarded, 5) == 1


async def test_what_the_day_refuses_takes_no_room_in_the_second() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=1, orders_per_second=2, kept_for_exits=0))
    assert await count(guarded, 9) == 1
    guarded.limit(RiskLimits(max_orders_per_day=2, orders_per_second=2, kept_for_exits=0))
    assert await count(guarded, 9) == 1


async def test_changes_are_no_orders_of_the_day() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=1))
    order = await guarded.send(intent(SBIN, "BUY", 1, "800"), SBIN)
    await guarded.change(order, SBIN, price="801")
    await guarded.change(order, SBIN, price="802")


# --- repeats


async def test_a_repeat_is_no_further_order() -> None:
    guarded = Guarded(RiskLimits(orders_per_second=1, max_orders_per_day=1))
    order = replace(BUY, client_order_id="mine")
    guarded.venue.gate.clear()
    sending = [asyncio.ensure_future(guarded.send(order, SBIN)) for _ in range(100)]
    for _ in range(200):
        await asyncio.sleep(0)
    guarded.venue.gate.set()
    await asyncio.gather(*sending)
    with pytest.raises(RiskRefused):
        await guarded.send(replace(BUY, client_order_id="other"), SBIN)


async def test_a_repeat_after_a_restart_reaches_the_order_it_repeats() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=1))
    order = replace(BUY, client_order_id="mine", quantity=Decimal(5))
    await guarded.send(order, SBIN)
    guarded.restart()
    guarded.limit(RiskLimits(max_orders_per_day=1, max_quantity=Decimal(1)))
    guarded.kill()
    await guarded.send(order, SBIN)
    with pytest.raises(RiskRefused):
        await guarded.send(replace(order, client_order_id="other"), SBIN)


async def test_a_repeat_of_an_order_that_was_never_placed_counts() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=2))
    order = replace(BUY, client_order_id="mine")
    guarded.venue.fate = lambda _: EngineBusy()
    for _ in range(2):
        with pytest.raises(EngineBusy):
            await guarded.send(order, SBIN)
    with pytest.raises(RiskRefused):
        await guarded.send(order, SBIN)


async def test_final_orders_stand_in_the_book_too() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=1))
    await guarded.send(BUY, SBIN)
    guarded.venue.book[0] = replace(guarded.venue.book[0], status=OrderStatus.REJECTED)
    guarded.restart()
    assert await count(guarded, 1) == 0
