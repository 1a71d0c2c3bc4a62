"""What was sent to brokers, as it is stored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.intents import encoded
from openalgo.domain.live_orders import Outcome, SentOrder, SentState, sent_intent
from openalgo.persistence.bulk import BulkInsert, BulkUpdate
from openalgo.persistence.main.tables import live_orders, settings
from openalgo.persistence.putting import put_row

_sent = live_orders.c
_SITE = "live_order_site"
_SKIPPED = "live_order_ids_skipped"


class Ended(Protocol):
    """An order as far as it may change."""

    @property
    def id(self) -> int: ...

    @property
    def sent_at(self) -> datetime: ...

    @property
    def outcome(self) -> Outcome: ...


class _New(msgspec.Struct, frozen=True):
    order: SentOrder
    intent: str


_SET = ("sent_at", "state", "order_id", "code", "status", "message", "resolved_at")
_OF_OUTCOME = {name: f"outcome.{name}" for name in _SET[1:]}
_PUT = BulkInsert(
    live_orders,
    replace=True,
    numbered=True,
    attributes={
        **{column.name: f"order.{column.name}" for column in _sent},
        **{name: f"order.{path}" for name, path in _OF_OUTCOME.items()},
        "kind": "order.intent.KIND",
        "intent_version": "order.intent.VERSION",
        "intent": "intent",
    },
)
_SET_OUTCOMES = BulkUpdate(live_orders, _SET, attributes=_OF_OUTCOME)


async def put(tx: AsyncConnection, orders: Iterable[SentOrder]) -> None:
    """Add orders; one of the same id gives way. Raises SQLAlchemy's `IntegrityError` when an
    account has used a client id before."""
    await _PUT.run(tx, _rows(orders))


async def set_outcomes(tx: AsyncConnection, ended: Iterable[Ended]) -> None:
    """Store when they were sent, and what came of them; those that are not there are left out."""
    await _SET_OUTCOMES.run(tx, ended)


async def last_id(tx: AsyncConnection) -> int:
    """The highest so far, 0 where there is none."""
    return (await tx.execute(select(func.max(_sent.id)))).scalar_one() or 0


async def skip_ids(tx: AsyncConnection, count: int) -> int:
    """Leave out `count` ids after those that were used and those left out before; the last one
    left out."""
    skipped = int(await _setting(tx, _SKIPPED) or 0)
    upto = max(await last_id(tx), skipped) + count
    await put_row(tx, settings, {"key": _SKIPPED}, {"value": str(upto)})
    return upto


async def by_client_order_id(
    tx: AsyncConnection, account_id: int, client_order_id: str
) -> SentOrder | None:
    return await _one(tx, _sent.account_id == account_id, _sent.client_order_id == client_order_id)


async def by_tag(tx: AsyncConnection, account_id: int, tag: str) -> SentOrder | None:
    return await _one(tx, _sent.account_id == account_id, _sent.tag == tag)


async def by_order_id(tx: AsyncConnection, account_id: int, order_id: str) -> SentOrder | None:
    """The latest of them: a broker's ids may come again on another day."""
    found = await _all(tx, _sent.account_id == account_id, _sent.order_id == order_id)
    return found[-1] if found else None


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
    return await _setting(tx, _SITE)


async def set_site(tx: AsyncConnection, site: str) -> None:
    await tx.execute(insert(settings).values(key=_SITE, value=site))


async def _setting(tx: AsyncConnection, key: str) -> str | None:
    query = select(settings.c.value).where(settings.c.key == key)
    return (await tx.execute(query)).scalar_one_or_none()


async def _one(tx: AsyncConnection, *where: ColumnElement[bool]) -> SentOrder | None:
    row = (await tx.execute(select(live_orders).where(*where))).one_or_none()
    return None if row is None else _order(row)


async def _all(tx: AsyncConnection, *where: ColumnElement[bool]) -> list[SentOrder]:
    rows = await tx.execute(select(live_orders).where(*where).order_by(_sent.id))
    return [_order(row) for row in rows]


def _rows(orders: Iterable[SentOrder]) -> list[_New]:
    return [_New(order, encoded(order.intent).decode()) for order in orders]


def _order(row: Row[Any]) -> SentOrder:
    return SentOrder(
        id=row.id,
        account_id=row.account_id,
        intent=sent_intent(row.kind, row.intent),
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
