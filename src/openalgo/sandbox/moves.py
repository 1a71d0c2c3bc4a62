"""Which movements of the market wait to be matched."""

from dataclasses import dataclass

from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import Px


@dataclass(slots=True)
class _Path:
    """The prices that wait in one instrument: how many, the latest, and the range they span."""

    count: int
    last: Px
    low: Px
    high: Px


class Moves:
    """Counts the matches in the inbox by instrument, and tells which prices add nothing."""

    def __init__(self) -> None:
        self._paths: dict[InstrumentKey, _Path] = {}

    def __contains__(self, key: InstrumentKey) -> bool:
        """Whether a match of this instrument waits."""
        return key in self._paths

    def tells_nothing(self, key: InstrumentKey, ltp: Px, *, extremes_only: bool) -> bool:
        """Whether a match at `ltp` need not be queued: its price is the one queued last, or, with
        `extremes_only`, in the range of those that wait, so that a long wait stays short."""
        path = self._paths.get(key)
        if path is None:
            return False
        return ltp == path.last or (extremes_only and path.low <= ltp <= path.high)

    def add(self, key: InstrumentKey, ltp: Px) -> None:
        """A match joins the end of the inbox."""
        path = self._paths.get(key)
        if path is None:
            self._paths[key] = _Path(1, ltp, ltp, ltp)
            return
        path.count += 1
        path.last = ltp
        path.low = min(path.low, ltp)
        path.high = max(path.high, ltp)

    def take(self, key: InstrumentKey) -> None:
        """A match leaves the inbox."""
        path = self._paths[key]
        path.count -= 1
        if not path.count:
            del self._paths[key]

    def put_back(self, key: InstrumentKey, ltp: Px) -> None:
        """A match is the next again, before those that came later."""
        path = self._paths.get(key)
        latest = path.last if path else ltp
        self.add(key, ltp)
        self._paths[key].last = latest
