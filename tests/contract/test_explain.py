"""Why an order is as it is: one id from the request to the books."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.server import Server, run_cli

ORDER = {
    "strategy": "why",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": 10,
    "product": "MIS",
}


class Client:
    def __init__(self, http: httpx.Client, key: str) -> None:
        self._http = http
        self._key = key

    def post(self, path: str, cause: str, **body: Any) -> dict[str, Any]:
        reply = self._http.post(
            path, json={"apikey": self._key, **body}, headers={"X-Request-ID": cause}
        )
        answer: dict[str, Any] = reply.json()
        return answer

    def steps(self, order_id: str, logged: int) -> list[dict[str, Any]]:
        """Of the order; `logged` requests must have reached the logs, which are written behind."""
        while True:
            answer = self.post("explain", "why", orderid=order_id)
            assert answer["status"] == "success", answer
            found: list[dict[str, Any]] = answer["data"]["steps"]
            stages = [step["stage"] for step in found]
            if stages.count("request") == stages.count("timing") == logged:
                return found


@pytest.fixture
def client(server: Server, fresh_key: str) -> Iterator[Client]:
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=20) as http:
        yield Client(http, fresh_key)


def told(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(step["stage"], step["request_id"]) for step in steps]


def test_a_fill_is_traced_to_its_request(client: Client) -> None:
    placed = client.post("placeorder", "first", **ORDER)
    steps = client.steps(placed["orderid"], logged=1)
    assert told(steps) == [
        ("request", "first"),
        ("timing", "first"),
        ("order", "first"),
        ("order", "first"),
        ("trade", "first"),
        ("money", "first"),
    ]
    assert steps[0]["text"] == "placeorder came in"
    assert json.loads(steps[0]["detail"]["response"])["orderid"] == placed["orderid"]
    assert "apikey" not in steps[0]["detail"]["request"]
    assert steps[2]["text"] == "Accepted: BUY 10 SBIN; now open"
    assert steps[3]["text"] == "Filled: BUY 10 SBIN; now complete, 10 filled"
    assert steps[4]["text"].startswith("Traded 10 at ₹")
    assert steps[5]["text"].startswith("Blocked ₹")


def test_every_change_names_the_request_that_made_it(client: Client) -> None:
    terms = {**ORDER, "pricetype": "LIMIT", "price": "10"}
    order_id = client.post("placeorder", "one", **terms)["orderid"]
    client.post("modifyorder", "two", orderid=order_id, **{**terms, "price": "11"})
    client.post("cancelorder", "three", strategy="why", orderid=order_id)
    steps = client.steps(order_id, logged=3)
    changes = [step for step in steps if step["stage"] == "order"]
    assert [(step["request_id"], step["text"].split(":")[0]) for step in changes] == [
        ("one", "Accepted"),
        ("two", "Modified"),
        ("three", "Cancelled"),
    ]
    assert [step["request_id"] for step in steps if step["stage"] == "money"] == [
        "one",
        "two",
        "three",
    ]


def test_a_part_of_a_split_knows_which_it_is(client: Client) -> None:
    split = client.post("splitorder", "parts", client_order_id="slices", splitsize=4, **ORDER)
    steps = client.steps(split["results"][1]["orderid"], logged=1)
    (plan,) = [step for step in steps if step["stage"] == "plan"]
    assert plan["text"] == "Order 2 of 3 of the request slices"


def test_the_command_line_tells_the_same(server: Server, client: Client) -> None:
    order_id = client.post("placeorder", "cli", **ORDER)["orderid"]
    steps = client.steps(order_id, logged=1)
    shown = run_cli("explain", order_id, "--data-dir", str(server.data_dir))
    assert shown.returncode == 0, shown.stderr
    assert [line.split("  ", 2)[2].strip() for line in shown.stdout.splitlines()] == [
        step["text"] for step in steps
    ]
    as_json = run_cli("explain", order_id, "--json", "--data-dir", str(server.data_dir))
    assert json.loads(as_json.stdout)["steps"] == steps
    unknown = run_cli("explain", "1", "--data-dir", str(server.data_dir))
    assert (unknown.returncode, unknown.stderr) == (1, "openalgo: Order 1 not found\n")


def test_orders_of_others_are_not_explained(server: Server, client: Client) -> None:
    order_id = client.post("placeorder", "mine", **ORDER)["orderid"]
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=20) as http:
        other = Client(http, server.new_account())
        assert other.post("explain", "theirs", orderid=order_id)["code"] == "order_not_found"
