"""Orders and trades as a broker's order management keeps them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from openalgo.domain.numbers import Px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.domain.words import Word
from openalgo.twin.contracts import Contract


class Stage(Word):
    """Where an order stands, in the words of the order management that Indian brokers share."""

    RECEIVED = "PUT ORDER REQ RECEIVED"
    VALIDATING = "VALIDATION PENDING"
    OPENING = "OPEN PENDING"
    OPEN = "OPEN"
    TRIGGER_PENDING = "TRIGGER PENDING"
    MODIFY_VALIDATING = "MODIFY VALIDATION PENDING"
    MODIFYING = "MODIFY PENDING"
    MODIFIED = "MODIFIED"
    CANCELLING = "CANCEL PENDING"
    AFTER_MARKET = "AMO REQ RECEIVED"
    COMPLETE = "COMPLETE"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        return self in (Stage.COMPLETE, Stage.CANCELLED, Stage.REJECTED)

    @property
    def is_resting(self) -> bool:
        """At the exchange, waiting for its price."""
        return self in (Stage.OPEN, Stage.TRIGGER_PENDING)


class Validity(Word):
    DAY = "DAY"
    IOC = "IOC"
    TTL = "TTL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is ordered. Prices in 1e-6 rupee, 0 where the type takes none; `minutes` of a TTL."""

    contract: Contract
    action: Action
    price_type: PriceType
    product: Product
    quantity: int
    price: Px = Px(0)
    trigger: Px = Px(0)
    disclosed: int = 0
    validity: Validity = Validity.DAY
    minutes: int = 0
    protection: float = 0.0
    variety: str = "regular"
    tag: str | None = None
    parent: str | None = None
    gtt: int | None = None

    @property
    def delivers(self) -> bool:
        """A sale out of the demat account."""
        return self.product is Product.CNC and self.action is Action.SELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a test wants to become of an order.

    It is rejected with `rejection` after `reject_after` seconds, or only `first_part` (of 1) of it
    fills; the rest follows `rest_after` seconds later, or with `None` when told to.
    """

    rejection: str | None = None
    reject_after: float = 0.0
    first_part: float | None = None
    rest_after: float | None = None


class Trade(NamedTuple):
    id: str
    order: "Order"
    quantity: int
    price: Px
    at: datetime

    @property
    def value(self) -> int:
        """In 1e-6 rupee."""
        return self.price * self.quantity * self.order.terms.contract.multiplier


class State(NamedTuple):
    """An order as it was once."""

    stage: Stage
    at: datetime
    terms: Terms
    filled: int
    value: int
    exchange_id: str | None
    message: str | None
    cancelled: int
    modified: bool


@dataclass(slots=True, eq=False)
class Order:
    """`value` is the sum of price times quantity of what is `filled`; `blocked` the money (1e-6
    rupee) the rest needs. `held` is set while a rest waits to be told to fill."""

    id: str
    terms: Terms
    placed_at: datetime
    fate: Fate = Fate()
    stage: Stage = Stage.RECEIVED
    updated_at: datetime = field(init=False)
    exchange_id: str | None = None
    exchange_at: datetime | None = None
    message: str | None = None
    filled: int = 0
    value: int = 0
    cancelled: int = 0
    blocked: int = 0
    modifications: int = 0
    triggered: bool = False
    held: bool = False
    states: list[State] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.updated_at = self.placed_at

    @property
    def pending(self) -> int:
        return 0 if self.stage.is_final else self.terms.quantity - self.filled

    @property
    def average(self) -> float:
        """The average price of its fills, in rupees."""
        return self.value / self.filled / 1_000_000 if self.filled else 0.0

    def enter(self, stage: Stage, at: datetime) -> None:
        self.stage, self.updated_at = stage, at
        self.states.append(
            State(
                stage,
                at,
                self.terms,
                self.filled,
                self.value,
                self.exchange_id,
                self.message,
                self.cancelled,
                self.modifications > 0,
            )
        )
