"""Market data of live brokers: their sockets, supervised."""

from openalgo.streaming.feeds.feed import LiveFeed
from openalgo.streaming.feeds.monitor import FeedMonitor
from openalgo.streaming.feeds.polling import Poll
from openalgo.streaming.feeds.sockets import Dial, dialler
from openalgo.streaming.feeds.status import (
    ConnectionState,
    ConnectionStatus,
    FeedState,
    FeedStatus,
)

__all__ = [
    "ConnectionState",
    "ConnectionStatus",
    "Dial",
    "FeedMonitor",
    "FeedState",
    "FeedStatus",
    "LiveFeed",
    "Poll",
    "dialler",
]
