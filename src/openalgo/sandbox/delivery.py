"""How delivery positions become shares, and shares money."""

from datetime import date, datetime

from msgspec.structs import replace

from openalgo.domain.events import PositionSettled
from openalgo.domain.numbers import ZERO
from openalgo.domain.portfolio import Holding, LedgerKind, Position
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.floor import Decision
from openalgo.sandbox.ledger import move, share_of


def deliver(
    account: PaperAccount, position: Position, *, at: datetime, session: date, cause: str
) -> Decision:
    """Settle a delivery position: what was bought joins the holding at its exact cost, paid from
    the margin; what was sold leaves it, which realises the profit over the holding's average."""
    holding = account.holdings.get(position.instrument) or Holding(
        account_id=account.id,
        symbol=position.symbol,
        exchange=position.exchange,
        quantity=ZERO,
        cost=ZERO,
        settled_on=session,
    )
    if position.quantity > 0:
        settled, value, paid, realised = position.quantity, position.cost, position.cost, ZERO
    else:
        settled = -min(-position.quantity, holding.quantity)
        if not settled:
            return None
        value = share_of(position.cost, settled, position.quantity)
        paid = -share_of(holding.cost, -settled, holding.quantity)
        realised = value + paid
    released = share_of(position.margin, settled, position.quantity)
    funds, entry = move(
        account.funds,
        LedgerKind.SETTLE,
        f"{position.symbol} {position.exchange}",
        at,
        session,
        blocked=-released,
        realised=realised,
        paid=paid,
    )
    yield PositionSettled(
        **account.head(at, cause),
        position=replace(
            position,
            quantity=position.quantity - settled,
            cost=position.cost - value,
            margin=position.margin - released,
            realised=position.realised + realised,
            realised_today=position.realised_in(session) + realised,
            realised_on=session,
            updated_at=at,
        ),
        holding=replace(
            holding,
            quantity=holding.quantity + settled,
            cost=holding.cost + paid,
            settled_on=session if settled > 0 else holding.settled_on,
        ),
        funds=funds,
        entry=entry,
    )
    return None
