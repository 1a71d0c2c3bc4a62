"""What follows from the events of a day, account by account."""

from collections.abc import Callable, Iterator

from openalgo.domain.day_events import DayEventKind
from openalgo.domain.events import DayRecorded
from openalgo.domain.gtt import GttStatus
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.domain.orders import PositionKey, Product
from openalgo.sandbox import changing, gtt, resets, views
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.closing import close_out
from openalgo.sandbox.commands import PassDay, Reset
from openalgo.sandbox.contracts import listed
from openalgo.sandbox.delivery import deliver
from openalgo.sandbox.expiry import expired, settle_expired
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.matching import Mark

SESSION_END = "Day order expired at session end"
SQUARED_OFF = "Cancelled at the intraday square-off"
AT_LAST_PRICE = "Squared off at the last price: there was no fresh quote"
CONTRACT_EXPIRED = "The contract has expired"
SQUARE_OFF_STRATEGY = "AUTO_SQUARE_OFF"

Steps = Iterator[Decision | None]


def steps(floor: Floor, command: PassDay) -> Steps:
    """The decisions that let the event happen, with `None` for everything that was looked at and
    left as it is. Accounts that began after it are left alone."""
    passing = _PASSING[command.event.kind]
    for account in list(floor.state.accounts.values()):
        if account.funds.opened_at < command.at:
            yield from passing(floor, account, command)
        yield None


def _square_off(floor: Floor, account: PaperAccount, command: PassDay) -> Steps:
    """Intraday orders are withdrawn first, so that none of them opens a position again."""
    event = command.event
    yield from _withdraw(account, command, SQUARED_OFF, intraday_only=True)
    for key, position in list(account.positions.items()):
        if (
            key.product is Product.MIS
            and key.exchange in event.exchanges
            and position.quantity
            and position.opened_on <= event.session
        ):
            yield _squared_off(floor, account, key, command)
        else:
            yield None


def _squared_off(
    floor: Floor, account: PaperAccount, key: PositionKey, command: PassDay
) -> Decision:
    position = account.positions[key]
    instrument = listed(floor.state, position.instrument)
    seen = _mark(floor, command, position.instrument)
    fresh = floor.fresh(seen, command.at)
    if fresh is not None:
        price, reason = fresh.taker_price(position.closing_action), ""
    else:
        price = seen.ltp if seen else px(position.average_price, instrument.tick_size)
        reason = AT_LAST_PRICE
    return (
        yield from close_out(
            floor,
            account,
            position,
            instrument,
            price,
            command,
            strategy=SQUARE_OFF_STRATEGY,
            reason=reason,
        )
    )


def _close(floor: Floor, account: PaperAccount, command: PassDay) -> Steps:
    """Day orders lapse; then what expires today settles, unless that is for tomorrow."""
    yield from _withdraw(account, command, SESSION_END)
    if floor.rules.expiry_settlement_timing == "expiry_day_close":
        yield from _expire(floor, account, command, command.event.exchanges)


def _boundary(floor: Floor, account: PaperAccount, command: PassDay) -> Steps:
    """Deliveries of earlier days settle where this is a settlement day, and whatever expired on one
    is gone by now."""
    session = command.event.session
    yield from _expire(floor, account, command, None)
    for key, position in list(account.positions.items()):
        if (
            key.product is Product.CNC
            and position.quantity
            and position.opened_on < session
            and floor.calendar.settles(key.exchange, session)
        ):
            yield deliver(account, position, at=command.at, session=session, cause=command.cause)
        else:
            yield None


def _snapshot(floor: Floor, account: PaperAccount, command: PassDay) -> Steps:
    yield _recorded(floor, account, command)


def _recorded(floor: Floor, account: PaperAccount, command: PassDay) -> Decision:
    result = views.daily_result(
        floor.state,
        account,
        command.event.session,
        lambda key: _mark(floor, command, key),
    )
    yield DayRecorded(**account.head(command.at, command.cause), result=result)
    return None


def _reset(floor: Floor, account: PaperAccount, command: PassDay) -> Steps:
    yield resets.reset(floor, Reset(account_id=account.id, at=command.at, cause=command.cause))


_PASSING: dict[DayEventKind, Callable[[Floor, PaperAccount, PassDay], Steps]] = {
    DayEventKind.SQUARE_OFF: _square_off,
    DayEventKind.CLOSE: _close,
    DayEventKind.SNAPSHOT: _snapshot,
    DayEventKind.BOUNDARY: _boundary,
    DayEventKind.RESET: _reset,
}


def _withdraw(
    account: PaperAccount, command: PassDay, reason: str, *, intraday_only: bool = False
) -> Steps:
    """Orders of these exchanges that were there before the event."""
    for order in list(account.orders.values()):
        if (
            order.status.is_working
            and order.exchange in command.event.exchanges
            and order.created_at < command.at
            and (not intraday_only or order.product is Product.MIS)
        ):
            yield changing.withdraw(
                account, order, at=command.at, cause=command.cause, reason=reason
            )
        else:
            yield None


def _expire(
    floor: Floor,
    account: PaperAccount,
    command: PassDay,
    exchanges: frozenset[Exchange] | None,
) -> Steps:
    """Settle what has expired: at the close (`exchanges`) that of the day, else of days before."""
    session = command.event.session

    def over(key: InstrumentKey) -> bool:
        if exchanges is not None and key.exchange not in exchanges:
            return False
        return expired(floor.state, key, session, today=exchanges is not None)

    for order in list(account.orders.values()):
        if order.status.is_working and over(order.key):
            yield changing.withdraw(
                account, order, at=command.at, cause=command.cause, reason=CONTRACT_EXPIRED
            )
        else:
            yield None
    for each in list(account.gtts.values()):
        if each.status is GttStatus.ACTIVE and over(each.key):
            yield gtt.lapse(
                account, each, at=command.at, cause=command.cause, reason=CONTRACT_EXPIRED
            )
        else:
            yield None
    for position in list(account.positions.values()):
        if position.quantity and over(position.instrument):
            mark = _mark(floor, command, position.instrument)
            yield settle_expired(floor, account, position, command, mark)
        else:
            yield None


def _mark(floor: Floor, command: PassDay, key: InstrumentKey) -> Mark | None:
    """The price the event goes by: the one given with it, else the feed's latest."""
    if (given := command.marks.get(key)) is not None:
        return given
    book = floor.state.books.get(key)
    return book.mark if book is not None else None
