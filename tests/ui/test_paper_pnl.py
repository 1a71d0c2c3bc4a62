"""What an account made on paper."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from openalgo.domain.errors import EngineBusy
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Product, Trade
from openalgo.domain.portfolio import DailyResult, Holding, MarkedHolding
from tests.api.fakes import NOW, position
from tests.ui.site import Site

TABLES = ("daily", "positions", "holdings", "trades")
DAY = DailyResult(
    account_id=1,
    run=0,
    date=date(2025, 11, 20),
    realised=Decimal("-120.5000"),
    positions_unrealised=Decimal("30.2500"),
    holdings_unrealised=Decimal("-10.0000"),
    total_mtm=Decimal("-100.2500"),
    available=Decimal(9998500),
    used=Decimal(1500),
    portfolio_value=Decimal("9999899.7500"),
)
TRADE = Trade(
    account_id=1,
    trade_id="TRADE-20251121-103000-00000001",
    order_id="25112100000001",
    symbol="RELIANCE",
    exchange=Exchange.NSE,
    action=Action.BUY,
    product=Product.MIS,
    quantity=Decimal(10),
    price=px("1512.4"),
    strategy="breakout",
    at=NOW,
)
HELD = MarkedHolding(
    holding=Holding(
        account_id=1,
        symbol="=SUM(A1)",
        exchange=Exchange.NSE,
        quantity=Decimal(4),
        cost=Decimal("2000.0000"),
        settled_on=date(2025, 11, 20),
    ),
    ltp=Decimal("550.5"),
)


@pytest.fixture
def books(site: Site) -> Site:
    """The first account has one row of everything."""
    world = site.world
    world.venue.marked = [position("10", "15000", "100", "2.5"), position("0", realised="7")]
    world.venue.held = [HELD]
    world.paper_past.results = [DAY]
    world.paper_past.fills = [TRADE]
    return site


async def table(browser: httpx.AsyncClient, name: str) -> list[dict[str, str]]:
    reply = await browser.get(f"/sandbox/mypnl/export/{name}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.headers["content-disposition"] == f'attachment; filename="sandbox_{name}.csv"'
    return list(csv.DictReader(io.StringIO(reply.text)))


async def test_everything_is_told_at_once(books: Site, browser: httpx.AsyncClient) -> None:
    reply = await browser.get("/sandbox/mypnl/api/data")
    assert reply.status_code == 200
    data: Any = reply.json()["data"]
    assert data["summary"] == {
        "today_realized_pnl": 2.5,
        "all_time_realized_pnl": 12.5234,
        "positions_unrealized_pnl": 100,
        "holdings_unrealized_pnl": 202,
        "total_unrealized_pnl": 302,
        "today_total_mtm": 304.5,
        "total_pnl": 314.5234,
        "available_balance": 9998500.1234,
        "total_capital": 10000000,
    }
    assert data["daily_pnl"] == [
        {
            "date": "2025-11-20",
            "realized_pnl": -120.5,
            "positions_unrealized": 30.25,
            "holdings_unrealized": -10,
            "total_unrealized": 20.25,
            "total_mtm": -100.25,
            "portfolio_value": 9999899.75,
        }
    ]
    opened, closed = data["positions"]
    assert opened == {
        "symbol": "RELIANCE",
        "exchange": "NSE",
        "product": "MIS",
        "quantity": 10,
        "average_price": 1500,
        "ltp": 1510,
        "unrealized_pnl": 100,
        "today_realized_pnl": 2.5,
        "all_time_realized_pnl": 0,
        "status": "Open",
        "updated_at": "2025-11-21 10:30:00",
    }
    assert (closed["status"], closed["quantity"], closed["average_price"]) == ("Closed", 0, 0)
    assert data["holdings"] == [
        {
            "symbol": "=SUM(A1)",
            "exchange": "NSE",
            "quantity": 4,
            "average_price": 500,
            "ltp": 550.5,
            "unrealized_pnl": 202,
            "pnl_percent": 10.1,
            "settlement_date": "2025-11-20",
        }
    ]
    assert data["trades"] == [
        {
            "tradeid": "TRADE-20251121-103000-00000001",
            "symbol": "RELIANCE",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": 10,
            "price": 1512.4,
            "product": "MIS",
            "timestamp": "2025-11-21 10:30:00",
        }
    ]


async def test_pages_show_the_newest_and_tables_everything(
    books: Site, browser: httpx.AsyncClient
) -> None:
    past = books.world.paper_past
    past.results = [replace(DAY, date=DAY.date - timedelta(days=n)) for n in range(40)]
    past.fills = [replace(TRADE, trade_id=f"TRADE-{n}") for n in range(450)]
    data = (await browser.get("/sandbox/mypnl/api/data")).json()["data"]
    assert (len(data["daily_pnl"]), len(data["trades"])) == (30, 50)
    assert data["daily_pnl"][0]["date"] == "2025-11-20"
    assert len(await table(browser, "daily")) == 40
    trades = await table(browser, "trades")
    assert [row["tradeid"] for row in trades] == [f"TRADE-{n}" for n in range(450)]


async def test_tables_have_the_columns_of_the_page(books: Site, browser: httpx.AsyncClient) -> None:
    data = (await browser.get("/sandbox/mypnl/api/data")).json()["data"]
    for name, key in zip(TABLES, ("daily_pnl", "positions", "holdings", "trades"), strict=True):
        assert [list(row) for row in await table(browser, name)] == [list(row) for row in data[key]]


async def test_formulas_are_text_and_losses_are_numbers(
    books: Site, browser: httpx.AsyncClient
) -> None:
    assert (await table(browser, "holdings"))[0]["symbol"] == "'=SUM(A1)"
    assert (await table(browser, "daily"))[0]["realized_pnl"] == "-120.5"


@pytest.mark.parametrize("name", TABLES)
async def test_there_may_be_nothing_to_export(browser: httpx.AsyncClient, name: str) -> None:
    reply = await browser.get(f"/sandbox/mypnl/export/{name}")
    assert (reply.status_code, reply.json()["code"]) == (404, "nothing_to_export")


async def test_nobody_sees_the_books_of_others(books: Site, browser: httpx.AsyncClient) -> None:
    books.world.venue.marked = []
    await books.make_other_user()
    async with books.visit(username="asha") as other:
        data = (await other.get("/sandbox/mypnl/api/data")).json()["data"]
        assert [data[key] for key in ("daily_pnl", "holdings", "trades")] == [[], [], []]
        for name in ("daily", "holdings", "trades"):
            assert (await other.get(f"/sandbox/mypnl/export/{name}")).status_code == 404
    assert len(await table(browser, "trades")) == 1


async def test_books_that_cannot_be_read_are_an_error(
    books: Site, browser: httpx.AsyncClient
) -> None:
    books.world.venue.refusal = EngineBusy()
    for path in ("api/data", "export/positions", "export/holdings"):
        reply = await browser.get(f"/sandbox/mypnl/{path}")
        assert (reply.status_code, reply.json()["code"]) == (503, "engine_busy")
