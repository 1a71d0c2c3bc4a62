"""What replies mean, as a pure function."""

from collections.abc import Mapping

import httpx
import msgspec
import pytest

from openalgo.brokers.calls import ApiRequest, Kind, Reply
from openalgo.brokers.faults import no_faults, retry_after, verdict
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
    InsufficientFunds,
    NotSent,
    OpenAlgoError,
)


def reply(
    status: int = 200,
    body: bytes = b"{}",
    kind: Kind = Kind.READ,
    *,
    json_reply: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    request = ApiRequest(name="call", method="POST", url="/x", kind=kind, json_reply=json_reply)
    return Reply(request, status, body, httpx.Headers(headers or {}), broker="Zerodha")


class Envelope(msgspec.Struct):
    stat: str
    emsg: str = ""


def noren(answer: Reply) -> OpenAlgoError | None:
    """A family that says everything with status 200, and lists without an envelope."""
    if answer.body.lstrip().startswith(b"["):
        return None
    envelope = answer.decode(Envelope)
    if envelope.stat == "Ok":
        return None
    if "session expired" in envelope.emsg.lower():
        return BrokerAuthExpired(broker_status=answer.status, broker_message=envelope.emsg)
    if "exceeds limit" in envelope.emsg.lower():
        return BrokerRateLimited(broker_message=envelope.emsg)
    if "margin" in envelope.emsg.lower():
        return InsufficientFunds(envelope.emsg)
    return BrokerRejected(envelope.emsg, broker_status=answer.status, broker_message=envelope.emsg)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("emsg", "error"),
    [
        ("Session Expired :  Invalid Session Key", BrokerAuthExpired),
        ("Order Recieved 121 exceeds Limit 120 for user", BrokerRateLimited),
        ("RED:Margin Shortfall", InsufficientFunds),
        ("Invalid tsym", BrokerRejected),
    ],
)
def test_the_brokers_own_word_counts_whatever_the_status(
    kind: Kind, emsg: str, error: type[OpenAlgoError]
) -> None:
    for status in (200, 400, 500):
        body = msgspec.json.encode({"stat": "Not_Ok", "emsg": emsg})
        assert type(verdict(reply(status, body, kind), noren)) is error


@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_is_an_answer(kind: Kind) -> None:
    assert verdict(reply(200, b'{"stat":"Ok"}', kind), noren) is None
    assert verdict(reply(200, b"[]", kind), noren) is None
    assert verdict(reply(204, b"", kind), no_faults) is None
    assert verdict(reply(200, b"a,b\n1,2", kind, json_reply=False), no_faults) is None


def test_a_body_the_adapter_cannot_read_is_judged_by_its_status() -> None:
    cases: list[tuple[int, bytes, type[OpenAlgoError], type[OpenAlgoError]]] = [
        (200, b"<html>", BrokerUnavailable, BrokerOutcomeUnknown),
        (200, b'{"other":1}', BrokerUnavailable, BrokerOutcomeUnknown),
        (200, b'{"stat":7}', BrokerUnavailable, BrokerOutcomeUnknown),
        (200, b'"Ok"', BrokerUnavailable, BrokerOutcomeUnknown),
        (502, b"<html>", BrokerUnavailable, BrokerOutcomeUnknown),
        (401, b"<html>", BrokerAuthExpired, BrokerAuthExpired),
        (403, b"<html>", BrokerUnavailable, BrokerUnavailable),
        (429, b"<html>", BrokerRateLimited, BrokerRateLimited),
        (400, b'{"other":1}', BrokerRejected, BrokerRejected),
    ]
    for status, body, of_read, of_order in cases:
        for kind, error in ((Kind.READ, of_read), (Kind.ORDER, of_order), (Kind.EXIT, of_order)):
            assert type(verdict(reply(status, body, kind), noren)) is error, (status, body, kind)


def test_a_broker_that_does_not_know_itself_leaves_an_order_unknown() -> None:
    def faults(answer: Reply) -> OpenAlgoError:
        return BrokerUnavailable("OMS is not reachable", broker_message="OMS is not reachable")

    error = verdict(reply(503, b"{}", Kind.ORDER), faults)
    assert isinstance(error, BrokerOutcomeUnknown)
    assert error.message.startswith("OMS is not reachable. The order may be at the broker.")
    assert error.extra() == {"broker_status": 503, "broker_message": "OMS is not reachable"}
    # Where it says so with a refusal, nothing was done.
    assert isinstance(verdict(reply(423, b"{}", Kind.ORDER), faults), BrokerUnavailable)
    assert isinstance(verdict(reply(503, b"{}", Kind.READ), faults), BrokerUnavailable)


def test_a_faulty_fault_function_is_no_answer() -> None:
    def faults(answer: Reply) -> OpenAlgoError | None:
        raise RuntimeError("a mistake of ours")

    assert isinstance(verdict(reply(200, b"{}", Kind.ORDER), faults), BrokerOutcomeUnknown)
    assert isinstance(verdict(reply(200, b"{}", Kind.READ), faults), BrokerUnavailable)


def test_a_break_is_taken_from_the_header_unless_the_body_said_it() -> None:
    def faults(answer: Reply) -> OpenAlgoError:
        return BrokerRateLimited(retry_after=2.5)

    error = verdict(reply(429, headers={"Retry-After": "9"}), no_faults)
    assert isinstance(error, BrokerRateLimited)
    assert isinstance(error, NotSent)
    assert error.retry_after == 9
    error = verdict(reply(429, headers={"Retry-After": "9"}), faults)
    assert isinstance(error, BrokerRateLimited)
    assert (error.retry_after, error.extra()["retry_after"]) == (2.5, 3)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "-3"}, 0),
        (
            {
                "Retry-After": "Fri, 21 Aug 2026 04:00:30 GMT",
                "Date": "Fri, 21 Aug 2026 04:00:00 GMT",
            },
            30,
        ),
        ({"Retry-After": "Fri, 21 Aug 2026 04:00:30 GMT"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(reply(429, headers=headers)) == seconds


# --- reading replies


def test_a_reply_is_read_into_the_type_asked_for() -> None:
    assert reply(200, b'{"stat":"Ok","more":[1,2]}').decode(Envelope) == Envelope("Ok")


@pytest.mark.parametrize("body", [b'{"stat":1}', b"<html>", b"", b'{"stat":"\xff"}'])
def test_a_reply_of_another_shape_cannot_be_used(body: bytes) -> None:
    with pytest.raises(BrokerUnavailable, match="Zerodha answered call with something unexpected"):
        reply(200, body).decode(Envelope)
    with pytest.raises(BrokerOutcomeUnknown):
        reply(200, body, Kind.ORDER).decode(Envelope)


def test_text_that_is_not_utf8_is_no_json_value() -> None:
    with pytest.raises(BrokerUnavailable, match="it is not JSON"):
        _ = reply(200, b'{"a":"\xff"}').data
    assert reply(200, b'{"a":"\xff"}').text == '{"a":"\ufffd"}'


def test_what_is_not_json_has_no_data() -> None:
    assert reply(403, b"Access denied because of exceeding access rate").data is None


def test_nothing_of_a_body_is_in_the_repr() -> None:
    answer = reply(200, b'{"access_token":"s3cr3t"}')
    assert repr(answer) == "<Reply 200 to call, 25 bytes>"
