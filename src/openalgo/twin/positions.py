"""Positions and holdings: the sums of trades."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from openalgo.domain.numbers import Px
from openalgo.domain.orders import Action, Product
from openalgo.twin.contracts import Contract
from openalgo.twin.orders import Trade


@dataclass(slots=True)
class Side:
    """What was bought, or what was sold. `value` in 1e-6 rupee, multiplier included."""

    quantity: int = 0
    value: int = 0

    def add(self, quantity: int, value: int) -> None:
        self.quantity += quantity
        self.value += value

    def price(self, multiplier: int) -> float:
        """The average, in rupees."""
        return self.value / self.quantity / multiplier / 1_000_000 if self.quantity else 0.0


@dataclass(slots=True)
class Position:
    """Of one contract and product. `overnight` (signed) was carried in at `overnight_price`."""

    contract: Contract
    product: Product
    bought: Side = field(default_factory=Side)
    sold: Side = field(default_factory=Side)
    overnight: int = 0
    overnight_price: Px = Px(0)

    @property
    def day_quantity(self) -> int:
        return self.bought.quantity - self.sold.quantity

    @property
    def quantity(self) -> int:
        return self.overnight + self.day_quantity

    @property
    def overnight_value(self) -> int:
        """What the carried quantity cost, always positive."""
        return abs(self.overnight) * self.overnight_price * self.contract.multiplier

    def sides(self) -> tuple[Side, Side]:
        """All that was bought and all that was sold, what was carried in included."""
        bought = Side(self.bought.quantity, self.bought.value)
        sold = Side(self.sold.quantity, self.sold.value)
        if self.overnight:
            (bought if self.overnight > 0 else sold).add(abs(self.overnight), self.overnight_value)
        return bought, sold

    @property
    def cost(self) -> int:
        """What the open quantity is worth at its average, in 1e-6 rupee."""
        bought, sold = self.sides()
        side = bought if self.quantity > 0 else sold
        return side.value * abs(self.quantity) // side.quantity if self.quantity else 0

    @property
    def closed_profit(self) -> int:
        """What the part that was closed has earned, in 1e-6 rupee."""
        bought, sold = self.sides()
        sign = 1 if self.quantity > 0 else -1
        return sold.value - bought.value + sign * self.cost


class Positions:
    def __init__(self) -> None:
        self._rows: dict[tuple[int, Product], Position] = {}

    def __iter__(self) -> Iterator[Position]:
        return iter(tuple(self._rows.values()))

    def of(self, contract: Contract, product: Product) -> Position:
        key = (contract.token, product)
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = Position(contract, product)
        return found

    def quantity(self, contract: Contract, product: Product) -> int:
        found = self._rows.get((contract.token, product))
        return found.quantity if found else 0

    def book(self, trade: Trade) -> Position:
        terms = trade.order.terms
        position = self.of(terms.contract, terms.product)
        side = position.bought if terms.action is Action.BUY else position.sold
        side.add(trade.quantity, trade.value)
        return position

    def remove(self, position: Position) -> None:
        del self._rows[(position.contract.token, position.product)]


@dataclass(slots=True)
class Holding:
    """Shares in the demat account; those of `t1` were bought yesterday and are on their way."""

    contract: Contract
    quantity: int
    average: Px
    t1: int = 0
