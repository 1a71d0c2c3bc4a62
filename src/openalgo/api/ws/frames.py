"""The messages of the WebSocket protocol, as JSON text."""

import time
from collections.abc import Mapping

import msgspec

from openalgo.domain.clock import epoch_ms
from openalgo.domain.events import OrderFilled, OrderNews, OrderReported
from openalgo.domain.numbers import plain_number, px_float
from openalgo.trading.venues import VenueMode

Frame = dict[str, object]

PAPER_BROKER = "sandbox"
"""What order updates name as broker for orders of the paper exchange."""

_ECHOES = frozenset({"request_id", "client_timestamp", "_pingId"})

_decode = msgspec.json.Decoder(dict[str, object]).decode


class ProtocolError(Exception):
    """A message that cannot be carried out; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def decode(text: str | bytes) -> Frame:
    """The members of a client's message. Raises `ProtocolError`."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProtocolError("INVALID_JSON", "Invalid JSON message") from None


def encode(message: Mapping[str, object]) -> bytes:
    try:
        return msgspec.json.encode(message)
    except RecursionError:
        # What it repeats of a request is nested too deeply to be written.
        return msgspec.json.encode({name: message[name] for name in message if name not in _ECHOES})


def action_of(message: Mapping[str, object]) -> str:
    """`action`, or `type` where a client uses that."""
    action = message.get("action") or message.get("type")
    return action if isinstance(action, str) else str(action or "")


def error(code: str, text: str, request: Mapping[str, object]) -> Frame:
    return {"type": "error", "status": "error", "code": code, "message": text, **echo(request)}


def echo(request: Mapping[str, object]) -> Frame:
    """The `request_id` of a message, if it has one."""
    return {"request_id": request["request_id"]} if "request_id" in request else {}


def now_ms() -> int:
    """By the machine's clock, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def pong(ping: Mapping[str, object]) -> Frame:
    """The answer to `ping`."""
    answer: Frame = {"type": "pong", "status": "success", "server_timestamp": now_ms()}
    if "timestamp" in ping:
        answer["client_timestamp"] = ping["timestamp"]
    if "_pingId" in ping:
        answer["_pingId"] = ping["_pingId"]
    return answer


def order_update(event: OrderNews, username: str, broker: str) -> Frame:
    """The whole order after `event`: an update never has to be added to an earlier one. `broker` is
    that of the account, which may have orders there and on paper, whichever it trades at now."""
    order, is_live = event.order, isinstance(event, OrderReported)
    frame: Frame = {
        "type": "order_update",
        "user_id": username,
        "mode": VenueMode.LIVE if is_live else VenueMode.ANALYZE,
        "broker": broker if is_live else PAPER_BROKER,
        "orderid": order.order_id,
        "symbol": order.symbol,
        "exchange": order.exchange,
        "action": order.action,
        "quantity": plain_number(order.quantity),
        "price": px_float(order.price),
        "trigger_price": px_float(order.trigger_price),
        "pricetype": order.price_type,
        "product": order.product,
        "order_status": order.status,
        "filled_quantity": plain_number(order.filled_quantity),
        "pending_quantity": plain_number(order.pending_quantity),
        "average_price": float(order.average_price),
        "rejection_reason": order.reason,
        "strategy": order.strategy,
        "timestamp": epoch_ms(event.at),
        "seq": event.seq,
    }
    if isinstance(event, OrderFilled):
        frame["tradeid"] = event.trade.trade_id
    return frame
