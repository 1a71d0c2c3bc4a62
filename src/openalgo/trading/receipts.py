"""What became of an intent, before it is put into anybody's words."""

from typing import TypeVar

import msgspec

from openalgo.domain.gtt import Gtt
from openalgo.domain.orders import Order
from openalgo.trading.plans import Outcome, Plan
from openalgo.trading.venues import VenueMode


class OrderReceipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order was placed, modified or cancelled."""

    mode: VenueMode
    order: Order


class PlanReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A plan was carried out: `legs` and `cancels` are the outcomes, in the order of the plan."""

    mode: VenueMode
    plan: Plan
    legs: tuple[Outcome, ...] = ()
    cancels: tuple[Outcome, ...] = ()


class GttReceipt(msgspec.Struct, frozen=True, kw_only=True):
    mode: VenueMode
    gtt: Gtt


class QueuedReceipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Nothing was sent: it waits for the account's owner."""

    mode: VenueMode
    pending_id: int


Receipt = OrderReceipt | PlanReceipt | GttReceipt | QueuedReceipt

R = TypeVar("R", OrderReceipt, PlanReceipt, GttReceipt)


def the(kind: type[R], receipt: Receipt) -> R:
    """`receipt`, which an intent of this kind is always answered with."""
    if not isinstance(receipt, kind):
        raise TypeError(f"Expected {kind.__name__}, not {type(receipt).__name__}")
    return receipt
