"""The prices of every underlying, made when they are asked for and kept for a while."""

from datetime import date, timedelta
from functools import lru_cache
from math import exp

from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.hours import TradingDays
from openalgo.brokers.simulator.levels import Factors
from openalgo.brokers.simulator.spot import OPEN, SpotDay
from openalgo.brokers.simulator.underlyings import VIX, Underlying, underlyings

_ONE_DAY = timedelta(days=1)


class Market:
    """The market of `seed`, open on `days`.

    Every value is a pure function of seed, calendar, instrument and time; what is kept here only
    saves making it again: up to `days_kept` days of single underlyings, about 25 kB each.
    """

    def __init__(self, seed: int, days: TradingDays, days_kept: int = 512) -> None:
        self.seed = seed
        self.days = days
        self._factors = Factors(seed, self.days)
        self._underlyings = underlyings()
        self.spot = lru_cache(maxsize=days_kept)(self._spot)
        self.closing_price = lru_cache(maxsize=8_192)(self._closing_price)

    def underlying(self, symbol: str) -> Underlying:
        return self._underlyings[symbol]

    def _spot(self, symbol: str, day: date) -> SpotDay:
        """The trading day `day` of an underlying."""
        underlying = self._underlyings[symbol]
        axis = self.days.axis(underlying.group, day)
        return SpotDay(self.seed, self._factors, underlying, day, axis)

    def _closing_price(self, symbol: str, day: date) -> float:
        """About where the underlying stood at the end of `day` (rupees): before the day's last
        half minute of noise, and known without the day."""
        underlying = self._underlyings[symbol]
        last = self.days.latest(underlying.group, day)
        level = sum(
            weight * self._factors.closing(underlying.group, name, last)
            for name, weight in underlying.weights
        )
        return float(underlying.price) * exp(level * underlying.volatility)

    def opening_money(self, symbol: str, day: date) -> float:
        """About where the underlying stands before `day` opens, in rupees."""
        return self.closing_price(symbol, day - _ONE_DAY)

    def vix(self, day: date, minute: Ints) -> Floats:
        """India VIX as a fraction, in each `minute` (place on the axis of the shares)."""
        spot = self.spot(VIX, day)
        level: Floats = spot.bars[OPEN, minute] * (spot.tick / 100)
        return level
