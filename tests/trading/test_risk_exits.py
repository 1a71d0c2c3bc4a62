"""What opens can be stopped; what reduces has a way out."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.domain.errors import RiskRefused
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus, PriceType
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.venues import VenueMode
from tests.support.market import INFY, SBIN, intent
from tests.support.risk import Guarded

MORE_THAN_ANYTHING = Decimal(10) ** 9
NEARLY_NOTHING = Decimal("0.01")


def strict() -> Guarded:
    """Everything that opens is refused, by whichever limit comes first."""
    guarded = Guarded(
        RiskLimits(
            max_quantity=NEARLY_NOTHING,
            max_notional=NEARLY_NOTHING,
            max_loss_per_day=NEARLY_NOTHING,
            max_orders_per_day=0,
            orders_per_second=50,
            kept_for_exits=49,
        )
    )
    guarded.venue.loss = MORE_THAN_ANYTHING
    guarded.kill()
    return guarded


async def test_a_killed_account_opens_nothing() -> None:
    guarded = Guarded()
    guarded.kill()
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(intent(SBIN, "BUY", 10), SBIN)
    assert refusal.value.code == "risk_kill_switch"
    assert refusal.value.extra() == {"limit": "kill_switch", "allowed": 0, "value": 10}
    assert refusal.value.message == (
        "The kill switch was thrown by asha at 2026-07-17 10:00:00: of 10 to open, 0 are allowed"
    )


async def test_a_killed_account_does_not_move_orders_that_open() -> None:
    guarded = Guarded()
    order = await guarded.send(intent(SBIN, "BUY", 10, "800"), SBIN)
    guarded.kill()
    with pytest.raises(RiskRefused, match="kill switch"):
        await guarded.change(order, SBIN, price="900")


@pytest.mark.parametrize(
    ("held", "action", "quantity", "product"),
    [
        (100, "SELL", 100, "MIS"),
        (100, "SELL", 1, "MIS"),
        (-100, "BUY", 100, "MIS"),
        (-100, "BUY", 30, "CNC"),
    ],
)
async def test_what_only_reduces_a_position_passes_every_limit_on_opening(
    held: int, action: str, quantity: int, product: str
) -> None:
    guarded = strict()
    guarded.hold(SBIN, held, product)
    await guarded.send(intent(SBIN, action, quantity, product=product), SBIN)
    assert len(guarded.venue.placed) == 1


@pytest.mark.parametrize(
    ("held", "action", "quantity", "product"),
    [
        (0, "SELL", 1, "MIS"),
        (100, "SELL", 101, "MIS"),
        (100, "BUY", 1, "MIS"),
        (-100, "SELL", 1, "MIS"),
        (-100, "BUY", 101, "MIS"),
        (100, "SELL", 100, "CNC"),
    ],
    ids=["flat", "through flat", "adds", "adds short", "through flat short", "other product"],
)
async def test_what_opens_turns_around_or_adds_does_not(
    held: int, action: str, quantity: int, product: str
) -> None:
    guarded = strict()
    guarded.hold(SBIN, held)
    guarded.hold(INFY, 100 if action == "SELL" else -100)
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, action, quantity, product=product), SBIN)
    assert guarded.venue.placed == []


async def test_settled_shares_may_be_sold() -> None:
    guarded = strict()
    guarded.own(SBIN, 50)
    guarded.hold(SBIN, -20, "CNC")
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "SELL", 31, product="CNC"), SBIN)
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "SELL", 30), SBIN)
    await guarded.send(intent(SBIN, "SELL", 30, product="CNC"), SBIN)


async def test_the_rules_of_the_exchange_hold_for_exits() -> None:
    guarded = Guarded(RiskLimits(enforce_tick=True, price_band_percent=Decimal(5)))
    guarded.prices[SBIN.key] = px(800)
    guarded.hold(SBIN, 100)
    for price, code in (("800.01", "risk_tick_size"), ("700", "risk_price_band_percent")):
        with pytest.raises(RiskRefused) as refusal:
            await guarded.send(intent(SBIN, "SELL", 100, price), SBIN)
        assert refusal.value.code == code


# --- exits that work already


@pytest.mark.parametrize(
    ("working", "asked", "passes"),
    [
        (PriceType.LIMIT, PriceType.LIMIT, False),
        (PriceType.SL, PriceType.SL_M, False),
        (PriceType.LIMIT, PriceType.SL, True),
        (PriceType.SL_M, PriceType.LIMIT, True),
        (PriceType.LIMIT, PriceType.MARKET, True),
        (PriceType.MARKET, PriceType.MARKET, False),
    ],
)
async def test_a_target_and_a_stop_guard_the_same_shares_but_two_of_a_kind_do_not(
    working: PriceType, asked: PriceType, passes: bool
) -> None:
    guarded = Guarded()
    guarded.hold(SBIN, 100)
    terms: dict[str, Any] = {"trigger_price": px(800)}
    await guarded.send(intent(SBIN, "SELL", 60, "800", price_type=working, **terms), SBIN)
    guarded.kill()
    half = intent(SBIN, "SELL", 40, "800", price_type=asked, **terms)
    whole = replace(half, quantity=Decimal(100))
    if passes:
        await guarded.send(whole, SBIN)
    else:
        with pytest.raises(RiskRefused):
            await guarded.send(whole, SBIN)
        await guarded.send(half, SBIN)


async def test_exits_sent_together_close_the_position_once() -> None:
    guarded = Guarded()
    guarded.hold(SBIN, 100)
    guarded.kill()
    outcomes = await asyncio.gather(
        *(guarded.send(intent(SBIN, "SELL", 40), SBIN) for _ in range(10)), return_exceptions=True
    )
    assert sum(not isinstance(each, RiskRefused) for each in outcomes) == 2


async def test_only_what_has_not_filled_stands_in_the_way() -> None:
    guarded = Guarded()
    guarded.hold(SBIN, 100)
    order = await guarded.send(intent(SBIN, "SELL", 60, "800"), SBIN)
    guarded.venue.book[0] = replace(order, filled_quantity=Decimal(20))
    guarded.hold(SBIN, 80)
    guarded.kill()
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "SELL", 41, "800"), SBIN)
    await guarded.send(intent(SBIN, "SELL", 40, "800"), SBIN)
    guarded.venue.book[:] = [
        replace(each, status=OrderStatus.CANCELLED) for each in guarded.venue.book
    ]
    await guarded.send(intent(SBIN, "SELL", 80, "800"), SBIN)


async def test_an_exit_may_be_moved_but_not_made_to_open() -> None:
    guarded = Guarded()
    guarded.hold(SBIN, 100)
    order = await guarded.send(intent(SBIN, "SELL", 100, "800"), SBIN)
    guarded.venue.book[0] = replace(order, filled_quantity=Decimal(30))
    guarded.hold(SBIN, 70)
    guarded.kill()
    await guarded.change(order, SBIN, price="790")
    with pytest.raises(RiskRefused):
        await guarded.change(order, SBIN, quantity=101)


# --- the day's loss


async def test_a_lost_day_opens_nothing_more() -> None:
    guarded = Guarded(RiskLimits(max_loss_per_day=Decimal(10_000)))
    guarded.venue.loss = Decimal("9999.99")
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    guarded.clock.advance(timedelta(seconds=1))
    guarded.venue.loss = Decimal(12_500)
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    assert refusal.value.code == "risk_max_loss_per_day"
    assert refusal.value.extra() == {
        "limit": "max_loss_per_day",
        "allowed": 10_000,
        "value": 12_500,
    }
    assert refusal.value.message == "Today's loss of ₹12,500 has reached your limit of ₹10,000"


async def test_the_loss_is_looked_up_once_a_second_of_the_market() -> None:
    guarded = Guarded(RiskLimits(max_loss_per_day=Decimal(10_000)))
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    for _ in range(9):
        guarded.clock.advance(timedelta(milliseconds=100))
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    assert guarded.venue.read == ["funds"]
    guarded.clock.advance(timedelta(milliseconds=100))
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    assert guarded.venue.read == ["funds", "funds"]


async def test_where_the_clock_stands_still_only_the_books_know_the_loss() -> None:
    guarded = Guarded(RiskLimits(max_loss_per_day=Decimal(10_000)))
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    guarded.venue.loss = Decimal(10_000)
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)


# --- what is looked up, and when


async def test_books_are_read_only_when_a_limit_stands_against_the_order() -> None:
    guarded = Guarded(RiskLimits(max_quantity=Decimal(10), orders_per_second=5))
    guarded.hold(SBIN, 100)
    await guarded.send(intent(SBIN, "SELL", 10), SBIN)
    assert guarded.venue.read == []
    await guarded.send(intent(SBIN, "SELL", 11), SBIN)
    assert guarded.venue.read == ["orders", "positions"]


async def test_a_killed_account_need_not_know_its_loss() -> None:
    guarded = Guarded(RiskLimits(max_loss_per_day=Decimal(10)))
    guarded.hold(SBIN, 100)
    guarded.kill()
    await guarded.send(intent(SBIN, "SELL", 10), SBIN)
    assert guarded.venue.read == ["orders", "positions"]


async def test_a_switch_thrown_while_the_books_are_read_is_noticed() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=10, max_loss_per_day=Decimal(10)))
    sending = asyncio.ensure_future(guarded.send(intent(SBIN, "BUY", 1), SBIN))
    await guarded.venue.asked_for_funds.wait()
    guarded.kill()
    with pytest.raises(RiskRefused, match="kill switch"):
        await sending
    assert guarded.venue.placed == []


async def test_paper_and_live_are_counted_apart() -> None:
    guarded = Guarded(RiskLimits(max_orders_per_day=1))
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    guarded.venue.book.clear()
    guarded.venue.mode = VenueMode.LIVE
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    with pytest.raises(RiskRefused):
        await guarded.send(intent(SBIN, "BUY", 1), SBIN)
