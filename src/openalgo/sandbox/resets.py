"""What follows from beginning anew, and from another starting capital."""

from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain.calendar import session_date
from openalgo.domain.errors import InvalidRequest
from openalgo.domain.events import AccountReset, CapitalChanged
from openalgo.domain.gtt import GttStatus
from openalgo.domain.numbers import ZERO, rupees
from openalgo.domain.orders import Product
from openalgo.domain.portfolio import PastPosition, PastRun, Position
from openalgo.sandbox import changing, gtt, ledger
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import AlignCapital, Reset, SetRules
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

REASON = "Account reset"


def reset(floor: Floor, command: Reset) -> Decision:
    """Cancel what waits, put away what there is, and begin again with the capital: all of it in
    one decision, so that no order outlives the money that was blocked for it."""
    at, cause = command.at, command.cause
    account = yield from floor.account(command.account_id, at, cause)
    for order in [order for order in account.orders.values() if order.status.is_working]:
        yield from changing.withdraw(account, order, at=at, cause=cause, reason=REASON)
    for each in [each for each in account.gtts.values() if each.status is GttStatus.ACTIVE]:
        yield from gtt.withdraw(account, each, at=at, cause=cause, reason=REASON)
    funds, session = account.funds, session_date(at)
    capital = command.starting_capital or funds.starting_capital
    fresh, entry = ledger.start_over(funds, capital, at, session)
    yield AccountReset(
        **account.head(at, cause),
        positions=tuple(_emptied(position) for position in account.positions.values()),
        taken=_taken(account),
        past=PastRun(
            account_id=account.id,
            run=funds.reset_count,
            began_at=funds.opened_at,
            ended_at=at,
            starting_capital=funds.starting_capital,
            available=funds.available,
            used=funds.used,
            realised=funds.realised,
        ),
        funds=fresh,
        entry=entry,
    )
    return None


def change_capital(floor: Floor, command: SetRules) -> Decision:
    """Pay every account what it now begins with more, or take what it begins with less. Raises
    `InvalidRequest` when one has not got that much, and then changes nothing."""
    capital = command.rules.starting_capital
    if capital == floor.rules.starting_capital:
        return None
    check_capital(floor.state, floor.rules, command.rules)
    for account in list(floor.state.accounts.values()):
        if capital != account.funds.starting_capital:
            yield _with_capital(account, capital, command)
    return None


def align_capital(floor: Floor, command: AlignCapital) -> Decision:
    """Undo a change of the starting capital that was never told to be done: the process died after
    the accounts had it and before the settings had. Whoever spent it meanwhile keeps it; such an
    account adds up as well."""
    capital = floor.rules.starting_capital
    for account in list(floor.state.accounts.values()):
        if capital != account.funds.starting_capital and _can_have(account, capital):
            yield _with_capital(account, capital, command)
    return None


def _with_capital(
    account: PaperAccount, capital: Decimal, command: SetRules | AlignCapital
) -> CapitalChanged:
    funds, entry = ledger.change_capital(
        account.funds, capital, command.at, session_date(command.at)
    )
    return CapitalChanged(**account.head(command.at, command.cause), funds=funds, entry=entry)


def check_capital(state: PaperExchange, before: Rules, after: Rules) -> None:
    """Raises `InvalidRequest` when an account has not got what it would begin with less."""
    if after.starting_capital != before.starting_capital:
        for account in state.accounts.values():
            _check(account, after.starting_capital)


def _check(account: PaperAccount, capital: Decimal) -> None:
    if not _can_have(account, capital):
        taken = account.funds.starting_capital - capital
        raise InvalidRequest(
            "starting_capital",
            f"Starting capital cannot be lowered to {rupees(capital)}: that takes {rupees(taken)}, "
            f"and {rupees(account.funds.available)} is available",
        )


def _can_have(account: PaperAccount, capital: Decimal) -> bool:
    """Whether the account has what it would begin with less."""
    taken = account.funds.starting_capital - capital
    return taken <= max(ZERO, account.funds.available)


def _emptied(position: Position) -> Position:
    return replace(
        position, quantity=ZERO, cost=ZERO, margin=ZERO, realised=ZERO, realised_today=ZERO
    )


def _taken(account: PaperAccount) -> tuple[PastPosition, ...]:
    run = account.funds.reset_count
    positions = [
        PastPosition(
            account_id=account.id,
            run=run,
            exchange=position.exchange,
            symbol=position.symbol,
            product=position.product,
            settled=False,
            quantity=position.quantity,
            cost=position.cost,
            margin=position.margin,
            realised=position.realised,
        )
        for position in account.positions.values()
        if position.quantity or position.realised
    ]
    holdings = [
        PastPosition(
            account_id=account.id,
            run=run,
            exchange=holding.exchange,
            symbol=holding.symbol,
            product=Product.CNC,
            settled=True,
            quantity=holding.quantity,
            cost=holding.cost,
            margin=ZERO,
            realised=ZERO,
        )
        for holding in account.holdings.values()
    ]
    return (*positions, *holdings)
