"""What is asked for once is sent at most once, and nobody is told more than is known."""

import asyncio
import threading
from datetime import timedelta

import pytest

from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerSessionExpired,
    BrokerUnavailable,
    IdempotencyConflict,
    InvalidOrder,
    OpenAlgoError,
    OrderUnresolved,
    RecordedRefusal,
    StorageUnavailable,
)
from openalgo.domain.live_orders import SentState
from openalgo.domain.orders import OrderStatus, Product
from openalgo.observability.health import Health
from openalgo.persistence.stores import Store
from openalgo.trading.live import storage
from openalgo.trading.live.tags import tag_of
from tests.support.fake_broker import FakeBroker, broker_of, raising
from tests.support.live import SBIN, LiveDesk, limit, order

NOTHING_SENT = [
    BrokerNotReached("Fake cannot be reached"),
    BrokerRateLimited(),
    BrokerAuthExpired(),
    BrokerUnavailable("Fake answered place_order with HTTP 404"),
]


async def states(live: LiveDesk) -> list[SentState]:
    return [row.state for row in await live.rows()]


# --- once


async def test_an_order_is_written_down_before_it_leaves_and_when_it_is_answered(
    live: LiveDesk,
) -> None:
    seen = []

    def before() -> None:
        seen.append(live.journal.open(live.account_id))

    live.desk.before = before
    order_id = await live.place(limit())
    assert [[row.state for row in rows] for rows in seen] == [[SentState.INTENDED]]
    (row,) = await live.rows()
    assert (row.state, row.order_id, row.intent) == (SentState.ACCEPTED, order_id, limit())
    assert live.desk.tags == [row.tag]
    assert row.tag.isalnum()
    assert len(row.tag) <= 20


async def test_a_repeat_is_answered_with_the_order_even_by_another_process(live: LiveDesk) -> None:
    order_id = await live.place(limit())
    assert await live.place(limit()) == order_id
    await live.start()
    assert await live.place(limit()) == order_id
    assert len(live.desk.book) == 1
    assert live.told == [("accepted", order_id)]


async def test_repeats_at_the_same_time_are_one_order(live: LiveDesk) -> None:
    answers = await asyncio.gather(*(live.place(limit()) for _ in range(20)))
    assert set(answers) == set(live.desk.book)
    assert len(live.desk.book) == 1


async def test_without_a_client_id_every_request_counts(live: LiveDesk) -> None:
    for _ in range(2):
        await live.place(limit(name=None))
    assert len(live.desk.book) == 2
    assert not live.desk.twice


async def test_another_order_under_the_same_id_is_refused(live: LiveDesk) -> None:
    await live.place(limit())
    with pytest.raises(IdempotencyConflict):
        await live.place(limit(2))
    assert len(live.desk.book) == 1


async def test_accounts_do_not_share_client_ids(live: LiveDesk, main: Store) -> None:
    ravi = await LiveDesk(main, 2, desk=FakeBroker(live.clock)).start()
    # Journals number orders for the whole installation, so they share one.
    await live.place(limit())
    await ravi.start()
    await ravi.place(limit())
    assert [len(each.desk.book) for each in (live, ravi)] == [1, 1]


# --- refused


async def test_a_refusal_of_the_brokers_is_final(live: LiveDesk) -> None:
    live.desk.before = raising(BrokerRejected("Insufficient funds", broker_status=400))
    with pytest.raises(BrokerRejected):
        await live.place(limit())
    live.desk.before = lambda: None
    await live.start()
    with pytest.raises(RecordedRefusal, match="Insufficient funds") as recorded:
        await live.place(limit())
    assert (recorded.value.code, recorded.value.status) == ("broker_rejected", 400)
    assert not live.desk.book


@pytest.mark.parametrize("error", NOTHING_SENT, ids=lambda error: type(error).__name__)
async def test_what_was_not_sent_may_be_sent_again(live: LiveDesk, error: OpenAlgoError) -> None:
    live.desk.before = raising(error)
    with pytest.raises(type(error)):
        await live.place(limit())
    assert await states(live) == [SentState.NOT_SENT]
    live.desk.before = lambda: None
    await live.start()
    assert await live.place(limit()) in live.desk.book
    assert await states(live) == [SentState.ACCEPTED]
    assert len(live.desk.book) == 1


async def test_nobody_is_logged_in(live: LiveDesk) -> None:
    placed = await live.place(limit())
    live.logged_out = BrokerSessionExpired()
    with pytest.raises(BrokerSessionExpired):
        await live.place(limit(name="other"))
    assert await live.place(limit()) == placed
    assert len(await live.rows()) == 1


async def test_products_of_books_are_not_traded(live: LiveDesk) -> None:
    with pytest.raises(InvalidOrder):
        await live.place(order(product=Product.MTF))
    assert not await live.rows()


# --- not answered


async def test_an_order_without_an_answer_is_never_sent_again(live: LiveDesk) -> None:
    live.desk.after = raising(BrokerOutcomeUnknown("Fake did not answer in time"))
    with pytest.raises(OrderUnresolved, match="did not answer") as unknown:
        await live.place(limit())
    (row,) = await live.rows()
    assert (unknown.value.status, unknown.value.code) == (504, "order_outcome_unknown")
    assert unknown.value.extra() == {"reference": row.tag}
    live.desk.after = lambda: None
    for _ in range(2):
        with pytest.raises(OrderUnresolved):
            await live.place(limit())
        await live.start()
    assert len(live.desk.book) == 1
    assert live.outcomes == [("unknown", None)]


async def test_what_nobody_foresaw_may_have_happened_after_it_left(live: LiveDesk) -> None:
    live.desk.after = raising(RuntimeError("a bug"))
    with pytest.raises(OrderUnresolved):
        await live.place(limit())
    assert await states(live) == [SentState.UNKNOWN]


async def test_a_client_that_disconnects_does_not_lose_the_answer(live: LiveDesk) -> None:
    sending = asyncio.ensure_future(live.place(limit()))
    for _ in range(1000):
        if live.journal.open(live.account_id):
            break
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await live.venue.finish()
    assert await states(live) == [SentState.ACCEPTED]
    assert await live.place(limit()) in live.desk.book


# --- the database fails


async def test_nothing_leaves_that_is_not_written_down(live: LiveDesk) -> None:
    live.log.fate = raising(OSError("No space"))
    with pytest.raises(StorageUnavailable):
        await live.place(limit())
    assert not live.desk.tags
    live.log.fate = lambda: None
    assert await live.place(limit()) in live.desk.book


async def test_a_name_leaves_once_it_is_on_the_disk(live: LiveDesk) -> None:
    live.log.disk = raising(OSError("I/O error"))
    with pytest.raises(StorageUnavailable):
        await live.place(limit())
    assert not live.desk.tags
    live.log.disk = lambda: None
    # Nothing is taken before the database has what the disk may have lost.
    with pytest.raises(StorageUnavailable):
        await live.place(limit())
    assert await states(live) == [SentState.NOT_SENT]
    assert await live.place(limit()) in live.desk.book
    assert len(live.desk.tags) == 1


async def test_what_has_no_name_leaves_while_the_disk_is_at_work(live: LiveDesk) -> None:
    left = threading.Event()
    live.desk.before = left.set
    ahead: list[bool] = []
    live.log.disk = lambda: ahead.append(left.wait(10))
    assert await live.place(limit(name=None)) in live.desk.book
    assert ahead == [True]


async def test_nobody_is_told_of_it_before_it_is_on_the_disk(live: LiveDesk) -> None:
    live.log.disk = raising(OSError("I/O error"))
    with pytest.raises(OrderUnresolved) as told:
        await live.place(limit(name=None))
    (order_id,) = live.desk.book
    assert told.value.extra()["orderid"] == order_id
    live.log.disk = lambda: None
    assert await states(live) == [SentState.ACCEPTED]


async def test_no_tag_comes_again_though_the_power_failed(live: LiveDesk) -> None:
    live.log.disk = raising(OSError("nothing reaches the disk"))
    with pytest.raises(OrderUnresolved):
        await live.place(limit(name=None))
    await live.start(after_power_cut=True)
    assert await live.rows() == []
    await live.place(limit(name=None))
    assert len(set(live.desk.tags)) == 2


async def test_so_many_may_be_ahead_of_the_disk(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_AHEAD", 2)
    may_end = threading.Event()
    live.log.disk = lambda: _wait(may_end)
    placing = [asyncio.ensure_future(live.place(limit(name=None))) for _ in range(3)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(live.desk.tags) == 2
    may_end.set()
    await asyncio.gather(*placing)
    assert len(live.desk.tags) == 3


def _wait(event: threading.Event) -> None:
    assert event.wait(10)


async def test_an_accepted_order_whose_answer_cannot_be_stored(live: LiveDesk) -> None:
    def full() -> None:
        live.log.fate = raising(OSError("No space"))
        live.store.fate = raising(StorageUnavailable())

    live.desk.after = full
    with pytest.raises(OrderUnresolved) as told:
        await live.place(limit())
    (order_id,) = live.desk.book
    assert told.value.extra()["orderid"] == order_id
    # This process knows, and stores it as soon as it can.
    assert await live.place(limit()) == order_id
    with pytest.raises(StorageUnavailable):
        await live.journal.settle()
    assert live.journal.health() == Health("warn", "orders that wait for the database: 1")
    live.store.fate = lambda: None
    assert await states(live) == [SentState.ACCEPTED]
    assert live.journal.health() == Health("pass")


async def test_the_same_found_out_by_the_next_process(live: LiveDesk) -> None:
    def full() -> None:
        live.log.fate = raising(OSError("No space"))

    live.desk.after = full
    with pytest.raises(OrderUnresolved):
        await live.place(limit())
    await live.start()
    with pytest.raises(OrderUnresolved):
        await live.place(limit())
    await live.look()
    (order_id,) = live.desk.book
    assert await live.place(limit()) == order_id
    assert live.outcomes == [("unknown", None), ("accepted", order_id)]


async def test_orders_come_to_the_database_by_themselves(live: LiveDesk) -> None:
    running = asyncio.ensure_future(live.journal.run())
    await live.place(limit())
    live.store.fate = raising(StorageUnavailable())
    while not (stored := await live.stored()):
        live.store.fate = lambda: None
        await asyncio.sleep(0.01)
    assert [each.state for each in stored] == [SentState.ACCEPTED]
    running.cancel()
    await live.journal.close()
    assert list(live.log.folder.iterdir()) == []


# --- tags


@pytest.mark.parametrize("length", [4, 8, 10, 20])
def test_tags_fit_and_differ(length: int) -> None:
    tags = {tag_of(number, "x9k2", length) for number in range(1, 5000)}
    assert len(tags) == 4999
    assert all(tag.isalnum() and len(tag) <= length for tag in tags)


async def test_installations_at_one_broker_account_tell_their_orders_apart(main: Store) -> None:
    assert tag_of(1, "x9k2", 20) != tag_of(1, "x9k3", 20)
    one = await LiveDesk(main, 1).start()
    await one.place(limit())
    again = await LiveDesk(main, 1, desk=one.desk).start()
    await again.place(limit(name="other"))
    first, second = one.desk.tags
    assert first[:6] == second[:6]
    assert first != second


async def test_a_broker_without_tags_is_sent_none(main: Store) -> None:
    clock = (await LiveDesk(main, 1).start()).clock
    desk = FakeBroker(clock)
    live = await LiveDesk(main, 1, desk=desk, broker=broker_of(desk, tag=None)).start()
    await live.place(limit())
    assert desk.tags == [""]


async def test_an_accepted_order_is_told_at_once_and_stands_as_asked_for(live: LiveDesk) -> None:
    placed = await live.venue.submit(live.account_id, limit(), SBIN, cause="req")
    assert placed.status is OrderStatus.OPEN
    assert (placed.strategy, placed.cause, placed.client_order_id) == ("Python", "req", "k")
    assert live.told == [("accepted", placed.order_id)]


async def test_a_client_id_of_another_day_is_known(live: LiveDesk) -> None:
    order_id = await live.place(limit())
    live.clock.advance(timedelta(days=3))
    await live.start()
    first, second, other = await asyncio.gather(
        live.place(limit()), live.place(limit()), live.place(limit(name="other"))
    )
    assert first == second == order_id
    assert list(live.desk.book) == [order_id, other]
