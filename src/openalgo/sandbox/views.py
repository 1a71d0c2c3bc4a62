"""What the books show: pure readings of the state. Newest first."""

from collections.abc import Callable
from datetime import date, datetime

from openalgo.domain.calendar import session_date
from openalgo.domain.events import AccountMarked
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ONE, ZERO, money, px_decimal
from openalgo.domain.orders import Order, Trade
from openalgo.domain.portfolio import (
    DailyResult,
    FundsStatement,
    MarkedHolding,
    MarkedPosition,
    Position,
)
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.ledger import open_funds
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange


def orders(state: PaperExchange, account_id: int, now: datetime) -> list[Order]:
    """Orders of the session of `now`, and older ones that still work."""
    account = _account(state, account_id, now)
    return list(reversed(account.orders.values())) if account else []


def trades(state: PaperExchange, account_id: int, now: datetime) -> list[Trade]:
    """Trades of the session of `now`."""
    account = _account(state, account_id, now)
    return list(reversed(account.trades)) if account else []


def order(state: PaperExchange, account_id: int, order_id: str) -> Order | None:
    """An order of the session, or None: it may be an older one, on disk."""
    account = state.accounts.get(account_id)
    return account.orders.get(order_id) if account else None


def active_gtts(state: PaperExchange, account_id: int) -> list[Gtt]:
    """GTTs that watch the market."""
    account = state.accounts.get(account_id)
    if account is None:
        return []
    active = [gtt for gtt in account.gtts.values() if gtt.status is GttStatus.ACTIVE]
    return active[::-1]


def positions(state: PaperExchange, account_id: int, now: datetime) -> list[MarkedPosition]:
    """Open positions, and flat ones that realised profit in the session of `now`."""
    account = _account(state, account_id, now)
    if account is None:
        return []
    return _marked_positions(state, account, session_date(now))


def holdings(state: PaperExchange, account_id: int) -> list[MarkedHolding]:
    """Settled shares, at the last price; at their average where there is none."""
    account = state.accounts.get(account_id)
    return _marked_holdings(state, account) if account else []


def marked(state: PaperExchange, account: PaperAccount, now: datetime) -> AccountMarked:
    """All that `positions` and `holdings` show, and what they come to."""
    session = session_date(now)
    positions = _marked_positions(state, account, session)
    holdings = _marked_holdings(state, account)
    return AccountMarked(
        account_id=account.id,
        at=now,
        cause="marking",
        positions=tuple(positions),
        holdings=tuple(holdings),
        unrealised=sum((row.unrealised for row in positions), ZERO),
        realised_today=account.funds.realised_in(session),
        holdings_unrealised=sum((row.unrealised for row in holdings), ZERO),
    )


def daily_result(
    state: PaperExchange,
    account: PaperAccount,
    session: date,
    mark_of: Callable[[InstrumentKey], Mark | None],
) -> DailyResult:
    """How the account stands, at the prices `mark_of` gives, as the result of `session`.

    The portfolio is worth its cash, its holdings and what its positions would yield.
    """
    positions = sum(
        (
            _value(state, position, session, mark_of(position.instrument)).unrealised
            for position in account.positions.values()
            if position.quantity
        ),
        ZERO,
    )
    cost = worth = ZERO
    for holding in account.holdings.values():
        mark = mark_of(holding.instrument)
        cost += holding.cost
        worth += money(px_decimal(mark.ltp) * holding.quantity) if mark else holding.cost
    funds = account.funds
    realised = funds.realised_in(session)
    return DailyResult(
        account_id=account.id,
        run=funds.reset_count,
        date=session,
        realised=realised,
        positions_unrealised=positions,
        holdings_unrealised=worth - cost,
        total_mtm=realised + positions + worth - cost,
        available=funds.available,
        used=funds.used,
        portfolio_value=funds.available + funds.used + worth + positions,
    )


def statement(state: PaperExchange, account_id: int, now: datetime, rules: Rules) -> FundsStatement:
    """Funds of the account; those it would start with if it has not traded yet."""
    account = _account(state, account_id, now)
    session = session_date(now)
    if account is None:
        funds = open_funds(account_id, rules.starting_capital, now, session)
        return FundsStatement.on_paper(funds, unrealised=ZERO, realised_today=ZERO)
    unrealised = sum(
        (
            _value(state, position, session, _mark(state, position.instrument)).unrealised
            for position in account.positions.values()
        ),
        ZERO,
    )
    return FundsStatement.on_paper(
        account.funds,
        unrealised=unrealised,
        realised_today=account.funds.realised_in(session),
    )


def _marked_positions(
    state: PaperExchange, account: PaperAccount, session: date
) -> list[MarkedPosition]:
    return [
        _value(state, position, session, _mark(state, position.instrument))
        for position in account.positions.values()
        if position.quantity or position.realised_in(session)
    ]


def _marked_holdings(state: PaperExchange, account: PaperAccount) -> list[MarkedHolding]:
    rows = []
    for holding in account.holdings.values():
        mark = _mark(state, holding.instrument)
        ltp = px_decimal(mark.ltp) if mark else holding.average_price
        rows.append(MarkedHolding(holding=holding, ltp=ltp))
    return rows


def _account(state: PaperExchange, account_id: int, now: datetime) -> PaperAccount | None:
    account = state.accounts.get(account_id)
    if account is not None:
        account.begin_session(session_date(now))
    return account


def _mark(state: PaperExchange, key: InstrumentKey) -> Mark | None:
    book = state.books.get(key)
    return book.mark if book is not None else None


def _value(
    state: PaperExchange, position: Position, session: date, mark: Mark | None
) -> MarkedPosition:
    book = state.books.get(position.instrument)
    instrument: Instrument | None = book.instrument if book is not None else None
    ltp = px_decimal(mark.ltp) if mark else position.average_price
    contract_value = instrument.contract_value if instrument else ONE
    cost = position.cost if position.quantity > 0 else -position.cost
    unrealised = (ltp * position.quantity - cost) * contract_value if mark else ZERO
    return MarkedPosition(
        position=position,
        ltp=ltp,
        unrealised=money(unrealised),
        realised_today=position.realised_in(session),
        multiplier=contract_value,
    )
