"""Who watches which instrument, how closely, and under what name.

What a tick says is encoded once for each mode somebody watches; all who asked in the same words
get the very same bytes.
"""

from typing import Protocol

import msgspec

from openalgo.domain.market import InstrumentKey, Mode, Tick
from openalgo.streaming.content import encode_data

_Content = tuple[Mode, int]
_Words = tuple[str, str, str]


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
        self._contents: dict[InstrumentKey, dict[_Content, dict[_Words, _Group]]] = {}

    def watch(self, view: View, subscriber: Subscriber) -> None:
        """Give `subscriber` a frame of `view` with every tick from now on."""
        contents = self._contents.setdefault(view.key, {})
        groups = contents.setdefault(_content(view), {})
        group = groups.get(_words(view))
        if group is None:
            group = groups[_words(view)] = _Group(_prefix(view))
        group.watchers[view] = subscriber

    def unwatch(self, view: View) -> None:
        """No more of `view`. Safe to call for one that is not watched."""
        contents = self._contents.get(view.key, {})
        groups = contents.get(_content(view), {})
        group = groups.get(_words(view))
        if group is None or group.watchers.pop(view, None) is None or group.watchers:
            return
        del groups[_words(view)]
        if not groups:
            del contents[_content(view)]
        if not contents:
            del self._contents[view.key]

    def tell(self, tick: Tick) -> None:
        """Encode `tick` as it is watched, if it is, and give everybody their frame."""
        contents = self._contents.get(tick.key)
        if contents is None:
            return
        for (mode, levels), groups in contents.items():
            data = encode_data(tick, mode, levels)
            for group in groups.values():
                frame = b"%b%b}" % (group.prefix, data)
                for view, subscriber in group.watchers.items():
                    subscriber.put_tick(view, frame)

    def __len__(self) -> int:
        """How many instruments are watched."""
        return len(self._contents)


def snapshot(view: View, tick: Tick) -> bytes:
    """The frame that shows a new watcher of `view` where the instrument stands."""
    return b'%b%b,"snapshot":true}' % (_prefix(view), encode_data(tick, view.mode, view.levels))


class _Group:
    """Those who get the same bytes."""

    __slots__ = ("prefix", "watchers")

    def __init__(self, prefix: bytes) -> None:
        self.prefix = prefix
        self.watchers: dict[View, Subscriber] = {}


def _content(view: View) -> _Content:
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
