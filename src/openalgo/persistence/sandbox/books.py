"""The storage of the paper exchange: what it loads when it starts, and one commit per batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from openalgo.domain.events import OrderEvent
from openalgo.domain.gtt import Gtt
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Order, OrderTransition, PositionKey, Trade
from openalgo.domain.portfolio import (
    DailyResult,
    Funds,
    Holding,
    LedgerEntry,
    PastPosition,
    PastRun,
    Position,
)
from openalgo.persistence.sandbox import statements, tables
from openalgo.persistence.sandbox.rows import (
    GttRow,
    daily_from,
    entry_from,
    funds_from,
    gtt_from,
    holding_from,
    order_from,
    position_from,
    trade_from,
    transition_from,
)
from openalgo.persistence.stores import Store, storage_errors


class OwnershipLost(Exception):
    """Another process has claimed these books since; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMark:
    """How far the engine got: stored with every batch, so it tells whether a commit happened.
    `day_at` and `day_kind` tell the last event of a day that is done.

    There is one row of it, which `id` names.
    """

    id: ClassVar[int] = 1

    epoch: int
    batch: int
    order_day: date | None
    order_number: int
    trade_number: int
    gtt_number: int
    day_at: datetime | None = None
    day_kind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """`seq` is the number of the account's last event."""

    funds: Funds
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBooks:
    """Orders and trades are in the order they were made; all GTTs are active."""

    mark: EngineMark
    accounts: list[StoredAccount]
    orders: list[Order]
    trades: list[Trade]
    positions: list[Position]
    gtts: list[Gtt]
    holdings: list[Holding] = field(default_factory=list)


@dataclass(slots=True)
class BatchRows:
    """What one batch changed. Orders, GTTs, positions and accounts stand as they are after it."""

    orders: dict[str, Order] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    positions: dict[tuple[int, PositionKey], Position] = field(default_factory=dict)
    accounts: dict[int, StoredAccount] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    gtts: dict[str, Gtt] = field(default_factory=dict)
    transitions: list[OrderEvent] = field(default_factory=list)
    holdings: dict[tuple[int, InstrumentKey], Holding] = field(default_factory=dict)
    daily: dict[tuple[int, int, date], DailyResult] = field(default_factory=dict)
    past_runs: list[PastRun] = field(default_factory=list)
    past_positions: list[PastPosition] = field(default_factory=list)


class SandboxBooks:
    """The engine's storage, on a connection of its own.

    To recover from a failed or unknown commit: `discard`, then `load`. Loading waits for whatever
    the lost connection was still doing, so what it returns is final.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection = store.dedicated()

    async def claim(self) -> int:
        """Take the books over from whoever had them; returns the new epoch, already stored."""
        return await self._connection.run(_claim)

    async def load(self, since: datetime) -> StoredBooks:
        """All accounts, the working orders, the positions that are open or have realised profit,
        and what happened at or after `since`."""

        def work(connection: Connection) -> StoredBooks:
            return _load(connection, since)

        return await self._connection.run(work)

    async def commit(self, rows: BatchRows, mark: EngineMark) -> None:
        """Store a batch, whole or not at all.

        Raises `OwnershipLost`, having written nothing, when `mark.epoch` is not the current one.
        After any other error, and after a cancellation, only the stored batch number tells
        whether it happened.
        """

        dialect = self._connection.dialect
        (advance,) = statements.ADVANCE.prepare(dialect, [mark])
        owner = await self._connection.write(
            advance,
            [
                *statements.PUT_ORDERS.prepare(dialect, rows.orders.values()),
                *statements.ADD_TRADES.prepare(dialect, rows.trades),
                *statements.PUT_POSITIONS.prepare(dialect, rows.positions.values()),
                *statements.PUT_FUNDS.prepare(dialect, rows.accounts.values()),
                *statements.ADD_LEDGER.prepare(dialect, rows.ledger),
                *statements.PUT_GTTS.prepare(dialect, map(GttRow, rows.gtts.values())),
                *statements.ADD_TRANSITIONS.prepare(dialect, rows.transitions),
                *statements.PUT_HOLDINGS.prepare(dialect, rows.holdings.values()),
                *statements.PUT_DAILY.prepare(dialect, rows.daily.values()),
                *statements.ADD_PAST_RUNS.prepare(dialect, rows.past_runs),
                *statements.ADD_PAST_POSITIONS.prepare(dialect, rows.past_positions),
            ],
        )
        if not owner:
            raise OwnershipLost(f"Epoch {mark.epoch} of the paper exchange is over")

    async def discard(self) -> None:
        """Drop the connection; the next call opens a new one."""
        await self._connection.discard()

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

    async def close(self) -> None:
        await self._connection.close()

    async def _find(self, account_id: int, condition: ColumnElement[bool]) -> Order | None:
        query = select(tables.orders).where(tables.orders.c.account_id == account_id, condition)
        return next(map(order_from, await self._rows(query)), None)

    async def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with storage_errors():
            async with self._store.read() as connection:
                rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
        return rows


def _claim(connection: Connection) -> int:
    connection.execute(statements.RAISE_EPOCH)
    epoch: int = connection.execute(select(tables.engine.c.epoch)).scalar_one()
    return epoch


def _load(connection: Connection, since: datetime) -> StoredBooks:
    day = {"since": since}
    mark = _mark(connection)
    accounts = [
        StoredAccount(funds=funds_from(row), seq=row.seq)
        for row in connection.execute(statements.FUNDS)
    ]
    orders = [
        *map(order_from, connection.execute(statements.WORKING_ORDERS)),
        *map(order_from, connection.execute(statements.FINAL_ORDERS, day)),
    ]
    owners = {"accounts": [account.funds.account_id for account in accounts]}
    return StoredBooks(
        mark=mark,
        accounts=accounts,
        orders=sorted(orders, key=lambda order: (order.created_at, order.order_id)),
        trades=[*map(trade_from, connection.execute(statements.TRADES, day | owners))],
        positions=[*map(position_from, connection.execute(statements.POSITIONS, day))],
        holdings=[*map(holding_from, connection.execute(statements.HOLDINGS))],
        gtts=sorted(
            map(gtt_from, connection.execute(statements.ACTIVE_GTTS)),
            key=lambda gtt: (gtt.created_at, gtt.trigger_id),
        ),
    )


def _mark(connection: Connection) -> EngineMark:
    row = connection.execute(statements.LOCKED_MARK).one()
    return EngineMark(
        epoch=row.epoch,
        batch=row.batch,
        order_day=row.order_day,
        order_number=row.order_number,
        trade_number=row.trade_number,
        gtt_number=row.gtt_number,
        day_at=row.day_at,
        day_kind=row.day_kind,
    )
