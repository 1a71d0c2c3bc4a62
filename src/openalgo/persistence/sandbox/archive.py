"""What the paper exchange has stored, for whoever wants to read it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from openalgo.domain.gtt import Gtt
from openalgo.domain.orders import Order, OrderTransition, Trade
from openalgo.domain.portfolio import DailyResult, LedgerEntry
from openalgo.persistence.sandbox import tables
from openalgo.persistence.sandbox.rows import (
    daily_from,
    entry_from,
    gtt_from,
    order_from,
    trade_from,
    transition_from,
)
from openalgo.persistence.stores import Store, storage_errors


class SandboxArchive:
    """The orders, trades and results of all accounts, on whatever market."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def order(self, account_id: int, order_id: str) -> Order | None:
        """Any order ever placed. Raises `StorageUnavailable`."""
        return await self._find(account_id, tables.orders.c.order_id == order_id)

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> Order | None:
        """The order placed under this id. Raises `StorageUnavailable`."""
        return await self._find(account_id, tables.orders.c.client_order_id == client_order_id)

    async def order_log(self, account_id: int, order_id: str) -> list[OrderTransition]:
        """What happened to an order, oldest first; empty for one that is not of the account.
        Raises `StorageUnavailable`."""
        log = tables.transitions.c
        query = (
            select(tables.transitions)
            .where(log.account_id == account_id, log.order_id == order_id)
            .order_by(log.seq)
        )
        return [transition_from(row) for row in await self._rows(query)]

    async def trades_of(self, order: Order) -> list[Trade]:
        """The trades of an order, oldest first. Raises `StorageUnavailable`."""
        trades = tables.trades.c
        query = (
            select(tables.trades)
            .where(
                trades.account_id == order.account_id,
                trades.at.between(order.created_at, order.updated_at),
                trades.order_id == order.order_id,
            )
            .order_by(trades.at, trades.trade_id)
        )
        return [trade_from(row) for row in await self._rows(query)]

    async def ledger_of(self, order: Order, refs: Iterable[str]) -> list[LedgerEntry]:
        """What `refs` (the order, its trades) moved on the account, oldest first. Raises
        `StorageUnavailable`."""
        ledger = tables.ledger.c
        query = (
            select(tables.ledger)
            .where(
                ledger.account_id == order.account_id,
                ledger.at.between(order.created_at, order.updated_at),
                ledger.ref.in_(list(refs)),
            )
            .order_by(ledger.id)
        )
        return [entry_from(row) for row in await self._rows(query)]

    async def gtt_by_client_id(self, account_id: int, client_order_id: str) -> Gtt | None:
        """The GTT placed under this id. Raises `StorageUnavailable`."""
        gtts = tables.gtts.c
        query = select(tables.gtts).where(
            gtts.account_id == account_id, gtts.client_order_id == client_order_id
        )
        return next(map(gtt_from, await self._rows(query)), None)

    async def gtts(self, account_id: int, limit: int) -> list[Gtt]:
        """The newest GTTs, final ones too, newest first. Raises `StorageUnavailable`."""
        gtts = tables.gtts.c
        query = (
            select(tables.gtts)
            .where(gtts.account_id == account_id)
            .order_by(gtts.created_at.desc(), gtts.trigger_id.desc())
            .limit(limit)
        )
        return [gtt_from(row) for row in await self._rows(query)]

    async def daily(self, account_id: int, limit: int) -> list[DailyResult]:
        """The results of the last `limit` trading days since the account was reset last, newest
        first. Raises `StorageUnavailable`."""
        daily, funds = tables.daily_results.c, tables.funds.c
        query = (
            select(tables.daily_results)
            .join(tables.funds, funds.account_id == daily.account_id)
            .where(daily.account_id == account_id, daily.run == funds.reset_count)
            .order_by(daily.date.desc())
            .limit(limit)
        )
        return [daily_from(row) for row in await self._rows(query)]

    async def trades(
        self, account_id: int, *, before: Trade | None = None, limit: int
    ) -> list[Trade]:
        """Trades since the account was reset last, newest first; those older than `before`, where
        the page before ended. Raises `StorageUnavailable`."""
        trades, funds = tables.trades.c, tables.funds.c
        query = (
            select(tables.trades)
            .join(tables.funds, funds.account_id == trades.account_id)
            .where(trades.account_id == account_id, trades.at >= funds.opened_at)
            .order_by(trades.at.desc(), trades.trade_id.desc())
            .limit(limit)
        )
        if before is not None:
            earlier = or_(trades.at < before.at, trades.trade_id < before.trade_id)
            query = query.where(trades.at <= before.at, earlier)
        return [trade_from(row) for row in await self._rows(query)]

    async def _find(self, account_id: int, condition: ColumnElement[bool]) -> Order | None:
        query = select(tables.orders).where(tables.orders.c.account_id == account_id, condition)
        return next(map(order_from, await self._rows(query)), None)

    async def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with storage_errors():
            async with self._store.read() as connection:
                rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
        return rows
