"""What SDK 2.0.5 sends and reads, as transcripts: it needs Python 3.12, so it cannot run here.

It posts numbers as text and hands on the decoded reply, with `code` added unless it is a 200.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.server import Server


class Transcript:
    def __init__(self, http: httpx.Client, key: str) -> None:
        self._http = http
        self._key = key

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        response = self._http.post(path, json={"apikey": self._key, **body})
        reply: dict[str, Any] = response.json()
        return reply if response.status_code == 200 else {**reply, "code": response.status_code}


@pytest.fixture
def client(server: Server, fresh_key: str) -> Iterator[Transcript]:
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=20) as http:
        yield Transcript(http, fresh_key)


def gtt(client: Transcript, **changes: Any) -> dict[str, Any]:
    ltp = client.post("quotes", symbol="SBIN", exchange="NSE")["data"]["ltp"]
    body = {
        "strategy": "sdk2",
        "trigger_type": "SINGLE",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "product": "CNC",
        "quantity": "5",
        "pricetype": "LIMIT",
        "price": f"{ltp * 0.9:.0f}",
        "triggerprice_sl": f"{ltp * 0.9:.0f}",
        "triggerprice_tg": "",
        "stoploss": "",
        "target": "",
    }
    return {**body, **changes}


def test_a_gtt_lives_from_placement_to_cancellation(client: Transcript) -> None:
    placed = client.post("placegttorder", **gtt(client))
    assert placed["status"] == "success", placed
    assert placed["mode"] == "analyze"
    trigger_id = placed["trigger_id"]
    assert trigger_id.startswith("GTT-")

    (row,) = client.post("gttorderbook", status="active")["data"]
    assert (row["trigger_id"], row["trigger_type"], row["status"]) == (
        trigger_id,
        "single",
        "active",
    )
    assert len(row["trigger_prices"]) == 1
    (leg,) = row["legs"]
    assert set(leg) == {"action", "quantity", "price", "pricetype", "product"}

    assert (
        client.post("modifygttorder", **gtt(client, trigger_id=trigger_id, quantity="6"))[
            "trigger_id"
        ]
        == trigger_id
    )
    assert client.post("gttorderbook")["data"][0]["legs"][0]["quantity"] == 6
    cancelled = client.post("cancelgttorder", strategy="sdk2", trigger_id=trigger_id)
    assert cancelled["status"] == "success"
    assert client.post("gttorderbook")["data"] == []
    assert client.post("gttorderbook", status="all")["data"][0]["status"] == "cancelled"
    again = client.post("cancelgttorder", strategy="sdk2", trigger_id=trigger_id)
    assert (again["code"], again["message"]) == (
        404,
        f"No active GTT with trigger_id '{trigger_id}'",
    )


def test_both_triggers_of_an_oco_are_listed_ascending(client: Transcript) -> None:
    client.post(
        "placeorder",
        strategy="sdk2", symbol="SBIN", exchange="NSE", action="BUY", quantity="5", product="CNC",
    )  # fmt: skip
    ltp = client.post("quotes", symbol="SBIN", exchange="NSE")["data"]["ltp"]
    low, high = round(ltp * 0.9), round(ltp * 1.1)
    used = client.post("funds")["data"]["utiliseddebits"]
    placed = client.post(
        "placegttorder",
        **gtt(
            client,
            trigger_type="OCO",
            action="SELL",
            price="0",
            triggerprice_sl=str(low),
            stoploss=str(low),
            triggerprice_tg=str(high),
            target=str(high),
        ),
    )
    assert placed["status"] == "success", placed
    (row,) = client.post("gttorderbook")["data"]
    assert (row["trigger_type"], row["trigger_prices"]) == ("two-leg", [low, high])
    assert client.post("funds")["data"]["utiliseddebits"] == used, "covered shares block nothing"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"product": "MIS"}, "GTT supports only CNC"),
        ({"triggerprice_tg": "100000"}, "trigger"),
        ({"triggerprice_sl": "0"}, "trigger"),
        ({"trigger_type": "OCO"}, "OCO"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_a_gtt_that_makes_no_sense_is_refused(
    client: Transcript, changes: dict[str, Any], text: str
) -> None:
    refused = client.post("placegttorder", **gtt(client, **changes))
    assert (refused["status"], refused["code"]) == ("error", 400), refused
    assert text in refused["message"]


def test_a_repeat_with_the_same_id_is_answered_the_same(client: Transcript) -> None:
    order = {
        "strategy": "sdk2", "symbol": "SBIN", "exchange": "NSE", "action": "BUY",
        "quantity": "9", "splitsize": "4", "product": "MIS", "client_order_id": "sdk2-split",
    }  # fmt: skip
    first, second = client.post("splitorder", **order), client.post("splitorder", **order)
    assert first == second
    assert len(client.post("orderbook")["data"]["orders"]) == 3
    other = client.post("splitorder", **{**order, "quantity": "10"})
    assert other["code"] == 409
