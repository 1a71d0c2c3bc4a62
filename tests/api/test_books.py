"""The books of an account, its connection and its market, over HTTP."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.api.v1 import present
from openalgo.domain.errors import BrokerSessionExpired, Unsupported
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, Product, Trade
from openalgo.domain.portfolio import Holding, MarkedHolding
from openalgo.trading.venues import VenueMode
from tests.api.fakes import ACCOUNT, KEY, FakeReplay, World, order_body, position


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": KEY, **members})
    return reply.status_code, reply.json()


# --- orders and trades


async def test_the_order_book_counts_what_it_shows(world: World) -> None:
    for action in ("BUY", "BUY", "SELL", "BUY", "SELL"):
        await post(world, "placeorder", **order_body(action=action, apikey=...))
    statuses = [
        OrderStatus.COMPLETE,
        OrderStatus.REJECTED,
        OrderStatus.TRIGGER_PENDING,
        OrderStatus.CANCELLED,
        OrderStatus.OPEN,
    ]
    world.venue.book = [
        replace(order, status=status)
        for order, status in zip(world.venue.book, statuses, strict=True)
    ]
    status, body = await post(world, "orderbook")
    assert (status, body["mode"]) == (200, "analyze")
    orders = body["data"]["orders"]
    assert [row["orderid"][-1] for row in orders] == ["5", "4", "3", "2", "1"]
    assert [row["order_status"] for row in orders] == [str(each) for each in statuses]
    assert [row["pending_quantity"] for row in orders] == [0, 0, 1, 0, 1]
    assert body["data"]["statistics"] == {
        "total_buy_orders": 3,
        "total_sell_orders": 2,
        "total_completed_orders": 1,
        "total_open_orders": 1,
        "total_rejected_orders": 1,
        "total_trigger_pending_orders": 1,
    }


async def test_empty_books_are_empty(world: World) -> None:
    assert (await post(world, "orderbook"))[1]["data"]["orders"] == []
    assert (await post(world, "tradebook"))[1]["data"] == []
    assert (await post(world, "positionbook"))[1]["data"] == []


async def test_a_trade_shows_price_and_value(world: World) -> None:
    world.venue.fills.append(
        Trade(
            account_id=ACCOUNT,
            trade_id="TRADE-20251121-103000-1a2b3c4d",
            order_id="25112100000001",
            symbol="USDINR25NOVFUT",
            exchange=Exchange.CDS,
            action=Action.SELL,
            product=Product.NRML,
            quantity=Decimal(1000),
            price=px("83.2525"),
            strategy="Python",
            at=datetime(2025, 11, 21, 20, 0, tzinfo=UTC),
        )
    )
    assert await post(world, "tradebook") == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "data": [
                {
                    "tradeid": "TRADE-20251121-103000-1a2b3c4d",
                    "orderid": "25112100000001",
                    "symbol": "USDINR25NOVFUT",
                    "exchange": "CDS",
                    "action": "SELL",
                    "quantity": 1000,
                    "average_price": 83.2525,
                    "price": 83.2525,
                    "trade_value": 83252.5,
                    "product": "NRML",
                    "strategy": "Python",
                    "timestamp": "2025-11-22 01:30:00",
                }
            ],
        },
    )


# --- positions and funds


async def test_positions_carry_profit_and_totals(world: World) -> None:
    world.venue.marked = [position("-3", "4531", "1", "0.5"), position("0", "0", "0", "-20.25")]
    status, body = await post(world, "positionbook")
    assert (status, body["mode"]) == (200, "analyze")
    short, closed = body["data"]
    assert short == {
        "symbol": "RELIANCE",
        "exchange": "NSE",
        "product": "MIS",
        "quantity": -3,
        "average_price": 1510.3333,
        "ltp": 1510.0,
        "pnl": 1.5,
        "pnlpercent": 0.03,
        "unrealized_pnl": 1.0,
        "today_realized_pnl": 0.5,
        "total_pnl_today": 1.5,
        "multiplier": 1.0,
        "lot_size": 1.0,
    }
    assert (closed["quantity"], closed["average_price"], closed["pnlpercent"]) == (0, 0.0, 0.0)
    assert closed["pnl"] == -20.25
    totals = {name: value for name, value in body.items() if name.startswith("total")}
    assert totals == {
        "total_pnl": -18.75,
        "total_unrealized_pnl": 1.0,
        "total_today_realized_pnl": -19.75,
        "total_pnl_today": -18.75,
    }


async def test_profits_are_positions_without_prices(world: World) -> None:
    world.venue.marked = [position("-3", "4531", "1", "0.5"), position("0", "0", "0", "-20.25")]
    status, body = await post(world, "pnl/symbols")
    assert (status, body["mode"], len(body["data"])) == (200, "analyze", 2)
    assert body["data"][0] == {
        "symbol": "RELIANCE",
        "exchange": "NSE",
        "product": "MIS",
        "quantity": -3,
        "pnl": 1.5,
        "unrealized_pnl": 1.0,
        "today_realized_pnl": 0.5,
        "total_pnl_today": 1.5,
    }
    totals = {name: value for name, value in body.items() if name.startswith("total")}
    assert totals == {
        "total_pnl": -18.75,
        "total_unrealized_pnl": 1.0,
        "total_today_realized_pnl": -19.75,
        "total_pnl_today": -18.75,
    }


async def test_profits_by_symbol_are_of_the_paper_exchange(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    status, body = await post(world, "pnl/symbols")
    assert (status, body["code"]) == (400, "paper_only")
    assert body["message"] == "This endpoint is only available in sandbox/analyzer mode"
    assert "mode" not in body


@pytest.mark.parametrize(
    ("held", "product", "quantity"),
    [("-10", "mis", -10), ("0.25", "MIS", 0.25), ("0", "MIS", 0), ("10", "CNC", 0)],
)
async def test_one_position_is_a_number(
    world: World, held: str, product: str, quantity: float
) -> None:
    world.venue.marked = [position(held)]
    wanted = {"strategy": "s", "symbol": "reliance", "exchange": "nse", "product": product}
    async with world.client() as client:
        reply = await client.post("/api/v1/openposition", json={"apikey": KEY, **wanted})
    assert reply.text == f'{{"status":"success","mode":"analyze","quantity":{quantity}}}'
    assert [record.api_type for record in world.journal.records] == ["openposition"]


def holding(symbol: str, quantity: str, cost: str, ltp: str) -> MarkedHolding:
    return MarkedHolding(
        holding=Holding(
            account_id=ACCOUNT,
            symbol=symbol,
            exchange=Exchange.NSE,
            quantity=Decimal(quantity),
            cost=Decimal(cost),
            settled_on=date(2025, 11, 20),
        ),
        ltp=Decimal(ltp),
    )


async def test_holdings_show_what_they_are_worth(world: World) -> None:
    world.venue.held = [
        holding("RELIANCE", "3", "4531", "1500.5"),
        holding("SBIN", "10", "8000", "830.05"),
    ]
    status, body = await post(world, "holdings")
    assert (status, body["mode"]) == (200, "analyze")
    assert body["data"]["holdings"][0] == {
        "symbol": "RELIANCE",
        "exchange": "NSE",
        "product": "CNC",
        "quantity": 3,
        "average_price": 1510.3333,
        "ltp": 1500.5,
        "pnl": -29.5,
        "pnlpercent": -0.65,
        "current_value": 4501.5,
        "settlement_date": "2025-11-20",
    }
    assert body["data"]["statistics"] == {
        "totalholdingvalue": 12802.0,
        "totalinvvalue": 12531.0,
        "totalprofitandloss": 271.0,
        "totalpnlpercentage": 2.16,
    }


async def test_no_holdings_are_worth_nothing(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    assert await post(world, "holdings") == (
        200,
        {
            "status": "success",
            "data": {
                "holdings": [],
                "statistics": {
                    "totalholdingvalue": 0.0,
                    "totalinvvalue": 0.0,
                    "totalprofitandloss": 0.0,
                    "totalpnlpercentage": 0.0,
                },
            },
        },
    )


async def test_funds_of_a_broker_are_text(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    assert await post(world, "funds") == (
        200,
        {
            "status": "success",
            "data": {
                "availablecash": "9998500.12",
                "collateral": "0.00",
                "m2munrealized": "-24.10",
                "m2mrealized": "2.50",
                "utiliseddebits": "1512.40",
            },
        },
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-0.0000", "0.00"),
        ("-0.0010", "0.00"),
        ("-0.0060", "-0.01"),
        ("1234567.8900", "1234567.89"),
    ],
)
async def test_no_text_is_minus_nothing(world: World, amount: str, text: str) -> None:
    statement = replace(await world.venue.funds(ACCOUNT), unrealised=Decimal(amount))
    reply = present.funds(statement, VenueMode.LIVE)
    assert reply.data.m2munrealized == text


async def test_funds_are_numbers_on_paper(world: World) -> None:
    assert await post(world, "funds") == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "data": {
                "availablecash": 9998500.1234,
                "collateral": 0.0,
                "m2munrealized": -24.1,
                "m2mrealized": 2.5,
                "total_realized_pnl": 12.5234,
                "today_realized_pnl": 2.5,
                "utiliseddebits": 1512.4,
                "grossexposure": 1512.4,
                "totalpnl": -11.5766,
                "last_reset": "2025-11-21 10:30:00",
                "reset_count": 0,
            },
        },
    )


async def test_nothing_is_ever_minus_zero(world: World) -> None:
    world.venue.marked = [position("0", "0", "-0.0000", "0")]
    async with world.client() as client:
        reply = await client.post("/api/v1/positionbook", json={"apikey": KEY})
    assert "-0" not in reply.text


# --- market and connection


async def test_prices_a_feed_does_not_have_are_zero(world: World) -> None:
    assert await post(world, "quotes", symbol="reliance", exchange="nse") == (
        200,
        {
            "status": "success",
            "data": {
                "open": 0.0,
                "high": 1519.9,
                "low": 0.0,
                "ltp": 1512.4,
                "ask": 1512.45,
                "bid": 1512.35,
                "prev_close": 0.0,
                "volume": 1840221,
                "oi": 0,
            },
        },
    )


async def test_a_quote_for_nothing_is_the_callers_mistake(world: World) -> None:
    status, body = await post(world, "quotes", symbol="NOSUCH", exchange="NSE")
    assert (status, body["code"]) == (400, "symbol_not_found")


async def test_ping_names_the_broker(world: World) -> None:
    assert await post(world, "ping") == (
        200,
        {"status": "success", "data": {"message": "pong", "broker": "simulator"}},
    )
    world.accounts.refusal = BrokerSessionExpired()
    status, body = await post(world, "ping")
    assert (status, body["code"]) == (403, "broker_session")
    assert body["message"] == "Broker session expired. Please log in to your broker."


async def test_the_analyzer_switch_is_set_not_flipped(world: World) -> None:
    paper = {"mode": "analyze", "analyze_mode": True, "total_logs": 12}
    live = {"mode": "live", "analyze_mode": False, "total_logs": 12}
    assert (await post(world, "analyzer"))[1] == {"status": "success", "data": paper}
    for wanted, state in ((False, live), (False, live), ("yes", paper)):
        status, body = await post(world, "analyzer/toggle", mode=wanted)
        assert status == 200
        assert body["data"] == {
            **state,
            "message": f"Analyzer mode switched to {state['mode']}",
        }
    assert (await post(world, "analyzer"))[1]["data"] == paper


async def test_going_live_may_be_refused(world: World) -> None:
    world.analyzer.refusal = Unsupported("Connect a broker to trade live")
    status, body = await post(world, "analyzer/toggle", mode=False)
    assert (status, body["message"]) == (501, "Connect a broker to trade live")
    assert "mode" not in body


# --- replay


async def test_a_replayed_market_plays_on_when_told(world: World) -> None:
    world.replay = FakeReplay()
    start = (await post(world, "replay"))[1]["data"]
    assert start == {
        "now": "2025-11-21 10:30:00",
        "next_at": "2025-11-21 10:31:00",
        "position": 0,
        "total": 10,
        "finished": False,
    }
    assert (await post(world, "replay/advance"))[1]["data"]["position"] == 1
    assert (await post(world, "replay/advance", ticks="2"))[1]["data"]["position"] == 3
    until = await post(world, "replay/advance", until="2025-11-21 10:35:00")
    assert until[1]["data"]["now"] == "2025-11-21 10:35:00"
    end = (await post(world, "replay/advance", ticks=100))[1]["data"]
    assert (end["finished"], end["next_at"]) == (True, None)
    async with world.client() as client:
        again = await client.get("/api/v1/replay/", headers={"X-API-KEY": KEY})
    assert again.json()["data"] == end


@pytest.mark.parametrize(
    "members",
    [{"until": "21-11-2025"}, {"until": 5}, {"ticks": 0}, {"ticks": 1.5}, {"ticks": "many"}],
)
async def test_a_replay_is_told_clearly(world: World, members: dict[str, object]) -> None:
    world.replay = FakeReplay()
    status, body = await post(world, "replay/advance", **members)
    assert (status, list(body["errors"])) == (400, list(members))
    assert world.replay.position == 0


@pytest.mark.parametrize("endpoint", ["replay", "replay/advance"])
async def test_other_markets_cannot_be_played(world: World, endpoint: str) -> None:
    status, body = await post(world, endpoint)
    assert (status, body["message"]) == (404, "Not found")


# --- health


async def test_health_needs_no_key(world: World) -> None:
    async with world.client() as client:
        live = await client.get("/health/live")
        ready = await client.get("/health/ready")
        status = await client.get("/health/status")
    assert live.json() == {"status": "pass"}
    assert ready.json() == {
        "status": "pass",
        "checks": {"engine": {"status": "pass", "detail": "12 commands waiting"}},
    }
    assert status.json() == {
        "status": "pass",
        "version": "0.1.0",
        "serviceId": "openalgo",
        "description": "OpenAlgo trading platform",
    }
    assert ready.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("word", "status"), [("pass", 200), ("warn", 200), ("fail", 503)])
async def test_only_failing_makes_it_unready(world: World, word: Any, status: int) -> None:
    world.health.word = word
    async with world.client() as client:
        ready = await client.get("/health/ready")
        live = await client.get("/health/live")
    assert (ready.status_code, ready.json()["status"]) == (status, word)
    assert live.status_code == 200
