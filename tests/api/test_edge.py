"""What every request meets first, whatever it asks for."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from openalgo.api.addresses import ClientAddresses
from openalgo.api.application import ApiSettings
from openalgo.api.edge import Edge
from openalgo.api.limits import AddressLimits
from openalgo.observability.traffic import TrafficRecord
from tests.api.fakes import KEY, World, order_body


def http_scope(path: str, headers: Iterable[tuple[bytes, bytes]] = (), **more: Any) -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": list(headers),
        "client": ("127.0.0.1", 50000),
        "state": {},
        **more,
    }


class Wire:
    """A server's side of ASGI: hands out `messages` and keeps what is sent."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self._messages.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def left(self) -> int:
        return len(self._messages)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> Any:
        return json.loads(self.sent[1]["body"])


def chunk(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def edge(app: Any, *, traffic: list[TrafficRecord] | None = None, max_body: int = 1024) -> Edge:
    return Edge(
        app,
        max_body_bytes=max_body,
        addresses=AddressLimits("1000 per second"),
        traffic=None if traffic is None else traffic.append,
    )


# --- the client's address


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_everybody_is_told_the_same_address(kind: str) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["state"]["address"])

    outer = Edge(
        app,
        max_body_bytes=1024,
        addresses=AddressLimits("1000 per second"),
        clients=ClientAddresses(["127.0.0.1"]),
    )
    wire = Wire(chunk(b"", more=False))
    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    await outer(http_scope("/ws", headers, type=kind), wire.receive, wire.send)
    assert seen == ["203.0.113.9"]


# --- request id


async def test_every_answer_carries_a_request_id_of_its_own(world: World) -> None:
    async with world.client() as client:
        ids = [
            (await client.get("/health/live")).headers["x-request-id"],
            (await client.get("/nowhere")).headers["x-request-id"],
            (await client.post("/api/v1/funds", json={"apikey": KEY})).headers["x-request-id"],
        ]
    assert len(set(ids)) == 3
    assert all(len(each) >= 12 for each in ids)


async def test_a_sane_request_id_of_the_client_is_kept(world: World) -> None:
    async with world.client() as client:
        reply = await client.post(
            "/api/v1/placeorder", json=order_body(), headers={"X-Request-ID": "bot-7.a_b"}
        )
    assert reply.headers["x-request-id"] == "bot-7.a_b"
    assert world.venue.placed[0][1] == "bot-7.a_b"


@pytest.mark.parametrize("given", ["", "with space", "x" * 65, "a\nb", "<script>", "é"])
async def test_any_other_request_id_is_replaced(given: str) -> None:
    wire = Wire(chunk(b"", more=False))
    headers = [(b"x-request-id", given.encode())]
    await edge(echo)(http_scope("/api/v1/funds", headers), wire.receive, wire.send)
    answered = dict(wire.sent[0]["headers"])[b"x-request-id"]
    assert answered != given.encode()
    assert len(answered) >= 12


async def test_error_bodies_name_the_request(world: World) -> None:
    async with world.client() as client:
        reply = await client.get("/nowhere")
    assert reply.json()["request_id"] == reply.headers["x-request-id"]


# --- paths and content types


async def test_a_trailing_slash_makes_no_difference_and_no_redirect(world: World) -> None:
    async with world.client() as client:
        for path in ("/api/v1/funds", "/api/v1/funds/", "/api/v1/analyzer/toggle/"):
            reply = await client.post(path, json={"apikey": KEY, "mode": True})
            assert (reply.status_code, reply.json()["status"]) == (200, "success"), path


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", ""],
)
async def test_any_content_type_is_read_as_json(world: World, content_type: str) -> None:
    async with world.client() as client:
        reply = await client.post(
            "/api/v1/placeorder",
            content=json.dumps(order_body()),
            headers={"Content-Type": content_type},
        )
    assert reply.status_code == 200


async def test_a_missing_content_type_is_read_as_json(world: World) -> None:
    async with world.client() as client:
        request = client.build_request(
            "POST", "/api/v1/placeorder", content=json.dumps(order_body())
        )
        request.headers.pop("content-type", None)
        reply = await client.send(request)
    assert reply.status_code == 200


# --- body limit


async def test_a_declared_length_above_the_limit_is_refused_unread() -> None:
    wire = Wire(chunk(b"never read"))
    scope = http_scope("/api/v1/placeorder", [(b"content-length", b"1025")])
    await edge(echo)(scope, wire.receive, wire.send)
    assert (wire.status, wire.left) == (413, 1)
    assert wire.body["code"] == "body_too_large"
    assert wire.body["message"] == "Request body is larger than 1024 bytes"
    assert (b"connection", b"close") in wire.sent[0]["headers"]


@pytest.mark.parametrize("declared", [None, b"10", b"-1", b"many"])
async def test_a_body_is_counted_while_it_is_read(declared: bytes | None) -> None:
    wire = Wire(chunk(b"x" * 1000), chunk(b"x" * 1000), chunk(b"x" * 1000))
    headers = [] if declared is None else [(b"content-length", declared)]
    await edge(echo)(http_scope("/api/v1/placeorder", headers), wire.receive, wire.send)
    assert (wire.status, wire.left) == (413, 1)


async def test_a_body_in_pieces_arrives_whole() -> None:
    wire = Wire(chunk(b'{"a":'), chunk(b"1"), chunk(b"}", more=False))
    await edge(echo)(http_scope("/api/v1/placeorder"), wire.receive, wire.send)
    assert wire.body == {"a": 1}


async def test_a_body_at_the_limit_passes() -> None:
    wire = Wire(chunk(b" " * 1022 + b"{}", more=False))
    await edge(echo)(http_scope("/api/v1/placeorder"), wire.receive, wire.send)
    assert wire.status == 200


async def test_too_large_a_body_gets_the_envelope_from_the_whole_api() -> None:
    world = World(settings=ApiSettings(version="0", max_body_bytes=512))

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b" " * 128

    async with world.client() as client:
        reply = await client.post("/api/v1/placeorder", content=pieces())
    assert reply.status_code == 413
    assert reply.json()["status"] == "error"


# --- limit per address


async def test_a_flood_from_one_address_is_held_off_before_its_key_is_read() -> None:
    world = World(settings=ApiSettings(version="0", address_limit="2 per minute"))
    async with world.client(address="203.0.113.9") as client:
        replies = [await client.post("/api/v1/funds", json={}) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [400, 400, 429]
    body = replies[2].json()
    assert body["code"] == "rate_limited"
    assert body["message"] == "Rate limit exceeded. Please slow down your requests."
    assert replies[2].headers["retry-after"] == str(body["retry_after"])
    assert body["retry_after"] >= 1


async def test_this_machine_is_exempt() -> None:
    world = World(settings=ApiSettings(version="0", address_limit="1 per minute"))
    async with world.client() as client:
        statuses = {(await client.get("/health/live")).status_code for _ in range(5)}
    assert statuses == {200}


# --- failures inside


async def test_an_unforeseen_error_tells_the_client_nothing_and_the_log_everything(
    world: World,
) -> None:
    world.venue.refusal = ZeroDivisionError("the secret inside")
    with capture_logs() as logs:
        async with world.client() as client:
            reply = await client.post("/api/v1/placeorder", json=order_body())
    assert reply.status_code == 500
    assert reply.json() == {
        "status": "error",
        "message": "An unexpected error occurred",
        "code": "internal_error",
        "mode": "analyze",
        "request_id": reply.headers["x-request-id"],
    }
    [entry] = [log for log in logs if log["log_level"] == "error"]
    assert entry["exc_info"]
    assert (entry["method"], entry["path"]) == ("POST", "/api/v1/placeorder")


async def test_an_error_below_the_application_gets_the_same_envelope() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("the secret inside")

    wire = Wire(chunk(b"", more=False))
    with capture_logs() as logs:
        await edge(broken)(http_scope("/api/v1/funds"), wire.receive, wire.send)
    assert wire.status == 500
    assert wire.body["code"] == "internal_error"
    assert "secret" not in json.dumps(wire.body)
    assert [log["event"] for log in logs] == ["request failed"]


async def test_an_answer_that_breaks_off_halfway_is_left_to_the_server() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("halfway")

    wire = Wire(chunk(b"", more=False))
    with capture_logs(), pytest.raises(RuntimeError, match="halfway"):
        await edge(broken)(http_scope("/api/v1/funds"), wire.receive, wire.send)
    assert [message["type"] for message in wire.sent] == ["http.response.start"]


async def test_a_client_that_leaves_is_no_error() -> None:
    traffic: list[TrafficRecord] = []
    wire = Wire(chunk(b'{"half'), {"type": "http.disconnect"})
    with capture_logs() as logs:
        await edge(echo, traffic=traffic)(http_scope("/api/v1/placeorder"), wire.receive, wire.send)
    assert (wire.sent, logs) == ([], [])
    assert [record.status_code for record in traffic] == [499]


async def test_after_the_body_the_application_hears_of_the_server_again() -> None:
    heard: list[str] = []

    async def patient(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    wire = Wire(chunk(b"{}", more=False), {"type": "http.disconnect"})
    await edge(patient)(http_scope("/api/v1/funds"), wire.receive, wire.send)
    assert heard == ["http.request", "http.disconnect"]


async def test_other_protocols_pass_untouched() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    await edge(app)({"type": "lifespan"}, Wire().receive, Wire().send)
    assert seen == [{"type": "lifespan"}]


# --- traffic and headers


async def test_traffic_hears_of_every_request_but_never_of_its_query(world: World) -> None:
    async with world.client(address="203.0.113.9") as client:
        await client.post(f"/api/v1/funds/?apikey={KEY}", json={})
        await client.get("/nowhere?apikey=secret")
    first, second = world.traffic
    assert (first.method, first.path, first.status_code) == ("POST", "/api/v1/funds", 200)
    assert (first.client_ip, first.host, first.user_id) == ("203.0.113.9", "openalgo", 1)
    assert first.duration_ms > 0
    assert (second.path, second.status_code, second.error) == ("/nowhere", 404, "not_found")
    assert second.user_id is None
    assert KEY not in repr(world.traffic)
    assert "secret" not in repr(world.traffic)


async def test_answers_of_the_api_are_neither_sniffed_nor_stored(world: World) -> None:
    async with world.client() as client:
        good = await client.post("/api/v1/funds", json={"apikey": KEY})
        bad = await client.post("/api/v1/funds", json={})
        page = await client.get("/api/docs")
    for reply in (good, bad):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "cache-control" not in page.headers


async def test_concurrent_requests_keep_their_ids_apart(world: World) -> None:
    async with world.client() as client:
        replies = await asyncio.gather(
            *(
                client.post(
                    "/api/v1/placeorder", json=order_body(), headers={"X-Request-ID": f"r{n}"}
                )
                for n in range(8)
            )
        )
    assert [reply.headers["x-request-id"] for reply in replies] == [f"r{n}" for n in range(8)]
    assert {cause for _, cause in world.venue.placed} == {f"r{n}" for n in range(8)}
