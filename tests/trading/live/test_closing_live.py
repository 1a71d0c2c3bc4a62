"""Closing positions at a broker: a cancellation that was taken is none that was done."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from openalgo.brokers.adapter import Connection
from openalgo.brokers.rows import OrderRow, PositionRow
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.intents import ClosePosition
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, OrderStatus, PriceType
from openalgo.observability.latency import OrderTimer
from openalgo.trading.assembly import make_trading
from openalgo.trading.plans import Outcome
from openalgo.trading.receipts import PlanReceipt
from tests.support.desk import TRADER, Listed
from tests.support.live import LiveDesk, order
from tests.support.markets import OneMarket, a_market
from tests.support.trading import AccountsInMemory, PlansInMemory, QueueInMemory, Unlimited

CLOSE = ClosePosition(strategy="s", client_order_id="close")


class Closing:
    """10 shares are held and an order to sell them rests. The broker takes its cancellation; what
    comes of it `happens` once it has been looked at `looks` times more."""

    def __init__(self, live: LiveDesk, filled_before: int = 0) -> None:
        self.live = live
        self.broker = live.desk
        self.exit = self.broker.add(
            order(10, price="820", price_type=PriceType.LIMIT, action=Action.SELL)
        )
        self.hold(10)
        if filled_before:
            self.broker.fill(self.exit, filled_before)
            self.hold(10 - filled_before)
        self.happens: Callable[[], object] = lambda: None
        self.looks = 0
        self.plans = PlansInMemory()
        self.read = self.broker.order
        self.broker.cancel = self.cancel  # type: ignore[method-assign]
        self.broker.order = self.order  # type: ignore[method-assign]

    def hold(self, quantity: int) -> None:
        self.broker.held = [
            PositionRow(
                exchange=Exchange.NSE,
                symbol="SBIN",
                product="MIS",
                quantity=Decimal(quantity),
                average_price=Decimal(800),
                ltp=Decimal(810),
                realised=Decimal(0),
                unrealised=Decimal(0),
            )
        ]

    async def cancel(self, connection: Connection, row: OrderRow) -> None:
        self.broker.cancelled.append(row)

    async def order(self, connection: Connection, order_id: str) -> OrderRow:
        if self.broker.cancelled:
            if self.looks == 0:
                self.happens()
            self.looks -= 1
        return await self.read(connection, order_id)

    async def close(self) -> Outcome:
        """What became of the order that closes the position."""
        await self.live.start()
        market = a_market(clock=self.live.clock, instruments=Listed())
        trading = make_trading(
            markets=OneMarket(self.live.venue, market),
            accounts=AccountsInMemory(),
            approvals=QueueInMemory(),
            risk=Unlimited(),
            plans=self.plans,
            timer=OrderTimer(lambda _: None),
        )
        trader = replace(TRADER, account_id=self.live.account_id)
        closing = asyncio.ensure_future(trading.submit(trader, CLOSE, cause="req"))
        started = self.live.clock.now()
        while not closing.done():
            await asyncio.sleep(0.001)
            self.live.clock.advance(timedelta(milliseconds=50))
        self.took = self.live.clock.now() - started
        receipt = closing.result()
        assert isinstance(receipt, PlanReceipt)
        return receipt.legs[0]

    @property
    def sold(self) -> list[Decimal]:
        """What was sent besides the order that rested."""
        return [row.quantity for order_id, row in self.broker.book.items() if order_id != self.exit]


@pytest.fixture
def closing(live: LiveDesk) -> Closing:
    return Closing(live)


def end(closing: Closing, filled: int) -> None:
    """The exchange fills so much more of the resting order, and cancels the rest."""
    if filled:
        closing.broker.fill(closing.exit, filled)
    if closing.broker.book[closing.exit].status.is_working:
        closing.broker.move(closing.exit, status=OrderStatus.CANCELLED)


@pytest.mark.parametrize("looks", [0, 1, 3])
async def test_the_exit_waits_until_the_other_is_cancelled(closing: Closing, looks: int) -> None:
    closing.looks = looks
    closing.happens = lambda: end(closing, 0)
    assert (await closing.close()).succeeded
    assert closing.sold == [10]


@pytest.mark.parametrize("filled", [1, 4, 9])
async def test_what_fills_meanwhile_is_not_sold_again(closing: Closing, filled: int) -> None:
    closing.looks = 2
    closing.happens = lambda: end(closing, filled)
    assert (await closing.close()).succeeded
    assert closing.sold == [10 - filled]


async def test_what_had_filled_before_is_in_the_position_already(live: LiveDesk) -> None:
    closing = Closing(live, filled_before=3)
    closing.happens = lambda: end(closing, 2)
    assert (await closing.close()).succeeded
    assert closing.sold == [5]


@pytest.mark.parametrize("looks", [0, 2])
async def test_nothing_is_sent_where_all_fills_after_the_cancellation_was_taken(
    closing: Closing, looks: int
) -> None:
    closing.looks = looks
    closing.happens = lambda: end(closing, 10)
    for _ in range(2):
        outcome = await closing.close()
        assert outcome.code == "already_filled"
        assert outcome.message == (
            f"Not sent, because 10 were filled by orders that were to be withdrawn: {closing.exit}"
        )
        assert closing.sold == []


async def test_a_fill_the_stream_tells_first_counts(closing: Closing) -> None:
    closing.looks = 1
    closing.happens = lambda: end(closing, 10)
    first = closing.happens

    def tell() -> None:
        first()
        closing.live.venue.take(closing.broker.book[closing.exit])

    closing.happens = tell
    assert (await closing.close()).code == "already_filled"
    assert closing.sold == []


async def test_no_exit_is_sent_while_the_broker_confirms_nothing(closing: Closing) -> None:
    """For five seconds; a repeat under the same id does what is left to do, once."""
    closing.looks = 1000
    outcome = await closing.close()
    assert (outcome.code, outcome.status) == ("cancel_unconfirmed", 424)
    assert closing.exit in outcome.message
    assert closing.sold == []
    assert timedelta(seconds=5) <= closing.took < timedelta(seconds=7)
    end(closing, 4)
    for _ in range(2):
        assert (await closing.close()).succeeded
        assert closing.sold == [6]
    assert len(closing.broker.cancelled) == 1


async def test_no_exit_is_sent_where_the_broker_cannot_be_asked(closing: Closing) -> None:
    def silent() -> None:
        raise BrokerUnavailable("The broker does not answer")

    closing.happens = silent
    outcome = await closing.close()
    assert (outcome.code, outcome.status) == ("cancel_unconfirmed", 424)
    assert "The broker does not answer" in outcome.message
    assert closing.sold == []
