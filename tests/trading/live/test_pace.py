"""A basket at a broker waits for its turn instead of losing legs."""

from decimal import Decimal
from typing import cast

import pytest

from openalgo.domain.errors import BrokerRateLimited, OpenAlgoError, RiskRefused
from openalgo.domain.intents import BasketOrder, PlaceOrder
from openalgo.domain.orders import Order
from openalgo.observability.latency import OrderTimer
from openalgo.trading.children import Children
from openalgo.trading.executor import Executor
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.receipts import PlanReceipt
from openalgo.trading.run import Run
from openalgo.trading.venues import Venue, VenueMode
from tests.support.desk import VenueInMemory
from tests.support.live import SBIN, limit
from tests.support.markets import a_market
from tests.support.trading import PlansInMemory

TOO_FAST = RiskRefused("orders_per_second", "Too fast", allowed=8, value=9)
TOO_LARGE = RiskRefused("max_quantity", "Too large", allowed=1, value=9)


class TwoATurn:
    """Lets two orders through, then none until somebody has waited."""

    def __init__(self, refusal: OpenAlgoError, mode: VenueMode) -> None:
        self.refusal = refusal
        self.venue = VenueInMemory()
        self.venue.mode = mode
        self.room = 2
        self.waited: list[float] = []

    async def send(self, run: Run, order: PlaceOrder) -> Order:
        if not self.room:
            raise self.refusal
        self.room -= 1
        return await self.venue.submit(run.account_id, order, SBIN, cause=run.cause)

    async def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.room = 2

    async def carry_out(self, legs: int) -> PlanReceipt:
        orders = tuple(limit(number + 1, name=None) for number in range(legs))

        async def make() -> Plan:
            return Plan(legs=tuple(Leg(order=each) for each in orders), at_once=10)

        executor = Executor(cast(Children, self), PlansInMemory(), self.pause)
        timer = OrderTimer(lambda _: None)
        with timer.measure("basketorder", 7, "fake", "req") as timing:
            market = a_market(cast(Venue, self.venue))
            run = Run(account_id=7, market=market, venue=self.venue, cause="req", timing=timing)
            return await executor.carry_out(run, BasketOrder(strategy="s", orders=orders), make)


@pytest.mark.parametrize("refusal", [TOO_FAST, BrokerRateLimited(retry_after=1.5)])
async def test_a_basket_of_20_loses_no_leg(refusal: OpenAlgoError) -> None:
    pace = TwoATurn(refusal, VenueMode.LIVE)
    receipt = await pace.carry_out(20)
    assert all(leg.succeeded for leg in receipt.legs)
    assert sorted(each.quantity for each in pace.venue.book.values()) == [
        Decimal(number) for number in range(1, 21)
    ]
    assert pace.waited


async def test_what_waiting_does_not_change_is_refused_at_once() -> None:
    pace = TwoATurn(TOO_LARGE, VenueMode.LIVE)
    receipt = await pace.carry_out(3)
    assert [leg.code for leg in receipt.legs] == ["", "", "risk_max_quantity"]
    assert not pace.waited


async def test_a_broker_that_asks_for_a_long_break_is_not_waited_for() -> None:
    pace = TwoATurn(BrokerRateLimited(retry_after=60), VenueMode.LIVE)
    receipt = await pace.carry_out(3)
    assert [leg.code for leg in receipt.legs] == ["", "", "broker_rate_limited"]
    assert not pace.waited


async def test_on_paper_nobody_waits() -> None:
    pace = TwoATurn(TOO_FAST, VenueMode.ANALYZE)
    receipt = await pace.carry_out(3)
    assert [leg.code for leg in receipt.legs] == ["", "", "risk_orders_per_second"]
    assert not pace.waited
