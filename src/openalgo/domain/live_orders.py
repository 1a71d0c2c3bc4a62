"""What was sent to a broker, as it is written down."""

from datetime import datetime

import msgspec

from openalgo.domain.errors import OpenAlgoError, RecordedRefusal
from openalgo.domain.intents import PlaceGtt, PlaceOrder, decoded
from openalgo.domain.words import Word


class SentState(Word):
    """What is known of something sent to a broker.

    INTENDED is on its way, or was when this program stopped. Of UNKNOWN nobody knows whether it
    arrived. ACCEPTED has an id of the broker's. REJECTED is final. NOT_SENT is nowhere and may be
    sent again: the broker was not reached, say, or nobody was logged in.
    """

    INTENDED = "intended"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to be found out."""
        return self in (SentState.INTENDED, SentState.UNKNOWN)


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came of it: `order_id` where it was accepted, else why not, as errors say it."""

    state: SentState
    order_id: str | None = None
    code: str = ""
    status: int = 0
    message: str = ""
    resolved_at: datetime | None = None

    @classmethod
    def of(cls, state: SentState, error: OpenAlgoError, at: datetime) -> "Outcome":
        return cls(
            state=state,
            code=error.code,
            status=error.status,
            message=error.message,
            resolved_at=at,
        )


INTENDED = Outcome(state=SentState.INTENDED)


class SentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order (or a GTT) that was, or is about to be, sent to the broker of an account.

    `tag` is what it carries there: letters and digits. It is sent at `sent_at`; `created_at` is
    when it was first asked for. `cause` is the request behind it.
    """

    id: int
    account_id: int
    intent: PlaceOrder | PlaceGtt
    fingerprint: str
    tag: str
    cause: str
    created_at: datetime
    sent_at: datetime
    outcome: Outcome = INTENDED

    @property
    def state(self) -> SentState:
        return self.outcome.state

    @property
    def client_order_id(self) -> str | None:
        return self.intent.client_order_id

    @property
    def strategy(self) -> str:
        return self.intent.strategy

    @property
    def order_id(self) -> str | None:
        return self.outcome.order_id

    def refusal(self) -> RecordedRefusal:
        """The error it was refused with."""
        return RecordedRefusal(self.outcome.code, self.outcome.status, self.outcome.message)


def sent_intent(kind: str, body: bytes | str) -> PlaceOrder | PlaceGtt:
    """What was sent, as `encoded` wrote it. Raises what `decoded` does, and `TypeError` for what no
    broker is sent."""
    intent = decoded(kind, body)
    if not isinstance(intent, PlaceOrder | PlaceGtt):
        raise TypeError(f"A broker is not sent a {kind}")
    return intent
