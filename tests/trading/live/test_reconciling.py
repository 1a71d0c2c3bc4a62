"""What became of orders that were not answered is found out, never guessed, and never resent."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from openalgo.api.v1.rows import GttLine
from openalgo.brokers.base import OrderTag
from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerSessionExpired,
    BrokerUnavailable,
    OrderUnresolved,
    RecordedRefusal,
)
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import PlaceGtt
from openalgo.domain.live_orders import SentOrder, SentState
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Product
from openalgo.persistence.stores import Store
from openalgo.trading.live.storage import OrderStorage
from tests.support.fake_broker import broker_of, raising, with_extras
from tests.support.live import SBIN, Killed, LiveDesk, limit, order

TIMED_OUT = BrokerOutcomeUnknown("Fake did not answer in time")
LONG_AFTER = timedelta(minutes=2)


async def untagged(main: Store, *, tag: OrderTag | None = None) -> LiveDesk:
    live = LiveDesk(main, 1)
    live.broker = broker_of(live.desk, tag=tag)
    return await live.start()


async def lost(live: LiveDesk, *names: str, arrives: bool = True, quantity: int = 1) -> None:
    """Send orders whose answers do not come."""
    fate = raising(TIMED_OUT)
    live.desk.before, live.desk.after = (lambda: None, fate) if arrives else (fate, lambda: None)
    for name in names:
        with pytest.raises(OrderUnresolved):
            await live.place(limit(quantity, name))
    live.desk.before = live.desk.after = lambda: None


async def states(live: LiveDesk) -> list[tuple[SentState, str | None]]:
    return [(row.state, row.order_id) for row in await live.rows()]


# --- by tag


async def test_an_order_is_found_by_its_tag(live: LiveDesk) -> None:
    await lost(live, "a", "b")
    await live.look()
    first, second = live.desk.book
    assert await states(live) == [(SentState.ACCEPTED, first), (SentState.ACCEPTED, second)]
    assert live.outcomes[2:] == [("accepted", first), ("accepted", second)]
    assert await live.place(limit(name="a")) == first
    assert (await live.venue.orders(1))[0].strategy == "Python"


async def test_an_order_that_is_not_in_a_later_book_never_arrived(live: LiveDesk) -> None:
    await lost(live, "a", arrives=False)
    await live.look(after=timedelta(seconds=59))
    assert await states(live) == [(SentState.UNKNOWN, None)]
    await live.look(after=timedelta(seconds=1))
    assert await states(live) == [(SentState.REJECTED, None)]
    with pytest.raises(RecordedRefusal, match="never arrived") as refusal:
        await live.place(limit(name="a"))
    assert refusal.value.code == "order_never_arrived"
    assert not live.desk.tags


async def test_it_turns_up_after_all(live: LiveDesk) -> None:
    await lost(live, "a", arrives=False)
    await live.look(after=LONG_AFTER)
    (row,) = await live.rows()
    order_id = live.desk.add(limit(name="a"), row.tag)
    await live.look()
    assert await states(live) == [(SentState.ACCEPTED, order_id)]


async def test_an_error_is_not_an_empty_book(live: LiveDesk) -> None:
    await lost(live, "a")
    for error in (BrokerUnavailable("HTTP 502"), BrokerSessionExpired()):
        live.desk.reading = raising(error)
        await live.look(after=LONG_AFTER)
        assert await states(live) == [(SentState.UNKNOWN, None)]


async def test_a_book_of_another_day_says_nothing(live: LiveDesk) -> None:
    await lost(live, "a")
    live.desk.book.clear()
    await live.look(after=timedelta(days=1))
    assert await states(live) == [(SentState.UNKNOWN, None)]


async def test_a_tag_the_broker_lost_is_no_proof_of_absence(live: LiveDesk) -> None:
    live.desk.drops_tags = True
    await lost(live, "a")
    (order_id,) = live.desk.book
    await live.look(after=LONG_AFTER)
    assert await states(live) == [(SentState.ACCEPTED, order_id)]


async def test_two_alike_whose_tags_are_lost_stay_unknown(live: LiveDesk) -> None:
    live.desk.drops_tags = True
    await lost(live, "a", "b")
    await live.look(after=LONG_AFTER)
    assert await states(live) == [(SentState.UNKNOWN, None)] * 2


async def test_one_that_is_being_sent_is_left_alone(live: LiveDesk) -> None:
    seen = []

    async def meanwhile() -> None:
        await live.look(after=LONG_AFTER)
        seen.append(live.journal.open(1))

    live.desk.between = meanwhile
    await live.place(limit())
    assert [[row.state for row in rows] for rows in seen] == [[SentState.INTENDED]]
    assert [state for state, _ in await states(live)] == [SentState.ACCEPTED]


async def test_what_was_answered_while_another_is_written_down_stands(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.desk.before = raising(Killed())
    with pytest.raises(Killed):
        await live.place(limit(name="left"))
    await live.start()
    live.desk.before = lambda: None
    on_its_way, answer = asyncio.Event(), asyncio.Event()

    async def answered() -> None:
        on_its_way.set()
        await answer.wait()

    live.desk.between = answered
    placing = asyncio.ensure_future(live.place(limit(2, name="new")))
    await on_its_way.wait()
    set_outcome = OrderStorage.set_outcome

    async def slow_disk(storage: OrderStorage, sent: SentOrder) -> None:
        await set_outcome(storage, sent)
        if sent.client_order_id == "left":
            answer.set()
            await placing

    monkeypatch.setattr(OrderStorage, "set_outcome", slow_disk)
    live.desk.reading = raising(BrokerUnavailable("HTTP 502"))
    await live.look()
    assert await states(live) == [(SentState.UNKNOWN, None), (SentState.ACCEPTED, placing.result())]


# --- without tags


async def test_without_tags_the_one_order_alike_is_it(main: Store) -> None:
    live = await untagged(main)
    live.desk.add(limit(2, None))
    await lost(live, "a")
    await live.look()
    assert await states(live) == [(SentState.ACCEPTED, list(live.desk.book)[1])]


async def test_a_tag_that_is_not_returned_is_sent_all_the_same(main: Store) -> None:
    live = await untagged(main, tag=OrderTag(length=8, returned=False))
    live.desk.drops_tags = True
    await lost(live, "a")
    await live.look()
    assert len(live.desk.tags[0]) <= 8
    assert [state for state, _ in await states(live)] == [SentState.ACCEPTED]


async def test_of_two_alike_nobody_can_tell(main: Store) -> None:
    live = await untagged(main)
    live.desk.add(limit(name=None))
    await lost(live, "a")
    await live.look(after=LONG_AFTER)
    assert await states(live) == [(SentState.UNKNOWN, None)]


async def test_one_that_is_another_order_of_ours_is_not_it(main: Store) -> None:
    live = await untagged(main)
    await live.place(limit(name="known"))
    await lost(live, "a", arrives=False)
    await live.look(after=LONG_AFTER)
    assert [state for state, _ in await states(live)] == [SentState.ACCEPTED, SentState.UNKNOWN]


async def test_one_from_another_time_or_on_other_terms_is_not_it(main: Store) -> None:
    live = await untagged(main)
    live.desk.add(limit(name=None), at=live.clock.now() - timedelta(minutes=5))
    live.desk.add(limit(name=None, price="811"))
    live.desk.add(limit(2, name=None))
    await lost(live, "a", arrives=False)
    await live.look(after=LONG_AFTER)
    assert await states(live) == [(SentState.UNKNOWN, None)]


# --- the next process


async def test_an_order_on_its_way_when_the_process_ended_is_unknown(live: LiveDesk) -> None:
    await lost(live, "a")
    await live.start()
    live.desk.reading = raising(BrokerUnavailable("HTTP 502"))
    await live.look()
    with pytest.raises(OrderUnresolved):
        await live.place(limit(name="a"))
    assert live.outcomes == [("unknown", None)]


async def test_the_stream_tells_of_it_first(live: LiveDesk) -> None:
    await lost(live, "a")
    (order_id,) = live.desk.book
    live.venue.take(live.desk.fill(order_id, 1))
    assert live.told == [("accepted", order_id), ("filled", order_id)]
    placed = live.events[-1]
    assert placed.cause == "req"
    await live.look()
    assert await states(live) == [(SentState.ACCEPTED, order_id)]
    assert live.told == [("accepted", order_id), ("filled", order_id)]


# --- looking it up


async def test_an_unknown_order_goes_by_its_reference(live: LiveDesk) -> None:
    await lost(live, "a")
    (row,) = await live.rows()
    with pytest.raises(OrderUnresolved) as unknown:
        await live.venue.order(1, row.tag)
    assert unknown.value.reference == row.tag
    await live.look()
    assert (await live.venue.order(1, row.tag)).order_id == next(iter(live.desk.book))


async def test_one_that_never_arrived_shows_as_rejected(live: LiveDesk) -> None:
    await lost(live, "a", arrives=False)
    (row,) = await live.rows()
    await live.look(after=LONG_AFTER)
    shown = await live.venue.order(1, row.tag)
    assert (shown.order_id, shown.status) == (row.tag, "rejected")
    assert "never arrived" in shown.reason


async def test_the_order_book_shows_what_the_broker_holds_and_nothing_else(live: LiveDesk) -> None:
    await lost(live, "a", arrives=False)
    live.desk.add(order(3, None))
    assert [int(each.quantity) for each in await live.venue.orders(1)] == [3]


# --- GTTs

GTT = PlaceGtt(
    strategy="s",
    client_order_id="g",
    trigger_type=TriggerType.SINGLE,
    exchange=Exchange.NSE,
    symbol="SBIN",
    action=Action.SELL,
    product=Product.CNC,
    quantity=limit().quantity,
    triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=px("800"), price=px("799")),),
)


async def test_a_gtt_is_sent_once_and_found_by_its_terms(main: Store) -> None:
    live = LiveDesk(main, 1)
    live.desk.prices[SBIN.key] = 812.0
    live.broker = with_extras(live.broker, live.desk)
    await live.start()
    live.desk.after = raising(TIMED_OUT)
    for _ in range(2):
        with pytest.raises(OrderUnresolved):
            await live.venue.place_gtt(1, GTT, SBIN, cause="req")
    await live.look()
    placed = await live.venue.place_gtt(1, GTT, SBIN, cause="req")
    assert list(live.desk.triggers) == [placed.trigger_id]
    assert (await live.venue.gtts(1))[0].strategy == "s"


async def test_a_gtt_without_a_price_is_not_sent(main: Store) -> None:
    live = LiveDesk(main, 1, desk=None)
    live.broker = with_extras(live.broker, live.desk)
    await live.start()
    with pytest.raises(BrokerUnavailable, match="Failed to fetch last_price from Fake quotes"):
        await live.venue.place_gtt(1, GTT, SBIN, cause="req")
    assert [state for state, _ in await states(live)] == [SentState.NOT_SENT]
    live.desk.prices[SBIN.key] = 812.0
    placed = await live.venue.place_gtt(1, GTT, SBIN, cause="req")
    assert list(live.desk.triggers) == [placed.trigger_id]


async def test_legs_of_a_gtt_placed_elsewhere_are_shown_as_they_are(main: Store) -> None:
    live = LiveDesk(main, 1)
    live.desk.prices[SBIN.key] = 812.0
    live.broker = with_extras(live.broker, live.desk)
    await live.start()
    trigger_id = (await live.venue.place_gtt(1, GTT, SBIN, cause="req")).trigger_id
    (same,) = await live.venue.gtts(1)
    assert (same.own_legs, len(same.legs)) == ((), 1)
    stop = live.desk.triggers[trigger_id].legs[0]
    target = replace(
        stop, trigger_price=px("900"), quantity=stop.quantity + 4, product="NRML", price=px("901")
    )
    live.desk.triggers[trigger_id] = replace(
        live.desk.triggers[trigger_id], trigger_type=TriggerType.OCO, legs=(stop, target)
    )
    (gtt,) = await live.venue.gtts(1)
    line = GttLine.of(gtt, on_paper=False)
    assert [(leg.quantity, leg.product, leg.price) for leg in line.legs] == [
        (1, "CNC", 799.0),
        (5, "NRML", 901.0),
    ]
