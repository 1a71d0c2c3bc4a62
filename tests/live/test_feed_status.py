"""What clients hear while the broker's feed cannot be reached: they are let in all the same."""

import time

from tests.support.live_server import LiveServer, soon
from tests.support.sdk import sdk
from tests.support.sdk2_feed import WAITS, Sdk2Feed


def test_a_broker_that_is_slow_keeps_no_client_out(live: LiveServer) -> None:
    live.twin.tell("/feed", refuse=True)
    live.twin.tell("/feed/close", code=1001)
    down = ("connecting", "error")
    feed = Sdk2Feed(live.server.api_key, live.stream)
    try:
        began = time.monotonic()
        assert feed.connect() is True
        with sdk(live.server.api_key, live.url, live.server.ws_port) as older:
            assert older.connect() is True
            older.disconnect()
        assert time.monotonic() - began < 2 * WAITS
        told = feed.until(lambda message: message.get("type") == "feed_status")
        assert (told["status"] in down, told["broker"]) == (True, "zerodha")
        feed.say(action="get_broker_info")
        info = feed.until(lambda message: message.get("type") == "broker_info")
        assert info["adapter_status"] in down
        live.twin.tell("/feed", refuse=False, state="live")
        feed.until(
            lambda message: (
                message.get("type") == "feed_status" and message["status"] == "connected"
            )
        )
        soon(lambda: live.twin.ask("/feed"), "the feed")
    finally:
        feed.close()
