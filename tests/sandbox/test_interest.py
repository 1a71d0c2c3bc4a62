"""The feed is asked for what the paper exchange needs now, and for nothing it needed once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from openalgo.domain.errors import InsufficientFunds, StorageUnavailable
from openalgo.sandbox import views
from openalgo.sandbox.commands import CancelGtt
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.state import PaperExchange
from tests.sandbox.test_engine import Rig, running
from tests.support.books import FaultyBooks
from tests.support.market import INFY, SBIN

AT_ONCE = Limits(interest_lingers=0.0)
LATER = Limits(interest_lingers=3600.0)


async def _told(rig: Rig, *keys: object) -> None:
    """Wait until the feed knows that exactly `keys` are needed."""
    async with asyncio.timeout(5):
        while not rig.interests or list(rig.interests[-1]) != list(keys):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_an_order_that_is_withdrawn_needs_no_ticks() -> None:
    async with running(limits=AT_ONCE) as rig:
        first, second = await rig.place(price="90"), await rig.place(price="91")
        await _told(rig, SBIN.key)
        await rig.cancel(first.order_id)
        await rig.place(price="90", instrument=INFY)
        await _told(rig, SBIN.key, INFY.key)
        await rig.cancel(second.order_id)
        await _told(rig, INFY.key)


async def test_a_position_needs_ticks_until_it_is_closed_and_again_when_it_is_opened() -> None:
    async with running(limits=AT_ONCE) as rig:
        await rig.place()
        await rig.place()
        await _told(rig, SBIN.key)
        await rig.place("SELL", quantity=1)
        assert await rig.engine.read(_needs_sbin)
        await rig.place("SELL", quantity=1)
        await _told(rig)
        await rig.place("SELL", quantity=1)
        await _told(rig, SBIN.key)


async def test_a_gtt_that_ends_needs_no_ticks() -> None:
    async with running(limits=AT_ONCE) as rig:
        gtt = await rig.gtt(below="95")
        await _told(rig, SBIN.key)
        await rig.engine.submit(
            CancelGtt(account_id=1, trigger_id=gtt.trigger_id, at=rig.clock.now(), cause="test")
        )
        await _told(rig)
        await rig.gtt(below="95", hours=1)
        await _told(rig, SBIN.key)
        rig.clock.advance(timedelta(hours=1))
        await rig.engine.expire_gtts()
        await _told(rig)


async def test_a_gtt_that_fires_hands_on_to_its_order_and_that_to_its_position() -> None:
    async with running(limits=AT_ONCE) as rig:
        await rig.gtt(below="95")
        rig.tick(94.0)
        await rig.engine.settled()
        assert rig.net == 1
        assert rig.interests == [[SBIN.key]]


async def test_a_reset_needs_nothing_any_more() -> None:
    async with running(limits=AT_ONCE) as rig:
        await rig.place()
        await rig.place(price="90", instrument=INFY)
        await _told(rig, SBIN.key, INFY.key)
        await rig.engine.reset(1, cause="test")
        await _told(rig)


async def test_who_trades_in_and_out_is_told_of_once() -> None:
    async with running(limits=LATER) as rig:
        for _ in range(50):
            await rig.place()
            await rig.place("SELL")
        assert rig.interests == [[SBIN.key]]
        await rig.place(instrument=INFY)
        assert rig.interests == [[SBIN.key], [SBIN.key, INFY.key]]


async def test_a_refused_order_needs_no_ticks() -> None:
    async with running(limits=AT_ONCE) as rig:
        with pytest.raises(InsufficientFunds):
            await rig.place(quantity=10_000_000)
        await rig.engine.settled()
        assert rig.interests == []


@pytest.mark.parametrize("flat", [False, True])
async def test_a_restart_states_what_is_needed_then(flat: bool) -> None:
    books = FaultyBooks()
    async with running(books, LATER) as rig:
        await rig.place()
        await rig.place(price="90", instrument=INFY)
        if flat:
            await rig.place("SELL")
    async with running(books, AT_ONCE) as rig:
        needed = [INFY.key] if flat else [SBIN.key, INFY.key]
        await _told(rig, *needed)
        assert rig.interests == [needed]
        if not flat:
            await rig.place("SELL")
            await _told(rig, INFY.key)


async def test_a_withdrawal_that_is_not_stored_leaves_the_ticks_needed() -> None:
    async with running(limits=AT_ONCE) as rig:
        order = await rig.place(price="90")
        rig.books.fail_before = True
        with pytest.raises(StorageUnavailable):
            await rig.cancel(order.order_id)
        await rig.engine.settled()
        assert rig.interests == [[SBIN.key]]
        await rig.cancel(order.order_id)
        await _told(rig)


async def test_what_ends_while_another_batch_is_stored_waits_for_it() -> None:
    async with running(limits=replace(AT_ONCE, batch_commands=1)) as rig:
        order = await rig.place(price="90")
        rig.books.gate.clear()
        rig.books.committing.clear()
        cancelled = asyncio.ensure_future(rig.cancel(order.order_id))
        await rig.books.committing.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        assert rig.interests == [[SBIN.key]]
        rig.books.gate.set()
        await cancelled
        await _told(rig)


async def test_a_price_from_before_it_was_needed_again_values_nothing() -> None:
    async with running(limits=AT_ONCE) as rig:
        await rig.place()
        rig.tick(200.0)
        await rig.place("SELL", ltp=200.0)
        await _told(rig)
        rig.clock.advance(timedelta(hours=1))
        await rig.place(ltp=100.0)
        assert await _unrealised(rig) == 0
        rig.tick(103.0)
        assert await _unrealised(rig) == 3


async def test_a_price_from_just_before_still_counts() -> None:
    async with running(limits=AT_ONCE) as rig:
        await rig.place()
        await rig.place("SELL")
        await _told(rig)
        rig.tick(105.0)
        await rig.place()
        await _told(rig, SBIN.key)
        assert rig.engine.has_fresh_mark(SBIN.key)


def _needs_sbin(state: PaperExchange) -> bool:
    return SBIN.key in state.interest


async def _unrealised(rig: Rig) -> Decimal:
    now = rig.clock.now()
    (row,) = await rig.engine.read(lambda state: views.positions(state, 1, now))
    return row.unrealised
