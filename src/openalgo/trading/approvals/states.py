"""The life of an order that needs approval."""

from collections.abc import Collection

from openalgo.domain.words import Word


class State(Word):
    """Where a pending order stands.

    PENDING waits for its owner, who approves or rejects it, unless it is withdrawn or expires.
    APPROVING is being sent. Then SUBMITTED says that all of its orders stand, PARTIAL that some
    do, FAILED that none does, and UNKNOWN that it cannot be told. FILLED, CANCELLED and
    BROKER_REJECTED are what became of the orders.
    """

    PENDING = "pending"
    APPROVING = "approving"
    SUBMITTED = "submitted"
    PARTIAL = "partial"
    FAILED = "failed"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    BROKER_REJECTED = "broker_rejected"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def status(self) -> "Status":
        return _STATUS.get(self, Status.APPROVED)

    @property
    def is_settled(self) -> bool:
        """Whether its owner need not look at it any more."""
        return self not in (State.PENDING, State.APPROVING)


class Status(Word):
    """The three words clients know for all states."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"

    @property
    def states(self) -> frozenset[State]:
        return frozenset(state for state in State if state.status is self)


_STATUS = {
    State.PENDING: Status.PENDING,
    State.REJECTED: Status.REJECTED,
    State.EXPIRED: Status.REJECTED,
    State.WITHDRAWN: Status.REJECTED,
}

FOLLOWS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVING, State.REJECTED, State.EXPIRED, State.WITHDRAWN}),
    # Back to PENDING only where nothing can have been sent.
    State.APPROVING: frozenset(
        {State.SUBMITTED, State.PARTIAL, State.FAILED, State.UNKNOWN, State.PENDING}
    ),
    State.SUBMITTED: frozenset(
        {State.PARTIAL, State.FILLED, State.CANCELLED, State.BROKER_REJECTED}
    ),
    State.PARTIAL: frozenset({State.FILLED, State.CANCELLED, State.BROKER_REJECTED}),
    # Once a broker's book has told what became of the orders.
    State.UNKNOWN: frozenset({State.SUBMITTED, State.PARTIAL, State.FAILED}),
}
"""Which states may come next. What is not listed is final."""


class LegStatus(Word):
    """One order of an approved intent. REFUSED never stood in a book; WAITING is a GTT."""

    REFUSED = "refused"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    OPEN = "open"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def stood(self) -> bool:
        return self not in (LegStatus.REFUSED, LegStatus.UNKNOWN)


_OUTCOMES = {
    LegStatus.COMPLETE: State.FILLED,
    LegStatus.CANCELLED: State.CANCELLED,
    LegStatus.REJECTED: State.BROKER_REJECTED,
}


def after_sending(legs: Collection[LegStatus]) -> State:
    """What an intent is once its orders were sent; one that needed none is SUBMITTED."""
    if LegStatus.UNKNOWN in legs:
        return State.UNKNOWN
    standing = sum(leg.stood for leg in legs)
    if standing == len(legs):
        return State.SUBMITTED
    return State.PARTIAL if standing else State.FAILED


def after_trading(legs: Collection[LegStatus]) -> State | None:
    """What an intent is once none of its orders works any more; `None` before.

    Legs that never stood do not count: PARTIAL told of them. An intent that needed no order is
    FILLED; where orders ended differently it is PARTIAL.
    """
    ended = {leg for leg in legs if leg.stood}
    if not ended <= _OUTCOMES.keys():
        return None
    if not ended:
        return State.FILLED
    return _OUTCOMES[ended.pop()] if len(ended) == 1 else State.PARTIAL
