"""The settings a paper exchange runs by."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from openalgo.domain.day_events import DaySettings

OcoMargin = Literal["max", "sum"]
ProceedsPolicy = Literal["t1", "same_day"]
ExpiryTiming = Literal["expiry_day_close", "next_day"]
OptionSettlement = Literal["ltp", "zero"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Leverage divides the traded value; ages are seconds of market time.

    `gtt_oco_margin` tells whether an OCO blocks what its dearer leg needs or what both do,
    `gtt_lifetime` how long a GTT lasts that names no end. What shares are sold for can be spent
    on the next trading day (`t1`) or at once. Options settle at what they are worth (`ltp`) or at
    zero, on the day they expire or when the next one begins. `days` says when the events of a day
    happen. Those who watch an account are sent its values every `marking_seconds` of transport
    time, or with 0 never.
    """

    starting_capital: Decimal = Decimal(10_000_000)
    equity_mis_leverage: Decimal = Decimal(5)
    equity_cnc_leverage: Decimal = Decimal(1)
    futures_leverage: Decimal = Decimal(10)
    option_buy_leverage: Decimal = Decimal(1)
    option_sell_leverage: Decimal = Decimal(1)
    enforce_market_hours: bool = True
    book_max_age: float = 5.0
    price_max_age: float = 30.0
    gtt_oco_margin: OcoMargin = "max"
    gtt_lifetime: timedelta = timedelta(days=365)
    sale_proceeds_policy: ProceedsPolicy = "t1"
    expiry_settlement_timing: ExpiryTiming = "expiry_day_close"
    option_expiry_settlement: OptionSettlement = "ltp"
    marking_seconds: int = 5
    days: DaySettings = field(default_factory=DaySettings)
