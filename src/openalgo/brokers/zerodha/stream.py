"""The words of KiteTicker: what is sent to it, and what comes as text.

Market data and order updates come by the same socket; nobody subscribes to the latter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from openalgo.brokers.adapter import (
    Endpoints,
    Frame,
    Listing,
    Session,
    StreamAddress,
    StreamNews,
    StreamNotice,
    Values,
)
from openalgo.brokers.zerodha.api import API
from openalgo.brokers.zerodha.frames import ticks_of
from openalgo.brokers.zerodha.info import INFO
from openalgo.brokers.zerodha.mapping import FEED_MODES
from openalgo.brokers.zerodha.order_rows import KiteOrder, order_row
from openalgo.brokers.zerodha.tokens import instrument_token
from openalgo.brokers.zerodha.wire import Unreadable
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode

_MESSAGE = 500 if INFO.stream is None else INFO.stream.instruments_a_message
_OVER = (
    *("access_token", "api_key", "tokenexception", "token is invalid", "invalid token"),
    *("session expired", "session has expired", "invalid session"),
)
"""What is in errors that end the session: Zerodha documents no codes for them."""

_json = msgspec.json.Encoder()


class _Text(msgspec.Struct):
    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


_text = msgspec.json.Decoder(_Text)
_order = msgspec.json.Decoder(KiteOrder)


def address(endpoints: Endpoints, app: Values, session: Session) -> StreamAddress:
    query = {"api_key": app["api_key"], "access_token": session.tokens["access_token"]}
    return StreamAddress(url=f"{endpoints.stream}?{urlencode(query)}", headers=API.headers)


def stream_key(instrument: Instrument) -> int:
    return instrument_token(instrument)


def subscribe(wanted: Sequence[tuple[Instrument, Mode]]) -> Sequence[Frame]:
    """A mode is taken of what was subscribed before, and replaces the one there was."""
    tokens = [stream_key(instrument) for instrument, _ in wanted]
    frames = [_frame("subscribe", some) for some in _portions(tokens)]
    for mode, word in FEED_MODES.items():
        these = [stream_key(instrument) for instrument, its in wanted if its is mode]
        frames += [_frame("mode", [word, some]) for some in _portions(these)]
    return frames


def unsubscribe(instruments: Sequence[Instrument]) -> Sequence[Frame]:
    tokens = [stream_key(instrument) for instrument in instruments]
    return [_frame("unsubscribe", some) for some in _portions(tokens)]


def decoder(
    names: Mapping[int | str, Instrument], listing: Listing
) -> Callable[[Frame, int], Iterable[StreamNews]]:
    def decode(frame: Frame, received_ms: int) -> Iterable[StreamNews]:
        if isinstance(frame, bytes):
            return ticks_of(frame, received_ms, names)
        return _told(frame, listing)

    return decode


def pings() -> Sequence[Frame]:
    """None: Kite sends the heartbeats."""
    return ()


def _told(frame: str, listing: Listing) -> Sequence[StreamNews]:
    try:
        text = _text.decode(frame)
        if text.type == "order":
            row = order_row(_order.decode(text.data), listing)
            return () if row is None else (row,)
        if text.type in ("error", "message"):
            words = _words(msgspec.json.decode(text.data))
            over = text.type == "error" and any(word in words.lower() for word in _OVER)
            return (StreamNotice(message=words, session_over=over),)
    except (msgspec.DecodeError, UnicodeError, Unreadable):
        pass
    return ()


def _words(data: object) -> str:
    return data if isinstance(data, str) else _json.encode(data).decode()


def _frame(action: str, values: object) -> str:
    return _json.encode({"a": action, "v": values}).decode()


def _portions(tokens: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(tokens), _MESSAGE):
        yield tokens[at : at + _MESSAGE]
