"""Limits hold for every order, whatever it is part of."""

from decimal import Decimal
from typing import Any

import pytest

from openalgo.domain.errors import RiskRefused
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import BasketOrder, ClosePosition, Intent, ModifyGtt, PlaceGtt
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Product
from openalgo.trading.receipts import PlanReceipt, Receipt, the
from openalgo.trading.risk_limits import KillSwitch, RiskLimits, RiskSettings
from tests.api.fakes import ACCOUNT, NOW, World, instrument, principal
from tests.support.market import intent
from tests.support.risk import Guarded

RELIANCE = instrument(Exchange.NSE, "RELIANCE")
KILLED = RiskSettings(kill=KillSwitch(at=NOW, by="asha"))


@pytest.fixture
def world() -> World:
    return World()


async def submit(world: World, wish: Intent) -> Receipt:
    return await world.services.trading.submit(principal(1), wish, cause="test")


def gtt(kind: type[PlaceGtt | ModifyGtt], action: str, **more: Any) -> PlaceGtt | ModifyGtt:
    return kind(
        strategy="test",
        trigger_type=TriggerType.SINGLE,
        exchange=RELIANCE.exchange,
        symbol=RELIANCE.symbol,
        action=Action(action),
        product=Product.MIS,
        quantity=Decimal(10),
        triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=px(1400), price=px(1390)),),
        **more,
    )


async def test_each_leg_of_a_basket_is_judged_by_itself(world: World) -> None:
    world.risk.of[ACCOUNT] = RiskSettings(limits=RiskLimits(max_quantity=Decimal(10)))
    basket = BasketOrder(
        strategy="test", orders=tuple(intent(RELIANCE, "BUY", each) for each in (10, 11, 1))
    )
    receipt = the(PlanReceipt, await submit(world, basket))
    assert [leg.code for leg in receipt.legs] == ["", "risk_max_quantity", ""]
    assert [order.quantity for order, _ in world.venue.placed] == [10, 1]


async def test_a_killed_account_can_be_closed(world: World) -> None:
    guarded = Guarded()
    guarded.hold(RELIANCE, 25)
    world.venue.marked = guarded.venue.marked
    world.risk.of[ACCOUNT] = KILLED
    receipt = the(PlanReceipt, await submit(world, ClosePosition(strategy="test")))
    assert [leg.succeeded for leg in receipt.legs] == [True]
    [(order, _)] = world.venue.placed
    assert (order.action, order.quantity) == (Action.SELL, Decimal(25))


async def test_a_killed_account_takes_no_gtt_that_opens(world: World) -> None:
    world.risk.of[ACCOUNT] = KILLED
    with pytest.raises(RiskRefused, match="kill switch"):
        await submit(world, gtt(PlaceGtt, "BUY"))
    world.risk.of.clear()
    await submit(world, gtt(PlaceGtt, "BUY"))
    [waiting] = world.venue.waiting
    world.risk.of[ACCOUNT] = KILLED
    with pytest.raises(RiskRefused, match="kill switch"):
        await submit(world, gtt(ModifyGtt, "BUY", trigger_id=waiting.trigger_id))
    assert world.venue.waiting == [waiting]
