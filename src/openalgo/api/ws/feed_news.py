"""What one client hears of the feed behind its prices."""

from collections.abc import Callable

from openalgo.api.ws import frames
from openalgo.api.ws.frames import Frame
from openalgo.api.ws.outbox import Outbox
from openalgo.streaming.feeds import FeedState, FeedStatus
from openalgo.trading.markets import Market

_NO_NEWS = (FeedState.IDLE, FeedState.CONNECTED)


class FeedNews:
    """Tells of every change of the feed, and at the beginning if it is not as it should be."""

    def __init__(self, market: Market, outbox: Outbox) -> None:
        self._market = market
        self._outbox = outbox
        self._stop: Callable[[], None] | None = None

    def begin(self) -> None:
        """Tell from now on. Safe to call again."""
        if self._stop is None:
            feed = self._market.feed
            self._stop = feed.listen(self._say)
            if (status := feed.status()).state not in _NO_NEWS:
                self._say(status)

    def close(self) -> None:
        """Tell no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _say(self, status: FeedStatus) -> None:
        if status.state is not FeedState.IDLE:
            self._outbox.put(
                frames.encode(
                    {
                        "type": "feed_status",
                        "status": status.state,
                        "broker": status.broker,
                        "message": status.message,
                    }
                )
            )


def broker_info(market: Market, username: str) -> Frame:
    """The answer to `get_broker_info`: the feed as it is now."""
    status, info = market.feed.status(), market.info
    return {
        "type": "broker_info",
        "status": "success",
        "broker": info.id,
        "adapter_status": status.state,
        "user_id": username,
        "message": status.message,
        "connections": [
            {"state": each.state, "symbols": each.subscribed} for each in status.connections
        ],
        "symbols_subscribed": status.subscribed,
        "symbols_polled": status.polled,
        "capacity": status.capacity,
        "depth_levels": {each: info.levels_at(each) for each in sorted(info.exchanges)},
    }
