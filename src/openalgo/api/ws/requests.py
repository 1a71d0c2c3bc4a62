"""What subscribe and unsubscribe messages ask for."""

import re
from collections.abc import Iterator

import msgspec

from openalgo.api.ws.frames import Frame, ProtocolError
from openalgo.domain.market import Mode

DEFAULT_LEVELS = 5

LABELS = {Mode.LTP: "LTP", Mode.QUOTE: "Quote", Mode.DEPTH: "Depth"}

_MODES: dict[object, Mode] = {
    word: mode for mode, label in LABELS.items() for word in (label.lower(), str(int(mode)))
}
_SUFFIXED = re.compile(r"(?P<symbol>.+):(?P<levels>5|20|30|50)")


class Item(msgspec.Struct, frozen=True, gc=False):
    """One instrument of a message, in the client's spelling.

    `plain` is `symbol` without the suffix that asks for `suffix` levels of depth. `mode` is
    `None` where the message names none.
    """

    symbol: str
    exchange: str
    plain: str
    suffix: int | None
    mode: Mode | None


class Unusable(msgspec.Struct, frozen=True, gc=False):
    """An item that cannot be read, as far as it names something."""

    symbol: str
    exchange: str
    code: str
    text: str


def items(message: Frame, missing: str) -> Iterator[Item | Unusable]:
    """The instruments of `message`, single or as an array, each with its own mode or the message's.

    Raises `ProtocolError`, with the text `missing` where there are none.
    """
    listed = message.get("symbols") or message.get("instruments")
    if not isinstance(listed, list):
        if not (message.get("symbol") and message.get("exchange")):
            raise ProtocolError("INVALID_PARAMETERS", missing)
        listed = [{"symbol": message["symbol"], "exchange": message["exchange"]}]
    mode = None if message.get("mode") is None else mode_of(message["mode"])
    return (_item(entry, mode) for entry in listed)


def mode_of(value: object) -> Mode:
    """1, 2, 3, or LTP, Quote, Depth in any case. Raises `ProtocolError`."""
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, int) and not isinstance(word, bool):
        word = str(word)
    mode = _MODES.get(word) if isinstance(word, str) else None
    if mode is None:
        raise ProtocolError(
            "INVALID_MODE", f"Invalid mode: {value}. Use 1 (LTP), 2 (Quote) or 3 (Depth)"
        )
    return mode


def levels_of(message: Frame) -> int:
    """How many prices a side of the book `message` asks for. Raises `ProtocolError`."""
    value = message.get("depth", message.get("depth_level"))
    if value is None:
        return DEFAULT_LEVELS
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ProtocolError("INVALID_DEPTH", f"Invalid depth: {value}. Use 5, 20, 30 or 50")
    return value


def _item(entry: object, mode: Mode | None) -> Item | Unusable:
    if isinstance(entry, str):
        exchange, _, symbol = entry.partition(":")
        entry = {"symbol": symbol, "exchange": exchange}
    if not isinstance(entry, dict):
        return Unusable(
            "", "", "INVALID_PARAMETERS", "An item must be an object or EXCHANGE:SYMBOL"
        )
    symbol, exchange = _text(entry.get("symbol")), _text(entry.get("exchange"))
    if not (symbol and exchange):
        return Unusable(
            symbol, exchange, "INVALID_PARAMETERS", "Both symbol and exchange are required"
        )
    if entry.get("mode") is not None:
        try:
            mode = mode_of(entry["mode"])
        except ProtocolError as problem:
            return Unusable(symbol, exchange, problem.code, str(problem))
    suffixed = _SUFFIXED.fullmatch(symbol) if ":" in symbol else None
    if suffixed is None:
        return Item(symbol, exchange, symbol, None, mode)
    return Item(symbol, exchange, suffixed["symbol"], int(suffixed["levels"]), mode)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
