"""One account, paper and live in turn: paper orders on the prices of the broker's own feed."""

from collections.abc import Iterator

import pytest

from tests.support.live_server import LiveServer
from tests.support.ws_client import WsClient


@pytest.fixture
def paper(live: LiveServer) -> Iterator[LiveServer]:
    """The account in analyzer mode."""
    switched = live.ok("analyzer/toggle", mode=True)["data"]
    assert switched["mode"] == "analyze"
    yield live
    live.ok("analyzer/toggle", mode=False)


def test_orders_at_the_broker_go_on_in_analyzer_mode(live: LiveServer, updates: WsClient) -> None:
    live.twin.price("NSE:SUNPHARMA", 1700.0)
    order_id = live.place("SUNPHARMA", pricetype="LIMIT", price=1690)
    updates.order(order_id, "open")
    live.ok("analyzer/toggle", mode=True)
    try:
        shown = live.ok("orderbook")
        assert shown["mode"] == "analyze"
        assert order_id not in [row["orderid"] for row in shown["data"]["orders"]]
        assert live.post("cancelorder", strategy="live", orderid=order_id).status_code == 404
        assert live.ok("cancelallorder", strategy="live")["canceled_orders"] == []
        live.twin.price("NSE:SUNPHARMA", 1689.0)
        assert updates.order(order_id, "complete")["mode"] == "live"
    finally:
        live.ok("analyzer/toggle", mode=False)
    assert live.status(order_id)["order_status"] == "complete"


def test_paper_orders_fill_at_the_brokers_prices_and_stay_here(
    paper: LiveServer, updates: WsClient
) -> None:
    paper.twin.price("NSE:BRITANNIA", 5000.0)
    before = len(paper.twin.ask("/book"))
    bought = paper.ok(
        "placeorder", strategy="paper", symbol="BRITANNIA", exchange="NSE", action="BUY", quantity=3
    )
    assert bought["mode"] == "analyze"
    told = updates.order(bought["orderid"], "complete")
    assert (told["mode"], told["broker"]) == ("analyze", "sandbox")
    best_offer = 5000.5
    assert 5000.0 <= told["average_price"] <= best_offer
    stop = paper.ok(
        "placeorder",
        strategy="paper",
        symbol="BRITANNIA",
        exchange="NSE",
        action="SELL",
        quantity=3,
        pricetype="SL-M",
        trigger_price=4950,
        price=0,
    )["orderid"]
    updates.order(stop, "trigger pending")
    paper.twin.price("NSE:BRITANNIA", 4960.0)
    paper.twin.price("NSE:BRITANNIA", 4949.0)
    assert updates.order(stop, "complete")["average_price"] <= 4950
    assert len(paper.twin.ask("/book")) == before
