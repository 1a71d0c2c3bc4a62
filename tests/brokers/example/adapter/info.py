"""What is fixed about the Example broker."""

from datetime import time
from typing import Generic, TypeVar

import msgspec

from openalgo.brokers.base import AuthKind, BrokerInfo, LoginField, OrderTag
from openalgo.brokers.http import BrokerApi, RateLimit, Reply
from openalgo.domain.errors import BrokerAuthExpired, BrokerError, BrokerRateLimited, BrokerRejected
from openalgo.domain.market import Exchange
from tests.brokers.example.adapter.mapping import STEPS

INFO = BrokerInfo(
    id="example",
    name="Example",
    exchanges=frozenset({Exchange.NSE, Exchange.NFO, Exchange.NSE_INDEX}),
    trading=True,
    auth=AuthKind.FORM,
    login_fields=(
        LoginField(name="user", label="User id"),
        LoginField(name="pin", label="PIN", secret=True),
        LoginField(name="otp", label="One-time code", secret=True, hint="Six digits"),
    ),
    session_ends_at=time(6, 0),
    tag=OrderTag(length=12, returned=True),
    intervals=tuple(STEPS),
    quotes_a_call=50,
)

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T]):
    """What the broker wraps every result in."""

    result: T


class _Refusal(msgspec.Struct):
    ok: bool
    code: str = ""
    text: str = ""


def faults(reply: Reply) -> BrokerError | None:
    """The error the broker words: `{"ok": false, "code": ..., "text": ...}`, of any status."""
    if not isinstance(reply.data, dict) or reply.data.get("ok") is not False:
        return None
    said = reply.decode(_Refusal)
    match said.code:
        case "E-SESSION":
            return BrokerAuthExpired(broker_status=reply.status, broker_message=said.text)
        case "E-LIMIT":
            return BrokerRateLimited(broker_status=reply.status, broker_message=said.text)
    return BrokerRejected(said.text, broker_status=reply.status, broker_message=said.text)


API = BrokerApi(
    broker=INFO.name,
    base_url="https://api.broker.example/v1",
    limits=(
        RateLimit("all", ((10, 1.05),)),
        RateLimit("orders", ((5, 1.05), (200, 60.0)), reserve=1),
    ),
    faults=faults,
)
