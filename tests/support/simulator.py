"""The simulated market, as its tests look at it."""

import asyncio
from datetime import date, datetime, timedelta

from openalgo.brokers.simulator.contracts import Contracts
from openalgo.brokers.simulator.hours import TradingDays
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Product, Products
from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, ExchangeCalendar
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px

FRIDAY = date(2026, 8, 21)
FRIDAY_NOON = datetime(2026, 8, 21, 12, 0, tzinfo=IST)
ALWAYS_OPEN = AlwaysOpenCalendar()
EXCHANGE_HOURS = ExchangeCalendar()
CONTRACTS = Contracts()

RELIANCE = InstrumentKey(Exchange.NSE, "RELIANCE")
RELIANCE_ON_BSE = InstrumentKey(Exchange.BSE, "RELIANCE")
NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
NIFTY_FUTURE = InstrumentKey(Exchange.NFO, "NIFTY25AUG26FUT")
NIFTY_CALL = InstrumentKey(Exchange.NFO, "NIFTY25AUG2624400CE")
NIFTY_PUT = InstrumentKey(Exchange.NFO, "NIFTY25AUG2624400PE")
GOLD = InstrumentKey(Exchange.MCX, "GOLD05OCT26FUT")
DOLLAR = InstrumentKey(Exchange.CDS, "USDINR27AUG26FUT")
KINDS = (
    RELIANCE,
    RELIANCE_ON_BSE,
    InstrumentKey(Exchange.NSE, "NIFTYBEES"),
    NIFTY,
    InstrumentKey(Exchange.NSE_INDEX, "INDIAVIX"),
    NIFTY_FUTURE,
    NIFTY_CALL,
    NIFTY_PUT,
    InstrumentKey(Exchange.BFO, "SENSEX27AUG2680000CE"),
    InstrumentKey(Exchange.NFO, "RELIANCE29SEP26FUT"),
    GOLD,
    InstrumentKey(Exchange.MCX, "CRUDEOIL17SEP265600PE"),
    DOLLAR,
)
"""One instrument of every kind, all listed on `FRIDAY`."""


class LeapingClock(ManualClock):
    """Jumps to whatever time is waited for."""

    async def sleep_until(self, at: datetime) -> None:
        self.set(at)
        await asyncio.sleep(0)


class Simulation:
    """The market of one seed and calendar, and everything in it."""

    def __init__(self, seed: int = 1, calendar: Calendar = ALWAYS_OPEN) -> None:
        self.market = Market(seed, TradingDays(calendar))
        self.products = Products(self.market, CONTRACTS)

    def product(self, key: InstrumentKey) -> Product:
        found = self.products.find(key)
        assert found is not None, key
        return found


def row(key: InstrumentKey) -> Instrument:
    """An instrument row that says no more than its key."""
    return Instrument(
        exchange=key.exchange,
        symbol=key.symbol,
        name="",
        type=InstrumentType.EQUITY,
        broker_symbol=key.symbol,
        broker_exchange=key.exchange,
        token=key.symbol,
        tick_size=px("0.05"),
    )


def at(time: str, day: date = FRIDAY) -> datetime:
    """`time` (IST) on the calendar day `day`."""
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=IST)


ONE_DAY = timedelta(days=1)
