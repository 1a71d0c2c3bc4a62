"""What runs, what waits and what is refused."""

from decimal import Decimal

import pytest

from openalgo.accounts.accounts import OrderMode
from openalgo.domain.errors import OperationBlocked, OrderModeUnknown, StorageUnavailable
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.intents import (
    KINDS,
    BasketOrder,
    CancelAllOrders,
    CancelGtt,
    CancelOrder,
    ClosePosition,
    Intent,
    ModifyGtt,
    ModifyOrder,
    OptionsMultiOrder,
    OptionsOrder,
    OptionTerms,
    PlaceGtt,
    SmartOrder,
    SplitOrder,
)
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Product
from openalgo.trading.gate import Gate, Verdict
from openalgo.trading.venues import VenueMode
from tests.support.market import SBIN, intent
from tests.support.trading import AccountsInMemory

ACCOUNT = 1
ORDER = intent(SBIN, "BUY", 1)
_TERMS = {
    "strategy": "s",
    "exchange": Exchange.NSE,
    "symbol": "SBIN",
    "action": Action.BUY,
    "quantity": Decimal(1),
    "product": Product.CNC,
}
_GTT = {
    **_TERMS,
    "trigger_type": TriggerType.SINGLE,
    "triggers": (GttTrigger(side=TriggerSide.BELOW, trigger_price=px(700)),),
}
_OPTION = {
    "strategy": "s",
    "action": Action.BUY,
    "quantity": Decimal(65),
    "offset": "ATM",
    "option_type": InstrumentType.CALL,
}
_NIFTY = {"strategy": "s", "underlying": "NIFTY", "exchange": Exchange.NSE_INDEX}

QUEUED: list[Intent] = [
    ORDER,
    SmartOrder(**_TERMS, position_size=Decimal(5)),  # type: ignore[arg-type]
    BasketOrder(strategy="s", orders=(ORDER,)),
    SplitOrder(**_TERMS, split_size=Decimal(1)),  # type: ignore[arg-type]
    OptionsOrder(**(_OPTION | _NIFTY)),  # type: ignore[arg-type]
    OptionsMultiOrder(**_NIFTY, legs=(OptionTerms(**_OPTION),)),  # type: ignore[arg-type]
    PlaceGtt(**_GTT),  # type: ignore[arg-type]
]
_AUTO = "is not allowed in Semi-Auto mode. Please switch to Auto mode to"
BLOCKED: list[tuple[Intent, str]] = [
    (
        ModifyOrder(**_TERMS, order_id="1"),  # type: ignore[arg-type]
        f"Modify order operation {_AUTO} modify orders.",
    ),
    (CancelOrder(strategy="s", order_id="1"), f"Cancel order operation {_AUTO} cancel orders."),
    (CancelAllOrders(strategy="s"), f"Cancel all orders operation {_AUTO} cancel orders."),
    (ClosePosition(strategy="s"), f"Close position operation {_AUTO} close positions."),
    (
        ModifyGtt(**_GTT, trigger_id="1"),  # type: ignore[arg-type]
        "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
    ),
    (
        CancelGtt(strategy="s", trigger_id="1"),
        "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
    ),
]


def kind(value: object) -> str:
    return value.KIND if hasattr(value, "KIND") else ""


def test_every_kind_of_intent_is_looked_at_here() -> None:
    seen = [each.KIND for each in QUEUED] + [each.KIND for each, _ in BLOCKED]
    assert sorted(seen) == sorted(KINDS)


@pytest.mark.parametrize("wish", [*QUEUED, *(each for each, _ in BLOCKED)], ids=kind)
@pytest.mark.parametrize("mode", VenueMode)
async def test_in_auto_mode_everything_runs(wish: Intent, mode: VenueMode) -> None:
    gate = Gate(AccountsInMemory(OrderMode.AUTO, rehearse=True))
    assert await gate.admit(ACCOUNT, mode, wish) is Verdict.RUN


@pytest.mark.parametrize("wish", QUEUED, ids=kind)
async def test_live_orders_wait_in_semi_auto_mode(wish: Intent) -> None:
    gate = Gate(AccountsInMemory(OrderMode.SEMI_AUTO))
    assert await gate.admit(ACCOUNT, VenueMode.LIVE, wish) is Verdict.QUEUE


@pytest.mark.parametrize(("wish", "text"), BLOCKED, ids=kind)
async def test_what_cannot_wait_is_refused_in_these_words(wish: Intent, text: str) -> None:
    gate = Gate(AccountsInMemory(OrderMode.SEMI_AUTO))
    with pytest.raises(OperationBlocked) as refused:
        await gate.admit(ACCOUNT, VenueMode.LIVE, wish)
    assert (refused.value.message, refused.value.status) == (text, 403)


@pytest.mark.parametrize("wish", [*QUEUED, *(each for each, _ in BLOCKED)], ids=kind)
async def test_on_paper_nothing_waits(wish: Intent) -> None:
    gate = Gate(AccountsInMemory(OrderMode.SEMI_AUTO))
    assert await gate.admit(ACCOUNT, VenueMode.ANALYZE, wish) is Verdict.RUN


async def test_unless_approvals_are_rehearsed() -> None:
    gate = Gate(AccountsInMemory(OrderMode.SEMI_AUTO, rehearse=True))
    assert await gate.admit(ACCOUNT, VenueMode.ANALYZE, ORDER) is Verdict.QUEUE
    with pytest.raises(OperationBlocked):
        await gate.admit(ACCOUNT, VenueMode.ANALYZE, BLOCKED[0][0])


async def test_a_mode_that_cannot_be_read_lets_nothing_through() -> None:
    accounts = AccountsInMemory(OrderMode.AUTO)
    accounts.failure = StorageUnavailable()
    gate = Gate(accounts)
    for look in (gate.admit(ACCOUNT, VenueMode.LIVE, ORDER), gate.admit_switch(ACCOUNT)):
        with pytest.raises(OrderModeUnknown) as refused:
            await look
        assert refused.value.status == 503


async def test_only_in_auto_mode_a_key_may_switch_between_paper_and_live() -> None:
    await Gate(AccountsInMemory(OrderMode.AUTO)).admit_switch(ACCOUNT)
    with pytest.raises(OperationBlocked) as refused:
        await Gate(AccountsInMemory(OrderMode.SEMI_AUTO)).admit_switch(ACCOUNT)
    assert refused.value.message.startswith(
        "Operation analyzer/toggle is not allowed in Semi-Auto mode."
    )
