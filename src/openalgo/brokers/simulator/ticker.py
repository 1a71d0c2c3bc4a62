"""What the feed of one instrument shows at an instant."""

from collections.abc import Iterator
from datetime import date, datetime

from openalgo.brokers.simulator.hours import STEP_MS
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Product
from openalgo.brokers.simulator.running import Minute, RunningDay
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Mode, Tick
from openalgo.domain.numbers import PX_SCALE


class Ticker:
    """Follows `product` through its days, forwards.

    After the close the day's last price stands; before the open, the last close.
    """

    __slots__ = ("_asked", "_day", "_market", "_minute", "product")

    def __init__(self, market: Market, product: Product) -> None:
        self.product = product
        self._market = market
        self._asked: date | None = None
        self._day: RunningDay | None = None
        self._minute: Minute | None = None

    def is_current(self, now: datetime) -> bool:
        """Whether `tick` at `now` has hardly anything to do."""
        day, minute = self._day, self._minute
        if day is None or minute is None or self._asked != session_date(now):
            return False
        place = day.hours.place(epoch_ms(now))
        return place is not None and place[0] == minute.number

    def prepare(self, now: datetime) -> Iterator[None]:
        """Make what `tick` needs of the day of `now`: a part at each step of the iteration, none
        while the day stays the same."""
        today = session_date(now)
        if self._asked == today:
            return
        days = self._days(today)
        for symbol in self.product.needs:
            for day in days:
                self._market.spot(symbol, day)
                yield
        self._day, self._minute, self._asked = self._begin(today), None, today
        yield

    def tick(self, now: datetime, mode: Mode = Mode.QUOTE) -> Tick:
        """The instrument at `now`. The higher the `mode`, the more of it."""
        today, now_ms = session_date(now), epoch_ms(now)
        day = self._day
        if day is None or today != self._asked:
            day = self._day = self._begin(today)
            self._minute, self._asked = None, today
        place = day.hours.place(now_ms)
        if place is None:
            return self._before_open(day, now_ms, mode)
        number, step = place
        minute = self._minute
        if minute is None or minute.number != number:
            minute = self._minute = day.minute(number)
        return self._tick(day, minute, step, now_ms, mode)

    def _days(self, today: date) -> tuple[date, date]:
        """The trading day that shows on `today`, and the one before."""
        days, product = self._market.days, self.product
        latest = today if product.expiry is None else min(today, product.expiry)
        day = days.latest(product.group, latest)
        return day, days.previous(product.group, day)

    def _begin(self, today: date) -> RunningDay:
        return RunningDay(self._market, self.product, *self._days(today))

    def _tick(self, day: RunningDay, minute: Minute, step: int, now_ms: int, mode: Mode) -> Tick:
        product = self.product
        key, unit = product.key, product.tick
        last = minute.prices.item(step)
        at_ms = minute.starts_ms + step * STEP_MS
        if mode is Mode.LTP:
            return Tick(
                exchange=key.exchange,
                symbol=key.symbol,
                received_ms=now_ms,
                exchange_ms=at_ms,
                ltp=last * unit / PX_SCALE,
            )
        if day.book is None:
            return Tick(
                exchange=key.exchange,
                symbol=key.symbol,
                received_ms=now_ms,
                exchange_ms=at_ms,
                ltp=last * unit / PX_SCALE,
                open=minute.open * unit / PX_SCALE,
                high=minute.highs.item(step) * unit / PX_SCALE,
                low=minute.lows.item(step) * unit / PX_SCALE,
                prev_close=day.prev_close * unit / PX_SCALE,
            )
        best = day.book.best(minute.number, step, last)
        buy, sell = day.book.levels(minute.number, step, last) if mode is Mode.DEPTH else ((), ())
        return Tick(
            exchange=key.exchange,
            symbol=key.symbol,
            received_ms=now_ms,
            exchange_ms=at_ms,
            ltp=last * unit / PX_SCALE,
            last_quantity=minute.sizes.item(step),
            average_price=minute.averages.item(step) * unit / PX_SCALE,
            volume=minute.volumes.item(step),
            open=minute.open * unit / PX_SCALE,
            high=minute.highs.item(step) * unit / PX_SCALE,
            low=minute.lows.item(step) * unit / PX_SCALE,
            prev_close=day.prev_close * unit / PX_SCALE,
            oi=minute.interest if product.expiry else None,
            bid=best.bid * unit / PX_SCALE if best.bid else None,
            bid_quantity=best.bid_quantity or None,
            ask=best.ask * unit / PX_SCALE,
            ask_quantity=best.ask_quantity,
            total_buy_quantity=minute.totals[0],
            total_sell_quantity=minute.totals[1],
            buy_levels=buy,
            sell_levels=sell,
        )

    def _before_open(self, day: RunningDay, now_ms: int, mode: Mode) -> Tick:
        key = self.product.key
        price = day.prev_close * self.product.tick / PX_SCALE
        if mode is Mode.LTP:
            return Tick(exchange=key.exchange, symbol=key.symbol, received_ms=now_ms, ltp=price)
        activity = self.product.activity
        return Tick(
            exchange=key.exchange,
            symbol=key.symbol,
            received_ms=now_ms,
            ltp=price,
            open=price,
            high=price,
            low=price,
            prev_close=price,
            volume=0 if activity else None,
            oi=activity.open_at_close(day.before)
            if activity and activity.has_open_interest
            else None,
        )
