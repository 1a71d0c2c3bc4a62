"""The whole server on PostgreSQL: orders fill, and kill -9 takes nothing that was acknowledged."""

import asyncio
from pathlib import Path

from tests.support.postgres import create_database
from tests.support.server import Server, init

ORDER = {
    "strategy": "pg",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": 1,
}


def test_orders_survive_kill_9_on_postgresql(tmp_path: Path) -> None:
    env = {"DATABASE_URL": asyncio.run(create_database())}
    server = Server(data_dir=tmp_path, api_key=init(tmp_path, env), env=env)
    server.start()
    first = server.ok("placeorder", **ORDER, client_order_id="one")
    server.ok("placeorder", **{**ORDER, "pricetype": "LIMIT", "price": 1})
    server.kill()
    server.start()
    try:
        assert server.ok("placeorder", **ORDER, client_order_id="one") == first
        books = server.ok("orderbook")["data"]
        assert isinstance(books, dict)
        assert sorted(row["order_status"] for row in books["orders"]) == ["complete", "open"]
    finally:
        assert server.stop() == 0
    assert not list(tmp_path.glob("*.db")), "nothing is kept beside PostgreSQL"
