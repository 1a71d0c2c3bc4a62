"""What a reply means: an answer, or which error."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite

from openalgo.brokers.calls import Reply
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
    OpenAlgoError,
)

Faults = Callable[[Reply], OpenAlgoError | None]
"""A broker's own reading of a reply: the error its body tells of, `None` where it tells of none.
Pure. It sees every reply, those with status 200 too."""


def no_faults(_: Reply) -> None:
    """For brokers that say everything by the HTTP status."""


def verdict(reply: Reply, faults: Faults) -> OpenAlgoError | None:
    """The error `reply` amounts to, `None` when it is the answer.

    The broker's own word counts first, then the status. For an order call, any error but
    `BrokerOutcomeUnknown` says that nothing came of it; so where the broker itself does not know
    (`BrokerUnavailable`), or something between us and it failed, the outcome is unknown.
    """
    understood = True
    error: OpenAlgoError | None = None
    try:
        error = faults(reply)
    except Exception:
        # The body is not of a shape the adapter knows; whatever it says, the status still counts.
        understood = False
    error = error or _by_status(reply)
    if error is None and not understood:
        error = reply.unusable("it cannot be understood")
    if isinstance(error, BrokerRateLimited) and error.retry_after is None:
        error.retry_after = retry_after(reply)
    if isinstance(error, BrokerUnavailable) and reply.request.kind.orders and not _refused(reply):
        return BrokerOutcomeUnknown(
            f"{error.message}. {BrokerOutcomeUnknown.default}",
            broker_status=reply.status,
            broker_message=error.broker_message,
        )
    return error


def retry_after(reply: Reply) -> float | None:
    """The seconds its `Retry-After` asks to wait, `None` without one that can be read."""
    asked = reply.headers.get("retry-after", "").strip()
    try:
        seconds = float(asked)
    except ValueError:
        try:
            since = parsedate_to_datetime(reply.headers.get("date", ""))
            seconds = (parsedate_to_datetime(asked) - since).total_seconds()
        except (TypeError, ValueError):
            return None
    return max(0.0, seconds) if isfinite(seconds) else None


def _by_status(reply: Reply) -> OpenAlgoError | None:
    if reply.ok:
        if reply.is_json or reply.is_empty or not reply.request.json_reply:
            return None
        return reply.unusable("it is not JSON")
    name, status = reply.request.name, reply.status
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return BrokerAuthExpired(broker_status=status)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return BrokerRateLimited(
                f"{reply.broker} takes no more calls at the moment ({name})", broker_status=status
            )
    if _refused(reply) and reply.is_json:
        return BrokerRejected(
            f"{reply.broker} refused {name} with HTTP {status}", broker_status=status
        )
    return BrokerUnavailable(
        f"{reply.broker} answered {name} with HTTP {status}", broker_status=status
    )


def _refused(reply: Reply) -> bool:
    """Whether the status says that nothing was done, whoever on the way to the broker says it.

    408 does not: some gateways send it when the broker was too slow for them.
    """
    return 400 <= reply.status < 500 and reply.status != HTTPStatus.REQUEST_TIMEOUT
