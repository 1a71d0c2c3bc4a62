"""The settings a paper exchange runs by."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Leverage divides the traded value; ages are seconds of market time."""

    starting_capital: Decimal = Decimal(10_000_000)
    equity_mis_leverage: Decimal = Decimal(5)
    equity_cnc_leverage: Decimal = Decimal(1)
    futures_leverage: Decimal = Decimal(10)
    option_buy_leverage: Decimal = Decimal(1)
    option_sell_leverage: Decimal = Decimal(1)
    enforce_market_hours: bool = True
    book_max_age: float = 5.0
    price_max_age: float = 30.0
