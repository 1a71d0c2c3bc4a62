"""What is on the wire, byte by byte, where clients depend on it."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.support.server import Server


def order(key: str, **changes: object) -> dict[str, object]:
    return {
        "apikey": key,
        "strategy": "wire",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "quantity": "1",
        **changes,
    }


def test_json_is_compact_and_both_spellings_of_a_path_answer(
    server: Server, fresh_key: str
) -> None:
    for path in ("ping", "ping/"):
        reply = httpx.post(f"{server.url}/api/v1/{path}", json={"apikey": fresh_key})
        assert reply.status_code == 200
        assert b'"status":"success"' in reply.content
        assert b'"message":"pong"' in reply.content


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_any_content_type_is_read_as_json(
    server: Server, fresh_key: str, content_type: str
) -> None:
    reply = httpx.post(
        f"{server.url}/api/v1/placeorder",
        content=json.dumps(order(fresh_key)),
        headers={"Content-Type": content_type},
    )
    assert reply.status_code == 200, reply.text


def test_400_simultaneous_market_orders_on_one_symbol_all_count(
    server: Server, fresh_key: str
) -> None:
    async def place_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=60) as client:
            return await asyncio.gather(
                *(client.post("/api/v1/placeorder", json=order(fresh_key)) for _ in range(400))
            )

    replies = asyncio.run(place_all())
    assert [reply.status_code for reply in replies] == [200] * 400
    assert len({reply.json()["orderid"] for reply in replies}) == 400
    body = {"apikey": fresh_key}
    (position,) = httpx.post(f"{server.url}/api/v1/positionbook", json=body).json()["data"]
    assert position["quantity"] == 400


def test_one_idempotency_key_fired_many_times_is_one_order(server: Server, fresh_key: str) -> None:
    async def place_all() -> list[httpx.Response]:
        headers = {"Idempotency-Key": "again-and-again"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
            return await asyncio.gather(
                *(client.post("/api/v1/placeorder", json=order(fresh_key)) for _ in range(50))
            )

    replies = asyncio.run(place_all())
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["orderid"] for reply in replies}) == 1
    other = httpx.post(
        f"{server.url}/api/v1/placeorder",
        json=order(fresh_key, quantity=2),
        headers={"Idempotency-Key": "again-and-again"},
    )
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_conflict"


def test_a_client_that_hangs_up_does_not_undo_or_double_its_order(
    server: Server, fresh_key: str
) -> None:
    """The answer is lost, not the order: a repeat with the same id tells which one it was."""

    async def hang_up() -> None:
        body = json.dumps(order(fresh_key, client_order_id="lost-answer")).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"POST /api/v1/placeorder HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    asyncio.run(hang_up())
    reply = httpx.post(
        f"{server.url}/api/v1/placeorder", json=order(fresh_key, client_order_id="lost-answer")
    )
    assert reply.status_code == 200
    books = httpx.post(f"{server.url}/api/v1/orderbook", json={"apikey": fresh_key}).json()
    assert [row["orderid"] for row in books["data"]["orders"]] == [reply.json()["orderid"]]


@pytest.mark.parametrize("path", ["main", "feed"])
async def test_order_updates_arrive_on_both_sockets(
    server: Server, fresh_key: str, path: str
) -> None:
    url = (
        f"ws://127.0.0.1:{server.port}/ws" if path == "main" else f"ws://127.0.0.1:{server.ws_port}"
    )
    async with connect(url) as socket:
        await socket.send(json.dumps({"action": "subscribe_orders"}))
        assert json.loads(await socket.recv())["code"] == "NOT_AUTHENTICATED"
        await socket.send(json.dumps({"action": "authenticate", "api_key": fresh_key}))
        auth = json.loads(await socket.recv())
        assert (auth["type"], auth["status"], auth["broker"]) == ("auth", "success", "simulator")
        await socket.send(json.dumps({"action": "subscribe_orders", "request_id": "o1"}))
        assert json.loads(await socket.recv())["request_id"] == "o1"
        async with httpx.AsyncClient() as client:
            reply = await client.post(f"{server.url}/api/v1/placeorder", json=order(fresh_key))
        updates = [json.loads(await socket.recv()) for _ in range(2)]
    assert [update["order_status"] for update in updates] == ["open", "complete"]
    assert {update["orderid"] for update in updates} == {reply.json()["orderid"]}
    assert updates[1]["seq"] == updates[0]["seq"] + 1
    assert updates[1]["filled_quantity"] == 1


async def test_a_socket_with_a_wrong_key_is_told(server: Server) -> None:
    async with connect(f"ws://127.0.0.1:{server.ws_port}") as socket:
        await socket.send(json.dumps({"action": "authenticate", "api_key": "nobody"}))
        answer = json.loads(await socket.recv())
    assert answer["type"] == "auth"
    assert answer["status"] == "error"
    assert answer["code"] == "AUTHENTICATION_ERROR"
