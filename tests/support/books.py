"""Tables of the paper exchange that break on demand."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from openalgo.domain.events import OrderEvent
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Order, PositionKey, Trade
from openalgo.domain.portfolio import (
    DailyResult,
    Holding,
    LedgerEntry,
    PastPosition,
    PastRun,
    Position,
)
from openalgo.persistence.sandbox.books import (
    BatchRows,
    EngineMark,
    OwnershipLost,
    StoredAccount,
    StoredBooks,
)


class DiskFailed(Exception):
    """What a driver raises when the disk or the connection is gone."""


@dataclass
class FaultyBooks:
    """In memory, atomic, and obedient.

    `fail_before` loses the next commit, `fail_after` stores it and then reports failure; while
    `broken`, nothing can be read; `gate` holds commits back while it is cleared.
    """

    fail_before: bool = False
    fail_after: bool = False
    broken: bool = False
    commits: int = 0
    loads: int = 0
    accounts: dict[int, StoredAccount] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    positions: dict[tuple[int, PositionKey], Position] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    gtts: dict[str, Gtt] = field(default_factory=dict)
    transitions: list[OrderEvent] = field(default_factory=list)
    holdings: dict[tuple[int, InstrumentKey], Holding] = field(default_factory=dict)
    daily: dict[tuple[int, int, date], DailyResult] = field(default_factory=dict)
    past_runs: list[PastRun] = field(default_factory=list)
    past_positions: list[PastPosition] = field(default_factory=list)
    market: int = 1
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    committing: asyncio.Event = field(default_factory=asyncio.Event)
    mark: EngineMark = field(
        default_factory=lambda: EngineMark(
            epoch=0, batch=0, order_day=None, order_number=0, trade_number=0, gtt_number=0
        )
    )

    def __post_init__(self) -> None:
        self.gate.set()

    async def claim(self) -> int:
        self.mark = replace(self.mark, epoch=self.mark.epoch + 1)
        return self.mark.epoch

    async def load(self, since: datetime) -> StoredBooks:
        self.loads += 1
        self._require_disk()
        return StoredBooks(
            mark=self.mark,
            accounts=list(self.accounts.values()),
            orders=sorted(
                (o for o in self.orders.values() if o.status.is_working or o.updated_at >= since),
                key=lambda order: order.order_id,
            ),
            trades=[trade for trade in self.trades if trade.at >= since],
            positions=list(self.positions.values()),
            holdings=[holding for holding in self.holdings.values() if holding.quantity],
            gtts=[gtt for gtt in self.gtts.values() if gtt.status is GttStatus.ACTIVE],
        )

    async def commit(self, rows: BatchRows, mark: EngineMark) -> None:
        self.committing.set()
        await self.gate.wait()
        if mark.epoch != self.mark.epoch:
            raise OwnershipLost("taken over")
        if self.fail_before:
            self.fail_before = False
            raise DiskFailed("no space left")
        self.commits += 1
        self.mark = mark
        self.accounts.update(rows.accounts)
        self.orders.update(rows.orders)
        self.trades.extend(rows.trades)
        self.positions.update(rows.positions)
        self.ledger.extend(rows.ledger)
        self.gtts.update(rows.gtts)
        self.transitions.extend(rows.transitions)
        self.holdings.update(rows.holdings)
        self.daily.update(rows.daily)
        self.past_runs.extend(rows.past_runs)
        self.past_positions.extend(rows.past_positions)
        if self.fail_after:
            self.fail_after = False
            raise DiskFailed("connection lost")

    async def discard(self) -> None:
        self._require_disk()

    def _require_disk(self) -> None:
        if self.broken:
            raise DiskFailed("cannot read")
