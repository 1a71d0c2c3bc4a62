"""Money and positions can be told from the ledger and the trades on disk alone."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from openalgo.domain.calendar import (
    AlwaysOpenCalendar,
    Calendar,
    ExchangeCalendar,
    session_date,
)
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import PositionKey, PriceType, Product, Trade
from openalgo.domain.portfolio import LedgerEntry, LedgerKind, Position
from openalgo.persistence.sandbox import tables
from openalgo.persistence.sandbox.books import EngineMark, SandboxBooks
from openalgo.persistence.sandbox.rows import entry_from, trade_from
from openalgo.persistence.stores import Store
from openalgo.sandbox.batch import Batch
from openalgo.sandbox.ledger import net, share_of
from openalgo.sandbox.restore import restore
from openalgo.sandbox.rules import ProceedsPolicy
from openalgo.sandbox.state import PaperExchange
from tests.sandbox.test_invariants import (
    Days,
    Market,
    Place,
    Reset,
    Step,
    calendars,
    opened,
    play,
    scripts,
)
from tests.support.market import MORNING, SBIN, SHELF
from tests.support.paper import Paper

LONG_AGO = MORNING.replace(year=2000)


@dataclass
class Rebuilt:
    """One account, line by line of its ledger."""

    available: Decimal = ZERO
    used: Decimal = ZERO
    realised: Decimal = ZERO
    positions: dict[PositionKey, Position] = field(default_factory=dict)
    holdings: dict[InstrumentKey, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def read(self, entry: LedgerEntry, trades: dict[str, Trade]) -> None:
        self.available += entry.available
        self.used += entry.used
        self.realised += entry.realised
        assert (self.available, self.used) == (entry.available_after, entry.used_after)
        if entry.kind is LedgerKind.FILL:
            self._trade(trades[entry.ref])
        elif entry.kind is LedgerKind.SETTLE:
            self._settle(entry)
        elif entry.kind is LedgerKind.RESET:
            self.positions.clear()
            self.holdings.clear()

    def _trade(self, trade: Trade) -> None:
        key = PositionKey(trade.exchange, trade.symbol, trade.product)
        self.positions[key] = net(
            self.positions.get(key),
            trade,
            margin=ZERO,
            contract_value=Decimal(1),
            session=session_date(trade.at),
        ).position

    def _settle(self, entry: LedgerEntry) -> None:
        """A delivery: bought shares at their cost, or sold ones for what they fetched."""
        symbol, exchange = entry.ref.split()
        (key,) = (k for k in self.positions if k[:2] == (exchange, symbol) and k[2] is Product.CNC)
        position = self.positions[key]
        quantity, cost = self.holdings.get(position.instrument, (ZERO, ZERO))
        settled = max(position.quantity, -quantity)
        value = share_of(position.cost, settled, position.quantity)
        taken = value if settled > 0 else -share_of(cost, -settled, quantity)
        self.holdings[position.instrument] = (quantity + settled, cost + taken)
        self.positions[key] = replace(
            position,
            quantity=position.quantity - settled,
            cost=position.cost - value,
            realised=position.realised + entry.realised,
        )


def _deal(action: str, account: int = 1) -> Place:
    return Place(SBIN, action, 30, PriceType.MARKET, ("100", "100"), True, account)


# Shares that are bought, settle and are sold in part; then everything begins anew.
DELIVERED: list[Step] = [
    _deal("BUY"),
    Market(SBIN, "101"),
    _deal("BUY"),
    Days(days=4, hour=11),
    Market(SBIN, "107"),
    _deal("SELL"),
    Days(days=1, hour=11),
]


@settings(max_examples=40, deadline=None)
@example(script=DELIVERED, capital="10000000", calendar=AlwaysOpenCalendar(), policy="t1")
@example(script=DELIVERED, capital="300000", calendar=ExchangeCalendar(), policy="same_day")
@example(
    script=[*DELIVERED, Reset(1), *DELIVERED],
    capital="300000",
    calendar=ExchangeCalendar(),
    policy="t1",
)
@given(
    script=scripts,
    capital=st.sampled_from(["20000", "300000", "10000000"]),
    calendar=calendars,
    policy=st.sampled_from(["t1", "same_day"]),
)
def test_state_rebuilt_from_the_ledger_is_the_state_kept(
    script: list[Step], capital: str, calendar: Calendar, policy: ProceedsPolicy
) -> None:
    paper = opened(capital, calendar, policy)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_stored_and_rebuilt(paper, script, Path(folder)))


async def _stored_and_rebuilt(paper: Paper, script: list[Step], folder: Path) -> None:
    store = Store("sandbox", f"sqlite:///{folder / 'sandbox.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(tables.metadata.create_all)
    books = SandboxBooks(store)
    epoch = await books.claim()
    for number, step in enumerate(script, start=1):
        await _commit(books, paper, step, epoch, number)

    rebuilt = await _rebuild(store)
    assert rebuilt.keys() == paper.state.accounts.keys()
    for account_id, account in paper.state.accounts.items():
        told, funds = rebuilt[account_id], account.funds
        assert (told.available, told.used, told.realised) == (
            funds.available,
            funds.used,
            funds.realised,
        )
        kept = {
            key: (each.quantity, each.cost, each.realised)
            for key, each in account.positions.items()
        }
        assert {
            key: (each.quantity, each.cost, each.realised) for key, each in told.positions.items()
        } == {key: kept[key] for key in told.positions}
        assert not any(any(kept[key]) for key in kept.keys() - told.positions.keys())
        assert {key: row for key, row in told.holdings.items() if row[0]} == {
            key: (each.quantity, each.cost) for key, each in account.holdings.items()
        }

    _same_books(await restore(await books.load(LONG_AGO), SHELF), paper.state)
    await books.close()
    await store.close()


async def _commit(books: SandboxBooks, paper: Paper, step: Step, epoch: int, number: int) -> None:
    """Let `step` happen and store what follows from it, as the engine does."""
    batch, before = Batch(), len(paper.events)
    # In a thread, as a step that restarts the exchange runs a loop of its own.
    await asyncio.to_thread(play, paper, [step])
    for event in paper.events[before:]:
        batch.record(event, paper.account(event.account_id))
    counters = paper.state.counters
    mark = EngineMark(
        epoch=epoch,
        batch=number,
        order_day=counters.order_day,
        order_number=counters.order_number,
        trade_number=counters.trade_number,
        gtt_number=counters.gtt_number,
    )
    await books.commit(batch.rows, mark)


async def _rebuild(store: Store) -> dict[int, Rebuilt]:
    async with store.read() as tx:
        trades = {row.trade_id: trade_from(row) for row in await tx.execute(select(tables.trades))}
        ledger = await tx.execute(select(tables.ledger).order_by(tables.ledger.c.id))
        rebuilt: dict[int, Rebuilt] = {}
        for entry in map(entry_from, ledger):
            rebuilt.setdefault(entry.account_id, Rebuilt()).read(entry, trades)
    return rebuilt


def _same_books(one: PaperExchange, other: PaperExchange) -> None:
    """But for positions nothing is left of, which need not be read back."""
    assert one.accounts.keys() == other.accounts.keys()
    for account_id, account in one.accounts.items():
        kept = other.accounts[account_id]
        assert (account.funds, account.seq) == (kept.funds, kept.seq)
        assert account.holdings == kept.holdings
        assert {k: p for k, p in account.positions.items() if p.quantity or p.realised} == {
            k: p for k, p in kept.positions.items() if p.quantity or p.realised
        }
        working = {o.order_id: o for o in kept.orders.values() if o.status.is_working}
        assert {o.order_id: o for o in account.orders.values() if o.status.is_working} == working
