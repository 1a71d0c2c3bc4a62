"""Which prices an event of a day goes by that the feed does not have."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from openalgo.domain.day_events import DayEvent, DayEventKind
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Product
from openalgo.domain.portfolio import Position
from openalgo.sandbox.contracts import listed
from openalgo.sandbox.expiry import expired
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

# The feed's latest price is of the event's time when it came at most this much later.
_LATER = timedelta(minutes=1)


class Needs(msgspec.Struct, frozen=True):
    """Prices of the instant `at`: of `instruments`, and of what `expiring` contracts settle
    against."""

    at: datetime
    instruments: tuple[Instrument, ...] = ()
    expiring: tuple[Instrument, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.instruments or self.expiring)


def needs(state: PaperExchange, event: DayEvent, rules: Rules) -> Needs:
    """What `event` needs for the positions there are."""
    held: dict[InstrumentKey, bool] = {}
    for position in _positions(state):
        intraday = position.product is Product.MIS
        held[position.instrument] = held.get(position.instrument, False) or intraday
    expiring = [key for key in held if _settles(state, event, key, rules)]
    keys = expiring
    if event.kind is DayEventKind.SQUARE_OFF:
        keys = [key for key, intraday in held.items() if intraday and key[0] in event.exchanges]
    elif event.kind is DayEventKind.SNAPSHOT:
        for account in state.accounts.values():
            held.update(dict.fromkeys(account.holdings, False))
        keys = list(held)
    fresh_for = rules.price_max_age if event.kind is DayEventKind.SQUARE_OFF else None
    return Needs(
        at=event.at,
        instruments=tuple(
            listed(state, key) for key in keys if not _known(state, key, event.at, fresh_for)
        ),
        expiring=tuple(listed(state, key) for key in expiring),
    )


def _positions(state: PaperExchange) -> Iterator[Position]:
    for account in state.accounts.values():
        for position in account.positions.values():
            if position.quantity:
                yield position


def _settles(state: PaperExchange, event: DayEvent, key: InstrumentKey, rules: Rules) -> bool:
    if event.kind is DayEventKind.BOUNDARY:
        return expired(state, key, event.session, today=False)
    return (
        event.kind is DayEventKind.CLOSE
        and key.exchange in event.exchanges
        and rules.expiry_settlement_timing == "expiry_day_close"
        and expired(state, key, event.session, today=True)
    )


def _known(state: PaperExchange, key: InstrumentKey, at: datetime, fresh_for: float | None) -> bool:
    """Whether the feed has a price of that time; with `fresh_for`, one of at most so many seconds
    before."""
    book = state.books.get(key)
    mark = book.mark if book is not None else None
    if mark is None or mark.at > at + _LATER:
        return False
    return fresh_for is None or mark.age(at) <= fresh_for
