"""The state as the tables have it."""

from openalgo.persistence.sandbox.books import StoredBooks
from openalgo.sandbox.ports import InstrumentFinder
from openalgo.sandbox.state import PaperAccount, PaperExchange


def restore(stored: StoredBooks, instruments: InstrumentFinder) -> PaperExchange:
    """Rebuild the exchange. Working orders keep their time priority; an order or position whose
    instrument has left the master is kept, but nothing can match it."""
    state = PaperExchange()
    state.order_day = stored.mark.order_day
    state.order_number = stored.mark.order_number
    state.trade_number = stored.mark.trade_number
    for row in stored.accounts:
        state.accounts[row.funds.account_id] = PaperAccount(row.funds, row.seq)
    for position in stored.positions:
        state.accounts[position.account_id].positions[position.key] = position
        if position.quantity and (instrument := instruments.find(position.instrument)):
            state.book(instrument)
    for order in sorted(stored.orders, key=lambda order: (order.created_at, order.order_id)):
        state.accounts[order.account_id].put(order)
        if order.status.is_working and (instrument := instruments.find(order.key)):
            state.book(instrument).add(order)
    for trade in sorted(stored.trades, key=lambda trade: (trade.at, trade.trade_id)):
        state.accounts[trade.account_id].trades.append(trade)
    return state
