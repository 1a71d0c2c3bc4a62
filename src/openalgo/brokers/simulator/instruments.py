"""What the simulated market lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px

# (highest price it applies to, tick), in rupees. NSE cash market, in force since April 2025.
_TICK_BANDS = (
    (Decimal("249.99"), Decimal("0.01")),
    (Decimal(1_000), Decimal("0.05")),
    (Decimal(5_000), Decimal("0.10")),
    (Decimal(10_000), Decimal("0.50")),
    (Decimal(20_000), Decimal("1.00")),
)
_TICK_ABOVE_BANDS = Decimal("5.00")
_INDEX_TICK = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Listing:
    """One simulated instrument. `base_price` (rupees) is what the price wanders around,
    `volatility` the standard deviation of a day's return, `daily_volume` an average day's (0 for
    an index)."""

    symbol: str
    name: str
    base_price: Decimal
    volatility: float
    daily_volume: int

    @property
    def exchange(self) -> Exchange:
        return Exchange.NSE if self.daily_volume else Exchange.NSE_INDEX

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def tick_size(self) -> Px:
        return nse_tick_size(self.base_price) if self.daily_volume else px(_INDEX_TICK)


def nse_tick_size(price: Decimal) -> Px:
    """The smallest price step of an NSE share that trades at `price` rupees."""
    for highest, tick in _TICK_BANDS:
        if price <= highest:
            return px(tick)
    return px(_TICK_ABOVE_BANDS)


LISTINGS = (
    Listing("RELIANCE", "Reliance Industries", Decimal("1322.50"), 0.014, 12_000_000),
    Listing("SBIN", "State Bank of India", Decimal("1044.80"), 0.014, 11_000_000),
    Listing("INFY", "Infosys", Decimal("1502.80"), 0.015, 9_000_000),
    Listing("TCS", "Tata Consultancy Services", Decimal("3111.40"), 0.014, 3_500_000),
    Listing("HDFCBANK", "HDFC Bank", Decimal("989.60"), 0.012, 21_000_000),
    Listing("ICICIBANK", "ICICI Bank", Decimal("1373.00"), 0.013, 9_700_000),
    Listing("ITC", "ITC", Decimal("408.15"), 0.012, 16_000_000),
    Listing("LT", "Larsen & Toubro", Decimal("3985.60"), 0.015, 2_000_000),
    Listing("BHARTIARTL", "Bharti Airtel", Decimal("2100.70"), 0.014, 6_300_000),
    Listing("M&M", "Mahindra & Mahindra", Decimal("3690.20"), 0.017, 2_600_000),
    Listing("BAJAJ-AUTO", "Bajaj Auto", Decimal("8843.00"), 0.016, 550_000),
    Listing("NIFTYBEES", "Nippon India ETF Nifty 50 BeES", Decimal("273.80"), 0.009, 4_700_000),
    Listing("NIFTY", "Nifty 50", Decimal("24395.85"), 0.009, 0),
    Listing("BANKNIFTY", "Nifty Bank", Decimal("55655.00"), 0.010, 0),
)


def instruments() -> Sequence[Instrument]:
    """The simulator's symbol master."""
    return tuple(
        Instrument(
            exchange=listing.exchange,
            symbol=listing.symbol,
            name=listing.name,
            type=InstrumentType.EQUITY if listing.daily_volume else InstrumentType.INDEX,
            broker_symbol=listing.symbol,
            broker_exchange=listing.exchange,
            token=str(number),
            tick_size=listing.tick_size,
        )
        for number, listing in enumerate(LISTINGS, start=1)
    )
