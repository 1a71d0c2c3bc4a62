"""When options expire to the minute, and how long that is in years."""

from datetime import date, datetime, time

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange
from openalgo.options.black76 import DAYS_A_YEAR

DAY_SECONDS = 86_400.0
LEAST_YEARS = 0.0001
"""Below this, 53 minutes, existing clients expect the time to expiry to stand still."""

_USUAL = time(15, 30)
_CUT_OFFS = {
    Exchange.MCX: time(23, 30),
    Exchange.NCO: time(23, 30),
    Exchange.NCDEX: time(17, 0),
    Exchange.CDS: time(12, 30),
    Exchange.BCD: time(12, 30),
    Exchange.CRYPTO: time(17, 30),
}
# Currency options end at a fixing at noon, hours before their exchange closes.
_AT_A_FIXING = frozenset({Exchange.CDS, Exchange.BCD})


def expiry_instant(
    exchange: Exchange, expiry: date, at: time | None = None, calendar: Calendar | None = None
) -> datetime:
    """The end (aware) of the options listed at `exchange` that expire on `expiry`: when `calendar`
    has it close that day, or `at` another time in IST.

    Its usual cut-off is the answer where there is no close to go by: without a calendar, on a day
    without trading, and where trading goes on past midnight.
    """
    if at is not None:
        return datetime.combine(expiry, at, IST)
    cut_off = datetime.combine(expiry, _CUT_OFFS.get(exchange, _USUAL), IST)
    sessions = calendar.sessions(exchange, expiry) if calendar is not None else ()
    if not sessions:
        return cut_off
    closes = sessions[-1].closes.astimezone(IST)
    if closes.date() != expiry:
        return cut_off
    return min(closes, cut_off) if exchange in _AT_A_FIXING else closes


def days_left(now: datetime, expires: datetime) -> float:
    """Calendar days, 0 once it is over."""
    return max((expires - now).total_seconds(), 0.0) / DAY_SECONDS


def years_left(now: datetime, expires: datetime, least: float = LEAST_YEARS) -> float:
    """Years of 365 days: at least `least` while there is time left, 0 once it is over."""
    years = days_left(now, expires) / DAYS_A_YEAR
    return max(years, least) if years else 0.0
