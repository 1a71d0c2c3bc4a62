"""The one account a twin has: its money, positions and holdings."""

from collections.abc import Callable
from dataclasses import dataclass, field

from openalgo.domain.numbers import PX_SCALE, Px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.contracts import Contract
from openalgo.twin.funds import Funds, margin_of
from openalgo.twin.market import Market
from openalgo.twin.orders import Terms, Trade
from openalgo.twin.positions import Holding, Position, Positions, Side


class NotThere(Exception):
    """There is less of a position than was asked to be changed; the message says so."""


@dataclass(slots=True)
class Account:
    market: Market
    funds: Funds
    positions: Positions = field(default_factory=Positions)
    holdings: dict[int, Holding] = field(default_factory=dict)

    def shortage(
        self, terms: Terms, quantity: int, freed: int = 0, promised: int = 0
    ) -> str | None:
        """Why the account cannot carry `quantity` more of `terms`; `None` if it can.

        `freed` is blocked already for the same order, `promised` the quantity that other orders
        are to deliver.
        """
        if terms.delivers:
            owned = self._deliverable(terms.contract) - promised
            if quantity > owned:
                return f"Insufficient holdings: {quantity} to sell, {max(owned, 0)} owned."
        needed = self.needed(terms, quantity)
        available = self.funds.for_(terms.contract).available + freed
        if needed > available:
            return (
                f"Insufficient funds. Required margin is {needed / PX_SCALE:.2f} "
                f"but available margin is {available / PX_SCALE:.2f}."
            )
        return None

    def needed(self, terms: Terms, quantity: int) -> int:
        """What so much of `terms` blocks; nothing for what closes a position or sells a holding."""
        if terms.delivers:
            return 0
        held = self.positions.quantity(terms.contract, terms.product)
        opening = quantity
        if held * terms.action.sign < 0:
            opening = max(quantity - abs(held), 0)
        price = terms.price if terms.price_type in (PriceType.LIMIT, PriceType.SL) else None
        return margin_of(
            terms.contract,
            terms.action,
            terms.product,
            opening,
            price or terms.trigger or self.market.last(terms.contract),
        ).total

    def book(self, trade: Trade) -> None:
        terms = trade.order.terms
        position = self.positions.of(terms.contract, terms.product)
        before = self._tied(position), position.closed_profit
        self.positions.book(trade)
        self._settle(position, *before)

    def used(self, holding: Holding) -> int:
        """How many of its shares were sold today."""
        return max(-self.positions.quantity(holding.contract, Product.CNC), 0)

    def convert(
        self, contract: Contract, action: Action, quantity: int, old: Product, new: Product
    ) -> None:
        """Move `quantity` of today's position to another product. Raises `NotThere`."""
        source = self.positions.of(contract, old)
        if source.quantity * action.sign < quantity:
            raise NotThere(f"The position has {abs(source.quantity)} to convert, not {quantity}.")
        target = self.positions.of(contract, new)
        for_source = self._tied(source), source.closed_profit
        for_target = self._tied(target), target.closed_profit
        out = _side(source, action)
        value = out.value * quantity // out.quantity if out.quantity else 0
        out.add(-quantity, -value)
        _side(target, action).add(quantity, value)
        self._settle(source, *for_source)
        self._settle(target, *for_target)

    def carry_in(self, contract: Contract, product: Product, quantity: int, price: Px) -> None:
        """A position of yesterday: `quantity` (signed) that was opened at `price`."""
        position = self.positions.of(contract, product)
        before = self._tied(position), position.closed_profit
        position.overnight, position.overnight_price = quantity, price
        self._settle(position, *before)

    def carry_over(self, last: Callable[[Contract], Px]) -> None:
        """The next day: bought shares are on their way, other positions are carried, intraday
        ones are squared off at the `last` price, money is settled."""
        for holding in self.holdings.values():
            holding.quantity += holding.t1 - self.used(holding)
            holding.t1 = 0
        for position in self.positions:
            self._carry(position, last(position.contract))
        for purse in self.funds.purses.values():
            purse.opening += purse.earned
            purse.earned = 0

    def _carry(self, position: Position, price: Px) -> None:
        contract, quantity = position.contract, position.quantity
        purse = self.funds.for_(contract)
        tied, average = self._tied(position), Px(0)
        if quantity:
            average = Px(position.cost // abs(quantity) // contract.multiplier)
        if position.product is Product.CNC:
            if quantity > 0:
                self._deliver(contract, quantity, average)
                purse.opening -= position.cost
            elif quantity < 0:
                purse.opening += position.cost
            keep = False
        elif position.product is Product.MIS:
            purse.earned += (price - average) * quantity * contract.multiplier
            keep = False
        else:
            keep = quantity != 0
        purse.positions -= tied
        if not keep:
            self.positions.remove(position)
            return
        position.bought, position.sold = Side(), Side()
        position.overnight, position.overnight_price = quantity, average
        purse.positions += self._tied(position)

    def _deliver(self, contract: Contract, quantity: int, average: Px) -> None:
        holding = self.holdings.setdefault(contract.token, Holding(contract, 0, Px(0)))
        owned = holding.quantity + holding.t1
        worth = owned * holding.average + quantity * average
        holding.average = Px(worth // (owned + quantity))
        holding.t1 += quantity

    def _deliverable(self, contract: Contract) -> int:
        holding = self.holdings.get(contract.token)
        owned = holding.quantity + holding.t1 if holding else 0
        return owned + self.positions.quantity(contract, Product.CNC)

    def _tied(self, position: Position) -> int:
        """The money `position` blocks."""
        quantity, contract = position.quantity, position.contract
        if not quantity or (position.product is Product.CNC and quantity < 0):
            return 0
        action = Action.BUY if quantity > 0 else Action.SELL
        price = Px(position.cost // abs(quantity) // contract.multiplier)
        return margin_of(contract, action, position.product, abs(quantity), price).total

    def _settle(self, position: Position, tied: int, profit: int) -> None:
        purse = self.funds.for_(position.contract)
        purse.positions += self._tied(position) - tied
        if position.product is not Product.CNC or position.quantity >= 0:
            purse.earned += position.closed_profit - profit


def _side(position: Position, action: Action) -> Side:
    return position.bought if action is Action.BUY else position.sold
