"""Handing on what comes over the connections of one line."""

from collections.abc import Callable, Set
from dataclasses import dataclass

import structlog

from openalgo.brokers.adapter import StreamNews, StreamNotice
from openalgo.brokers.rows import OrderRow
from openalgo.domain.market import InstrumentKey, Tick
from openalgo.observability.redaction import redact_text
from openalgo.streaming.feeds.echoes import Echoes
from openalgo.streaming.feeds.sockets import ConnectionLost
from openalgo.streaming.feeds.wire import Wire

log = structlog.get_logger(__name__)


class SessionOver(ConnectionLost):
    """The feed said that its session is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinks:
    """Where the news of a feed goes. None of these may block."""

    publish: Callable[[Tick], None]
    order_update: Callable[[OrderRow], None]
    changed: Callable[[], None]
    released: Callable[[], None]


class Delivery:
    """Of two connections side by side, the newer has the newer prices: what it has brought once is
    taken from it alone."""

    def __init__(self, sinks: Sinks, echoes: Echoes) -> None:
        self._sinks = sinks
        self._echoes = echoes
        self._successor: Wire | None = None
        self._brought: set[InstrumentKey] = set()

    def prefer(self, successor: Wire | None) -> None:
        """From now on there is a newer connection beside another; `None` when there is not."""
        self._successor = successor
        self._brought.clear()

    def has_brought(self, keys: Set[InstrumentKey]) -> bool:
        """Whether the newer connection has brought all of `keys`."""
        return self._brought >= keys

    def __call__(self, wire: Wire, news: StreamNews) -> None:
        """Hand on what came over `wire`. Raises `SessionOver` where that is what it says."""
        if isinstance(news, Tick):
            if self._successor is not None:
                if wire is self._successor:
                    self._brought.add(news.key)
                elif news.key in self._brought:
                    return
            self._sinks.publish(news)
        elif isinstance(news, OrderRow):
            if self._echoes.is_news(news, id(wire)):
                self._sinks.order_update(news)
        else:
            _note(news)


def _note(notice: StreamNotice) -> None:
    message = redact_text(notice.message)
    if notice.session_over:
        raise SessionOver(message)
    log.info("the broker's feed says", message=message)
