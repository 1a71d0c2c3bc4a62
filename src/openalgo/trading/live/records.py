"""What is sent to brokers, as records of a log."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from openalgo.domain.intents import encoded
from openalgo.domain.live_orders import Outcome, SentOrder, sent_intent


class Sent(msgspec.Struct, frozen=True, array_like=True, tag="sent"):
    """All that is known of an order before it is sent."""

    id: int
    account_id: int
    kind: str
    intent: bytes
    fingerprint: str
    tag: str
    cause: str
    created_at: datetime
    sent_at: datetime


class Ended(msgspec.Struct, frozen=True, array_like=True, tag="ended"):
    """When order `id` was sent, and what came of it; also that it is about to be sent again."""

    id: int
    sent_at: datetime
    outcome: Outcome


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Sent | Ended).decode


def sent(order: SentOrder) -> bytes:
    return _encode(
        Sent(
            id=order.id,
            account_id=order.account_id,
            kind=order.intent.KIND,
            intent=encoded(order.intent),
            fingerprint=order.fingerprint,
            tag=order.tag,
            cause=order.cause,
            created_at=order.created_at,
            sent_at=order.sent_at,
        )
    )


def ended(order: SentOrder) -> bytes:
    return _encode(Ended(order.id, order.sent_at, order.outcome))


def told(records: Iterable[bytes]) -> tuple[list[SentOrder], list[Ended]]:
    """The orders `records` begin with, as they last were, and what became of others."""
    orders: dict[int, SentOrder] = {}
    others: dict[int, Ended] = {}
    for each in map(_decode, records):
        if isinstance(each, Sent):
            orders[each.id] = _order(each)
        elif (order := orders.get(each.id)) is not None:
            orders[each.id] = replace(order, sent_at=each.sent_at, outcome=each.outcome)
        else:
            others[each.id] = each
    return list(orders.values()), list(others.values())


def _order(sent: Sent) -> SentOrder:
    return SentOrder(
        id=sent.id,
        account_id=sent.account_id,
        intent=sent_intent(sent.kind, sent.intent),
        fingerprint=sent.fingerprint,
        tag=sent.tag,
        cause=sent.cause,
        created_at=sent.created_at,
        sent_at=sent.sent_at,
    )
