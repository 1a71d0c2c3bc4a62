"""What follows from a command: facts, one at a time.

Each decision yields events and sees the state with the earlier ones applied. A refusal raises an
`OpenAlgoError`; whatever was yielded before it stands (a rejected order keeps its row).
"""

from collections.abc import Iterator

from msgspec.structs import replace

from openalgo.domain.calendar import Calendar
from openalgo.domain.events import OrderTriggered
from openalgo.domain.instruments import Instrument
from openalgo.domain.orders import Order, OrderStatus
from openalgo.sandbox import changing, days, gtt, placing, resets
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.commands import (
    AlignCapital,
    Cancel,
    CancelGtt,
    Decided,
    ExpireGtt,
    Match,
    Modify,
    ModifyGtt,
    PassDay,
    Place,
    PlaceGtt,
    Reset,
    SetRules,
)
from openalgo.sandbox.fills import fill
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.matching import Mark, crosses, takes_market
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange


class Decider:
    """The rules of the exchange over one state."""

    def __init__(self, state: PaperExchange, rules: Rules, calendar: Calendar) -> None:
        self._floor = Floor(state, rules, calendar)

    def decide(self, command: Decided) -> Decision:
        match command:
            case Place():
                return placing.place(self._floor, command)
            case Match():
                return match_next(self._floor, command)
            case Cancel():
                return changing.cancel(self._floor, command)
            case Modify():
                return changing.modify(self._floor, command)
            case PlaceGtt():
                return gtt.place(self._floor, command)
            case ModifyGtt():
                return gtt.modify(self._floor, command)
            case CancelGtt():
                return gtt.cancel(self._floor, command)
            case ExpireGtt():
                return gtt.expire(self._floor, command)
            case Reset():
                return resets.reset(self._floor, command)
            case SetRules():
                return resets.change_capital(self._floor, command)
            case AlignCapital():
                return resets.align_capital(self._floor, command)

    def day(self, command: PassDay) -> Iterator[Decision | None]:
        """The decisions an event of a day takes, one after the other; `None` where there was
        nothing to decide. Each is one piece, and what is decided twice changes nothing."""
        return days.steps(self._floor, command)


def match_next(floor: Floor, command: Match) -> Decision:
    """What the market reaches first, with all that follows for it; None when it reaches nothing.

    An order or GTT at a time, so that a move which touches thousands can be cut between any two.
    """
    book = floor.state.books.get(command.key)
    mark = command.mark
    waiting = book.next_at(mark.ltp) if book is not None else None
    if book is None or waiting is None or not floor.is_open(command.key.exchange, mark.at):
        return None
    account = floor.state.accounts[waiting.account_id]
    order = account.orders.get(waiting.id)
    if order is None:
        return (
            yield from gtt.fire(floor, account, account.gtts[waiting.id], book.instrument, mark)
        )
    if order.status is OrderStatus.TRIGGER_PENDING:
        return (yield from _trigger(floor, account, order, book.instrument, mark))
    price = order.price if order.price_type.takes_price else mark.taker_price(order.action)
    return (
        yield from fill(
            floor, account, order, book.instrument, price, at=mark.at, cause=order.cause
        )
    )


def _trigger(
    floor: Floor, account: PaperAccount, order: Order, instrument: Instrument, mark: Mark
) -> Decision:
    """The stop is open now, whatever the market does later. What can trade does so at once: an SL
    at the ltp, which is as good as its limit or better, an SL-M at the far side."""
    triggered = replace(
        order,
        status=OrderStatus.OPEN,
        triggered_at=mark.at,
        arrival=floor.state.next_arrival(),
        updated_at=mark.at,
    )
    yield OrderTriggered(**account.head(mark.at, order.cause), order=triggered)
    if not crosses(triggered, mark.ltp):
        return triggered
    price = mark.taker_price(order.action) if takes_market(order) else mark.ltp
    return (
        yield from fill(floor, account, triggered, instrument, price, at=mark.at, cause=order.cause)
    )
