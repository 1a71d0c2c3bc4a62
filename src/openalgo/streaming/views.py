"""Who watches which instrument, how closely, and under what name.

What a tick says is encoded once for each mode somebody watches; all who asked in the same words
get the very same bytes.
"""

from typing import Protocol

import msgspec

from openalgo.domain.market import InstrumentKey, Mode, Tick
from openalgo.streaming.content import encode_data

_Detail = tuple[Mode, int]
_Words = tuple[str, str, str]

_PATIENCE_MS = 2_000


class Subscriber(Protocol):
    def put_tick(self, view: "View", frame: bytes) -> None:
        """Take the newest `frame` of `view`. Returns at once and never raises."""
        ...


# Compared by identity: a view is a key of outboxes, where hashing six fields would cost too much.
class View(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An instrument as one subscriber asked for it.

    `symbol`, `exchange` and `broker` are what its frames say; `levels` is the number of prices a
    side in the book, 0 unless `mode` is depth.
    """

    key: InstrumentKey
    mode: Mode
    symbol: str
    exchange: str
    broker: str
    levels: int = 0


class Views:
    """All views of all subscribers. A frame is `prefix + data + "}"`."""

    def __init__(self) -> None:
        self._contents: dict[InstrumentKey, dict[_Detail, _Content]] = {}

    def watch(self, view: View, subscriber: Subscriber) -> None:
        """Give `subscriber` a frame of `view` with every tick from now on."""
        contents = self._contents.get(view.key)
        if contents is None:
            contents = self._contents[view.key] = {}
        content = contents.get(_detail(view))
        if content is None:
            content = contents[_detail(view)] = _Content(view)
        group = content.groups.get(_words(view))
        if group is None:
            group = content.groups[_words(view)] = _Group(view)
        group.watchers[view] = subscriber

    def unwatch(self, view: View) -> None:
        """No more of `view`. Safe to call for one that is not watched."""
        contents = self._contents.get(view.key, {})
        content = contents.get(_detail(view))
        group = content and content.groups.get(_words(view))
        if not (content and group) or group.watchers.pop(view, None) is None or group.watchers:
            return
        del content.groups[_words(view)]
        if not content.groups:
            del contents[_detail(view)]
        if not contents:
            del self._contents[view.key]

    def tell(self, tick: Tick) -> None:
        """Encode `tick` as it is watched, if it is, and give everybody their frame."""
        contents = self._contents.get(tick.key)
        if contents is None:
            return
        for content in contents.values():
            if content.awaits_more and content.passes_over(tick):
                continue
            data = content.of(tick)
            for group in content.groups.values():
                frame = b"%b%b}" % (group.prefix, data)
                for view, subscriber in group.watchers.items():
                    subscriber.put_tick(view, frame)

    def snapshot(self, view: View, tick: Tick) -> bytes:
        """The frame that shows a new watcher of `view` where the instrument stands."""
        content = self._contents[view.key][_detail(view)]
        return b'%b%b,"snapshot":true}' % (content.groups[_words(view)].prefix, content.of(tick))

    def __len__(self) -> int:
        """How many instruments are watched."""
        return len(self._contents)


class _Content:
    """What ticks say to those who watch equally closely, whatever their words."""

    __slots__ = ("_data", "_levels", "_mode", "_since_ms", "_tick", "awaits_more", "groups")

    def __init__(self, view: View) -> None:
        self._mode = view.mode
        self._levels = view.levels
        self._tick: Tick | None = None
        self._data = b""
        self._since_ms: int | None = None
        self.awaits_more = view.mode is not Mode.LTP
        self.groups: dict[_Words, _Group] = {}

    def passes_over(self, tick: Tick) -> bool:
        """Whether `tick` is of before more was asked for: it would read as a day that opened at 0.

        What a feed sends later is all it has.
        """
        if tick.is_bare:
            if self._since_ms is None:
                self._since_ms = tick.received_ms
            if tick.received_ms < self._since_ms + _PATIENCE_MS:
                return True
        self.awaits_more = False
        return False

    def of(self, tick: Tick) -> bytes:
        """Encoded once, for those who watch and for those who come before the next."""
        if tick is not self._tick:
            self._tick, self._data = tick, encode_data(tick, self._mode, self._levels)
        return self._data


class _Group:
    """Those who get the same bytes."""

    __slots__ = ("prefix", "watchers")

    def __init__(self, view: View) -> None:
        self.prefix = _prefix(view)
        self.watchers: dict[View, Subscriber] = {}


def _detail(view: View) -> _Detail:
    return view.mode, view.levels


def _words(view: View) -> _Words:
    return view.symbol, view.exchange, view.broker


def _prefix(view: View) -> bytes:
    head = msgspec.json.encode(
        {
            "type": "market_data",
            "symbol": view.symbol,
            "exchange": view.exchange,
            "mode": view.mode,
            "broker": view.broker,
        }
    )
    return head[:-1] + b',"data":'
