"""What clients are told when a broker says no, or nothing."""

import pytest

from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerError,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerSessionExpired,
    BrokerUnavailable,
    NotSent,
    OutcomeUnknown,
)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BrokerRejected("No"), 400, "broker_rejected"),
        (BrokerAuthExpired(), 403, "broker_session"),
        (BrokerRateLimited(), 503, "broker_rate_limited"),
        (BrokerUnavailable("No"), 502, "broker_unavailable"),
        (BrokerUnavailable("No", timed_out=True), 504, "broker_unavailable"),
        (BrokerNotReached("No"), 502, "broker_unavailable"),
        (BrokerNotReached("No", timed_out=True), 504, "broker_unavailable"),
        (BrokerOutcomeUnknown(), 504, "order_outcome_unknown"),
    ],
)
def test_the_status_is_ours_and_never_the_brokers(
    error: BrokerError, status: int, code: str
) -> None:
    error.broker_status, error.broker_message = 429, "slow down"
    assert (error.status, error.code) == (status, code)
    assert error.extra() == {"broker_status": 429, "broker_message": "slow down"}
    assert error.message


def test_a_broker_that_never_answered_is_not_quoted() -> None:
    assert BrokerUnavailable("No").extra() == {}
    assert BrokerRateLimited(retry_after=2.1).extra() == {"retry_after": 3}


def test_who_handles_the_general_error_handles_the_brokers() -> None:
    assert isinstance(BrokerAuthExpired(), BrokerSessionExpired)
    assert isinstance(BrokerOutcomeUnknown(), OutcomeUnknown)
    assert "Do not send it again" in BrokerOutcomeUnknown().message


def test_only_what_never_reached_the_broker_may_be_sent_again() -> None:
    kinds = (BrokerRejected, BrokerAuthExpired, BrokerUnavailable, BrokerOutcomeUnknown)
    assert not any(issubclass(kind, NotSent) for kind in kinds)
    assert issubclass(BrokerNotReached, NotSent)
    assert issubclass(BrokerRateLimited, NotSent)
