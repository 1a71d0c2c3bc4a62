"""Money: what is there, what orders and positions need. All amounts in 1e-6 rupee."""

from dataclasses import dataclass, field
from typing import NamedTuple

from openalgo.domain.numbers import PX_SCALE, Px
from openalgo.domain.orders import Action, Product
from openalgo.domain.words import Word
from openalgo.twin.contracts import Contract

_INTRADAY_PERCENT = 20
_SPAN_PERCENT = 12
_EXPOSURE_PERCENT = 3


class Segment(Word):
    EQUITY = "equity"
    COMMODITY = "commodity"


def segment_of(contract: Contract) -> Segment:
    return Segment.COMMODITY if contract.exchange in ("MCX", "NCO") else Segment.EQUITY


class Margin(NamedTuple):
    """What an order needs, by kind."""

    span: int = 0
    exposure: int = 0
    premium: int = 0
    cash: int = 0

    @property
    def total(self) -> int:
        return self.span + self.exposure + self.premium + self.cash


def margin_of(
    contract: Contract, action: Action, product: Product, quantity: int, price: Px
) -> Margin:
    """What opening so much at `price` needs. The percentages are ours, not an exchange's."""
    worth = quantity * price * contract.multiplier
    if contract.is_cash:
        percent = _INTRADAY_PERCENT if product is Product.MIS else 100
        return Margin(cash=worth * percent // 100)
    if contract.is_option:
        if action is Action.BUY:
            return Margin(premium=worth)
        strike = int((contract.strike or 0) * PX_SCALE)
        worth = quantity * strike * contract.multiplier
    return Margin(
        span=worth * _SPAN_PERCENT // 100,
        exposure=worth * _EXPOSURE_PERCENT // 100,
    )


@dataclass(slots=True)
class Purse:
    """One segment's money. `earned` is the result of what was closed today; `orders` and
    `positions` are blocked."""

    opening: int
    earned: int = 0
    orders: int = 0
    positions: int = 0
    enabled: bool = True

    @property
    def blocked(self) -> int:
        return self.orders + self.positions

    @property
    def available(self) -> int:
        return self.opening + self.earned - self.blocked


@dataclass(slots=True)
class Funds:
    purses: dict[Segment, Purse] = field(default_factory=dict)

    @classmethod
    def of(cls, equity: int, commodity: int) -> "Funds":
        """So many rupees in each."""
        return cls(
            {
                Segment.EQUITY: Purse(equity * PX_SCALE),
                Segment.COMMODITY: Purse(commodity * PX_SCALE),
            }
        )

    def for_(self, contract: Contract) -> Purse:
        return self.purses[segment_of(contract)]
