"""The single writer: what is answered is stored, and nothing is answered twice or lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    EngineBusy,
    InsufficientFunds,
    OpenAlgoError,
    OrderNotFound,
    OutcomeUnknown,
    StorageUnavailable,
)
from openalgo.domain.events import AccountEvent, GttTriggered, OrderAccepted, OrderFilled
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import px
from openalgo.domain.orders import Order, OrderStatus, PriceType, TransitionKind
from openalgo.persistence.sandbox.books import OwnershipLost
from openalgo.sandbox import views
from openalgo.sandbox.commands import Cancel, Place, PlaceGtt
from openalgo.sandbox.engine import Engine, EngineStatus
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.matching import Mark
from tests.support.books import FaultyBooks
from tests.support.market import INFY, MORNING, SBIN, SHELF, gtt_intent, intent, tick


class Rig:
    """An engine on faulty tables, with a clock and a pause of its own."""

    def __init__(self, books: FaultyBooks, limits: Limits | None = None) -> None:
        self.books = books
        self.clock = ManualClock(MORNING)
        self.published: list[AccountEvent] = []
        self.interests: list[Sequence[InstrumentKey]] = []
        self.pauses: list[float] = []
        self.during_pause: Callable[[], None] = lambda: None
        self.engine = Engine(
            books,
            SHELF,
            self.clock,
            AlwaysOpenCalendar(),
            self.published.append,
            limits=limits,
            interest=self.interests.append,
            pause=self._pause,
        )

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.during_pause()
        await asyncio.sleep(0)

    async def place(
        self,
        action: str = "BUY",
        quantity: int = 1,
        price: str | None = None,
        instrument: Instrument = SBIN,
        ltp: float = 100.0,
        **more: Any,
    ) -> Order:
        mark = Mark.of(tick(instrument, ltp), instrument, self.clock.now())
        wanted = intent(instrument, action, quantity, price, **more)
        return await self.engine.submit(self.placing(wanted, instrument, mark))

    def placing(self, wanted: PlaceOrder, instrument: Instrument, mark: Mark | None) -> Place:
        return Place(
            account_id=1,
            intent=wanted,
            instrument=instrument,
            mark=mark,
            at=self.clock.now(),
            cause="test",
        )

    async def stop(self, trigger: str, limit: str, ltp: float = 95.0) -> Order:
        """A buying SL."""
        return await self.place(
            price=limit, ltp=ltp, price_type=PriceType.SL, trigger_price=px(trigger)
        )

    async def gtt(self, below: str, hours: int = 24) -> Gtt:
        """Buys one share at market."""
        mark = Mark.of(tick(SBIN, 100.0), SBIN, self.clock.now())
        return await self.engine.submit(
            PlaceGtt(
                account_id=1,
                intent=gtt_intent(
                    SBIN, below, expires_at=self.clock.now() + timedelta(hours=hours)
                ),
                instrument=SBIN,
                mark=mark,
                at=self.clock.now(),
                cause="test",
            )
        )

    async def cancel(self, order_id: str) -> Order:
        return await self.engine.submit(
            Cancel(account_id=1, order_id=order_id, at=self.clock.now(), cause="test")
        )

    def tick(self, ltp: float, instrument: Instrument = SBIN) -> None:
        self.engine.on_tick(tick(instrument, ltp))

    async def status_of(self, order: Order) -> OrderStatus:
        found = await self.engine.read(lambda state: views.order(state, 1, order.order_id))
        assert found is not None
        return found.status

    @property
    def net(self) -> int:
        """Shares according to the tables, from the trades."""
        return int(sum(trade.quantity * trade.action.sign for trade in self.books.trades))


@asynccontextmanager
async def running(
    books: FaultyBooks | None = None, limits: Limits | None = None
) -> AsyncIterator[Rig]:
    rig = Rig(books or FaultyBooks(), limits)
    task = asyncio.ensure_future(rig.engine.run())
    try:
        yield rig
    finally:
        if not task.done():
            await rig.engine.stop()
            await task


async def outcomes(*orders: asyncio.Future[Order]) -> list[Order | BaseException]:
    return await asyncio.gather(*orders, return_exceptions=True)


async def test_an_answer_means_stored() -> None:
    async with running() as rig:
        order = await rig.place()
        assert rig.books.orders[order.order_id] == order
        assert order.status is OrderStatus.COMPLETE
        assert [type(event) for event in rig.published][1:] == [OrderAccepted, OrderFilled]
        assert [event.seq for event in rig.published] == [1, 2, 3]


async def test_nothing_is_answered_or_seen_before_it_is_stored() -> None:
    async with running() as rig:
        await rig.place()
        rig.books.gate.clear()
        rig.books.committing.clear()
        placing = asyncio.ensure_future(rig.place())
        await rig.books.committing.wait()
        reading = asyncio.ensure_future(rig.engine.read(lambda s: views.orders(s, 1, MORNING)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not placing.done()
        assert not reading.done()
        rig.books.gate.set()
        assert len(await reading) == 2
        assert placing.done()


async def test_concurrent_orders_share_commits_and_all_count() -> None:
    async with running(limits=Limits(batch_seconds=10.0)) as rig:
        await rig.place(instrument=INFY)
        before = rig.books.commits
        placed = await asyncio.gather(*(rig.place() for _ in range(400)))
        assert len({order.order_id for order in placed}) == 400
        assert rig.net == 401
        assert rig.books.commits - before <= 3
        position = next(p for p in rig.books.positions.values() if p.symbol == "SBIN")
        assert position.quantity == 400


async def test_commit_fails_nothing_happened_and_the_client_is_told() -> None:
    async with running() as rig:
        await rig.place()
        rig.books.fail_before = True
        with pytest.raises(StorageUnavailable):
            await rig.place()
        assert rig.net == 1
        assert (await rig.place()).status is OrderStatus.COMPLETE
        assert rig.net == 2
        assert rig.engine.status is EngineStatus.RUNNING
        assert [event.seq for event in rig.published] == [1, 2, 3, 4, 5]


async def test_commit_reported_failed_but_happened_is_a_success() -> None:
    async with running() as rig:
        await rig.place()
        rig.books.fail_after = True
        order = await rig.place()
        assert order.status is OrderStatus.COMPLETE
        assert rig.net == 2
        assert [event.seq for event in rig.published] == [1, 2, 3, 4, 5]


async def test_a_repeat_after_a_lost_commit_places_once() -> None:
    async with running() as rig:
        rig.books.fail_before = True
        with pytest.raises(StorageUnavailable):
            await rig.place(client_order_id="k1")
        first = await rig.place(client_order_id="k1")
        rig.books.fail_after = True
        again, other = await asyncio.gather(
            rig.place(client_order_id="k1"), rig.place(client_order_id="k2")
        )
        assert again.order_id == first.order_id
        assert other.order_id != first.order_id
        assert rig.net == 2


async def test_unreadable_tables_refuse_the_waiting_and_admit_not_to_know() -> None:
    async with running(limits=Limits(unknown_after=1.0, retry_seconds=0.25)) as rig:
        await rig.place()
        rig.books.gate.clear()
        rig.books.committing.clear()
        rig.books.fail_after = True
        in_flight = asyncio.ensure_future(rig.place())
        await rig.books.committing.wait()
        waiting = asyncio.ensure_future(rig.place())
        await asyncio.sleep(0)
        rig.books.broken = True
        late: list[asyncio.Future[Order]] = []

        def heal_after_a_while() -> None:
            late.append(asyncio.ensure_future(rig.place()))
            if len(rig.pauses) == 8:
                rig.books.broken = False

        rig.during_pause = heal_after_a_while
        rig.books.gate.set()
        results = await outcomes(in_flight, waiting)
        assert isinstance(results[0], OutcomeUnknown)
        assert isinstance(results[1], StorageUnavailable)
        await rig.engine.settled()
        assert all(isinstance(error, StorageUnavailable) for error in await outcomes(*late))
        assert rig.net == 2, "the commit that nobody could confirm did happen, once"
        assert (await rig.place()).status is OrderStatus.COMPLETE


async def test_a_market_move_during_a_failing_commit_is_not_missed() -> None:
    async with running() as rig:
        resting = await rig.place(price="90")
        rig.books.gate.clear()
        rig.books.committing.clear()
        rig.books.fail_before = True
        placing = asyncio.ensure_future(rig.place(instrument=INFY))
        await rig.books.committing.wait()
        rig.tick(89.0)
        rig.tick(99.0)
        rig.books.gate.set()
        with pytest.raises(StorageUnavailable):
            await placing
        assert await rig.status_of(resting) is OrderStatus.COMPLETE


async def test_a_fill_whose_commit_fails_happens_again() -> None:
    async with running() as rig:
        resting = await rig.place(price="90")
        rig.books.fail_before = True
        rig.tick(89.0)
        rig.tick(99.0)
        await rig.engine.settled()
        assert await rig.status_of(resting) is OrderStatus.COMPLETE
        assert len(rig.books.trades) == 1


async def test_a_tick_while_the_tables_are_read_back_still_fills() -> None:
    async with running() as rig:
        resting = await rig.place(price="90")
        rig.books.fail_before = True
        rig.books.broken = True

        def move_and_heal() -> None:
            rig.tick(89.0)
            rig.tick(99.0)
            rig.books.broken = False

        rig.during_pause = move_and_heal
        with pytest.raises(StorageUnavailable):
            await rig.place(instrument=INFY)
        await rig.engine.settled()
        assert await rig.status_of(resting) is OrderStatus.COMPLETE


async def test_a_move_of_what_is_gone_after_recovery_hurts_nobody() -> None:
    """The first order of an instrument is lost with its batch, and with it the book it opened."""
    async with running() as rig:
        rig.books.gate.clear()
        rig.books.fail_before = True
        lost = asyncio.ensure_future(rig.place(price="90"))
        await rig.books.committing.wait()
        rig.tick(89.0)
        also = asyncio.ensure_future(rig.place(instrument=INFY))
        await asyncio.sleep(0)
        rig.books.gate.set()
        with pytest.raises(StorageUnavailable):
            await lost
        assert (await also).status is OrderStatus.COMPLETE
        assert rig.books.loads == 2


async def test_a_short_dip_between_two_turns_fills() -> None:
    async with running() as rig:
        resting = await rig.place(price="90")
        rig.tick(95.0)
        rig.tick(90.0)
        rig.tick(95.0)
        assert await rig.status_of(resting) is OrderStatus.COMPLETE


async def test_a_pull_back_is_not_missed_while_its_trigger_is_being_stored() -> None:
    """103 triggers the stop, 99.5 fills it, and neither waits for the commit of something else."""
    async with running() as rig:
        stop = await rig.stop("100", "101")
        rig.books.gate.clear()
        rig.books.committing.clear()
        other = asyncio.ensure_future(rig.place(instrument=INFY))
        await rig.books.committing.wait()
        for ltp in (103.0, 103.0, 99.5, 103.0):
            rig.tick(ltp)
        rig.books.gate.set()
        await other
        assert await rig.status_of(stop) is OrderStatus.COMPLETE
        assert [trade.price for trade in rig.books.trades if trade.order_id == stop.order_id] == [
            px("101")
        ]


async def test_ticks_queue_only_while_something_waits() -> None:
    async with running() as rig:
        await rig.stop("100", "101")
        commits = rig.books.commits
        for ltp in (95.0, 96.0, 99.95):
            rig.tick(ltp)
        assert rig.engine.status is EngineStatus.RUNNING
        await rig.engine.settled()
        rig.tick(100.0)
        await rig.engine.settled()
        assert rig.books.commits == commits + 1
        rig.tick(103.0)
        await rig.engine.settled()
        assert rig.books.commits == commits + 1


async def test_a_gtt_fires_whole_or_not_at_all() -> None:
    async with running() as rig:
        gtt = await rig.gtt(below="95")
        rig.books.fail_before = True
        rig.tick(94.0)
        rig.tick(99.0)
        await rig.engine.settled()
        assert rig.books.gtts[gtt.trigger_id].status is GttStatus.TRIGGERED
        (order,) = [o for o in rig.books.orders.values() if o.gtt_id == gtt.trigger_id]
        assert order.order_id == rig.books.gtts[gtt.trigger_id].order_id
        assert [type(event) for event in rig.published][-3:] == [
            GttTriggered,
            OrderAccepted,
            OrderFilled,
        ]
        assert len(rig.books.trades) == 1


async def test_a_gtt_that_fired_does_not_fire_again_after_a_restart() -> None:
    books = FaultyBooks()
    async with running(books) as rig:
        await rig.gtt(below="95")
        books.fail_after = True
        rig.tick(94.0)
        await rig.engine.settled()
    async with running(books) as rig:
        rig.tick(94.0)
        await rig.engine.settled()
        assert len(books.trades) == 1


async def test_a_gtt_needs_the_ticks_of_its_instrument() -> None:
    async with running() as rig:
        await rig.gtt(below="95")
        assert rig.interests == [[SBIN.key]]


async def test_what_is_read_holds_no_expired_gtt() -> None:
    async with running() as rig:
        gtt = await rig.gtt(below="95", hours=1)
        rig.clock.advance(timedelta(hours=1))
        assert await rig.engine.read(lambda state: views.active_gtts(state, 1)) == []
        assert rig.books.gtts[gtt.trigger_id].status is GttStatus.EXPIRED
        assert rig.books.accounts[1].funds.used == 0


async def test_gtts_expire_when_told_to_and_in_slices() -> None:
    async with running(limits=Limits(batch_seconds=0.0)) as rig:
        for _ in range(5):
            await rig.gtt(below="95", hours=1)
        await rig.gtt(below="95", hours=3)
        commits = rig.books.commits
        rig.clock.advance(timedelta(hours=2))
        await rig.engine.expire_gtts()
        assert rig.books.commits == commits + 5
        active = [gtt for gtt in rig.books.gtts.values() if gtt.status is GttStatus.ACTIVE]
        assert len(active) == 1


async def test_every_transition_of_an_order_is_kept() -> None:
    async with running() as rig:
        stop = await rig.stop("100", "101")
        rig.tick(103.0)
        await rig.engine.settled()
        await rig.cancel(stop.order_id)
        kept = [(event.KIND, event.order.status) for event in rig.books.transitions]
        assert kept == [
            (TransitionKind.ACCEPTED, OrderStatus.TRIGGER_PENDING),
            (TransitionKind.TRIGGERED, OrderStatus.OPEN),
            (TransitionKind.CANCELLED, OrderStatus.CANCELLED),
        ]


async def test_others_run_while_many_events_are_published() -> None:
    """With no time allowed every event is a turn of its own, and all come in order."""
    async with running(limits=Limits(slice_seconds=0.0, batch_seconds=10.0)) as rig:
        await rig.place(price="90")
        await asyncio.gather(*(rig.place(price="90") for _ in range(20)))
        turns = 0
        seen = len(rig.published)

        async def count() -> None:
            nonlocal turns
            while len(rig.published) < seen + 21:
                turns += len(rig.published) > seen
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(count())
        rig.tick(89.0)
        await rig.engine.settled()
        await counting
        assert turns >= 20
        seqs = [event.seq for event in rig.published]
        assert seqs == sorted(seqs)


async def test_a_fill_carries_the_time_of_its_tick() -> None:
    async with running() as rig:
        high, low = await rig.place(price="95"), await rig.place(price="90")
        rig.clock.advance(timedelta(seconds=1))
        rig.tick(94.0)
        rig.clock.advance(timedelta(seconds=1))
        rig.tick(89.0)
        rig.clock.advance(timedelta(seconds=1))
        await rig.engine.settled()
        filled = {trade.order_id: trade.at - MORNING for trade in rig.books.trades}
        assert filled == {
            high.order_id: timedelta(seconds=1),
            low.order_id: timedelta(seconds=2),
        }


async def test_a_full_inbox_refuses_orders_but_takes_exits() -> None:
    async with running(limits=Limits(inbox=3, exit_reserve=1)) as rig:
        resting = await rig.place(price="90")
        rig.books.gate.clear()
        rig.books.committing.clear()
        busy = asyncio.ensure_future(rig.place())
        await rig.books.committing.wait()
        queued = [asyncio.ensure_future(rig.place()) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy):
            await rig.place()
        cancelling = asyncio.ensure_future(rig.cancel(resting.order_id))
        await asyncio.sleep(0)
        rig.books.gate.set()
        assert (await cancelling).status is OrderStatus.CANCELLED
        assert all(isinstance(done, Order) for done in await outcomes(busy, *queued))
        assert rig.net == 4


async def test_a_refusal_does_not_spoil_its_neighbours() -> None:
    async with running() as rig:
        results = await outcomes(
            asyncio.ensure_future(rig.place()),
            asyncio.ensure_future(rig.place(quantity=10_000_000)),
            asyncio.ensure_future(rig.cancel("26071700009999")),
            asyncio.ensure_future(rig.place()),
        )
        assert isinstance(results[1], InsufficientFunds)
        assert isinstance(results[2], OrderNotFound)
        assert rig.net == 2


async def test_a_bug_in_a_decision_is_contained() -> None:
    """Memory may be half-way, so it is read back; whoever was in the batch is told."""
    async with running() as rig:
        await rig.place()
        bad = asyncio.ensure_future(
            rig.engine.submit(rig.placing(intent(SBIN, "BUY", 1), None, None))  # type: ignore[arg-type]
        )
        with pytest.raises(OpenAlgoError) as failure:
            await bad
        assert failure.value.code == "internal_error"
        assert (await rig.place()).status is OrderStatus.COMPLETE
        assert rig.net == 2


async def test_everything_is_there_after_a_restart() -> None:
    books = FaultyBooks()
    async with running(books) as rig:
        filled, resting = await rig.place(), await rig.place(price="90", client_order_id="mine")
    async with running(books) as rig:
        assert await rig.status_of(filled) is OrderStatus.COMPLETE
        assert await rig.place(price="90", client_order_id="mine") == resting
        assert (await rig.place()).order_id == "26071700000003"
        rig.tick(90.0)
        await rig.engine.settled()
        assert await rig.status_of(resting) is OrderStatus.COMPLETE


async def test_the_feed_is_told_what_is_needed_also_after_a_restart() -> None:
    books = FaultyBooks()
    async with running(books) as rig:
        await rig.place(price="90")
        await rig.place()
        await rig.place(instrument=INFY)
        assert rig.interests == [[SBIN.key], [SBIN.key, INFY.key]]
    async with running(books) as rig:
        await rig.engine.read(lambda _: None)
        assert [set(keys) for keys in rig.interests] == [{SBIN.key, INFY.key}]


async def test_a_new_owner_shuts_the_old_one_out() -> None:
    books = FaultyBooks()
    rig = Rig(books)
    task = asyncio.ensure_future(rig.engine.run())
    await rig.place()
    await books.claim()
    with pytest.raises(StorageUnavailable):
        await rig.place()
    with pytest.raises(OwnershipLost):
        await task
    assert rig.engine.status is EngineStatus.STOPPED
    with pytest.raises(StorageUnavailable):
        await rig.place()


async def test_an_owner_shut_out_while_it_recovers_does_not_come_back() -> None:
    books = FaultyBooks()
    rig = Rig(books)
    task = asyncio.ensure_future(rig.engine.run())
    await rig.place()
    books.fail_before = True
    books.broken = True

    def take_over() -> None:
        books.mark = replace(books.mark, epoch=books.mark.epoch + 1)
        books.broken = False

    rig.during_pause = take_over
    with pytest.raises(StorageUnavailable):
        await rig.place()
    with pytest.raises(OwnershipLost):
        await task


async def test_stop_finishes_what_was_sent() -> None:
    rig = Rig(FaultyBooks())
    task = asyncio.ensure_future(rig.engine.run())
    await rig.place()
    placing = asyncio.ensure_future(rig.place())
    await asyncio.sleep(0)
    await rig.engine.stop()
    await task
    assert (await placing).status is OrderStatus.COMPLETE


async def test_one_tick_that_fills_many_orders_is_done_in_slices() -> None:
    """With no time allowed every turn fills one order, and still all of them fill."""
    async with running(limits=Limits(batch_seconds=0.0)) as rig:
        placing = [asyncio.ensure_future(rig.place(price="90")) for _ in range(50)]
        await asyncio.gather(*placing)
        before = rig.books.commits
        rig.tick(89.0)
        await rig.engine.settled()
        assert rig.net == 50
        assert rig.books.commits - before == 50
