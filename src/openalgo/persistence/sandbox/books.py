"""The storage of the paper exchange: what it loads when it starts, and one commit per batch."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, Connection, select

from openalgo.domain.orders import Order, PositionKey, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, Position
from openalgo.persistence.sandbox import statements, tables
from openalgo.persistence.sandbox.rows import (
    funds_from,
    order_from,
    position_from,
    trade_from,
)
from openalgo.persistence.stores import Store, storage_errors


class OwnershipLost(Exception):
    """Another process has claimed these books since; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMark:
    """How far the engine got: stored with every batch, so it tells whether a commit happened.

    There is one row of it, which `id` names.
    """

    id: ClassVar[int] = 1

    epoch: int
    batch: int
    order_day: date | None
    order_number: int
    trade_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """`seq` is the number of the account's last event."""

    funds: Funds
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBooks:
    """Orders and trades are in the order they were made."""

    mark: EngineMark
    accounts: list[StoredAccount]
    orders: list[Order]
    trades: list[Trade]
    positions: list[Position]


@dataclass(slots=True)
class BatchRows:
    """What one batch changed. Orders, positions and accounts stand as they are after it."""

    orders: dict[str, Order] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    positions: dict[tuple[int, PositionKey], Position] = field(default_factory=dict)
    accounts: dict[int, StoredAccount] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)


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

    async def close(self) -> None:
        await self._connection.close()

    async def _find(self, account_id: int, condition: ColumnElement[bool]) -> Order | None:
        query = select(tables.orders).where(tables.orders.c.account_id == account_id, condition)
        with storage_errors():
            async with self._store.read() as connection:
                row = (await connection.execute(query)).one_or_none()
        return None if row is None else order_from(row)


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
    )


def _mark(connection: Connection) -> EngineMark:
    row = connection.execute(statements.LOCKED_MARK).one()
    return EngineMark(
        epoch=row.epoch,
        batch=row.batch,
        order_day=row.order_day,
        order_number=row.order_number,
        trade_number=row.trade_number,
    )
