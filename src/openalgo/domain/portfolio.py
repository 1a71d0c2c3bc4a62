"""Positions, funds and the ledger that explains them. Amounts are rupees."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ONE, ZERO
from openalgo.domain.orders import Action, PositionKey, Product
from openalgo.domain.words import Word


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The net of the trades in one instrument and product.

    `quantity` is signed (short is negative) and `cost` is what the open quantity was traded at,
    always positive, so the average price is exactly cost / |quantity|. `margin` is the money
    blocked for it. `realised_today` belongs to the session day `realised_on`.
    """

    account_id: int
    symbol: str
    exchange: Exchange
    product: Product
    quantity: Decimal
    cost: Decimal
    margin: Decimal
    realised: Decimal
    realised_today: Decimal
    realised_on: date
    opened_on: date
    created_at: datetime
    updated_at: datetime

    @property
    def instrument(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def key(self) -> PositionKey:
        return PositionKey(self.exchange, self.symbol, self.product)

    @property
    def average_price(self) -> Decimal:
        return self.cost / abs(self.quantity) if self.quantity else ZERO

    @property
    def closing_action(self) -> Action:
        """What reduces it."""
        return Action.SELL if self.quantity > 0 else Action.BUY

    def realised_in(self, session: date) -> Decimal:
        """Profit realised during the session day `session`."""
        return self.realised_today if self.realised_on == session else ZERO


class Funds(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The money of one paper account.

    `available + used` and what the holdings cost are `starting_capital + realised`.
    `realised_today` belongs to the session day `realised_on`. `opened_at` is when the account, or
    its run since the last of `reset_count` resets, began.
    """

    account_id: int
    starting_capital: Decimal
    available: Decimal
    used: Decimal
    realised: Decimal
    realised_today: Decimal
    realised_on: date
    opened_at: datetime
    reset_count: int = 0

    def realised_in(self, session: date) -> Decimal:
        """Profit realised during the session day `session`."""
        return self.realised_today if self.realised_on == session else ZERO


class LedgerKind(Word):
    """Why money moved."""

    CAPITAL = "capital"
    RESERVE = "reserve"
    FILL = "fill"
    RELEASE = "release"
    SETTLE = "settle"
    RESET = "reset"


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One movement of money. `available`, `used` and `realised` are changes; `ref` names the
    order or trade that caused it."""

    account_id: int
    at: datetime
    kind: LedgerKind
    ref: str
    available: Decimal
    used: Decimal
    realised: Decimal
    available_after: Decimal
    used_after: Decimal


class MarkedPosition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A position and what it is worth now: `ltp` and `unrealised` in rupees.

    `multiplier` is what one unit of the quantity makes when the price moves by one rupee; it is in
    `unrealised` and `realised_today` already."""

    position: Position
    ltp: Decimal
    unrealised: Decimal
    realised_today: Decimal
    multiplier: Decimal = ONE

    @property
    def total(self) -> Decimal:
        """What it has made today, in rupees: realised, and open at the last price."""
        return self.unrealised + self.realised_today


class FundsStatement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The money of an account with the profit of its positions; all amounts in rupees.

    `collateral` is what pledged securities add. `paper` is there where the paper exchange keeps
    the account."""

    available: Decimal
    used: Decimal
    unrealised: Decimal
    realised_today: Decimal
    collateral: Decimal = ZERO
    paper: Funds | None = None

    @classmethod
    def on_paper(
        cls, funds: Funds, *, unrealised: Decimal, realised_today: Decimal
    ) -> "FundsStatement":
        return cls(
            available=funds.available,
            used=funds.used,
            unrealised=unrealised,
            realised_today=realised_today,
            paper=funds,
        )


class MarginNeed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What orders block together, in rupees: `total`, which is `benefit` less than each alone.

    What is `None` the venue does not tell."""

    total: Decimal
    benefit: Decimal | None = None
    span: Decimal | None = None
    exposure: Decimal | None = None


class Holding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Shares held. `cost` is what they were bought for; `settled_on` when the last ones came,
    `None` where the venue does not tell."""

    account_id: int
    symbol: str
    exchange: Exchange
    quantity: Decimal
    cost: Decimal
    settled_on: date | None = None

    @property
    def instrument(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def average_price(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else ZERO


class MarkedHolding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A holding and its last price, in rupees."""

    holding: Holding
    ltp: Decimal
    product: Product = Product.CNC

    @property
    def unrealised(self) -> Decimal:
        """Rupees that the shares are worth more than they cost."""
        return self.ltp * self.holding.quantity - self.holding.cost


class DailyResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How an account stood at the end of the session day `date`, in rupees, at last prices.

    `realised` is the profit of that day, `total_mtm` that and what is unrealised. `run` is the
    number of resets before it.
    """

    account_id: int
    run: int
    date: date
    realised: Decimal
    positions_unrealised: Decimal
    holdings_unrealised: Decimal
    total_mtm: Decimal
    available: Decimal
    used: Decimal
    portfolio_value: Decimal


class PastRun(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an account came to between two resets: its funds as the second one found them."""

    account_id: int
    run: int
    began_at: datetime
    ended_at: datetime
    starting_capital: Decimal
    available: Decimal
    used: Decimal
    realised: Decimal


class PastPosition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a reset took away: an open position, or with `settled` a holding."""

    account_id: int
    run: int
    exchange: Exchange
    symbol: str
    product: Product
    settled: bool
    quantity: Decimal
    cost: Decimal
    margin: Decimal
    realised: Decimal
