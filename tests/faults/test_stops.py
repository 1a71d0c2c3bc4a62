"""kill -9: what had triggered has triggered, and what waits goes on waiting."""

from pathlib import Path
from typing import Any

from tests.support.server import Server, init


def test_stops_are_where_they_were_after_a_kill(tmp_path: Path) -> None:
    server = Server(data_dir=tmp_path, api_key=init(tmp_path))
    server.start()

    def stop(price: float, trigger: float) -> object:
        return server.ok(
            "placeorder",
            strategy="crash",
            symbol="SBIN",
            exchange="NSE",
            action="BUY",
            quantity=1,
            pricetype="SL",
            price=price,
            trigger_price=trigger,
        )["orderid"]

    def rows() -> dict[object, dict[str, Any]]:
        data: Any = server.ok("orderbook")["data"]
        return {row["orderid"]: row for row in data["orders"]}

    triggered, waiting = stop(price=1, trigger=1), stop(price=90_000, trigger=90_000)
    before = rows()
    assert before[triggered]["order_status"] == "open"
    assert before[waiting]["order_status"] == "trigger pending"
    server.kill()
    server.start()
    try:
        assert rows() == before
        server.ok("cancelorder", strategy="crash", orderid=triggered)
        server.ok("cancelorder", strategy="crash", orderid=waiting)
        funds: Any = server.ok("funds")["data"]
        assert funds["utiliseddebits"] == 0
    finally:
        server.stop()
