"""A pending order as the rest of the system sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openalgo.domain.intents import Intent
from openalgo.domain.market import InstrumentKey
from openalgo.domain.orders import Action
from openalgo.domain.words import Word
from openalgo.trading.approvals.states import LegStatus, State
from openalgo.trading.plans import JsonValue, Plan
from openalgo.trading.venues import VenueMode


class Channel(Word):
    """Through what somebody acts."""

    UI = "ui"
    API = "api"
    TELEGRAM = "telegram"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, from where, and in which request."""

    name: str
    channel: Channel
    request_id: str
    address: str = ""


def system(task: str) -> Actor:
    """This program, doing `task` by itself."""
    return Actor(name="system", channel=Channel.SYSTEM, request_id=task)


class Resolution(Word):
    """Which options an order chosen by its distance from the money trades: those that were meant
    when the signal came, or those at that distance now."""

    SIGNALLED = "signalled"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLeg:
    """One order of an approved intent. `order_id` is that of the venue (of a GTT: its trigger id);
    `code` and `message` say why there is none, or why it was rejected."""

    number: int
    key: InstrumentKey
    action: Action
    quantity: Decimal
    status: LegStatus
    order_id: str | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOrder:
    """An intent that waited for its owner, and what became of it.

    `intent` is `None` where this version of the program cannot read it; `body` is its JSON.
    `plan` is what it came to when it was queued and `prices` what its instruments traded at then,
    in rupees (`None`: not known). `mode` and `broker` are those of the account then. `cause` is
    the request that brought it.
    """

    id: int
    account_id: int
    kind: str
    intent: Intent | None
    body: str
    strategy: str
    plan: Plan
    prices: Mapping[InstrumentKey, float | None]
    mode: VenueMode
    broker: str
    source: str
    address: str
    key_id: int
    cause: str
    created_at: datetime
    expires_at: datetime
    state: State
    version: int
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    resolution: Resolution | None = None
    executed_at: datetime | None = None
    error_code: str | None = None
    error_text: str | None = None
    legs: tuple[PendingLeg, ...] = ()

    @property
    def client_order_id(self) -> str:
        """What it is carried out under. The row is never deleted, so the id is never used again."""
        return f"ac-{self.id}"

    @property
    def order_ids(self) -> list[str]:
        return [leg.order_id for leg in self.legs if leg.order_id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Somebody's step, or their attempt at one: then both states are the same."""

    at: datetime
    actor: Actor
    action: str
    from_state: State | None
    to_state: State
    detail: Mapping[str, JsonValue]
