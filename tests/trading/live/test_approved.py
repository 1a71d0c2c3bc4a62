"""Approved orders whose broker did not answer are found out about too."""

from datetime import timedelta

import pytest

from openalgo.domain.errors import BrokerOutcomeUnknown, OpenAlgoError
from openalgo.domain.intents import BasketOrder
from openalgo.persistence.stores import Store
from openalgo.trading.approvals.records import PendingOrder
from openalgo.trading.approvals.states import LegStatus, State
from openalgo.trading.approvals.unanswered import Unanswered
from tests.support.approvals import ACCOUNT, OWNER, Center
from tests.support.fake_broker import FakeBroker, raising
from tests.support.live import Killed, LiveDesk
from tests.support.market import SBIN, intent
from tests.trading.live.test_crashes import at_call

BASKET = BasketOrder(
    strategy="s", orders=(intent(SBIN, "BUY", 10, "790"), intent(SBIN, "SELL", 10, "810"))
)


class AtABroker:
    def __init__(self, main: Store) -> None:
        self.main = main
        self.center = Center(main)
        self.live = LiveDesk(main, ACCOUNT, desk=FakeBroker(self.center.clock))

    async def start(self) -> "AtABroker":
        """A new process."""
        clock = self.center.clock
        self.center = Center(self.main)
        self.center.clock.advance(clock.now() - self.center.clock.now())
        self.live.clock = self.live.desk.clock = self.center.clock
        await self.live.start()
        self.center.venues.venue = self.live.venue
        self.followed: list[PendingOrder] = []
        self.unanswered = Unanswered(
            self.center.book,
            self.center.steps,
            self.live.journal,
            self.center.clock,
            self.followed.append,
        )
        return self

    async def approved(self) -> int:
        pending_id = await self.center.signal(BASKET)
        await self.center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
        return pending_id

    async def found_out(self, pending_id: int) -> PendingOrder:
        await self.live.look(after=timedelta(minutes=2))
        await self.unanswered.look()
        return await self.center.order(pending_id)


async def test_an_answer_that_was_lost_is_found_in_the_book(main: Store) -> None:
    desk = await AtABroker(main).start()
    desk.live.desk.after = at_call(2, BrokerOutcomeUnknown())
    pending_id = await desk.approved()
    assert (await desk.center.order(pending_id)).state is State.UNKNOWN
    order = await desk.found_out(pending_id)
    assert order.state is State.SUBMITTED
    assert order.order_ids == list(desk.live.desk.book)
    assert desk.followed == [order]
    assert order.error_code is None


async def test_an_order_that_never_arrived_is_refused(main: Store) -> None:
    desk = await AtABroker(main).start()
    desk.live.desk.before = raising(BrokerOutcomeUnknown())
    pending_id = await desk.approved()
    order = await desk.found_out(pending_id)
    assert order.state is State.FAILED
    assert {leg.code for leg in order.legs} == {"order_never_arrived"}
    assert not desk.live.desk.tags


async def test_while_nobody_knows_it_stays_unknown(main: Store) -> None:
    desk = await AtABroker(main).start()
    desk.live.desk.after = at_call(2, BrokerOutcomeUnknown())
    pending_id = await desk.approved()
    await desk.unanswered.look()
    order = await desk.center.order(pending_id)
    assert order.state is State.UNKNOWN
    assert [leg.status for leg in order.legs] == [LegStatus.OPEN, LegStatus.UNKNOWN]


async def test_a_process_that_died_between_two_orders(main: Store) -> None:
    desk = await AtABroker(main).start()
    desk.live.desk.before = at_call(2, Killed())
    pending_id = await desk.center.signal(BASKET)
    with pytest.raises(Killed):
        await desk.center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
    desk.live.desk.before = lambda: None
    await desk.start()
    await desk.center.approvals.recover()
    order = await desk.found_out(pending_id)
    assert order.state is State.PARTIAL
    assert [leg.status for leg in order.legs] == [LegStatus.OPEN, LegStatus.REFUSED]
    assert len(desk.live.desk.tags) == 1
    with pytest.raises(OpenAlgoError):
        await desk.center.approvals.approve(ACCOUNT, pending_id, OWNER, confirm=True)
