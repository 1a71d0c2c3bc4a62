"""Two markets in one server: nothing of one reaches the accounts of the other."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from openalgo.accounts.accounts import AccountNotFound
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.domain.market import Exchange, InstrumentKey
from tests.support.two_markets import BROKER, Trader, TwoMarkets, hear, say, two_markets

SBIN = InstrumentKey(Exchange.NSE, "SBIN")
CHAIN = {"underlying": "NIFTY", "exchange": "NSE_INDEX", "strike_count": 2}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TwoMarkets]:
    async with two_markets(tmp_path) as house:
        yield house


async def test_quotes_history_and_chains_are_those_of_the_own_market(house: TwoMarkets) -> None:
    for trader in (house.asha, house.ravi):
        quote = await trader.ask("quotes", symbol="SBIN", exchange="NSE")
        found = await trader.market.quotes.quote(SBIN)
        assert quote["data"]["prev_close"] == found.prev_close
    quotes = [
        (await trader.ask("quotes", symbol="SBIN", exchange="NSE"))["data"]["prev_close"]
        for trader in (house.asha, house.ravi)
    ]
    assert quotes[0] != quotes[1]
    expiry = (
        await house.asha.ask("expiry", symbol="NIFTY", exchange="NFO", instrumenttype="options")
    )["data"][0].replace("-", "")
    spots = [
        (await trader.ask("optionchain", **CHAIN, expiry_date=expiry))["underlying_ltp"]
        for trader in (house.asha, house.ravi)
    ]
    assert abs(spots[0] - spots[1]) > 1


async def test_a_tick_fills_orders_of_its_own_market_only(house: TwoMarkets) -> None:
    asha, ravi = house.asha, house.ravi
    orders = {trader.account_id: await trader.buy(price=100) for trader in (asha, ravi)}
    ravi.trades_at(99)
    assert await ravi.status(orders[ravi.account_id]) == "complete"
    assert await asha.status(orders[asha.account_id]) == "open"
    positions = await asha.ask("positionbook")
    assert positions["data"] == []
    assert [row["quantity"] for row in (await ravi.ask("positionbook"))["data"]] == [1]


async def test_ids_are_unique_and_books_are_the_own_ones(house: TwoMarkets) -> None:
    mine = [await house.asha.buy() for _ in range(3)]
    theirs = [await house.ravi.buy() for _ in range(3)]
    assert len({*mine, *theirs}) == 6
    for trader, own in ((house.asha, mine), (house.ravi, theirs)):
        book = await trader.ask("orderbook")
        assert {row["orderid"] for row in book["data"]["orders"]} == set(own)
    strange = await house.asha.post("orderstatus", orderid=theirs[0], strategy="test")
    assert strange.status_code == 404


async def _closes(socket: ClientConnection) -> tuple[str, float]:
    """The broker and yesterday's close of a quote that arrives."""
    await say(socket, action="subscribe", symbol="SBIN", exchange="NSE", mode="Quote")
    while (frame := await hear(socket))["type"] != "market_data" or "close" not in frame["data"]:
        pass
    return frame["broker"], frame["data"]["close"]


async def test_sockets_hear_their_own_market(house: TwoMarkets) -> None:
    seen: list[tuple[str, float]] = []
    for trader in (house.asha, house.ravi):
        async with trader.socket() as socket:
            seen.append(await _closes(socket))
        assert seen[-1][1] == (await trader.market.quotes.quote(SBIN)).prev_close
    assert [broker for broker, _ in seen] == ["simulator", BROKER.id]
    assert seen[0][1] != seen[1][1]


async def test_order_updates_reach_their_own_account(house: TwoMarkets) -> None:
    asha, ravi = house.asha, house.ravi
    async with asha.socket() as one, ravi.socket() as other:
        for socket in (one, other):
            await say(socket, action="subscribe_orders")
            assert (await hear(socket))["status"] == "success"
        theirs = await ravi.buy(price=100)
        mine = await asha.buy(price=100)
        assert (await hear(one))["orderid"] == mine
        assert (await hear(other))["orderid"] == theirs


async def test_a_paper_order_stays_one_when_its_account_goes_live(house: TwoMarkets) -> None:
    ravi = house.ravi
    waiting = await ravi.buy(price=100)
    await ravi.ask("analyzer/toggle", mode=False)
    async with ravi.socket() as socket:
        await say(socket, action="subscribe_orders")
        assert (await hear(socket))["status"] == "success"
        ravi.trades_at(99)
        update = await hear(socket)
    assert (update["orderid"], update["order_status"]) == (waiting, "complete")
    assert (update["mode"], update["broker"]) == ("analyze", "sandbox")


async def test_the_switch_sends_orders_to_the_broker_and_back(house: TwoMarkets) -> None:
    ravi = house.ravi
    on_paper = await ravi.buy()
    live = await ravi.ask("analyzer/toggle", mode=False)
    assert live["data"]["analyze_mode"] is False
    placed = await ravi.ask(
        "placeorder",
        strategy="test",
        symbol="SBIN",
        exchange="NSE",
        action="BUY",
        quantity=1,
        product="MIS",
        pricetype="MARKET",
    )
    assert [order.symbol for order, _ in house.brokerage.placed] == ["SBIN"]
    assert "mode" not in placed
    await ravi.ask("analyzer/toggle", mode=True)
    book = await ravi.ask("orderbook")
    assert [row["orderid"] for row in book["data"]["orders"]] == [on_paper]
    refused = await house.asha.post("analyzer/toggle", mode=False)
    assert refused.status_code == 403


async def test_who_is_not_logged_in_may_only_look_at_paper(house: TwoMarkets) -> None:
    ravi = house.ravi
    house.brokerage.connected = False
    assert (await ravi.post("quotes", symbol="SBIN", exchange="NSE")).status_code == 200
    await ravi.ask("analyzer/toggle", mode=False)
    refused = await ravi.post("quotes", symbol="SBIN", exchange="NSE")
    assert (refused.status_code, refused.json()["code"]) == (403, "broker_session")
    house.brokerage.connected = True
    assert (await ravi.post("quotes", symbol="SBIN", exchange="NSE")).status_code == 200


async def test_a_market_is_opened_once_and_can_be_closed(house: TwoMarkets) -> None:
    marketplace, ravi = house.parts.marketplace, house.ravi
    with pytest.raises(ValueError, match=f"account {ravi.account_id} is already open"):
        marketplace.open_live(ravi.account_id, house.source, house.live)
    waiting = await ravi.buy(price=100)
    assert await _paper_exchanges(house.asha) == {
        "paper exchange": "pass",
        f"paper exchange of account {ravi.account_id}": "pass",
    }
    await marketplace.close_live(ravi.account_id)
    await marketplace.close_live(ravi.account_id)
    assert (await ravi.post("orderbook")).json()["code"] == "broker_session"
    assert await _paper_exchanges(house.asha) == {"paper exchange": "pass"}
    marketplace.open_live(ravi.account_id, house.source, house.live)
    assert await ravi.status(waiting) == "open"


async def test_no_market_for_who_is_unknown_or_has_none(house: TwoMarkets) -> None:
    marketplace, ravi = house.parts.marketplace, house.ravi
    markets = marketplace.markets
    await ravi.ask("funds")
    await marketplace.close_live(ravi.account_id)
    for ask in (markets.of, markets.resolve, markets.broker_of):
        with pytest.raises(AccountNotFound):
            ask(99)
        with pytest.raises(BrokerSessionExpired):
            ask(ravi.account_id)
    assert not markets.can_trade(ravi.account_id)


async def _paper_exchanges(trader: Trader) -> dict[str, str]:
    reply = await trader.http.get("/health/ready")
    checks: dict[str, dict[str, Any]] = reply.json()["checks"]
    return {name: each["status"] for name, each in checks.items() if "paper" in name}
