"""How trades become positions, and how positions move money. Pure arithmetic."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from openalgo.domain.numbers import ZERO, Px, money, traded_value
from openalgo.domain.orders import Action, Trade
from openalgo.domain.portfolio import Funds, LedgerEntry, LedgerKind, Position


class Closing(msgspec.Struct, frozen=True, gc=False):
    """What closing part of a position yields: profit, and the cost and margin it takes along."""

    realised: Decimal
    cost: Decimal
    released: Decimal


class Netting(msgspec.Struct, frozen=True, gc=False):
    """What a trade does to a position: profit realised and margin released, in rupees."""

    position: Position
    realised: Decimal
    released: Decimal


_NOTHING_CLOSED = Closing(ZERO, ZERO, ZERO)


def closing_part(position: Position | None, action: Action, quantity: Decimal) -> Decimal:
    """How much of an `action` of `quantity` units reduces `position`."""
    if position is None or position.quantity * action.sign >= 0:
        return ZERO
    return min(abs(position.quantity), quantity)


def close(
    position: Position | None, quantity: Decimal, price: Px, contract_value: Decimal
) -> Closing:
    """Close `quantity` units of `position` at `price`.

    They take their share of cost and margin, all of it when nothing is left, so no fraction of a
    rupee stays behind in a flat position.
    """
    if position is None or not quantity:
        return _NOTHING_CLOSED
    held = abs(position.quantity)
    cost = share_of(position.cost, quantity, held)
    gain = (traded_value(price, quantity) - cost) * contract_value
    return Closing(
        realised=money(gain if position.quantity > 0 else -gain),
        cost=cost,
        released=share_of(position.margin, quantity, held),
    )


def net(
    position: Position | None,
    trade: Trade,
    *,
    margin: Decimal,
    contract_value: Decimal,
    session: date,
) -> Netting:
    """Net `trade` into `position`; `margin` is what its opening part blocks."""
    if position is None:
        position = _flat(trade, session)
    closing = closing_part(position, trade.action, trade.quantity)
    closed = close(position, closing, trade.price, contract_value)
    quantity = position.quantity + trade.quantity * trade.action.sign
    reopened = bool(quantity) and position.quantity * quantity <= 0
    netted = replace(
        position,
        quantity=quantity,
        cost=position.cost - closed.cost + traded_value(trade.price, trade.quantity - closing),
        margin=position.margin - closed.released + margin,
        realised=position.realised + closed.realised,
        realised_today=position.realised_in(session) + closed.realised,
        realised_on=session,
        opened_on=session if reopened else position.opened_on,
        updated_at=trade.at,
    )
    return Netting(netted, closed.realised, closed.released)


def _flat(trade: Trade, session: date) -> Position:
    return Position(
        account_id=trade.account_id,
        symbol=trade.symbol,
        exchange=trade.exchange,
        product=trade.product,
        quantity=ZERO,
        cost=ZERO,
        margin=ZERO,
        realised=ZERO,
        realised_today=ZERO,
        realised_on=session,
        opened_on=session,
        created_at=trade.at,
        updated_at=trade.at,
    )


def share_of(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The rupees of `total` that `part` of `whole` units take along: all of it for all of them."""
    return total if part == whole else money(total * part / whole)


def open_funds(account_id: int, capital: Decimal, at: datetime, session: date) -> Funds:
    """The funds of an account that has not traded yet."""
    return Funds(
        account_id=account_id,
        starting_capital=capital,
        available=capital,
        used=ZERO,
        realised=ZERO,
        realised_today=ZERO,
        realised_on=session,
        opened_at=at,
    )


def move(
    funds: Funds,
    kind: LedgerKind,
    ref: str,
    at: datetime,
    session: date,
    *,
    blocked: Decimal,
    realised: Decimal = ZERO,
    paid: Decimal = ZERO,
) -> tuple[Funds, LedgerEntry]:
    """Block `blocked` rupees more (release when negative), book `realised` profit, and pay `paid`
    for holdings (receive their cost when negative)."""
    moved = replace(
        funds,
        available=funds.available - blocked + realised - paid,
        used=funds.used + blocked,
        realised=funds.realised + realised,
        realised_today=funds.realised_in(session) + realised,
        realised_on=session,
    )
    entry = LedgerEntry(
        account_id=funds.account_id,
        at=at,
        kind=kind,
        ref=ref,
        available=moved.available - funds.available,
        used=blocked,
        realised=realised,
        available_after=moved.available,
        used_after=moved.used,
    )
    return moved, entry


def capital_entry(funds: Funds) -> LedgerEntry:
    """The first line of an account's ledger: its starting capital."""
    return LedgerEntry(
        account_id=funds.account_id,
        at=funds.opened_at,
        kind=LedgerKind.CAPITAL,
        ref="",
        available=funds.available,
        used=ZERO,
        realised=ZERO,
        available_after=funds.available,
        used_after=ZERO,
    )


def change_capital(
    funds: Funds, capital: Decimal, at: datetime, session: date
) -> tuple[Funds, LedgerEntry]:
    """Let the account have started with `capital` rupees."""
    change = capital - funds.starting_capital
    moved, entry = move(funds, LedgerKind.CAPITAL, "", at, session, blocked=ZERO, paid=-change)
    return replace(moved, starting_capital=capital), entry


def start_over(
    funds: Funds, capital: Decimal, at: datetime, session: date
) -> tuple[Funds, LedgerEntry]:
    """The funds of the next run, and the entry that leads from the last one's to them."""
    fresh = replace(
        open_funds(funds.account_id, capital, at, session), reset_count=funds.reset_count + 1
    )
    entry = LedgerEntry(
        account_id=funds.account_id,
        at=at,
        kind=LedgerKind.RESET,
        ref=str(fresh.reset_count),
        available=fresh.available - funds.available,
        used=-funds.used,
        realised=-funds.realised,
        available_after=fresh.available,
        used_after=ZERO,
    )
    return fresh, entry
