"""The running day of one instrument in a recording."""

from datetime import date

from openalgo.brokers.replay.records import Book, Record
from openalgo.domain.market import Tick

_NO_BOOK = Book()


class RunningDay:
    """Adds to each record what a feed would know: the day's open, high, low and volume so far.

    They count from where the recording enters the day. The previous close is the last price of
    the recorded day before, unknown on the first.
    """

    def __init__(self) -> None:
        self._day: date | None = None
        self._last: float | None = None
        self._prev_close: float | None = None
        self._open = self._high = self._low = 0.0
        self._volume: int | None = None
        self._oi: int | None = None

    def tick(self, record: Record, day: date) -> Tick:
        """The tick of `record`, which belongs to the session day `day`."""
        price = record.price
        if day != self._day:
            self._day = day
            self._prev_close = self._last
            self._open = self._high = self._low = price
            self._volume = None
        self._last = price
        self._high = max(self._high, price)
        self._low = min(self._low, price)
        if record.volume is not None:
            self._volume = record.volume
        elif record.traded is not None:
            self._volume = (self._volume or 0) + record.traded
        if record.oi is not None:
            self._oi = record.oi
        book = record.book or _NO_BOOK
        at_ms = record.at // 1_000
        return Tick(
            exchange=record.key.exchange,
            symbol=record.key.symbol,
            received_ms=at_ms,
            exchange_ms=at_ms,
            ltp=price,
            last_quantity=record.traded if record.last_quantity is None else record.last_quantity,
            volume=self._volume,
            open=self._open,
            high=self._high,
            low=self._low,
            prev_close=self._prev_close,
            oi=self._oi,
            bid=book.bid,
            bid_quantity=book.bid_quantity,
            ask=book.ask,
            ask_quantity=book.ask_quantity,
            total_buy_quantity=book.total_buy_quantity,
            total_sell_quantity=book.total_sell_quantity,
        )
