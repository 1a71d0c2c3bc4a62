"""Prices of an account at its broker: what is asked for together, and what each asker gets."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from structlog.testing import capture_logs

from openalgo.brokers.http import RateLimit
from openalgo.domain.errors import (
    BrokerSessionExpired,
    BrokerUnavailable,
    OpenAlgoError,
    Unsupported,
)
from openalgo.domain.market import Quote
from openalgo.marketdata.batches import CALLS_AT_ONCE
from openalgo.marketdata.depth import Depths
from openalgo.marketdata.history import History
from openalgo.marketdata.quotes import Quotes
from openalgo.streaming.latest import LatestPrices
from tests.brokers.kit.virtual import now, settle
from tests.marketdata.live_broker import INFO, ONE_A_SECOND, SHARES, Desk, quote

pytestmark = pytest.mark.asyncio(loop_factories=["virtual"])


def ask(desk: Desk, number: int) -> asyncio.Task[Quote]:
    return asyncio.get_running_loop().create_task(desk.live.quote(SHARES[number]))


async def test_what_is_asked_in_one_turn_is_one_call() -> None:
    desk = Desk()
    asked = [ask(desk, number) for number in (1, 2, 3, 2, 1)]
    assert [(await task).ltp for task in asked] == [1.0, 2.0, 3.0, 2.0, 1.0]
    assert desk.asked == [["S1", "S2", "S3"]]


async def test_nobody_waits_while_calls_are_allowed() -> None:
    desk = Desk()
    desk.prices.held = asyncio.Event()
    began = now()
    first = ask(desk, 1)
    await settle()
    second = ask(desk, 2)
    await settle()
    assert desk.asked == [["S1"], ["S2"]]
    desk.prices.held.set()
    assert [(await first).ltp, (await second).ltp] == [1.0, 2.0]
    assert now() == began


async def test_what_is_under_way_is_shared() -> None:
    desk = Desk()
    desk.prices.held = asyncio.Event()
    first = ask(desk, 1)
    await settle()
    second = ask(desk, 1)
    await settle()
    desk.prices.held.set()
    assert await first is await second
    assert desk.asked == [["S1"]]
    await desk.live.quote(SHARES[1])
    assert desk.asked == [["S1"], ["S1"]]


async def test_askers_gather_until_the_broker_allows_the_next_call() -> None:
    desk = Desk(ONE_A_SECOND)
    began = now()
    await desk.live.quote(SHARES[0])
    asked = []
    for number in range(1, 10):
        asked.append(ask(desk, number))
        await asyncio.sleep(0.1)
    assert [(await task).ltp for task in asked] == [float(number) for number in range(1, 10)]
    assert desk.asked == [["S0"], [f"S{number}" for number in range(1, 10)]]
    assert [at - began for at in desk.prices.sent_at] == pytest.approx([0.0, 1.0])


async def test_others_who_take_the_room_do_not_keep_quotes_out() -> None:
    desk = Desk(ONE_A_SECOND)
    began = now()
    # Depth of this broker counts against the same limit, and more of it is wanted than there is.
    others = [
        asyncio.ensure_future(desk.prices.quotes(desk.connect(), [SHARES[number]]))
        for number in range(100, 110)
    ]
    await settle()
    await ask(desk, 1)
    assert now() - began == pytest.approx(10.0)
    await asyncio.gather(*others)


async def test_a_call_names_no_more_than_the_broker_takes() -> None:
    desk = Desk(ONE_A_SECOND)
    outcomes = await desk.live.quotes(SHARES)
    assert outcomes == [quote(row) for row in SHARES]
    assert [len(call) for call in desk.asked] == [500, 500, 200]


async def test_at_most_so_many_calls_are_under_way() -> None:
    desk = Desk(info=replace(INFO, quotes_a_call=1))
    desk.prices.held = asyncio.Event()
    asked = [ask(desk, number) for number in range(CALLS_AT_ONCE + 3)]
    await settle()
    assert len(desk.asked) == CALLS_AT_ONCE
    desk.prices.held.set()
    assert len(await asyncio.gather(*asked)) == len(desk.asked) == CALLS_AT_ONCE + 3


async def test_what_the_broker_does_not_know_is_an_error_of_its_own() -> None:
    desk = Desk()
    desk.prices.unknown = {"S2"}
    known, unknown = ask(desk, 1), ask(desk, 2)
    assert (await known).ltp == 1.0
    with pytest.raises(BrokerUnavailable, match=r"^Fake gave no quote for NSE:S2$"):
        await unknown
    assert desk.asked == [["S1", "S2"]]


async def test_an_error_of_the_call_is_everybodys() -> None:
    desk = Desk()
    desk.prices.failure = BrokerUnavailable("Fake does not answer")
    outcomes = await asyncio.gather(ask(desk, 1), ask(desk, 2), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["Fake does not answer"] * 2
    desk.prices.failure = None
    assert (await desk.live.quote(SHARES[1])).ltp == 1.0


async def test_what_an_adapter_never_meant_to_raise_is_no_answer() -> None:
    desk = Desk()
    desk.prices.failure = KeyError("last_price")
    with (
        capture_logs() as logs,
        pytest.raises(BrokerUnavailable, match=r"^Fake gave no quotes$"),
    ):
        await desk.live.quote(SHARES[1])
    assert [log["event"] for log in logs] == ["broker_quotes_failed"]


async def test_whoever_leaves_disturbs_nobody() -> None:
    desk = Desk()
    desk.prices.held = asyncio.Event()
    first, second, same = ask(desk, 1), ask(desk, 2), ask(desk, 1)
    await settle()
    first.cancel()
    await settle()
    desk.prices.held.set()
    assert [(await second).ltp, (await same).ltp] == [2.0, 1.0]
    assert first.cancelled()
    assert desk.asked == [["S1", "S2"]]


async def test_what_nobody_wants_any_more_is_not_asked() -> None:
    desk = Desk(ONE_A_SECOND)
    await desk.live.quote(SHARES[0])
    gone, stays = ask(desk, 1), ask(desk, 2)
    await settle()
    gone.cancel()
    await stays
    assert desk.asked == [["S0"], ["S2"]]

    alone = ask(desk, 3)
    await settle()
    alone.cancel()
    await asyncio.sleep(5)
    assert len(desk.asked) == 2
    assert (await desk.live.quote(SHARES[4])).ltp == 4.0


async def test_whoever_is_not_logged_in_is_told_so() -> None:
    desk = Desk()
    desk.logged_in = False
    for asking in (
        desk.live.quote(SHARES[1]),
        desk.live.depth(SHARES[1]),
        desk.live.candles(SHARES[1], "D", date(2026, 8, 1), date(2026, 8, 2)),
    ):
        with pytest.raises(BrokerSessionExpired):
            await asking
    assert desk.asked == []
    desk.logged_in = True
    assert (await desk.live.quote(SHARES[1])).ltp == 1.0


async def test_a_session_that_ends_while_askers_gather_is_told_to_all() -> None:
    desk = Desk(ONE_A_SECOND)
    await desk.live.quote(SHARES[0])
    asked = [ask(desk, 1), ask(desk, 2)]
    await settle()
    desk.logged_in = False
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [BrokerSessionExpired] * 2


async def test_closing_answers_whoever_waits() -> None:
    desk = Desk(ONE_A_SECOND)
    desk.prices.held = asyncio.Event()
    under_way = ask(desk, 1)
    await settle()
    gathered = ask(desk, 2)
    await settle()
    await desk.live.close()
    for task in (under_way, gathered):
        with pytest.raises(BrokerUnavailable, match="not asked any more"):
            await task


async def test_a_scope_the_broker_has_no_limit_for_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"^Fake has no rate limit quote$"):
        Desk(RateLimit("orders", ((10, 1.0),)))


async def test_five_hundred_symbols_of_one_request_are_one_call() -> None:
    desk = Desk(ONE_A_SECOND)
    quotes = Quotes(desk.masters, LatestPrices(), desk.live)
    desk.prices.unknown = {"S7"}
    keys = [row.key for row in SHARES[:500]]
    outcomes = await quotes.quotes([*keys, keys[3]])
    assert [len(call) for call in desk.asked] == [500]
    assert isinstance(outcomes[7], BrokerUnavailable)
    assert outcomes[:7] == [quote(row) for row in SHARES[:7]]
    assert outcomes[-1] == quote(SHARES[3])


async def test_while_the_broker_is_down_there_are_errors_and_no_prices() -> None:
    desk = Desk()
    quotes = Quotes(desk.masters, LatestPrices(), desk.live)
    await quotes.quote(SHARES[1].key)
    desk.prices.failure = BrokerUnavailable("Fake does not answer")
    outcomes = await quotes.quotes([SHARES[1].key, SHARES[2].key])
    assert all(isinstance(outcome, OpenAlgoError) for outcome in outcomes)


async def test_depth_has_the_levels_asked_for() -> None:
    desk = Desk()
    assert len((await desk.live.depth(SHARES[1], 10)).sell_levels) == 10
    book = await Depths(desk.masters, LatestPrices(), desk.live).depth(SHARES[1].key)
    assert len(book.buy_levels) == len(book.sell_levels) == 5
    assert book.buy_levels[0].price == 1.0


async def test_candles_are_asked_for_as_one_range() -> None:
    desk = Desk()
    history = History(desk.masters, desk.live)
    assert history.intervals == ("1m", "D")
    start, end = date(2026, 1, 1), date(2026, 8, 20)
    await history.candles(SHARES[1].key, "1m", start, end)
    assert desk.prices.asked == [(SHARES[1], "1m", start, end)]
    with pytest.raises(Unsupported, match="Fake has no 2m candles; use one of 1m, D"):
        await desk.live.candles(SHARES[1], "2m", start, end)
