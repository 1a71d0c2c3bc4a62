"""What an account has sent and lost in a session day, from 03:00 IST."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from openalgo.domain.calendar import session_date, session_start
from openalgo.trading.locks import KeyedLocks
from openalgo.trading.venues import Venue, VenueMode

_ONE_DAY = timedelta(days=1)
_LOSS_HOLDS_FOR = timedelta(seconds=1)

_Books = tuple[int, VenueMode]


class Day:
    """The orders sent in one session day. Whoever sends one more adds it here."""

    __slots__ = ("ends", "sent")

    def __init__(self, ends: datetime, sent: int) -> None:
        self.ends = ends
        self.sent = sent


class DayCounts:
    """Counted from the order book where a day is first asked for, so a restart forgets nothing,
    and from then on in memory. `now` is by the clock of the account's market."""

    def __init__(self) -> None:
        self._days: dict[_Books, Day] = {}
        self._reading: KeyedLocks[_Books] = KeyedLocks()

    async def today(self, account_id: int, venue: Venue, now: datetime) -> Day:
        """Returns at once unless the day is new. Raises what `venue.orders` raises."""
        books = account_id, venue.mode
        day = self._running(books, now)
        if day is not None:
            return day
        async with self._reading.hold([books]):
            day = self._running(books, now)
            if day is None:
                day = self._days[books] = await self._read(account_id, venue, now)
            return day

    async def count(self, account_id: int, venue: Venue, now: datetime) -> int:
        """The orders of today that stand in the book. Raises what `venue.orders` raises."""
        return (await self._read(account_id, venue, now)).sent

    def forget(self, account_id: int) -> None:
        """Read the book anew: orders were sent that nobody counted."""
        for mode in VenueMode:
            self._days.pop((account_id, mode), None)

    def _running(self, books: _Books, now: datetime) -> Day | None:
        day = self._days.get(books)
        return day if day is not None and now < day.ends else None

    async def _read(self, account_id: int, venue: Venue, now: datetime) -> Day:
        session: date = session_date(now)
        begins, ends = session_start(session), session_start(session + _ONE_DAY)
        book = await venue.orders(account_id)
        # The book also shows older orders that still work.
        return Day(ends, sum(order.created_at >= begins for order in book))


class DayLosses:
    """What the session day has cost so far, at most a second old by the market's clock."""

    def __init__(self) -> None:
        self._known: dict[_Books, tuple[datetime, Decimal]] = {}

    async def today(self, account_id: int, venue: Venue, now: datetime) -> Decimal:
        """Rupees lost, realised today and open together; negative is a profit. What open positions
        lost before today counts too. Raises what `venue.funds` raises."""
        books = account_id, venue.mode
        known = self._known.get(books)
        # Where the clock stands still, orders alone move money, and it has not aged.
        if known is not None and known[0] < now < known[0] + _LOSS_HOLDS_FOR:
            return known[1]
        funds = await venue.funds(account_id)
        loss = -(funds.realised_today + funds.unrealised)
        self._known[books] = now, loss
        return loss
