"""What every adapter has to survive, whatever its broker is: no data but one good case of each
call is needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import httpx

from openalgo.brokers.calls import Kind
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
    NotSent,
    OpenAlgoError,
)
from tests.brokers.conformance.checks import Check, Group
from tests.brokers.conformance.desk import Desk, Wire
from tests.brokers.conformance.fixtures import Case
from tests.brokers.conformance.protocol import CALLS, calls_of
from tests.brokers.conformance.values import Json

Errors = tuple[type[OpenAlgoError], ...]

_LOST: Errors = (BrokerOutcomeUnknown,)
_USELESS: Errors = (BrokerUnavailable,)
_HTML = "<html><body>Internal error at node 7</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong instead of an answer, and the errors right for it: of order calls and of
    others."""

    name: str
    answer: Callable[[httpx.Request], httpx.Response]
    orders: Errors
    others: Errors


def _says(status: int, text: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, text=text)


def _fails(error: Callable[[str], Exception]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error("as the transport says")

    return answer


FAULTS = (
    Fault("401", _says(401, "{}"), (BrokerAuthExpired,), (BrokerAuthExpired,)),
    Fault("429", _says(429, "slow down"), (BrokerRateLimited,), (BrokerRateLimited,)),
    Fault("500 with a page", _says(500, _HTML), _LOST, _USELESS),
    Fault("502", _says(502, ""), _LOST, _USELESS),
    Fault("504 in JSON", _says(504, '{"odd": 1}'), _LOST, _USELESS),
    Fault("no connection", _fails(httpx.ConnectError), (BrokerNotReached,), (BrokerNotReached,)),
    Fault(
        "no connection in time",
        _fails(httpx.ConnectTimeout),
        (BrokerNotReached,),
        (BrokerNotReached,),
    ),
    Fault("no answer in time", _fails(httpx.ReadTimeout), _LOST, _USELESS),
    Fault("connection reset", _fails(httpx.ReadError), _LOST, _USELESS),
    Fault("hung up", _fails(httpx.RemoteProtocolError), _LOST, _USELESS),
    Fault("half of the JSON", _says(200, '{"status":"success","data":[{"ord'), _LOST, _USELESS),
    Fault("nothing", _says(200, ""), _LOST, _USELESS),
    Fault("a page", _says(200, _HTML), _LOST, _USELESS),
    Fault("JSON: a number", _says(200, "17"), _LOST, _USELESS),
    Fault("JSON: a text", _says(200, '"fine"'), _LOST, _USELESS),
    Fault("JSON: an odd object", _says(200, '{"odd": true}'), _LOST, _USELESS),
    Fault("JSON: an odd list", _says(200, "[17]"), _LOST, _USELESS),
)

_REFUSALS: tuple[tuple[str, str, type[OpenAlgoError]], ...] = (
    ("session_over", "the session is over", BrokerAuthExpired),
    ("too_fast", "too fast", BrokerRateLimited),
    ("refused", "refused", BrokerRejected),
)


def samples(desk: Desk) -> Iterator[Case]:
    """One good case of each call the broker has, best one with its replies."""
    cases = [
        case
        for case in (*desk.folder.cases("responses.json"), *desk.folder.cases("requests.json"))
        if "error" not in case.members
    ]
    for call in calls_of(desk.broker):
        of_call = sorted(
            (case for case in cases if case.call == call),
            key=lambda case: (not case.replies, case.real),
        )
        yield from of_call[:1]


def checks(desk: Desk) -> Iterator[Check]:
    own = [
        Fault(f"{name} ({at + 1})", partial(_replies, desk, reply), errors, errors)
        for refusal, name, error in _REFUSALS
        for at, reply in enumerate(desk.folder.account["refusals"][refusal])
        for errors in [(error,)]
    ]
    for case in samples(desk):
        for fault in (*FAULTS, *own):
            for at in range(max(1, len(case.replies))):
                where = f", request {at + 1}" if at else ""
                yield Check(
                    desk.folder.id,
                    Group.FAULTS,
                    case.call,
                    f"{fault.name}{where}",
                    partial(_suffer, desk, case, fault, at),
                    case.real,
                )


def _replies(desk: Desk, reply: Json, _: httpx.Request) -> httpx.Response:
    return desk.folder.reply(reply)


def _suffer(desk: Desk, case: Case, fault: Fault, at: int) -> None:
    """Let the request number `at` of the call, and all after it, meet with `fault`."""
    good = [desk.folder.reply(each) for each in case.replies[:at]]

    def answer(request: httpx.Request) -> httpx.Response:
        return good.pop(0) if good else fault.answer(request)

    wire = Wire(answer)
    result: object = None
    error: OpenAlgoError | None = None
    try:
        result = desk.finish(CALLS[case.call].run(desk, wire, case.arguments))
    except OpenAlgoError as raised:
        error = raised
    kinds = [record.kind for record in wire.records[at:]]
    if error is None:
        # There is no harm in a logout that fails: the session is forgotten on our side anyway.
        assert case.call == "auth.logout", f"It returned {result!r}"
        return
    desk.check_discretion(error)
    assert kinds, "Nothing was sent"
    right = fault.orders if kinds[0].orders else fault.others
    if case.call == "auth.login" and right == (BrokerAuthExpired,):
        right = (*right, BrokerRejected)  # there is no session yet that could be over
    if case.call == "instruments.download" and wire.records[at].status == HTTPStatus.OK:
        right = (*right, *_USELESS)  # a file is not looked at for the broker's words
    assert isinstance(error, right), f"{type(error).__name__}: {error}"
    if kinds[0] is not Kind.READ:
        assert len(kinds) == 1, "It was sent again"
    assert not (isinstance(error, BrokerOutcomeUnknown) and isinstance(error, NotSent))
