"""What the paper exchange can be told. `at` is the market time of the request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.state import PaperExchange

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Accept an order and match it against the market; `mark` is a quote fetched for it."""

    account_id: int
    intent: PlaceOrder
    instrument: Instrument
    mark: Mark | None
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    account_id: int
    order_id: str
    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The market reached working orders of one instrument."""

    key: InstrumentKey
    mark: Mark
    cause: str


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Look at the state without changing it."""

    view: Callable[[PaperExchange], T]


Command = Place | Cancel | Match
