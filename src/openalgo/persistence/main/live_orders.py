"""What was sent to brokers, as it is stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.intents import PlaceGtt, PlaceOrder, decoded, encoded
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.persistence.main.tables import live_orders, settings

_sent = live_orders.c
_SITE = "live_order_site"


async def add(tx: AsyncConnection, orders: Sequence[SentOrder]) -> None:
    """Raises SQLAlchemy's `IntegrityError` when an account has used a client id before."""
    if orders:
        await tx.execute(insert(live_orders), [_values(order) for order in orders])


async def set_outcomes(tx: AsyncConnection, orders: Sequence[SentOrder]) -> None:
    """Store when they were sent, and what came of them; those that are not there are left out."""
    if orders:
        change = update(live_orders).where(_sent.id == bindparam("of_id"))
        rows = [
            {"of_id": order.id, "sent_at": order.sent_at, **_outcome_values(order.outcome)}
            for order in orders
        ]
        await tx.execute(change, rows)


async def last_id(tx: AsyncConnection) -> int:
    """The highest so far, 0 where there is none."""
    return (await tx.execute(select(func.max(_sent.id)))).scalar_one() or 0


async def by_client_order_id(
    tx: AsyncConnection, account_id: int, client_order_id: str
) -> SentOrder | None:
    return await _one(tx, _sent.account_id == account_id, _sent.client_order_id == client_order_id)


async def by_tag(tx: AsyncConnection, account_id: int, tag: str) -> SentOrder | None:
    return await _one(tx, _sent.account_id == account_id, _sent.tag == tag)


async def of_request(tx: AsyncConnection, account_id: int, client_order_id: str) -> list[SentOrder]:
    """What was sent for the request of this id: the order itself, or those numbered under it."""
    name = _sent.client_order_id
    numbered = name.contains(f"{client_order_id}:", autoescape=True)
    return await _all(tx, _sent.account_id == account_id, (name == client_order_id) | numbered)


async def recent(tx: AsyncConnection, since: datetime) -> list[SentOrder]:
    """Of all accounts, those sent since then and those whose outcome is open, oldest first."""
    undecided = [state for state in SentState if state.is_open]
    return await _all(tx, (_sent.sent_at >= since) | _sent.state.in_(undecided))


async def site(tx: AsyncConnection) -> str | None:
    """What tells the tags of this installation from those of others, if it was chosen."""
    query = select(settings.c.value).where(settings.c.key == _SITE)
    return (await tx.execute(query)).scalar_one_or_none()


async def set_site(tx: AsyncConnection, site: str) -> None:
    await tx.execute(insert(settings).values(key=_SITE, value=site))


async def _one(tx: AsyncConnection, *where: ColumnElement[bool]) -> SentOrder | None:
    row = (await tx.execute(select(live_orders).where(*where))).one_or_none()
    return None if row is None else _order(row)


async def _all(tx: AsyncConnection, *where: ColumnElement[bool]) -> list[SentOrder]:
    rows = await tx.execute(select(live_orders).where(*where).order_by(_sent.id))
    return [_order(row) for row in rows]


def _values(order: SentOrder) -> dict[str, object]:
    return {
        "id": order.id,
        "account_id": order.account_id,
        "client_order_id": order.client_order_id,
        "kind": order.intent.KIND,
        "intent_version": order.intent.VERSION,
        "intent": encoded(order.intent).decode(),
        "fingerprint": order.fingerprint,
        "tag": order.tag,
        "strategy": order.strategy,
        "cause": order.cause,
        "created_at": order.created_at,
        "sent_at": order.sent_at,
        **_outcome_values(order.outcome),
    }


def _outcome_values(outcome: Outcome) -> dict[str, object]:
    return {
        "state": outcome.state,
        "order_id": outcome.order_id,
        "code": outcome.code,
        "status": outcome.status,
        "message": outcome.message,
        "resolved_at": outcome.resolved_at,
    }


def _order(row: Row[Any]) -> SentOrder:
    intent = decoded(row.kind, row.intent)
    if not isinstance(intent, PlaceOrder | PlaceGtt):
        raise TypeError(f"A broker is not sent a {row.kind}")
    return SentOrder(
        id=row.id,
        account_id=row.account_id,
        intent=intent,
        fingerprint=row.fingerprint,
        tag=row.tag,
        cause=row.cause,
        created_at=row.created_at,
        sent_at=row.sent_at,
        outcome=Outcome(
            state=row.state,
            order_id=row.order_id,
            code=row.code,
            status=row.status,
            message=row.message,
            resolved_at=row.resolved_at,
        ),
    )
