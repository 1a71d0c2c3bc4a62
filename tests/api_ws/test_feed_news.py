"""What clients hear of the feed behind their prices."""

from dataclasses import dataclass

import pytest

from openalgo.streaming.feeds import FeedMonitor, FeedState, FeedStatus
from tests.api.fakes import KEY, OTHER_KEY
from tests.api_ws.socket import settle
from tests.api_ws.test_session import House
from tests.support.markets import feed_status


@dataclass
class Feed:
    """One whose state is in the test's hand."""

    state: FeedState = FeedState.IDLE
    error: str = ""

    def __post_init__(self) -> None:
        self.monitor = FeedMonitor(self.status)

    def status(self) -> FeedStatus:
        return feed_status("zerodha", self.state, subscribed=3, error=self.error)

    def becomes(self, state: FeedState, error: str = "") -> None:
        self.state, self.error = state, error
        self.monitor.changed(self.status())


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def house(feed: Feed) -> House:
    return House(feed=feed.monitor)


async def test_every_change_is_told_once(house: House, feed: Feed) -> None:
    async with house.client() as client:
        assert client.news() == []
        feed.becomes(FeedState.CONNECTING)
        feed.becomes(FeedState.CONNECTING)
        feed.becomes(FeedState.ERROR, "the broker did not answer in time")
        feed.becomes(FeedState.CONNECTED)
        feed.becomes(FeedState.IDLE)
        await settle()
        told = client.news()
    assert [each["status"] for each in told] == ["connecting", "error", "connected"]
    assert {(each["type"], each["broker"]) for each in told} == {("feed_status", "zerodha")}
    assert told[1]["message"] == "Connecting: the broker did not answer in time"


async def test_a_feed_that_is_down_is_told_after_the_authentication(
    house: House, feed: Feed
) -> None:
    feed.becomes(FeedState.DISCONNECTED)
    async with house.client(None) as client:
        assert (await client.ask(action="ping"))["type"] == "pong"
        assert client.news() == []
        auth = await client.ask(action="authenticate", api_key=KEY)
        assert (auth["type"], auth["status"]) == ("auth", "success")
        (status,) = client.news()
        assert (status["status"], status["message"]) == (
            "disconnected",
            "Waiting for a login at the broker",
        )
        # The same account again: nothing has changed.
        await client.ask(action="authenticate", api_key=OTHER_KEY)
        assert client.news() == []


async def test_nobody_is_told_who_has_left(house: House, feed: Feed) -> None:
    async with house.client() as client:
        pass
    sent = len(client.socket.sent)
    feed.becomes(FeedState.ERROR)
    await settle()
    assert len(client.socket.sent) == sent


async def test_broker_info_tells_the_feed_as_it_is(house: House, feed: Feed) -> None:
    async with house.client() as client:
        feed.becomes(FeedState.ERROR, "refused")
        await settle()
        client.news()
        info = await client.ask(action="get_broker_info", request_id="b")
    assert (info["adapter_status"], info["request_id"]) == ("error", "b")
    assert info["connections"] == [{"state": "waiting", "symbols": 3}]
    assert (info["symbols_subscribed"], info["capacity"]) == (3, 9_000)
    assert info["depth_levels"] == {"NSE": [5, 20]}
