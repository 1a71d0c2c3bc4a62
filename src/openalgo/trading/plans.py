"""What an intent comes to: orders to withdraw and orders to place, and what became of each."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby

import msgspec

from openalgo.domain.errors import (
    OpenAlgoError,
    OrderRefused,
    OrderUnresolved,
    OutcomeUnknown,
    RecordedRefusal,
)
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import ZERO

JsonValue = str | int | float | bool | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one order: `order_id` when it stands in the book, and why it was refused if
    it was; a rejected order may have both. One of which nobody knows goes by its `reference`."""

    order_id: str | None = None
    code: str = ""
    status: int = 200
    message: str = ""
    reference: str | None = None

    @classmethod
    def refused(cls, error: OpenAlgoError) -> "Outcome":
        """Refused, or with `OutcomeUnknown` perhaps not."""
        return cls(
            order_id=error.order_id if isinstance(error, OrderRefused | OrderUnresolved) else None,
            code=error.code,
            status=error.status,
            message=error.message,
            reference=error.reference if isinstance(error, OrderUnresolved) else None,
        )

    @property
    def succeeded(self) -> bool:
        return not self.code

    @property
    def is_unknown(self) -> bool:
        """Whether it may have been placed, for all anybody knows."""
        return self.code == OutcomeUnknown.code

    @property
    def is_final(self) -> bool:
        """Whether asking again would change nothing. Faults of ours or a broker's may pass, so may
        a limit on how often, and what waited for another order follows that one."""
        return self.status < 500 and self.status not in _PASSING

    def raise_refusal(self) -> None:
        """Raise what the order was refused with, if it was."""
        if self.code:
            raise RecordedRefusal(
                self.code,
                self.status,
                self.message,
                order_id=self.order_id,
                reference=self.reference,
            )


_PASSING = frozenset({424, 429})
LEFT_OUT = Outcome(
    code="leg_skipped", status=424, message="Not sent, because an order before it was refused"
)


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a plan. `refusal` is there when planning showed that it cannot be placed.

    Phases run one after the other. `after` are orders the plan withdraws: while one of them may
    still fill, the leg is not sent, and what they fill beyond the `filled_before` of planning it is
    smaller by. `note` is what the reply tells of the leg besides.
    """

    order: PlaceOrder
    phase: int = 0
    refusal: Outcome | None = None
    after: tuple[str, ...] = ()
    filled_before: Decimal = ZERO
    note: Mapping[str, JsonValue] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Withdraw `cancels`, then place `legs`, of either up to `at_once` side by side.

    With `atomic` a phase in which a leg fails is the last. Client ids of its orders begin with
    `family`. `note` is what the reply tells besides.
    """

    legs: tuple[Leg, ...] = ()
    cancels: tuple[str, ...] = ()
    at_once: int = 1
    atomic: bool = False
    family: str = ""
    note: Mapping[str, JsonValue] = {}

    @property
    def phases(self) -> list[list[int]]:
        """The numbers of the legs, phase by phase."""
        numbered = sorted(range(len(self.legs)), key=lambda number: self.legs[number].phase)
        return [
            list(phase)
            for _, phase in groupby(numbered, key=lambda number: self.legs[number].phase)
        ]

    def under(self, client_order_id: str) -> "Plan":
        """The same plan, its orders numbered under the id of the request."""
        legs = tuple(
            msgspec.structs.replace(
                leg,
                order=msgspec.structs.replace(
                    leg.order, client_order_id=f"{self.family}{client_order_id}:{number}"
                ),
            )
            for number, leg in enumerate(self.legs)
        )
        return msgspec.structs.replace(self, legs=legs)


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome for each leg and each cancel of a plan; `None` where it is not known yet."""

    legs: tuple[Outcome | None, ...] = ()
    cancels: tuple[Outcome | None, ...] = ()

    @classmethod
    def none_of(cls, plan: Plan) -> "Results":
        return cls(legs=(None,) * len(plan.legs), cancels=(None,) * len(plan.cancels))

    @property
    def are_final(self) -> bool:
        outcomes = (*self.legs, *self.cancels)
        return all(outcome is not None and outcome.is_final for outcome in outcomes)

    def only_final(self) -> "Results":
        """The same without what may still change."""
        return Results(legs=_only_final(self.legs), cancels=_only_final(self.cancels))


def _only_final(outcomes: tuple[Outcome | None, ...]) -> tuple[Outcome | None, ...]:
    return tuple(each if each is not None and each.is_final else None for each in outcomes)
