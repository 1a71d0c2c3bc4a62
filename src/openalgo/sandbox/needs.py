"""Which prices an event of a day goes by that the feed does not have."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from openalgo.domain.day_events import DayEvent, DayEventKind
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Product
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


class Survey:
    """Finds out what `event` needs for the positions there are, in readings of the state that are
    short enough not to hold the loop: first some accounts at a time, then some instruments."""

    def __init__(self, event: DayEvent, rules: Rules) -> None:
        self._event = event
        self._rules = rules
        # What is held, and whether some of it is intraday.
        self._held: dict[InstrumentKey, bool] = {}
        self._instruments: list[Instrument] = []
        self._expiring: list[Instrument] = []

    @property
    def held(self) -> list[InstrumentKey]:
        """The instruments of the accounts seen so far."""
        return list(self._held)

    @property
    def needs(self) -> Needs:
        return Needs(
            at=self._event.at,
            instruments=tuple(self._instruments),
            expiring=tuple(self._expiring),
        )

    def see(self, state: PaperExchange, accounts: Iterable[int]) -> None:
        """Note what `accounts` hold."""
        held = self._held
        for account_id in accounts:
            if (account := state.accounts.get(account_id)) is None:
                continue
            for position in account.positions.values():
                if position.quantity:
                    key, intraday = position.instrument, position.product is Product.MIS
                    held[key] = held.get(key, False) or intraday
            if self._event.kind is DayEventKind.SNAPSHOT:
                for key in account.holdings:
                    held.setdefault(key, False)

    def price(self, state: PaperExchange, keys: Iterable[InstrumentKey]) -> None:
        """Note which of `keys`, among `held`, need a price."""
        event = self._event
        squares_off = event.kind is DayEventKind.SQUARE_OFF
        fresh_for = self._rules.price_max_age if squares_off else None
        for key in keys:
            expiring = _settles(state, event, key, self._rules)
            if expiring:
                self._expiring.append(listed(state, key))
            if squares_off:
                concerned = self._held[key] and key.exchange in event.exchanges
            else:
                concerned = expiring or event.kind is DayEventKind.SNAPSHOT
            if concerned and not _known(state, key, event.at, fresh_for):
                self._instruments.append(listed(state, key))


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
