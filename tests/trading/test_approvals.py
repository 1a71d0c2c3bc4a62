"""Orders wait for their owner, and what was approved is sent once."""

import asyncio
from contextlib import suppress
from dataclasses import replace as replaced
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    ApprovalExpired,
    BrokerChanged,
    ConfirmationNeeded,
    ContractExpired,
    IdempotencyConflict,
    InsufficientFunds,
    IntentUnreadable,
    ModeChanged,
    NotPending,
    OrderModeUnknown,
    OutcomeUnknown,
    PendingOrderNotFound,
    StorageUnavailable,
    SymbolNotFound,
    TooManyPending,
)
from openalgo.domain.events import PendingOrderCreated, PendingOrderUpdated
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import (
    BasketOrder,
    OptionsOrder,
    PlaceGtt,
    PlaceOrder,
    SmartOrder,
    SplitOrder,
)
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.persistence.main.tables import pending_orders
from openalgo.persistence.stores import Store
from openalgo.trading.approvals.desk import Approval
from openalgo.trading.approvals.records import Resolution
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.states import LegStatus, State, Status
from openalgo.trading.markets import LiveSide
from openalgo.trading.venues import VenueMode
from tests.support.approvals import (
    ACCOUNT,
    NEXT_CALL,
    OTHER_ACCOUNT,
    OWNER,
    BoxVenue,
    Center,
)
from tests.support.market import INFY, MORNING, NIFTY_CALL, SBIN, intent

BUY = intent(SBIN, "BUY", 10)
LIMIT = intent(SBIN, "BUY", 10, "790")


def smart(action: str, target: int) -> SmartOrder:
    return SmartOrder(
        strategy="test",
        exchange=SBIN.exchange,
        symbol=SBIN.symbol,
        action=Action(action),
        quantity=Decimal(10),
        position_size=Decimal(target),
    )


def at_the_money() -> OptionsOrder:
    return OptionsOrder(
        strategy="test",
        underlying="NIFTY",
        exchange=Exchange.NSE_INDEX,
        offset="ATM",
        option_type=InstrumentType.CALL,
        action=Action.BUY,
        quantity=Decimal(65),
    )


def gtt() -> PlaceGtt:
    return PlaceGtt(
        strategy="test",
        trigger_type=TriggerType.SINGLE,
        exchange=SBIN.exchange,
        symbol=SBIN.symbol,
        action=Action.BUY,
        product=Product.CNC,
        quantity=Decimal(5),
        triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=px(700), price=px(700)),),
    )


def sent(center: Center) -> list[str]:
    return [order.client_order_id or "" for order, _ in center.venue.placed]


# --- queueing


async def test_a_signal_waits_with_what_the_world_looked_like(center: Center) -> None:
    pending_id = await center.signal(LIMIT)
    order = await center.order(pending_id)
    assert center.venue.placed == []
    assert (order.state, order.version, order.intent) == (State.PENDING, 1, LIMIT)
    assert (order.mode, order.broker) == (VenueMode.LIVE, "simulator")
    assert order.prices == {SBIN.key: 800.0}
    assert [leg.order for leg in order.plan.legs] == [LIMIT]
    assert (order.source, order.address, order.key_id, order.cause) == (
        "api",
        "10.0.0.1",
        10,
        "signal",
    )
    assert order.created_at == MORNING
    assert await center.audit(pending_id) == [("asha", "queue", "", "pending")]


async def test_what_no_exchange_would_take_does_not_wait(center: Center) -> None:
    with pytest.raises(SymbolNotFound):
        await center.signal(replace(BUY, symbol="GONE"))
    assert await center.book.count(ACCOUNT) == 0


async def test_a_price_that_is_not_known_is_kept_as_unknown(center: Center) -> None:
    order = await center.order(await center.signal(intent(INFY, "BUY", 1)))
    assert order.prices == {INFY.key: None}


async def test_a_repeat_under_the_same_client_id_is_the_same_order(center: Center) -> None:
    named = replace(BUY, client_order_id="mine")
    pending_id = await center.signal(named)
    assert await center.signal(named) == pending_id
    await center.approvals.reject(ACCOUNT, pending_id, OWNER)
    assert await center.signal(named) == pending_id
    assert len(await center.audit(pending_id)) == 2
    with pytest.raises(IdempotencyConflict):
        await center.signal(replace(named, quantity=Decimal(11)))
    other = await center.signal(named, account_id=OTHER_ACCOUNT)
    assert other != pending_id


async def test_a_hundred_repeats_at_once_are_one_order(center: Center) -> None:
    named = replace(BUY, client_order_id="mine")
    ids = await asyncio.gather(*(center.signal(named) for _ in range(100)))
    assert len(set(ids)) == 1
    assert await center.book.count(ACCOUNT) == 1


async def test_the_same_signal_twice_within_two_seconds_is_a_retry(center: Center) -> None:
    pending_id = await center.signal(BUY)
    center.clock.advance(timedelta(seconds=2))
    assert await center.signal(BUY) == pending_id
    assert await center.signal(replace(BUY, quantity=Decimal(11))) != pending_id
    center.clock.advance(timedelta(microseconds=1))
    assert await center.signal(BUY) != pending_id


async def test_a_decided_order_does_not_swallow_the_next_signal(center: Center) -> None:
    pending_id = await center.signal(BUY)
    await center.approvals.reject(ACCOUNT, pending_id, OWNER)
    assert await center.signal(BUY) != pending_id


async def test_a_user_can_have_so_many_orders_waiting(main: Store) -> None:
    center = Center(main, rules=ApprovalRules(most_pending=2))
    first = await center.signal(BUY)
    await center.signal(LIMIT)
    with pytest.raises(TooManyPending) as refused:
        await center.signal(intent(INFY, "BUY", 1))
    assert (refused.value.status, refused.value.code) == (429, "too_many_pending")
    await center.signal(BUY, account_id=OTHER_ACCOUNT)
    await center.approvals.reject(ACCOUNT, first, OWNER)
    await center.signal(intent(INFY, "BUY", 1))


@pytest.mark.parametrize(
    ("wish", "at", "minutes"),
    [
        (BUY, "10:00", 5),
        (replace(LIMIT, price_type=PriceType.SL_M, trigger_price=px(810)), "10:00", 5),
        (LIMIT, "10:00", 30),
        (gtt(), "10:00", 30),
        (smart("BUY", 0), "10:00", 5),
        (BasketOrder(strategy="s", orders=(LIMIT, LIMIT)), "10:00", 30),
        (BasketOrder(strategy="s", orders=(LIMIT, BUY)), "10:00", 5),
        (LIMIT, "15:20", 10),
        (BUY, "15:27", 3),
        (LIMIT, "20:00", 30),
        (LIMIT, "02:45", 15),
    ],
)
async def test_how_long_an_order_waits(
    center: Center, wish: PlaceOrder, at: str, minutes: int
) -> None:
    hour, minute = map(int, at.split(":"))
    now = MORNING.replace(hour=hour, minute=minute)
    center.clock.set(now if now >= MORNING else now + timedelta(days=1))
    order = await center.order(await center.signal(wish))
    assert order.expires_at - order.created_at == timedelta(minutes=minutes)


async def test_a_failing_database_lets_nothing_through(center: Center) -> None:
    center.accounts.failure = StorageUnavailable()
    with pytest.raises(OrderModeUnknown):
        await center.signal(BUY)
    assert center.venue.placed == []


# --- approving


async def test_an_approved_order_is_sent_as_it_was_asked_for(center: Center) -> None:
    pending_id = await center.signal(replace(LIMIT, client_order_id="mine"), cause="request-1")
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    [(order, cause)] = center.venue.placed
    assert order == replace(LIMIT, client_order_id=f"ac-{pending_id}")
    assert cause == "request-1"
    assert approval.refusal is None
    done = await center.order(pending_id)
    assert done == approval.order
    assert (done.state, done.version) == (State.SUBMITTED, 3)
    assert (done.decided_by, done.decided_at) == ("asha", MORNING)
    assert done.order_ids == ["25112100000001"]
    assert [(leg.key, leg.status, leg.quantity) for leg in done.legs] == [
        (SBIN.key, LegStatus.OPEN, Decimal(10))
    ]
    assert await center.audit(pending_id) == [
        ("asha", "queue", "", "pending"),
        ("asha", "approve", "pending", "approving"),
        ("system", "send", "approving", "submitted"),
    ]


async def test_a_hundred_approvals_at_once_are_one_order(center: Center) -> None:
    pending_id = await center.signal(BUY)
    outcomes = await asyncio.gather(
        *(center.approvals.approve(ACCOUNT, pending_id, OWNER) for _ in range(100)),
        return_exceptions=True,
    )
    assert sent(center) == [f"ac-{pending_id}"]
    assert sum(isinstance(outcome, Approval) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotPending)]
    assert len(refused) == 99
    assert {(error.status, error.code) for error in refused} == {(409, "not_pending")}
    assert {error.state for error in refused} <= {"approving", "submitted"}
    attempts = [entry for entry in await center.audit(pending_id) if entry[1] == "approve"]
    assert len(attempts) == 100
    assert [entry for entry in attempts if entry[2] != entry[3]] == [
        ("asha", "approve", "pending", "approving")
    ]


async def test_an_order_is_approved_or_rejected_never_both(center: Center) -> None:
    for _ in range(10):
        center.clock.advance(timedelta(seconds=3))
        before = len(center.venue.placed)
        pending_id = await center.signal(BUY)
        outcomes = await asyncio.gather(
            center.approvals.approve(ACCOUNT, pending_id, OWNER),
            center.approvals.reject(ACCOUNT, pending_id, OWNER),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, NotPending) for outcome in outcomes) == 1
        state = (await center.order(pending_id)).state
        placed = len(center.venue.placed) - before
        assert (state, placed) in {(State.SUBMITTED, 1), (State.REJECTED, 0)}
        steps = {entry[1] for entry in await center.audit(pending_id)}
        assert {"approve", "reject"} <= steps


async def test_an_order_the_owner_did_not_see_like_this_is_not_approved(center: Center) -> None:
    pending_id = await center.signal(BUY)
    with pytest.raises(NotPending) as refused:
        await center.approvals.approve(ACCOUNT, pending_id, OWNER, version=2)
    assert refused.value.extra() == {"state": "pending", "version": 1}
    await center.approvals.approve(ACCOUNT, pending_id, OWNER, version=1)


async def test_nobody_decides_on_the_orders_of_another_account(center: Center) -> None:
    pending_id = await center.signal(BUY, account_id=OTHER_ACCOUNT)
    for attempt in (
        center.approvals.approve(ACCOUNT, pending_id, OWNER),
        center.approvals.reject(ACCOUNT, pending_id, OWNER),
        center.approvals.withdraw(ACCOUNT, pending_id, OWNER),
        center.approvals.hide(ACCOUNT, pending_id, OWNER),
        center.approvals.review(ACCOUNT, pending_id),
        center.book.audit(ACCOUNT, pending_id),
        center.book.find(ACCOUNT, pending_id),
    ):
        with pytest.raises(PendingOrderNotFound):
            await attempt
    assert await center.book.count(ACCOUNT) == 0
    assert await center.book.waiting(ACCOUNT) == []
    assert center.news == []
    outcome = await center.center.batches.approve_all(ACCOUNT, OWNER, {pending_id: 1})
    assert isinstance(outcome.failed[pending_id], PendingOrderNotFound)
    assert (await center.order(pending_id, OTHER_ACCOUNT)).state is State.PENDING


async def test_what_a_venue_refuses_has_failed(center: Center) -> None:
    pending_id = await center.signal(BUY)
    center.venue.refusal = InsufficientFunds("Insufficient funds. Required: ₹8000")
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert isinstance(approval.refusal, InsufficientFunds)
    order = await center.order(pending_id)
    assert order.state is State.FAILED
    assert (order.error_code, order.error_text) == (
        "insufficient_funds",
        "Insufficient funds. Required: ₹8000",
    )
    assert [leg.status for leg in order.legs] == [LegStatus.REFUSED]


@pytest.mark.parametrize("after", [OutcomeUnknown(), ZeroDivisionError("cable cut")])
async def test_an_outcome_nobody_knows_is_said_to_be_unknown(
    center: Center, after: Exception
) -> None:
    pending_id = await center.signal(BUY)
    center.venue.after = after
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert isinstance(approval.refusal, OutcomeUnknown)
    assert approval.order.state is State.UNKNOWN
    with pytest.raises(NotPending, match="unknown"):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert len(center.venue.placed) == 1


# --- what has changed since the signal


async def test_an_order_queued_for_paper_never_goes_live(main: Store) -> None:
    center = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await center.signal(BUY)
    center.venues.venue = live = BoxVenue(VenueMode.LIVE)
    with pytest.raises(ModeChanged) as refused:
        await center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
    assert refused.value.status == 409
    assert live.placed == center.venue.placed == []
    assert (await center.order(pending_id)).state is State.PENDING
    assert ("asha", "approve", "pending", "pending") in await center.audit(pending_id)
    center.venues.venue = center.venue
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert len(center.venue.placed) == 1


async def test_a_switch_in_the_last_moment_is_noticed_too(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending_id = await center.signal(BUY)
    paper = BoxVenue(VenueMode.ANALYZE)
    move = center.steps.move

    async def switching(*args: object, **options: object) -> object:
        moved = await move(*args, **options)  # type: ignore[arg-type]
        center.venues.venue = paper
        return moved

    monkeypatch.setattr(center.steps, "move", switching)
    with pytest.raises(ModeChanged):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert paper.placed == center.venue.placed == []
    order = await center.order(pending_id)
    assert (order.state, order.decided_by) == (State.PENDING, None)
    assert (await center.audit(pending_id))[-1] == (
        "system",
        "hand back",
        "approving",
        "pending",
    )


async def test_an_account_that_moved_to_another_broker_is_noticed(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending_id = await center.signal(BUY)
    center.accounts.broker = "zerodha"
    with pytest.raises(BrokerChanged, match="queued for simulator"):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert center.venue.placed == []


async def test_an_expired_contract_is_not_traded(center: Center) -> None:
    pending_id = await center.signal(intent(NIFTY_CALL, "BUY", 65, product="NRML"))
    center.shelf.put(expiring(NIFTY_CALL, days=0))
    await center.approvals.review(ACCOUNT, pending_id)
    center.shelf.put(expiring(NIFTY_CALL, days=-1))
    with pytest.raises(ContractExpired, match=NIFTY_CALL.symbol):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    center.shelf.remove(NIFTY_CALL)
    with pytest.raises(SymbolNotFound):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert (await center.order(pending_id)).state is State.PENDING


def expiring(instrument: Instrument, *, days: int) -> Instrument:
    return replace(instrument, expiry=(MORNING + timedelta(days=days)).date())


async def test_a_price_may_move_a_little(center: Center) -> None:
    pending_id = await center.signal(BUY)
    center.prices.ltp[SBIN.key] = 816.0
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert len(center.venue.placed) == 1


@pytest.mark.parametrize(("ltp", "drift"), [(816.08, 2.01), (783.9, -2.01), (0.0, None)])
async def test_a_price_that_moved_far_wants_a_second_word(
    center: Center, ltp: float, drift: float | None
) -> None:
    pending_id = await center.signal(BUY)
    center.prices.ltp[SBIN.key] = ltp
    with pytest.raises(ConfirmationNeeded) as needed:
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert needed.value.warnings == ["price_unknown" if drift is None else "price_moved"]
    assert needed.value.details == {
        "prices": [
            {
                "exchange": "NSE",
                "symbol": "SBIN",
                "ltp_at_queue": 800.0,
                "ltp_now": ltp or None,
                "drift": drift,
            }
        ]
    }
    assert center.venue.placed == []
    assert (await center.order(pending_id)).state is State.PENDING
    await center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
    assert len(center.venue.placed) == 1


async def test_without_a_limit_prices_may_move(main: Store) -> None:
    center = Center(main, rules=ApprovalRules(drift_percent=Decimal(0)))
    pending_id = await center.signal(BUY)
    center.prices.ltp[SBIN.key] = 1600.0
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert len(center.venue.placed) == 1


async def test_an_order_of_another_version_can_be_rejected_only(
    center: Center, main: Store
) -> None:
    pending_id = await center.signal(BUY)
    async with main.write() as tx:
        await tx.execute(update(pending_orders).values(intent='{"strategy":3}'))
    assert (await center.order(pending_id)).intent is None
    with pytest.raises(IntentUnreadable):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    rejected = await center.approvals.reject(ACCOUNT, pending_id, OWNER)
    assert rejected.state is State.REJECTED


# --- smart orders


async def test_a_smart_order_trades_what_is_missing_when_it_is_approved(center: Center) -> None:
    pending_id = await center.signal(smart("BUY", 10))
    center.venue.hold(SBIN, "MIS", 4)
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    [(order, _)] = center.venue.placed
    assert (order.action, order.quantity) == (Action.BUY, Decimal(6))
    assert order.client_order_id == f"smart-ac-{pending_id}:0"


async def test_a_smart_order_that_turned_around_wants_a_second_word(center: Center) -> None:
    pending_id = await center.signal(smart("BUY", 10))
    center.venue.hold(SBIN, "MIS", 25)
    with pytest.raises(ConfirmationNeeded) as needed:
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert needed.value.warnings == ["direction_changed"]
    assert "took a BUY then and takes a SELL of 15 now" in needed.value.message
    assert center.venue.placed == []
    await center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
    [(order, _)] = center.venue.placed
    assert (order.action, order.quantity) == (Action.SELL, Decimal(15))


async def test_it_may_not_turn_around_after_the_owner_looked_either(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending_id = await center.signal(smart("BUY", 10))
    move = center.steps.move

    async def trading_meanwhile(*args: object, **options: object) -> object:
        center.venue.hold(SBIN, "MIS", 25)
        return await move(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(center.steps, "move", trading_meanwhile)
    with pytest.raises(ConfirmationNeeded):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert center.venue.placed == []
    assert (await center.order(pending_id)).state is State.PENDING


async def test_a_smart_order_at_its_target_needs_no_order(center: Center) -> None:
    pending_id = await center.signal(smart("BUY", 10))
    center.venue.hold(SBIN, "MIS", 10)
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert (approval.order.state, approval.order.legs) == (State.SUBMITTED, ())
    assert center.venue.placed == []


# --- options


@pytest.mark.parametrize(
    ("resolution", "symbol"),
    [
        (Resolution.SIGNALLED, NIFTY_CALL.symbol),
        (Resolution.CURRENT, NEXT_CALL.symbol),
    ],
)
async def test_the_option_that_was_meant_or_the_one_at_the_money_now(
    center: Center, resolution: Resolution, symbol: str
) -> None:
    pending_id = await center.signal(at_the_money())
    center.options.instrument = NEXT_CALL
    order, signalled = await center.approvals.review(ACCOUNT, pending_id)
    _, current = await center.approvals.review(ACCOUNT, pending_id, Resolution.CURRENT)
    assert order.prices == {NIFTY_CALL.key: 100.0}
    assert [leg.order.symbol for leg in signalled.plan.legs] == [NIFTY_CALL.symbol]
    assert [leg.order.symbol for leg in current.plan.legs] == [NEXT_CALL.symbol]
    await center.approvals.approve(ACCOUNT, pending_id, OWNER, resolution=resolution)
    assert [order.symbol for order, _ in center.venue.placed] == [symbol]
    assert sent(center) == [f"ac-{pending_id}:0"]


# --- intents of several orders


async def test_each_order_of_a_basket_is_told_of(center: Center) -> None:
    basket = BasketOrder(
        strategy="test", orders=(intent(SBIN, "SELL", 1), replace(BUY, symbol="GONE"), BUY)
    )
    approval = await center.approvals.approve(ACCOUNT, await center.signal(basket), OWNER)
    assert approval.refusal is None
    assert approval.order.state is State.PARTIAL
    assert [(leg.action, leg.key.symbol, leg.status) for leg in approval.order.legs] == [
        (Action.SELL, "SBIN", LegStatus.OPEN),
        (Action.BUY, "GONE", LegStatus.REFUSED),
        (Action.BUY, "SBIN", LegStatus.OPEN),
    ]
    assert approval.order.legs[1].code == "symbol_not_found"
    assert await center.order(approval.order.id) == approval.order


async def test_when_nothing_of_a_split_stands_it_has_failed(center: Center) -> None:
    split = SplitOrder(
        strategy="test",
        exchange=SBIN.exchange,
        symbol=SBIN.symbol,
        action=Action.BUY,
        quantity=Decimal(5),
        split_size=Decimal(2),
    )
    pending_id = await center.signal(split)
    center.venue.refusal = InsufficientFunds("Insufficient funds")
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert approval.order.state is State.FAILED
    assert approval.refusal is not None
    assert (approval.refusal.status, approval.refusal.code) == (502, "no_orders_submitted")
    assert [leg.quantity for leg in approval.order.legs] == [2, 2, 1]


async def test_one_unknown_leg_makes_the_whole_unknown(center: Center) -> None:
    basket = BasketOrder(strategy="test", orders=(BUY, intent(INFY, "BUY", 1)))
    pending_id = await center.signal(basket)
    center.venue.after = OutcomeUnknown()
    approval = await center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
    assert approval.order.state is State.UNKNOWN
    assert {leg.status for leg in approval.order.legs} == {LegStatus.UNKNOWN}


async def test_a_gtt_waits_for_its_trigger(center: Center) -> None:
    approval = await center.approvals.approve(ACCOUNT, await center.signal(gtt()), OWNER)
    assert approval.order.state is State.SUBMITTED
    assert [leg.status for leg in approval.order.legs] == [LegStatus.WAITING]
    assert approval.order.order_ids == [center.venue.waiting[0].trigger_id]


# --- rejecting, withdrawing, hiding, expiring


async def test_a_rejected_order_is_never_sent(center: Center) -> None:
    pending_id = await center.signal(BUY)
    order = await center.approvals.reject(ACCOUNT, pending_id, OWNER, reason="too late")
    assert (order.state, order.state.status, order.reason) == (
        State.REJECTED,
        Status.REJECTED,
        "too late",
    )
    for decide in (center.approvals.approve, center.approvals.reject, center.approvals.withdraw):
        with pytest.raises(NotPending):
            await decide(ACCOUNT, pending_id, OWNER)
    assert center.venue.placed == []


async def test_whoever_sent_an_order_can_take_it_back(center: Center) -> None:
    pending_id = await center.signal(BUY)
    order = await center.approvals.withdraw(ACCOUNT, pending_id, OWNER)
    assert (order.state, order.state.status) == (State.WITHDRAWN, Status.REJECTED)
    assert await center.book.count(ACCOUNT) == 0


async def test_a_decided_order_can_be_hidden_but_is_kept(center: Center) -> None:
    pending_id = await center.signal(BUY)
    with pytest.raises(NotPending):
        await center.approvals.hide(ACCOUNT, pending_id, OWNER)
    await center.approvals.reject(ACCOUNT, pending_id, OWNER)
    await center.approvals.hide(ACCOUNT, pending_id, OWNER)
    assert await center.book.page(ACCOUNT, list(State), before=None, limit=9) == []
    assert await center.book.tallies(ACCOUNT) == []
    assert (await center.order(pending_id)).state is State.REJECTED
    assert (await center.audit(pending_id))[-1] == ("asha", "hide", "rejected", "rejected")


async def test_an_order_that_waited_too_long_is_not_sent(center: Center) -> None:
    pending_id = await center.signal(BUY)
    center.clock.advance(timedelta(minutes=5))
    with pytest.raises(ApprovalExpired):
        await center.approvals.review(ACCOUNT, pending_id)
    with pytest.raises(ApprovalExpired) as refused:
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert refused.value.status == 409
    assert refused.value.extra() == {"state": "expired"}
    assert (await center.order(pending_id)).state is State.EXPIRED
    assert center.venue.placed == []


async def test_it_may_expire_while_the_owner_is_looking(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending_id = await center.signal(BUY)
    move = center.steps.move

    async def slowly(*args: object, **options: object) -> object:
        center.clock.advance(timedelta(minutes=5))
        return await move(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(center.steps, "move", slowly)
    with pytest.raises(ApprovalExpired):
        await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert (await center.order(pending_id)).state is State.EXPIRED
    assert center.venue.placed == []


async def test_what_nobody_decides_on_expires_by_itself(center: Center) -> None:
    short, long = await center.signal(BUY), await center.signal(LIMIT)
    watch = asyncio.create_task(center.approvals.watch())
    expired = asyncio.Event()
    center.bus.listen(ACCOUNT, lambda _: expired.set())
    center.clock.advance(timedelta(minutes=5))
    await asyncio.wait_for(expired.wait(), 10)
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    order = await center.order(short)
    assert (order.state, order.state.status) == (State.EXPIRED, Status.REJECTED)
    assert order.reason == "Nobody decided in time"
    assert (await center.order(long)).state is State.PENDING
    assert (await center.audit(short))[-1] == ("system", "expire", "pending", "expired")


async def test_many_expire_at_once(center: Center) -> None:
    for number in range(120):
        await center.signal(replace(BUY, client_order_id=str(number)))
    center.clock.advance(timedelta(minutes=5))
    assert await center.steps.expire_due() == 120
    assert await center.steps.expire_due() == 0
    assert await center.book.count(ACCOUNT) == 0


async def test_orders_wait_by_the_clock_of_their_own_market(center: Center) -> None:
    """Here the other market stands still, as a replay may, and goes on."""
    still = ManualClock(MORNING)
    other = replaced(center.venues.embedded, clock=still)
    live = LiveSide(venue=center.venue, connected=lambda: True)
    center.venues.add(OTHER_ACCOUNT, other, live)
    mine = await center.signal(BUY)
    theirs = await center.signal(BUY, account_id=OTHER_ACCOUNT)
    center.clock.advance(timedelta(minutes=5))
    assert await center.steps.expire_due() == 1
    assert (await center.order(mine)).state is State.EXPIRED
    order = await center.order(theirs, OTHER_ACCOUNT)
    assert (order.state, order.created_at) == (State.PENDING, MORNING)
    still.advance(timedelta(minutes=5))
    assert await center.steps.expire_due() == 1
    order = await center.order(theirs, OTHER_ACCOUNT)
    assert (order.state, order.decided_at) == (State.EXPIRED, still.now())


# --- approving all


async def test_all_are_approved_oldest_first(center: Center) -> None:
    ids = [
        await center.signal(order)
        for order in (BUY, intent(INFY, "BUY", 1, "1500"), intent(SBIN, "SELL", 10))
    ]
    center.prices.ltp[INFY.key] = 1500.0
    center.clock.advance(timedelta(seconds=2))
    late = await center.signal(LIMIT)
    outcome = await center.center.batches.approve_all(ACCOUNT, OWNER)
    assert [order.action for order, _ in center.venue.placed] == [Action.BUY, Action.SELL]
    assert sent(center) == [f"ac-{ids[0]}", f"ac-{ids[2]}"]
    assert (outcome.approved, outcome.executed) == (2, 2)
    assert {key: error.code for key, error in outcome.failed.items()} == {
        ids[1]: "confirmation_needed"
    }
    assert (await center.order(late)).state is State.PENDING


async def test_what_comes_while_all_are_approved_is_left_alone(center: Center) -> None:
    seen = await center.signal(BUY)
    center.clock.advance(timedelta(seconds=9))
    unseen = await center.signal(LIMIT)
    center.clock.advance(timedelta(seconds=9))
    outcome = await center.center.batches.approve_all(ACCOUNT, OWNER, {seen: 1})
    assert (outcome.executed, outcome.failed) == (1, {})
    assert (await center.order(unseen)).state is State.PENDING


async def test_an_exit_is_not_sent_when_its_entry_failed(center: Center) -> None:
    entry = await center.signal(BUY)
    leaving = await center.signal(intent(SBIN, "SELL", 10))
    other = await center.signal(replace(LIMIT, strategy="another"))
    center.clock.advance(timedelta(seconds=9))
    versions = {entry: 9, leaving: 1, other: 1}
    outcome = await center.center.batches.approve_all(ACCOUNT, OWNER, versions)
    assert {key: error.code for key, error in outcome.failed.items()} == {
        entry: "not_pending",
        leaving: "earlier_failed",
    }
    assert sent(center) == [f"ac-{other}"]


async def test_what_is_decided_already_is_told_of(center: Center) -> None:
    pending_id = await center.signal(BUY)
    await center.approvals.reject(ACCOUNT, pending_id, OWNER)
    outcome = await center.center.batches.approve_all(ACCOUNT, OWNER, {pending_id: 1})
    assert outcome.failed[pending_id].extra() == {"state": "rejected", "version": 2}
    assert (outcome.approved, outcome.executed) == (0, 0)


# --- events


async def test_the_account_hears_of_every_step_and_nobody_else(center: Center) -> None:
    pending_id = await center.signal(BUY, cause="request-1")
    await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    created, *updates = center.news
    assert created == PendingOrderCreated(
        account_id=ACCOUNT, at=MORNING, cause="request-1", pending_id=pending_id, kind="placeorder"
    )
    assert [
        (update.state, update.version, update.cause)
        for update in updates
        if isinstance(update, PendingOrderUpdated)
    ] == [("approving", 2, "click"), ("submitted", 3, "approval")]
    assert center.foreign == []


async def test_a_listener_that_fails_does_not_turn_a_stored_order_into_an_error(
    center: Center,
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    center.bus.listen(ACCOUNT, fail)
    pending_id = await center.signal(BUY)
    assert (await center.order(pending_id)).state is State.PENDING


# --- when the database fails, or the process


async def interrupted(center: Center) -> int:
    """An approval that stops while its order is on the way."""
    pending_id = await center.signal(BUY)
    center.venue.open.clear()
    approving = asyncio.create_task(center.approvals.approve(ACCOUNT, pending_id, OWNER))
    await center.venue.arrived.wait()
    approving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await approving
    assert (await center.order(pending_id)).state is State.APPROVING
    center.venue.open.set()
    return pending_id


async def test_after_a_crash_paper_finishes_what_was_approved(main: Store) -> None:
    before = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await interrupted(before)
    after = Center(main, venue=before.venue)
    await after.approvals.recover()
    assert sent(after) == [f"ac-{pending_id}"]
    order = await after.order(pending_id)
    assert (order.state, len(order.order_ids)) == (State.SUBMITTED, 1)
    await after.approvals.recover()
    assert len(after.venue.placed) == 1


async def test_an_order_paper_took_before_the_crash_is_not_placed_again(main: Store) -> None:
    before = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await before.signal(BUY)
    before.venue.after = asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await before.approvals.approve(ACCOUNT, pending_id, OWNER)
    before.venue.after = None
    after = Center(main, venue=before.venue)
    await after.approvals.recover()
    assert sent(after) == [f"ac-{pending_id}"]
    order = await after.order(pending_id)
    assert (order.state, order.order_ids) == (State.SUBMITTED, ["25112100000001"])


async def test_a_basket_is_finished_without_a_second_leg(main: Store) -> None:
    before = Center(main, mode=VenueMode.ANALYZE)
    basket = BasketOrder(strategy="test", orders=(BUY, intent(SBIN, "SELL", 3)))
    pending_id = await before.signal(basket)
    before.venue.after = asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await before.approvals.approve(ACCOUNT, pending_id, OWNER)
    before.venue.after = None
    after = Center(main, venue=before.venue)
    await after.approvals.recover()
    assert sent(after) == [f"ac-{pending_id}:0", f"ac-{pending_id}:1"]
    assert (await after.order(pending_id)).state is State.SUBMITTED


async def test_after_a_crash_nothing_is_sent_to_a_broker_again(main: Store) -> None:
    before = Center(main)
    pending_id = await interrupted(before)
    after = Center(main, venue=before.venue)
    await after.approvals.recover()
    assert after.venue.placed == []
    order = await after.order(pending_id)
    assert (order.state, order.error_code) == (State.UNKNOWN, "order_outcome_unknown")
    assert (await after.audit(pending_id))[-1] == ("system", "send", "approving", "unknown")


async def test_a_crash_long_ago_is_not_made_up_for(main: Store) -> None:
    before = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await interrupted(before)
    after = Center(main, venue=before.venue)
    after.clock.advance(timedelta(minutes=5))
    await after.approvals.recover()
    assert after.venue.placed == []
    assert (await after.order(pending_id)).state is State.UNKNOWN


async def test_what_was_approved_for_paper_is_not_recovered_at_a_broker(main: Store) -> None:
    before = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await interrupted(before)
    after = Center(main, mode=VenueMode.LIVE)
    await after.approvals.recover()
    assert after.venue.placed == []
    assert (await after.order(pending_id)).state is State.UNKNOWN


async def test_an_approval_under_way_is_not_taken_for_interrupted(center: Center) -> None:
    pending_id = await center.signal(BUY)
    center.venue.open.clear()
    approving = asyncio.create_task(center.approvals.approve(ACCOUNT, pending_id, OWNER))
    await center.venue.arrived.wait()
    recovering = asyncio.create_task(center.approvals.recover())
    await center.book.approving()
    center.venue.open.set()
    approval = await approving
    await recovering
    assert approval.order.state is State.SUBMITTED
    assert await center.order(pending_id) == approval.order


async def test_an_outcome_that_cannot_be_stored_is_recovered(
    main: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    center = Center(main, mode=VenueMode.ANALYZE)
    pending_id = await center.signal(BUY)
    move = center.steps.move

    async def failing(*args: object, **options: object) -> object:
        if len(center.venue.placed) == 1:
            raise StorageUnavailable
        return await move(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(center.steps, "move", failing)
        with pytest.raises(StorageUnavailable):
            await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert (await center.order(pending_id)).state is State.APPROVING
    await center.approvals.recover()
    assert (await center.order(pending_id)).state is State.SUBMITTED
    assert len(center.venue.placed) == 1


async def test_a_claim_that_cannot_be_stored_sends_nothing(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending_id = await center.signal(BUY)

    async def failing(*_: object, **__: object) -> object:
        raise StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(center.steps, "move", failing)
        with pytest.raises(StorageUnavailable):
            await center.approvals.approve(ACCOUNT, pending_id, OWNER)
    assert center.venue.placed == []
    assert (await center.order(pending_id)).state is State.PENDING
