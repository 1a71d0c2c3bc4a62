"""What the paper exchange can be told. `at` is the market time of the request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from openalgo.domain import intents
from openalgo.domain.day_events import DayEvent
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.sandbox.state import PaperExchange

T = TypeVar("T")


class _Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What somebody wants of the account; `cause` is the id of the request."""

    account_id: int
    at: datetime
    cause: str


class _Priced(_Request, frozen=True, kw_only=True, gc=False):
    """`mark` is a quote fetched for the request, None where the feed has as good a price."""

    instrument: Instrument
    mark: Mark | None


class Place(_Priced, frozen=True, kw_only=True, gc=False):
    """Accept an order and match it against the market."""

    intent: intents.PlaceOrder


class Modify(_Priced, frozen=True, kw_only=True, gc=False):
    """Change a working order and match it anew."""

    change: intents.ModifyOrder


class Cancel(_Request, frozen=True, kw_only=True, gc=False):
    order_id: str


class PlaceGtt(_Priced, frozen=True, kw_only=True, gc=False):
    intent: intents.PlaceGtt


class ModifyGtt(_Priced, frozen=True, kw_only=True, gc=False):
    change: intents.ModifyGtt


class CancelGtt(_Request, frozen=True, kw_only=True, gc=False):
    trigger_id: str


class ExpireGtt(_Request, frozen=True, kw_only=True, gc=False):
    """The time of a GTT ran out."""

    trigger_id: str


class Reset(_Request, frozen=True, kw_only=True, gc=False):
    """Begin anew with `starting_capital` rupees; `None` for what the account began with."""

    starting_capital: Decimal | None = None


class SetRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Go by other rules. Another starting capital is paid to all accounts, or taken from them."""

    rules: Rules
    at: datetime
    cause: str


class AlignCapital(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Let all accounts have begun with the capital of the rules, where they can pay it."""

    at: datetime
    cause: str


class PassDay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Let an event of a day happen to all accounts.

    `marks` are the prices to go by where the feed has none of that time; `underlyings` what the
    contracts that expire settle against.
    """

    event: DayEvent
    marks: Mapping[InstrumentKey, Mark]
    underlyings: Mapping[InstrumentKey, Basis]

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def cause(self) -> str:
        return f"{self.event.kind.name.lower().replace('_', '-')} {self.event.session}"


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The market reached something that waits in one instrument.

    It is decided once for each order or GTT it touches, until there is none left.
    """

    key: InstrumentKey
    mark: Mark

    @property
    def at(self) -> datetime:
        return self.mark.at


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Look at the state without changing it."""

    view: Callable[[PaperExchange], T]
    at: datetime


Decided = (
    Place
    | Modify
    | Cancel
    | PlaceGtt
    | ModifyGtt
    | CancelGtt
    | ExpireGtt
    | Match
    | Reset
    | SetRules
    | AlignCapital
)
Command = Decided | PassDay
