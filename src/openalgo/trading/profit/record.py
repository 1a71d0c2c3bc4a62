"""The curves of all accounts in the main store, so that a restart does not lose the day."""

from collections.abc import Sequence
from datetime import date

from openalgo.domain.profit import Curve, DayClose
from openalgo.persistence.main import profit
from openalgo.persistence.stores import Store, storage_errors

Books = tuple[int, str]
"""An account, and which of its books: `live` or `analyze`."""


class ProfitRecord:
    """Writes of each curve only what is new since it was written last."""

    def __init__(self, main: Store) -> None:
        self._main = main
        self._saved: dict[Books, tuple[Curve, int]] = {}

    async def load(self) -> dict[Books, Curve]:
        """The newest day of every account. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                closes, minutes = await profit.newest_days(tx), await profit.minutes(tx)
        found = {
            books: Curve.restored(close, minutes[books])
            for books, close in closes.items()
            if books in minutes
        }
        self._saved = {books: (curve, _newest(curve)) for books, curve in found.items()}
        return found

    async def save(self, curves: Sequence[tuple[Books, Curve]]) -> None:
        """Raises `StorageUnavailable`; what was not written is written the next time."""
        saved = dict(self._saved)
        with storage_errors():
            async with self._main.write() as tx:
                for books, curve in curves:
                    close = curve.close
                    if close is None:
                        continue
                    before = self._saved.get(books)
                    known = before is not None and before[0] is curve
                    since = before[1] if before is not None and known else None
                    await profit.put_day(tx, *books, close)
                    await profit.drop_minutes(tx, *books, since)
                    points = curve.points if since is None else curve.since(since)
                    await profit.add_minutes(tx, *books, points)
                    saved[books] = curve, points[-1].minute
        self._saved = saved

    async def forget(self, books: Books, day: date) -> None:
        """The account begins anew, and so does its day. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.write() as tx:
                await profit.drop_day(tx, *books, day)
                await profit.drop_minutes(tx, *books)
        self._saved.pop(books, None)

    async def days(self, books: Books, limit: int) -> list[DayClose]:
        """The newest days, newest first. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                return await profit.days(tx, *books, limit)


def _newest(curve: Curve) -> int:
    return curve.points[-1].minute
