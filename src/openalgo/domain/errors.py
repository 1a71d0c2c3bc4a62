"""Everything that can go wrong, each with a stable code, an HTTP status and a sentence.

The sentence says what is wrong, with the value and the limit; `code` is for programs. Only
errors of this hierarchy reach a client; any other exception becomes a 500 without internals.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import ClassVar


class OpenAlgoError(Exception):
    """Base of all errors that clients may see."""

    code: str = "internal_error"
    status: int = 500
    default: ClassVar[str] = "An unexpected error occurred"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.default)

    @property
    def message(self) -> str:
        return str(self)

    def extra(self) -> Mapping[str, object]:
        """Further members of the error envelope."""
        return {}


class ValidationFailed(OpenAlgoError):
    """One or more fields are missing or wrong. `errors` maps a dotted path to its texts."""

    code = "validation_error"
    status = 400

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(texts) for field, texts in errors.items()}
        super().__init__("; ".join(f"{f}: {t}" for f, ts in self.errors.items() for t in ts))

    def extra(self) -> Mapping[str, object]:
        return {"errors": self.errors}


class InvalidRequest(OpenAlgoError):
    """Every field is well formed, but what they ask for together, or now, cannot be had."""

    code = "validation_error"
    status = 400

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return {"errors": {self.field: [self.message]}}


class InvalidBody(OpenAlgoError):
    code = "invalid_json"
    status = 400
    default = "Request body is missing or invalid JSON"


class BodyTooLarge(OpenAlgoError):
    code = "body_too_large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"Request body is larger than {limit} bytes")


class InvalidApiKey(OpenAlgoError):
    code = "invalid_api_key"
    status = 403
    default = "Invalid openalgo apikey"


class UnauthorizedKey(InvalidApiKey):
    """The same, where existing clients expect to be told to authenticate."""

    status = 401


class InsufficientScope(OpenAlgoError):
    code = "insufficient_scope"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key does not have the '{scope}' scope")


class OnPaperOnly(OpenAlgoError):
    code = "paper_only"
    status = 400
    default = "This endpoint is only available in sandbox/analyzer mode"


class OperationBlocked(OpenAlgoError):
    """The account is in semi-auto mode, where its owner decides."""

    code = "blocked_in_semi_auto"
    status = 403


class TooManyPending(OpenAlgoError):
    code = "too_many_pending"
    status = 429

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} orders already wait in the Action Center. Approve or reject some first."
        )


class NotPending(OpenAlgoError):
    """Somebody decided before: `state` and `version` are those of the order now."""

    code = "not_pending"
    status = 409

    def __init__(self, pending_id: int, state: str, version: int) -> None:
        self.state = state
        self.version = version
        super().__init__(f"Order {pending_id} is not as you saw it: it is {state} now")

    def extra(self) -> Mapping[str, object]:
        return {"state": self.state, "version": self.version}


class ApprovalExpired(OpenAlgoError):
    code = "approval_expired"
    status = 409

    def __init__(self, pending_id: int) -> None:
        super().__init__(f"Order {pending_id} waited too long and has expired")

    def extra(self) -> Mapping[str, object]:
        return {"state": "expired"}


class ModeChanged(OpenAlgoError):
    code = "mode_changed"
    status = 409

    def __init__(self, queued: str, now: str) -> None:
        super().__init__(f"The order was queued in {queued} mode, but the account is in {now} mode")


class BrokerChanged(OpenAlgoError):
    code = "broker_changed"
    status = 409

    def __init__(self, queued: str, now: str) -> None:
        super().__init__(f"The order was queued for {queued}, but the account is at {now}")


class ContractExpired(OpenAlgoError):
    code = "contract_expired"
    status = 409

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol} has expired")


class IntentUnreadable(OpenAlgoError):
    """It was stored by a version of this program that described orders differently."""

    code = "intent_unreadable"
    status = 409
    default = "The order was queued by another version of OpenAlgo and cannot be sent any more"


class ConfirmationNeeded(OpenAlgoError):
    """What the order meets now is not what it was meant for. `warnings` are words for programs,
    `details` what they rest on."""

    code = "confirmation_needed"
    status = 409

    def __init__(
        self, message: str, warnings: Sequence[str], details: Mapping[str, object]
    ) -> None:
        self.warnings = list(warnings)
        self.details = details
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return {"warnings": self.warnings, **self.details}


class BrokerSessionExpired(OpenAlgoError):
    code = "broker_session"
    status = 403
    default = "Broker session expired. Please log in to your broker."


class NotFound(OpenAlgoError):
    code = "not_found"
    status = 404
    default = "Not found"


class OrderNotFound(NotFound):
    code = "order_not_found"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"Order {order_id} not found")


class PendingOrderNotFound(NotFound):
    code = "pending_order_not_found"

    def __init__(self, pending_id: int) -> None:
        super().__init__(f"Pending order {pending_id} not found")


class PositionNotFound(NotFound):
    code = "position_not_found"

    def __init__(self, symbol: str) -> None:
        super().__init__(f"No open position found for {symbol}")


class GttNotFound(NotFound):
    code = "gtt_not_found"

    def __init__(self, trigger_id: str) -> None:
        super().__init__(f"No active GTT with trigger_id '{trigger_id}'")


class PositionsNotClosed(OpenAlgoError):
    """Not one of the positions could be closed, for all that is known; `results` tells of each
    why."""

    code = "close_failed"
    status = 502

    def __init__(self, message: str, results: Sequence[Mapping[str, object]]) -> None:
        self.results = results
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return {
            "closed_positions": 0,
            "failed_closures": len(self.results),
            "results": self.results,
        }


class SymbolNotFound(OpenAlgoError):
    code = "symbol_not_found"
    status = 400


class StrikesNotFound(NotFound):
    """`expiry` as requests spell it: 28NOV24."""

    code = "strikes_not_found"

    def __init__(self, base: str, expiry: str) -> None:
        super().__init__(
            f"No strikes found for {base} expiring {expiry}. Please check expiry date or update "
            "master contract."
        )


class OptionNotFound(NotFound):
    code = "symbol_not_found"

    def __init__(self, symbol: str, exchange: str) -> None:
        super().__init__(
            f"Option symbol {symbol} not found in {exchange}. Symbol may not exist or master "
            "contract needs update."
        )


class FutureNotFound(NotFound):
    """There is no future to take the price of an underlying from."""

    code = "future_not_found"


class UnderlyingPriceUnknown(OpenAlgoError):
    """The price of an underlying could not be had; `cause`, if there is one, lends its code and
    status."""

    code = "no_underlying_price"
    status = 502

    def __init__(self, symbol: str, cause: OpenAlgoError | None = None) -> None:
        reason = "It has no last price."
        if cause is not None:
            self.code, self.status, reason = cause.code, cause.status, cause.message
        super().__init__(f"Failed to fetch LTP for {symbol}. {reason}")


class InvalidOrder(InvalidRequest):
    """The request is well formed, but no exchange would take this order."""

    code = "invalid_order"


class OrderRefused(OpenAlgoError):
    """The venue said no; nothing is working. `order_id` is set when a rejected row was kept."""

    code = "order_rejected"
    status = 400

    def __init__(self, message: str, *, order_id: str | None = None) -> None:
        self.order_id = order_id
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return _known(orderid=self.order_id)


class InsufficientFunds(OrderRefused):
    code = "insufficient_funds"


class InsufficientShares(OrderRefused):
    code = "insufficient_shares"


class NoPrice(OrderRefused):
    code = "no_price"


class RiskRefused(OpenAlgoError):
    """A limit stands against the order, and nothing was sent.

    `limit` names it, `allowed` is what it allows and `value` what the order would come to (`None`
    where that is unknown), in the limit's own unit.
    """

    status = 400

    def __init__(
        self, limit: str, message: str, *, allowed: float, value: float | None, code: str = ""
    ) -> None:
        self.code = code or f"risk_{limit}"
        self.limit = limit
        self.allowed = allowed
        self.value = value
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return {"limit": self.limit, "allowed": self.allowed, "value": self.value}


class OrderNotWorking(OpenAlgoError):
    """The order is final, so it cannot be changed."""

    code = "order_not_working"
    status = 400


class IdempotencyConflict(OpenAlgoError):
    code = "idempotency_conflict"
    status = 409
    default = "This Idempotency-Key was already used for a different request"


class PreferenceChanged(OpenAlgoError):
    """Somebody, most likely the same user in another window, changed it since it was read."""

    code = "preference_changed"
    status = 409

    def __init__(self, name: str, version: int) -> None:
        self.version = version
        super().__init__(f"{name} was changed elsewhere meanwhile: read version {version} first")

    def extra(self) -> Mapping[str, object]:
        return {"version": self.version}


class RecordedRefusal(OpenAlgoError):
    """What the order of a plan was refused with, now or when it was first asked for. With a
    `reference` nobody knows whether it was."""

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        *,
        order_id: str | None = None,
        reference: str | None = None,
    ) -> None:
        self.code = code
        self.status = status
        self.order_id = order_id
        self.reference = reference
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return _known(reference=self.reference, orderid=self.order_id)


class RateLimitExceeded(OpenAlgoError):
    code = "rate_limited"
    status = 429
    default = "Rate limit exceeded. Please slow down your requests."

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()

    def extra(self) -> Mapping[str, object]:
        return {"retry_after": self.retry_after}


class Unsupported(OpenAlgoError):
    code = "unsupported"
    status = 501


class NoOrdersSubmitted(OpenAlgoError):
    """Not one order of several came to stand."""

    code = "no_orders_submitted"
    status = 502
    default = "No child orders were submitted successfully"


class EngineBusy(OpenAlgoError):
    code = "engine_busy"
    status = 503
    default = "The paper exchange has too many orders waiting. Nothing was placed; try again."


class OrderModeUnknown(OpenAlgoError):
    code = "order_mode_unknown"
    status = 503
    default = "The order mode of the account could not be read, so nothing was sent. Try again."


class StorageUnavailable(OpenAlgoError):
    code = "storage_unavailable"
    status = 503
    default = "The order could not be stored, so nothing was placed. Check the disk and try again."


class OutcomeUnknown(OpenAlgoError):
    """It may have happened. Never re-sent by us, and the client must look before it re-sends."""

    code = "order_outcome_unknown"
    status = 504
    default = (
        "The outcome of this order is unknown. Look at the order book before sending it again."
    )


class ExitsUnknown(PositionsNotClosed):
    """No exit is known to be placed, and one may be."""

    code = OutcomeUnknown.code
    status = OutcomeUnknown.status


class BrokerError(OpenAlgoError):
    """A broker said no, or nothing that can be used.

    `broker_status` is the HTTP status it answered with and `broker_message` its own words: both
    are told to the client beside our status, which is never the broker's.
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        broker_status: int | None = None,
        broker_message: str | None = None,
    ) -> None:
        self.broker_status = broker_status
        self.broker_message = broker_message
        super().__init__(message)

    def extra(self) -> Mapping[str, object]:
        return _known(broker_status=self.broker_status, broker_message=self.broker_message)


class NotSent(BrokerError):
    """Mixed into errors after which the broker certainly has nothing of the request: asking again
    cannot make a second order."""


class BrokerRejected(BrokerError):
    """The broker says the request is wrong."""

    code = "broker_rejected"
    status = 400


class BrokerAuthExpired(BrokerError, BrokerSessionExpired):
    """The broker no longer takes the token of this session: its user has to log in again."""


class BrokerRateLimited(NotSent):
    """More calls than the broker allows, by our count or by its own.

    `retry_after` is when to ask again, in seconds from now; `None` where nobody knows.
    """

    code = "broker_rate_limited"
    status = 503
    default = "The broker allows no more calls at the moment. Nothing was sent; try again."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        broker_status: int | None = None,
        broker_message: str | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(message, broker_status=broker_status, broker_message=broker_message)

    def extra(self) -> Mapping[str, object]:
        wait = {} if self.retry_after is None else {"retry_after": ceil(self.retry_after)}
        return {**super().extra(), **wait}


class BrokerUnavailable(BrokerError):
    """The broker cannot be reached, did not answer in time (504), or not with anything usable."""

    code = "broker_unavailable"
    status = 502

    def __init__(
        self,
        message: str | None = None,
        *,
        timed_out: bool = False,
        broker_status: int | None = None,
        broker_message: str | None = None,
    ) -> None:
        if timed_out:
            self.status = 504
        super().__init__(message, broker_status=broker_status, broker_message=broker_message)


class BrokerNotReached(BrokerUnavailable, NotSent):
    """Not one byte of the request left for the broker."""


class BrokerOutcomeUnknown(BrokerError, OutcomeUnknown):
    """An order call left, and what came of it is not known."""

    default = (
        "The order may be at the broker. Do not send it again before looking at the order book."
    )


class OrderUnresolved(BrokerOutcomeUnknown):
    """The same of an order we keep a record of. `reference` is what it goes by until it is found,
    in place of its id; `order_id` what the broker called it, where that much is known."""

    def __init__(
        self,
        message: str | None = None,
        *,
        reference: str,
        order_id: str | None = None,
        broker_status: int | None = None,
        broker_message: str | None = None,
    ) -> None:
        self.reference = reference
        self.order_id = order_id
        super().__init__(message, broker_status=broker_status, broker_message=broker_message)

    def extra(self) -> Mapping[str, object]:
        return {**super().extra(), **_known(reference=self.reference, orderid=self.order_id)}


def _known(**members: object) -> Mapping[str, object]:
    """Those that have a value."""
    return {name: value for name, value in members.items() if value is not None}
