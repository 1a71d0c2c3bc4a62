"""Which instruments the paper exchange needs the ticks of."""

import asyncio
from collections.abc import Callable, Sequence

from openalgo.domain.market import InstrumentKey
from openalgo.sandbox.matching import Book


class Interest:
    """The instruments something waits in, or an account holds: kept up with every change, so that
    none costs more the more there is. `turned` are the books that may have become needed, or
    needed no more, since it was emptied."""

    def __init__(self) -> None:
        self.turned: set[Book] = set()
        self._needed: dict[InstrumentKey, None] = {}

    def __contains__(self, key: InstrumentKey) -> bool:
        return key in self._needed

    @property
    def keys(self) -> Sequence[InstrumentKey]:
        """All that is needed, the longest needed first."""
        return list(self._needed)

    def look(self, book: Book) -> None:
        """What waits or is held in the instrument of `book` has changed."""
        if book.is_needed is book.was_needed:
            return
        book.was_needed = book.is_needed
        self.turned.add(book)
        if book.was_needed:
            self._needed[book.instrument.key] = None
        else:
            del self._needed[book.instrument.key]


class Announcer:
    """Tells `tell` which instruments are needed: new ones at once, and what is needed no more
    `lingers` seconds later, since who trades in and out comes back soon."""

    def __init__(
        self,
        tell: Callable[[Sequence[InstrumentKey]], None],
        lingers: float,
        is_stored: Callable[[], bool],
    ) -> None:
        """What is not `is_stored` may be needed again, should storing it fail."""
        self._tell = tell
        self._lingers = lingers
        self._is_stored = is_stored
        self._interest = Interest()
        self._told: dict[InstrumentKey, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False

    def announce(self, interest: Interest) -> list[Book]:
        """All of `interest` is stored. Returns what was not told before."""
        if not (interest.turned or self._is_due):
            return []
        turned = list(interest.turned)
        interest.turned.clear()
        new = [b for b in turned if b.was_needed and b.instrument.key not in self._told]
        if self._is_due:
            self._tell_exactly()
        elif new:
            self._told.update(dict.fromkeys(book.instrument.key for book in new))
            self._tell(list(self._told))
        if self._timer is None and any(not book.was_needed for book in turned):
            self._timer = asyncio.get_running_loop().call_later(self._lingers, self._over)
        return new

    def begin(self, interest: Interest) -> None:
        """From now on it is `interest`, all of which is stored."""
        self._interest = interest
        interest.turned.clear()
        self._tell_exactly()

    def stop(self) -> None:
        """Tell nothing more of itself."""
        if self._timer is not None:
            self._timer.cancel()

    def _over(self) -> None:
        self._timer = None
        self._is_due = True
        if self._is_stored():
            self._tell_exactly()

    def _tell_exactly(self) -> None:
        self._is_due = False
        needed = self._interest.keys
        if self._told.keys() != set(needed):
            self._told = dict.fromkeys(needed)
            self._tell(needed)
