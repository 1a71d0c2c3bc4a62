"""The storage of the paper exchange: what it loads when it starts, and one commit per batch."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Dialect, Row

from openalgo.domain.events import OrderEvent
from openalgo.domain.gtt import Gtt
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Order, PositionKey, Trade
from openalgo.domain.portfolio import (
    DailyResult,
    Funds,
    Holding,
    LedgerEntry,
    PastPosition,
    PastRun,
    Position,
)
from openalgo.persistence.dedicated import Statement
from openalgo.persistence.sandbox import statements
from openalgo.persistence.sandbox.archive import SandboxArchive
from openalgo.persistence.sandbox.rows import (
    GttRow,
    funds_from,
    gtt_from,
    holding_from,
    order_from,
    position_from,
    trade_from,
)
from openalgo.persistence.stores import Store

EMBEDDED_MARKET = 1
"""The number of the market that needs no login. That of account n at its broker is n + 1."""

_STRETCH = 0.002
"""Seconds for which rows are made before others get their turn."""


class OwnershipLost(Exception):
    """Another process has claimed these books since; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMark:
    """How far an engine got: stored with every batch, so it tells whether a commit happened.
    `day_at` and `day_kind` tell the last event of a day that is done.

    There is one row for each engine, `id` being the number of its market. The numbers are those of
    all engines when this one was stored.
    """

    id: int = EMBEDDED_MARKET
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


class SandboxBooks(SandboxArchive):
    """The storage of one engine, on a connection of its own.

    Engines share the tables: each has its row that says how far it is, and its accounts, whose
    market never changes. `market` numbers this one's, `owns` tells its accounts.

    To recover from a failed or unknown commit: `discard`, then `load`. Loading waits for whatever
    the lost connection was still doing, so what it returns is final.
    """

    def __init__(
        self,
        store: Store,
        market: int = EMBEDDED_MARKET,
        owns: Callable[[int], bool] = lambda _: True,
    ) -> None:
        super().__init__(store)
        self.market = market
        self._owns = owns
        self._connection = store.dedicated()

    async def claim(self) -> int:
        """Take the books over from whoever had them; returns the new epoch, already stored."""
        return await self._connection.run(lambda connection: _claim(connection, self.market))

    async def load(self, since: datetime) -> StoredBooks:
        """The accounts of this market: their working orders, the positions that are open or have
        realised profit, and what happened at or after `since`. The numbers of the mark are the
        highest of all engines."""

        def work(connection: Connection) -> StoredBooks:
            return _load(connection, self.market, self._owns, since)

        return await self._connection.run(work)

    async def commit(self, rows: BatchRows, mark: EngineMark) -> None:
        """Store a batch, whole or not at all.

        Raises `OwnershipLost`, having written nothing, when `mark.epoch` is not the current one.
        After any other error, and after a cancellation, only the stored batch number tells
        whether it happened.
        """

        dialect = self._connection.dialect
        (advance,) = statements.ADVANCE.prepare(dialect, [mark])
        owner = await self._connection.write(advance, await _sliced(_prepared(dialect, rows)))
        if not owner:
            raise OwnershipLost(f"Epoch {mark.epoch} of the paper exchange is over")

    async def discard(self) -> None:
        """Drop the connection; the next call opens a new one."""
        await self._connection.discard()

    async def close(self) -> None:
        await self._connection.close()


def _prepared(dialect: Dialect, rows: BatchRows) -> Iterator[Statement]:
    return chain(
        statements.PUT_ORDERS.prepare(dialect, rows.orders.values()),
        statements.ADD_TRADES.prepare(dialect, rows.trades),
        statements.PUT_POSITIONS.prepare(dialect, rows.positions.values()),
        statements.PUT_FUNDS.prepare(dialect, rows.accounts.values()),
        statements.ADD_LEDGER.prepare(dialect, rows.ledger),
        statements.PUT_GTTS.prepare(dialect, map(GttRow, rows.gtts.values())),
        statements.ADD_TRANSITIONS.prepare(dialect, rows.transitions),
        statements.PUT_HOLDINGS.prepare(dialect, rows.holdings.values()),
        statements.PUT_DAILY.prepare(dialect, rows.daily.values()),
        statements.ADD_PAST_RUNS.prepare(dialect, rows.past_runs),
        statements.ADD_PAST_POSITIONS.prepare(dialect, rows.past_positions),
    )


async def _sliced(prepared: Iterator[Statement]) -> list[Statement]:
    """All of them, without holding the loop for what a large batch takes."""
    made = []
    until = perf_counter() + _STRETCH
    for statement in prepared:
        made.append(statement)
        if perf_counter() > until:
            await asyncio.sleep(0)
            until = perf_counter() + _STRETCH
    return made


def _claim(connection: Connection, market: int) -> int:
    row = {"market": market}
    if not connection.execute(statements.RAISE_EPOCH, row).rowcount:
        connection.execute(statements.FIRST_EPOCH, row)
    epoch: int = connection.execute(statements.EPOCH, row).scalar_one()
    return epoch


def _load(
    connection: Connection, market: int, owns: Callable[[int], bool], since: datetime
) -> StoredBooks:
    day = {"since": since}
    mark = _mark(connection, market)

    def ours(rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
        return (row for row in rows if owns(row.account_id))

    accounts = [
        StoredAccount(funds=funds_from(row), seq=row.seq)
        for row in ours(connection.execute(statements.FUNDS))
    ]
    orders = [
        *map(order_from, ours(connection.execute(statements.WORKING_ORDERS))),
        *map(order_from, ours(connection.execute(statements.FINAL_ORDERS, day))),
    ]
    owners = {"accounts": [account.funds.account_id for account in accounts]}
    return StoredBooks(
        mark=mark,
        accounts=accounts,
        orders=sorted(orders, key=lambda order: (order.created_at, order.order_id)),
        trades=[*map(trade_from, connection.execute(statements.TRADES, day | owners))],
        positions=[*map(position_from, ours(connection.execute(statements.POSITIONS, day)))],
        holdings=[*map(holding_from, ours(connection.execute(statements.HOLDINGS)))],
        gtts=sorted(
            map(gtt_from, ours(connection.execute(statements.ACTIVE_GTTS))),
            key=lambda gtt: (gtt.created_at, gtt.trigger_id),
        ),
    )


def _mark(connection: Connection, market: int) -> EngineMark:
    row = connection.execute(statements.LOCKED_MARK, {"market": market}).one()
    every = connection.execute(statements.NUMBERS).all()
    order_day, order_number = max(
        ((each.order_day, each.order_number) for each in every if each.order_day is not None),
        default=(None, row.order_number),
    )
    return EngineMark(
        id=market,
        epoch=row.epoch,
        batch=row.batch,
        order_day=order_day,
        order_number=order_number,
        trade_number=max(each.trade_number for each in every),
        gtt_number=max(each.gtt_number for each in every),
        day_at=row.day_at,
        day_kind=row.day_kind,
    )
