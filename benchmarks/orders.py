"""Durable paper orders against a bare FastAPI echo of the same body, in the same run.

Bars: at concurrency 64 at least 40 % of the echo's rate; at concurrency 1 a median of at most the
echo's plus three times the same rows inserted and committed through SQLAlchemy.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psutil
from msgspec.structs import asdict
from sqlalchemy import insert

from benchmarks.load import Load, post
from benchmarks.servers import echo_server, make_user, openalgo_server
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product, Trade
from openalgo.domain.portfolio import LedgerEntry, LedgerKind
from openalgo.persistence.migrate import migrate
from openalgo.persistence.sandbox import tables
from openalgo.persistence.stores import Stores, StoreUrls

ROUNDS = 5
SECONDS = 3.0
COMMITS = 300


def body_of(key: str) -> Callable[[int], bytes]:
    """Orders that buy and sell in turn, so the account never runs dry."""
    sides = [
        json.dumps(
            {
                "apikey": key,
                "strategy": "bench",
                "symbol": "SBIN",
                "exchange": "NSE",
                "action": action,
                "quantity": "1",
                "pricetype": "MARKET",
                "product": "MIS",
            }
        ).encode()
        for action in ("BUY", "SELL")
    ]
    return lambda number: sides[number % 2]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        key = make_user(data_dir)
        with openalgo_server(data_dir):
            pass  # the first start creates everything; what counts is the second
        with echo_server() as echo, openalgo_server(data_dir) as server:
            process = psutil.Process(server.pid)
            rss = process.memory_info().rss / 2**20
            print(f"second start to first answer  {server.ready_seconds:.2f} s")
            print(f"memory after start            {rss:.0f} MB")
            _throughput(echo.port, server.port, key)
            _latency(echo.port, server.port, key, data_dir)


def _throughput(echo: int, server: int, key: str) -> None:
    ratios = []
    for number in range(ROUNDS):
        pair = [_load(port, key, 64, SECONDS) for port in (echo, server)]
        ratios.append(pair[1].per_second / pair[0].per_second)
        print(
            f"round {number + 1}: echo {pair[0].per_second:6.0f}/s   "
            f"durable orders {pair[1].per_second:6.0f}/s   ratio {ratios[-1]:.2f}   "
            f"p99 {pair[1].percentile(99):.1f} ms"
        )
    print(f"orders/echo at concurrency 64 {statistics.median(ratios):.2f} (bar 0.40)")


def _latency(echo: int, server: int, key: str, data_dir: Path) -> None:
    samples = [
        (_load(echo, key, 1, SECONDS), _load(server, key, 1, SECONDS)) for _ in range(ROUNDS)
    ]
    echo_p50 = statistics.median(pair[0].percentile(50) for pair in samples)
    order_p50 = statistics.median(pair[1].percentile(50) for pair in samples)
    commit_p50 = asyncio.run(_commit_ms(data_dir / "baseline"))
    allowed = echo_p50 + 3 * commit_p50
    print(
        f"p50 at concurrency 1          order {order_p50:.2f} ms, echo {echo_p50:.2f} ms, "
        f"insert+commit {commit_p50:.2f} ms (bar {allowed:.2f} ms)"
    )


def _load(port: int, key: str, concurrency: int, seconds: float) -> Load:
    return asyncio.run(post(port, "/api/v1/placeorder", body_of(key), concurrency, seconds))


async def _commit_ms(folder: Path) -> float:
    """Median of inserting one order, its trade and its ledger line, and committing."""
    stores = Stores.open(StoreUrls.default(folder))
    await migrate(stores)
    times = []
    for number in range(COMMITS):
        order, trade, entry = _rows(number)
        started = time.perf_counter()
        async with stores.sandbox.write() as tx:
            await tx.execute(insert(tables.orders), [asdict(order)])
            await tx.execute(insert(tables.trades), [asdict(trade)])
            await tx.execute(insert(tables.ledger), [asdict(entry)])
        times.append((time.perf_counter() - started) * 1000)
    await stores.close()
    return statistics.median(times)


def _rows(number: int) -> tuple[Order, Trade, LedgerEntry]:
    now = datetime.now(UTC)
    order = Order(
        account_id=1,
        order_id=f"261121{number:08d}",
        symbol="SBIN",
        exchange=Exchange.NSE,
        action=Action.BUY,
        product=Product.MIS,
        price_type=PriceType.MARKET,
        quantity=Decimal(1),
        price=px(800),
        status=OrderStatus.COMPLETE,
        strategy="bench",
        created_at=now,
        updated_at=now,
    )
    trade = Trade(
        account_id=1,
        trade_id=f"TRADE-20261121-000000-{number:08x}",
        order_id=order.order_id,
        symbol="SBIN",
        exchange=Exchange.NSE,
        action=Action.BUY,
        product=Product.MIS,
        quantity=Decimal(1),
        price=px(800),
        strategy="bench",
        at=now,
    )
    entry = LedgerEntry(
        account_id=1,
        at=now,
        kind=LedgerKind.FILL,
        ref=trade.trade_id,
        available=Decimal(-160),
        used=Decimal(160),
        realised=Decimal(0),
        available_after=Decimal(1_000_000),
        used_after=Decimal(160),
    )
    return order, trade, entry


if __name__ == "__main__":
    main()
