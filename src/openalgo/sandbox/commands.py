"""What the paper exchange can be told. `at` is the market time of the request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.state import PaperExchange

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Accept an order and match it against the market; `mark` is a quote fetched for it."""

    account_id: int
    intent: PlaceOrder
    instrument: Instrument
    mark: Mark | None
    at: datetime
    cause: str


class Cancel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    account_id: int
    order_id: str
    at: datetime
    cause: str


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The market reached working orders of one instrument."""

    key: InstrumentKey
    mark: Mark
    cause: str


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Look at the state without changing it."""

    view: Callable[[PaperExchange], T]


Command = Place | Cancel | Match
