"""Where decisions look things up: what is the case, by which rules, and when."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from msgspec.structs import replace

from openalgo.domain.calendar import Calendar, Session, session_date
from openalgo.domain.clock import IST
from openalgo.domain.day_events import square_off_at
from openalgo.domain.events import AccountEvent, AccountOpened
from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px
from openalgo.domain.orders import Order
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.ledger import capital_entry, open_funds
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

Decision = Generator[AccountEvent, None, Order | Gtt | None]
"""Facts, one at a time; each sees the state with the earlier ones applied. It ends with what the
command was about, or with the `OpenAlgoError` that refuses it; what was yielded before stands."""


# Orders for the morning are taken from the pre-open on.
_MORNING = time(9, 0)
_DAYS_KNOWN = 100


def morning_of(opens: datetime) -> datetime:
    """When orders for a session that opens at `opens` are first taken."""
    morning = datetime.combine(opens.astimezone(IST).date(), _MORNING, IST)
    return min(opens, morning.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Floor:
    state: PaperExchange
    rules: Rules
    calendar: Calendar
    _session: dict[Exchange, Session] = field(default_factory=dict)
    _intraday: dict[tuple[Exchange, date], tuple[datetime, datetime] | None] = field(
        default_factory=dict
    )

    def is_open(self, exchange: Exchange, at: datetime) -> bool:
        """Whether orders trade now."""
        if not self.rules.enforce_market_hours:
            return True
        known = self._session.get(exchange)
        if known is not None and known.contains(at):
            return True
        for session in self.calendar.sessions(exchange, session_date(at)):
            if session.contains(at):
                self._session[exchange] = session
                return True
        return False

    def intraday(self, exchange: Exchange, day: date) -> tuple[datetime, datetime] | None:
        """From when to when intraday positions may be opened on a session day; `None` on a day
        without trading."""
        known = self._intraday
        if (exchange, day) not in known:
            if len(known) > _DAYS_KNOWN:
                known.clear()
            known[exchange, day] = self._intraday_of(exchange, day)
        return known[exchange, day]

    def _intraday_of(self, exchange: Exchange, day: date) -> tuple[datetime, datetime] | None:
        ends = square_off_at(self.calendar, exchange, day, self.rules.days)
        if ends is None:
            return None
        return morning_of(self.calendar.sessions(exchange, day)[0].opens), ends

    def mark(self, instrument: Instrument, offered: Mark | None, at: datetime) -> Mark | None:
        """The newer of the feed's price and the `offered` one, if it is `fresh`."""
        seen = self.state.book(instrument).mark
        newest = max(
            (mark for mark in (offered, seen) if mark), key=lambda mark: mark.at, default=None
        )
        return self.fresh(newest, at)

    def fresh(self, mark: Mark | None, at: datetime) -> Mark | None:
        """`mark` if it is fresh enough to trade on at `at`; without its bid and ask when those are
        not."""
        if mark is None:
            return None
        age = mark.age(at)
        if age <= self.rules.book_max_age:
            return mark
        return replace(mark, bid=Px(0), ask=Px(0)) if age <= self.rules.price_max_age else None

    def account(
        self, account_id: int, at: datetime, cause: str
    ) -> Generator[AccountEvent, None, PaperAccount]:
        """The account, opened with its starting capital on first use."""
        if account_id not in self.state.accounts:
            funds = open_funds(account_id, self.rules.starting_capital, at, session_date(at))
            yield AccountOpened(
                account_id=account_id,
                seq=1,
                at=at,
                cause=cause,
                funds=funds,
                entry=capital_entry(funds),
            )
        return self.state.accounts[account_id]
