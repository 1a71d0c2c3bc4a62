"""Where the feed of a running server ends, and how it says so."""

import json
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.server import Server, serving

SMALL = {
    "WS_MAX_CLIENTS": "3",
    "WS_MAX_CLIENTS_PER_USER": "2",
    "WS_MAX_SUBSCRIPTIONS": "1",
    "WS_AUTH_GRACE_SECONDS": "1",
}


def ending(socket: ClientConnection) -> tuple[int | None, str | None]:
    """How the server ends it, after whatever else it sends."""
    try:
        while True:
            socket.recv()
    except ConnectionClosed:
        return socket.close_code, socket.close_reason


def test_a_message_may_be_a_megabyte_long(server: Server, fresh_key: str) -> None:
    head = json.dumps({"action": "authenticate", "api_key": fresh_key, "x": ""})[:-2]
    with connect(f"ws://127.0.0.1:{server.ws_port}") as socket:
        socket.send(head + "y" * (1024 * 1024 - len(head) - 2) + '"}')
        assert json.loads(socket.recv())["status"] == "success"
        socket.send("y" * (1024 * 1024 + 1))
        code, _ = ending(socket)
    assert code == 1009


def test_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    with serving(tmp_path, env=SMALL) as server:
        url = f"ws://127.0.0.1:{server.ws_port}"
        say = json.dumps({"action": "authenticate", "api_key": server.api_key})
        with connect(url) as first, connect(url) as second, connect(url) as third:
            for socket in (first, second):
                socket.send(say)
                assert json.loads(socket.recv())["status"] == "success"
            with connect(url) as fourth:
                assert ending(fourth) == (1013, "too many clients")
            third.send(say)
            assert ending(third) == (1013, "too many clients of this user")
            with connect(url) as silent:
                assert ending(silent) == (4401, "auth timeout")
            wanted = {"action": "subscribe", "symbols": ["NSE:SBIN", "NSE:INFY"]}
            first.send(json.dumps(wanted))
            ack = json.loads(first.recv())
            assert [each.get("code") for each in ack["subscriptions"]] == [
                None,
                "MAX_CAPACITY_REACHED",
            ]
            server.stop()
            for socket in (first, second):
                assert ending(socket) == (1001, "the server is shutting down")
