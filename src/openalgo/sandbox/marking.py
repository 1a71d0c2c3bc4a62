"""Marking to market: what accounts are worth now, told to those who watch them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from time import perf_counter

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.events import AccountMarked
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import Px
from openalgo.domain.waiting import first_of
from openalgo.sandbox import views
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.state import PaperExchange

_SLICE = 0.001


class Marking:
    """Values accounts every so many seconds, as the rules have it, and publishes that.

    Nothing is stored and nothing changes: the books stay the truth, and reading them values them
    at that moment. What moves orders and days does not wait for this; it goes by every tick.
    """

    def __init__(
        self,
        engine: Engine,
        market: Clock,
        publish: Callable[[AccountMarked], None],
        is_heard: Callable[[int], bool],
        clock: Clock,
    ) -> None:
        """`market` shows the time of the market, `clock` that of those who watch, which a replay
        does not speed up. Only accounts that are heard are valued."""
        self._engine = engine
        self._market = market
        self._publish = publish
        self._is_heard = is_heard
        self._clock = clock
        self._prices: dict[InstrumentKey, Px] = {}
        # The last event and the day of what was published last.
        self._known: dict[int, tuple[int, date]] = {}

    async def run(self) -> None:
        """Until cancelled. Other rules count at once."""
        while True:
            rules = self._engine.rules
            wait = [self._engine.other_rules(rules)]
            if rules.marking_seconds:
                due = self._clock.now() + timedelta(seconds=rules.marking_seconds)
                wait.append(self._clock.sleep_until(due))
            await first_of(*wait)
            if rules is self._engine.rules:
                await self.mark()

    async def mark(self) -> None:
        """Publish the values of all accounts that are heard and whose books, or whose prices, are
        other than the last time. While the exchange cannot be read, nobody is told anything."""
        try:
            moved = await self._engine.read(self._moved)
            accounts = await self._engine.read(lambda state: list(state.accounts))
            heard = [each for each in accounts if self._is_heard(each)]
            self._known = {each: self._known[each] for each in heard if each in self._known}
            some = partial(self._some, left=iter(heard), moved=moved)
            while (marked := await self._engine.read(some)) is not None:
                for event in marked:
                    self._publish(event)
        except StorageUnavailable:
            self._known.clear()

    def _moved(self, state: PaperExchange) -> set[InstrumentKey]:
        """The instruments whose price is another one than the last time."""
        moved = set()
        for key, book in state.books.items():
            if book.mark is not None and self._prices.get(key) != book.mark.ltp:
                self._prices[key] = book.mark.ltp
                moved.add(key)
        return moved

    def _some(
        self, state: PaperExchange, left: Iterator[int], moved: set[InstrumentKey]
    ) -> list[AccountMarked] | None:
        """The values of as many accounts as fit into a slice; `None` when none is left."""
        marked: list[AccountMarked] = []
        now, until = self._market.now(), perf_counter() + _SLICE
        for account_id in left:
            if (account := state.accounts.get(account_id)) is None:
                continue
            stands = account.seq, session_date(now)
            if self._known.get(account_id) != stands or _holds_any(account, moved):
                self._known[account_id] = stands
                marked.append(views.marked(state, account, now))
            if perf_counter() > until:
                return marked
        return marked or None


def _holds_any(account: PaperAccount, moved: set[InstrumentKey]) -> bool:
    return any(
        position.quantity and position.instrument in moved
        for position in account.positions.values()
    ) or not moved.isdisjoint(account.holdings)
