"""What Zerodha's books say, in our words."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from openalgo.brokers.rows import FundsRow, HoldingRow, OrderRow, PositionRow, TradeRow
from openalgo.brokers.zerodha import orders, portfolio
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PriceType
from tests.brokers.zerodha.kite import CRUDE_IN_BARRELS, LISTED, Kite, Listed, said
from tests.instruments.contract_files import DATA, needs_data

MOCKS = DATA / "zerodha-mocks"

ORDER: dict[str, Any] = {
    "order_id": "250820000000001",
    "exchange_order_id": "1100000000000001",
    "parent_order_id": None,
    "status": "TRIGGER PENDING",
    "status_message": None,
    "status_message_raw": None,
    "order_timestamp": "2026-08-20 09:31:00",
    "exchange_timestamp": "2026-08-20 09:31:01",
    "exchange_update_timestamp": "2026-08-20 09:31:02",
    "variety": "regular",
    "exchange": "NFO",
    "tradingsymbol": "NIFTY26AUG24500CE",
    "instrument_token": 15360002,
    "order_type": "SL",
    "transaction_type": "SELL",
    "validity": "DAY",
    "product": "NRML",
    "quantity": 150,
    "disclosed_quantity": 0,
    "price": 99.05,
    "trigger_price": 100,
    "average_price": 0,
    "filled_quantity": 0,
    "pending_quantity": 150,
    "cancelled_quantity": 0,
    "market_protection": 0,
    "meta": {},
    "tag": "oaAB12",
}
TRADE: dict[str, Any] = {
    "trade_id": "1",
    "order_id": "250820000000001",
    "exchange": "NSE",
    "tradingsymbol": "INFY",
    "product": "CNC",
    "average_price": 1500.55,
    "quantity": 3,
    "transaction_type": "BUY",
    "fill_timestamp": "2026-08-20 09:31:02",
    "order_timestamp": "09:31:01",
    "exchange_timestamp": "2026-08-20 09:31:01",
}
POSITION: dict[str, Any] = {
    "tradingsymbol": "CRUDEOIL26AUGFUT",
    "exchange": "MCX",
    "product": "NRML",
    "quantity": -1,
    "multiplier": 100,
    "average_price": 5500,
    "last_price": 5490,
    "pnl": 1500,
    "buy_value": 549500,
    "sell_value": 1100000,
}
HOLDING: dict[str, Any] = {
    "tradingsymbol": "INFY",
    "exchange": "NSE",
    "product": "CNC",
    "quantity": 10,
    "t1_quantity": 5,
    "average_price": 1400.25,
    "last_price": 1500,
}


async def order_book(*rows: dict[str, Any], listed: Listed = LISTED) -> list[OrderRow]:
    kite = Kite(said(list(rows)))
    async with kite.connected(listed) as connection:
        found = await orders.orders(connection)
    assert kite.line == "GET https://api.kite.trade/orders"
    return list(found)


async def positions(*rows: dict[str, Any], listed: Listed = LISTED) -> list[PositionRow]:
    kite = Kite(said({"net": list(rows), "day": [POSITION | {"quantity": 77}]}))
    async with kite.connected(listed) as connection:
        found = await portfolio.positions(connection)
    assert kite.line == "GET https://api.kite.trade/portfolio/positions"
    return list(found)


def ist(second: int) -> datetime:
    return datetime(2026, 8, 20, 4, 1, second, tzinfo=UTC)


async def test_an_order() -> None:
    assert await order_book(ORDER) == [
        OrderRow(
            order_id="250820000000001",
            exchange=Exchange.NFO,
            symbol="NIFTY25AUG2624500CE",
            action=Action.SELL,
            product="NRML",
            price_type=PriceType.SL,
            quantity=Decimal(150),
            status=OrderStatus.TRIGGER_PENDING,
            placed_at=ist(0),
            updated_at=ist(2),
            price=px("99.05"),
            trigger_price=px(100),
            tag="oaAB12",
            handle="regular",
        )
    ]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("COMPLETE", OrderStatus.COMPLETE),
        ("REJECTED", OrderStatus.REJECTED),
        ("CANCELLED", OrderStatus.CANCELLED),
        ("CANCELLED AMO", OrderStatus.CANCELLED),
        ("TRIGGER PENDING", OrderStatus.TRIGGER_PENDING),
        ("OPEN", OrderStatus.OPEN),
        ("UPDATE", OrderStatus.OPEN),
        ("PUT ORDER REQ RECEIVED", OrderStatus.OPEN),
        ("VALIDATION PENDING", OrderStatus.OPEN),
        ("OPEN PENDING", OrderStatus.OPEN),
        ("MODIFY VALIDATION PENDING", OrderStatus.OPEN),
        ("MODIFY PENDING", OrderStatus.OPEN),
        ("MODIFIED", OrderStatus.OPEN),
        ("CANCEL PENDING", OrderStatus.OPEN),
        ("AMO REQ RECEIVED", OrderStatus.OPEN),
        ("NEVER HEARD OF", OrderStatus.OPEN),
    ],
)
async def test_a_status_is_that_of_its_own_row(word: str, status: OrderStatus) -> None:
    found = await order_book(ORDER | {"status": "COMPLETE"}, ORDER | {"status": word})
    assert [row.status for row in found] == [OrderStatus.COMPLETE, status]


async def test_orders_come_oldest_first() -> None:
    later = ORDER | {
        "order_id": "2",
        "order_timestamp": "2026-08-20 10:00:00",
        "exchange_timestamp": None,
        "exchange_update_timestamp": None,
    }
    assert [row.order_id for row in await order_book(later, ORDER)] == ["250820000000001", "2"]


async def test_a_cancelled_order_was_placed_before_it_was_cancelled() -> None:
    [row] = await order_book(ORDER | {"order_timestamp": "2026-08-20 12:00:00"})
    assert (row.placed_at, row.updated_at) == (ist(1), datetime(2026, 8, 20, 6, 30, tzinfo=UTC))


async def test_what_changing_an_order_takes_is_kept() -> None:
    [row] = await order_book(ORDER | {"variety": "co", "parent_order_id": "100"})
    assert row.handle == "co:100"


@pytest.mark.parametrize(
    ("tag", "tags", "ours"),
    [
        ("oaAB12", ["oaAB12", "mktp"], "oaAB12"),
        (None, ["mktp", "mktp:2.00", "oaAB12"], "oaAB12"),
        (None, ["autoslice", "autoslice:1"], ""),
        (None, None, ""),
    ],
)
async def test_tags_of_kite_itself_are_not_ours(
    tag: str | None, tags: list[str] | None, ours: str
) -> None:
    [row] = await order_book(ORDER | {"tag": tag, "tags": tags})
    assert row.tag == ours


async def test_what_the_broker_says_of_a_refusal_is_kept() -> None:
    [row] = await order_book(
        ORDER | {"status_message": "Insufficient funds.", "status_message_raw": "RMS:Margin"}
    )
    assert row.reason == "Insufficient funds."


async def test_symbols_and_products_that_are_not_ours_stay_as_they_are() -> None:
    [row] = await order_book(ORDER | {"tradingsymbol": "ODDITY", "product": "MTF"})
    assert (row.symbol, row.exchange, row.product) == ("ODDITY", Exchange.NFO, "MTF")


async def test_an_order_of_an_exchange_without_a_code_is_left_out() -> None:
    assert await order_book(ORDER | {"exchange": "MF"}) == []


async def test_quantities_of_commodities_are_units() -> None:
    lots = ORDER | {
        "exchange": "MCX",
        "tradingsymbol": "CRUDEOIL26AUGFUT",
        "quantity": 3,
        "filled_quantity": 2,
        "disclosed_quantity": 1,
    }
    for listed, lot in ((LISTED, 1), (Listed([CRUDE_IN_BARRELS]), 100)):
        [row] = await order_book(lots, listed=listed)
        assert row.quantity == 3 * lot
        assert row.filled_quantity == 2 * lot
        assert row.disclosed_quantity == lot


@pytest.mark.parametrize(
    "broken",
    [
        {"transaction_type": "HOLD"},
        {"order_type": "ICEBERG"},
        {"order_timestamp": "yesterday"},
        {"order_timestamp": None},
        {"quantity": "many"},
        {"order_id": None},
    ],
)
async def test_a_row_that_cannot_be_read_is_no_shorter_book(broken: dict[str, Any]) -> None:
    with pytest.raises(BrokerUnavailable) as raised:
        await order_book(ORDER, ORDER | broken)
    assert not any(str(value) in raised.value.message for value in broken.values() if value)


@pytest.mark.parametrize("body", [said(None), said({}), {"status": "success"}, b"[]"])
async def test_an_answer_without_rows_is_no_empty_book(body: object) -> None:
    for ask in (orders.orders, orders.trades, portfolio.holdings, portfolio.positions):
        async with Kite(body).connected() as connection:
            with pytest.raises(BrokerUnavailable):
                await ask(connection)


async def test_a_long_order_book_lets_others_run() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    kite = Kite(said([ORDER] * 20_000))
    async with kite.connected() as connection:
        task = asyncio.create_task(others())
        assert len(await orders.orders(connection)) == 20_000
        task.cancel()
    assert turns > 10


async def test_a_fill_has_its_date() -> None:
    kite = Kite(said([TRADE]))
    async with kite.connected() as connection:
        found = await orders.trades(connection)
    assert kite.line == "GET https://api.kite.trade/trades"
    assert found == [
        TradeRow(
            trade_id="1",
            order_id="250820000000001",
            exchange=Exchange.NSE,
            symbol="INFY",
            action=Action.BUY,
            product="CNC",
            quantity=Decimal(3),
            price=Decimal("1500.55"),
            at=ist(2),
        )
    ]


async def test_profit_counts_whole_contracts() -> None:
    [row] = await positions(POSITION)
    assert row == PositionRow(
        exchange=Exchange.MCX,
        symbol="CRUDEOIL19AUG26FUT",
        product="NRML",
        quantity=Decimal(-1),
        average_price=Decimal(5500),
        ltp=Decimal(5490),
        realised=Decimal(500),
        unrealised=Decimal(1000),
        multiplier=Decimal(100),
    )
    assert row.realised + row.unrealised == POSITION["pnl"]


async def test_a_closed_position_has_only_realised_profit() -> None:
    [row] = await positions(
        POSITION | {"quantity": 0, "average_price": 0, "buy_value": 92559, "sell_value": 93360}
    )
    assert row.realised == 801
    assert row.unrealised == 0


async def test_positions_in_barrels_have_the_same_profit() -> None:
    [lots], [barrels] = (
        await positions(POSITION),
        await positions(POSITION, listed=Listed([CRUDE_IN_BARRELS])),
    )
    assert barrels == msgspec.structs.replace(lots, quantity=Decimal(-100), multiplier=Decimal(1))


async def test_shares_bought_yesterday_are_held() -> None:
    kite = Kite(said([HOLDING]))
    async with kite.connected() as connection:
        found = await portfolio.holdings(connection)
    assert kite.line == "GET https://api.kite.trade/portfolio/holdings"
    assert found == [
        HoldingRow(
            exchange=Exchange.NSE,
            symbol="INFY",
            product="CNC",
            quantity=Decimal(15),
            average_price=Decimal("1400.25"),
            ltp=Decimal(1500),
        )
    ]


def segment(net: float, debits: float, collateral: float, **more: object) -> dict[str, object]:
    return {
        "enabled": True,
        "net": net,
        "available": {"cash": 0, "collateral": collateral},
        "utilised": {"debits": debits, "m2m_realised": 5},
    } | more


@pytest.mark.parametrize(
    ("margins", "row"),
    [
        (
            {"equity": segment(100.5, 20, 30), "commodity": segment(10, 0, 0)},
            FundsRow(available=Decimal("100.5"), collateral=Decimal(30), utilised=Decimal(20)),
        ),
        (
            {"equity": segment(100.5, 20, 30)},
            FundsRow(available=Decimal("90.5"), collateral=Decimal(30), utilised=Decimal(20)),
        ),
        (
            {"equity": segment(10, 0, 0), "commodity": segment(99, 9, 9, enabled=False)},
            FundsRow(available=Decimal(10), collateral=Decimal(0), utilised=Decimal(0)),
        ),
        (
            {"equity": None, "commodity": {"enabled": True, "net": 7}},
            FundsRow(available=Decimal(7), collateral=Decimal(0), utilised=Decimal(0)),
        ),
    ],
)
async def test_funds(margins: dict[str, object], row: FundsRow) -> None:
    kite = Kite(said(margins))
    async with kite.connected() as connection:
        assert await portfolio.funds(connection) == row
    assert kite.line == "GET https://api.kite.trade/user/margins"


@pytest.mark.parametrize("data", [{}, None, {"equity": None}])
async def test_funds_without_a_segment_are_not_zero(data: object) -> None:
    async with Kite(said(data)).connected() as connection:
        with pytest.raises(BrokerUnavailable):
            await portfolio.funds(connection)


@needs_data
async def test_the_recorded_books() -> None:
    async with Kite((MOCKS / "orders.json").read_bytes()).connected() as connection:
        book = await orders.orders(connection)
    assert [(row.status, row.handle, row.tag) for row in book if row.handle != "regular"] == [
        (OrderStatus.REJECTED, "iceberg", "icebergord"),
        (OrderStatus.CANCELLED, "auction", ""),
    ]
    assert len(book) == 10
    assert book[0].placed_at == datetime(2021, 5, 31, 3, 45, 38, tzinfo=UTC)
    async with Kite((MOCKS / "order_info.json").read_bytes()).connected() as connection:
        row = await orders.order(connection, "171229000724687")
    assert (row.status, row.price) == (OrderStatus.OPEN, px("300.1"))
    assert row.placed_at == datetime(2017, 12, 29, 5, 36, 52, tzinfo=UTC)
    async with Kite((MOCKS / "trades.json").read_bytes()).connected() as connection:
        fills = await orders.trades(connection)
    assert (fills[1].price, fills[1].symbol) == (Decimal("72.755"), "USDINR21JUNFUT")
    assert all(fill.at.date() == datetime(2021, 5, 31, tzinfo=UTC).date() for fill in fills)


@needs_data
async def test_the_recorded_portfolio() -> None:
    recorded = msgspec.json.decode((MOCKS / "positions.json").read_bytes())
    async with Kite(recorded).connected() as connection:
        found = await portfolio.positions(connection)
    assert [row.realised + row.unrealised for row in found] == [
        Decimal(row["pnl"]) for row in recorded["data"]["net"]
    ]
    assert [row.product for row in found] == ["NRML", "NRML", "CO"]
    async with Kite((MOCKS / "holdings.json").read_bytes()).connected() as connection:
        held = await portfolio.holdings(connection)
    assert [(row.exchange, row.symbol, row.quantity) for row in held] == [
        (Exchange.NSE, "AARON", Decimal(1)),
        (Exchange.BSE, "SBIN", Decimal(16)),
    ]
    async with Kite((MOCKS / "margins.json").read_bytes()).connected() as connection:
        funds = await portfolio.funds(connection)
    assert funds == FundsRow(
        available=Decimal("346093.30000000002"),
        collateral=Decimal(0),
        utilised=Decimal("145706.55"),
    )
