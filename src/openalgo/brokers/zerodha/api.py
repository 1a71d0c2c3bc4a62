"""What is fixed about Kite Connect: its address, its rate limits, how it says no."""

from collections.abc import Callable, Mapping

import msgspec

from openalgo.brokers.api import BrokerApi
from openalgo.brokers.calls import Reply
from openalgo.brokers.limits import RateLimit
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerError,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
)

QUOTE = ("quote",)
HISTORY = ("history",)
PLACING = ("orders", "order_volume")
"""Orders and all that is done to them: nobody knows whether cancelling counts for the day."""
OTHER = ("other",)

_ASK_AGAIN_LATER = 429
_SUCCESS = b'{"status":"success"'


_LIMITS = (
    RateLimit("quote", ((1, 1.05),)),
    RateLimit("history", ((3, 1.05),)),
    RateLimit("orders", ((10, 1.05),), reserve=1, of_orders=True),
    RateLimit("order_volume", ((200, 60.5), (3000, 24 * 3600.0)), reserve=20, of_orders=True),
    RateLimit("other", ((10, 1.05),)),
)
"""The limits of an account. Zerodha has been said to allow 400 orders a minute and 5,000 a day,
too; these are the lower, and users may set others. Of either 20 are kept for cancelling, and one a
second."""


class _Fault(msgspec.Struct, gc=False):
    status: str = ""
    message: str | None = None
    error_type: str | None = None


_fault = msgspec.json.Decoder(_Fault)

_ERRORS: Mapping[str, type[BrokerError]] = {
    "TokenException": BrokerAuthExpired,
    "PermissionException": BrokerRejected,
    "UserException": BrokerRejected,
    "InputException": BrokerRejected,
    "OrderException": BrokerRejected,
    "MarginException": BrokerRejected,
    "HoldingException": BrokerRejected,
}
"""Those by which Kite itself has decided, so that nothing came of the call. The rest (Network-,
Data- and GeneralException) says that Kite did not get through to its order system, did not
understand it, or does not know: what came of an order then, nobody knows."""


def faults(reply: Reply) -> BrokerError | None:
    """The error a reply of Kite tells of."""
    if reply.ok and reply.body.startswith(_SUCCESS):
        return None
    if not reply.is_json:
        return None
    fault = _fault.decode(reply.body)
    if reply.ok and fault.status not in ("success", "error"):
        return reply.unusable("it tells neither success nor an error")
    if fault.status != "error" and (reply.ok or not fault.error_type):
        return None
    kind = fault.error_type or ""
    words = (fault.message or "").strip()
    said = words or f"{reply.broker} refused {reply.request.name} ({kind or 'no reason given'})"
    make: Callable[..., BrokerError]
    if reply.status == _ASK_AGAIN_LATER:
        make = BrokerRateLimited
    elif kind in _ERRORS:
        make = _ERRORS[kind]
    else:
        make = BrokerRejected if 400 <= reply.status < 500 else BrokerUnavailable
    return make(said, broker_status=reply.status, broker_message=words or None)


API = BrokerApi(
    broker="Zerodha",
    base_url="https://api.kite.trade",
    headers={"X-Kite-Version": "3"},
    limits=_LIMITS,
    faults=faults,
)
