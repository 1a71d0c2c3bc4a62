"""The state as the tables have it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from openalgo.domain.instruments import InstrumentFinder
from openalgo.persistence.sandbox.books import StoredBooks
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.counters import Counters
from openalgo.sandbox.state import DayDone, PaperExchange

T = TypeVar("T")

_SLICE = 200


async def restore(
    stored: StoredBooks, instruments: InstrumentFinder, counters: Counters | None = None
) -> PaperExchange:
    """Rebuild the exchange, in slices that do not hold the loop; `counters` go on from what is
    stored.

    What waits keeps its place in the queue. An order, GTT or position whose instrument has left
    the master is kept, but nothing can match it.
    """
    state, mark = PaperExchange(counters), stored.mark
    state.counters.go_on_from(mark.order_day, mark.order_number, mark.trade_number, mark.gtt_number)
    if mark.day_at is not None:
        state.day_done = DayDone(mark.day_at, mark.day_kind)
    for row in stored.accounts:
        state.accounts[row.funds.account_id] = PaperAccount(row.funds, row.seq)
    async for position in _sliced(stored.positions):
        if position.quantity and (instrument := instruments.find(position.instrument)):
            state.book(instrument)
        state.put_position(state.accounts[position.account_id], position)
    async for holding in _sliced(stored.holdings):
        if instrument := instruments.find(holding.instrument):
            state.book(instrument)
        state.put_holding(state.accounts[holding.account_id], holding)
    async for order in _sliced(stored.orders):
        if order.run != state.accounts[order.account_id].funds.reset_count:
            continue
        if order.status.is_working and (instrument := instruments.find(order.key)):
            state.book(instrument)
        state.add_order(order)
    async for gtt in _sliced(stored.gtts):
        if instrument := instruments.find(gtt.key):
            state.book(instrument)
        state.add_gtt(gtt)
    async for trade in _sliced(stored.trades):
        account = state.accounts[trade.account_id]
        if trade.run == account.funds.reset_count:
            account.trades.append(trade)
    return state


async def _sliced(rows: Iterable[T]) -> AsyncIterator[T]:
    for number, row in enumerate(rows, start=1):
        yield row
        if not number % _SLICE:
            await asyncio.sleep(0)
