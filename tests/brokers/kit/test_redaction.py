"""No secret of a call is ever shown, whatever goes wrong with it."""

import asyncio
import io
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx
import pytest
import structlog

from openalgo.brokers.http import (
    ApiRequest,
    CallRecord,
    Credentials,
    Kind,
    RateLimit,
    Reply,
    Timeouts,
)
from openalgo.brokers.secrets import Redactor
from openalgo.domain.errors import BrokerError, BrokerRejected, OpenAlgoError
from openalgo.observability.logging import LogSettings, configure
from tests.brokers.kit.calls import account, api, scripted
from tests.brokers.kit.wire import Connection, always, serve

API_KEY = "kite0api1key2"
ACCESS = "acc3ss/T0ken+with=signs"
FEED = "f33dT0ken"
CHECKSUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PIN = "4711"
TOTP = "903217"
CODE = "one-t1me-c0de"
JKEY = "n0renSessi0nKey"
SIGNATURE = "5ignatureOfThisCall"
SECRETS = (API_KEY, ACCESS, FEED, CHECKSUM, CODE, JKEY, SIGNATURE, PIN, TOTP)

SESSION = Credentials(
    headers={"Authorization": f"token {API_KEY}:{ACCESS}"},
    sign=lambda _: {"X-Sig": SIGNATURE},
    secrets=(FEED,),
)
CALLS = [
    ApiRequest(
        name="consent",
        method="POST",
        url="/generate-consent",
        kind=Kind.LOGIN,
        params={"consentId": CODE},
    ),
    ApiRequest(
        name="logout",
        method="DELETE",
        url="/session/token",
        kind=Kind.ORDER,
        params={"api_key": API_KEY, "access_token": ACCESS},
    ),
    ApiRequest(
        name="login",
        method="POST",
        url="/session/token",
        kind=Kind.LOGIN,
        form={"client": "AB1234", "request_code": CODE, "checksum": CHECKSUM},
    ),
    ApiRequest(
        name="login",
        method="POST",
        url="/login",
        kind=Kind.LOGIN,
        json={"clientcode": "AB1234", "password": PIN, "totp": TOTP},
    ),
    ApiRequest(
        name="place_order",
        method="POST",
        url="/PlaceOrder",
        kind=Kind.ORDER,
        content='jData={"uid":"FA1","sid":"' + JKEY + '"}&jKey=' + JKEY,
    ),
    ApiRequest(
        name="margin", method="POST", url="/x", headers={"X-PrivateKey": API_KEY}, json={"n": 1}
    ),
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything any logger writes, down to the smallest detail, as the product writes it."""
    out = io.StringIO()
    root = logging.getLogger()
    before = list(root.handlers), root.level
    configure(LogSettings(level="DEBUG", colors=False), stream=out)
    try:
        yield out
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()


def everything_said(error: BaseException, records: list[CallRecord]) -> str:
    said = "".join(traceback.format_exception(error)) + repr(error) + repr(records)
    if isinstance(error, OpenAlgoError):
        said += repr(error.extra())
    for cause in (error.__cause__, error.__context__):
        said += "" if cause is None else repr(cause)
    return said


def shown(text: str, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    return [secret for secret in secrets if is_in(secret, text)]


def is_in(secret: str, text: str) -> bool:
    if secret.isdigit():
        # The digits of a time may be the same: a number that is told stands alone.
        return re.search(rf"(?<![\d.]){secret}(?!\d)", text) is not None
    return secret in text or quote(secret, safe="") in text


def echo(request: httpx.Request) -> httpx.Response:
    """A broker that repeats all it got, as some error pages do."""
    said = f"{request.url} {dict(request.headers)} {request.content.decode()} {FEED}"
    return httpx.Response(400, json={"status": "error", "message": said})


def parrot(reply: Reply) -> OpenAlgoError:
    return BrokerRejected(reply.text, broker_status=reply.status, broker_message=reply.text)


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error.__class__(f"{request.url} {dict(request.headers)} {request.content.decode()}")

    return handle


TROUBLES = [
    echo,
    *(
        raising(error)
        for error in (
            *(httpx.ConnectError(""), httpx.ReadError(""), httpx.ReadTimeout("")),
            *(httpx.ProxyError(""), httpx.LocalProtocolError(""), RuntimeError("")),
        )
    ),
]


@pytest.mark.parametrize("request_", CALLS, ids=lambda r: r.name)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_failing_call_shows_no_secret(
    request_: ApiRequest, trouble: Callable[[httpx.Request], httpx.Response], log: io.StringIO
) -> None:
    records: list[CallRecord] = []
    described = api("https://api.broker.example", faults=parrot, timeouts=Timeouts(total=0.2))
    async with account(described, scripted(trouble), records=records) as http:
        http.use(SESSION)
        with pytest.raises(BrokerError) as caught:
            await http.call(request_)
        logging.getLogger("test").error("call failed", exc_info=caught.value)
    said = everything_said(caught.value, records)
    assert request_.name in said
    assert "Traceback" in log.getvalue()
    assert shown(said) == []
    assert shown(log.getvalue()) == []


async def test_a_call_over_a_real_connection_logs_no_secret(log: io.StringIO) -> None:
    """Libraries log addresses and headers on their own."""

    async def refuse(connection: Connection) -> None:
        await connection.request()
        await connection.answer(
            f'{{"access_token":"{ACCESS}"}}'.encode(), "403 Forbidden", f"Set-Cookie: sid={FEED}"
        )

    async with serve(always(refuse)) as wire, account(api(wire.url)) as http:
        http.use(SESSION)
        for request in CALLS:
            with pytest.raises(BrokerError) as caught:
                await http.call(request)
            assert shown(everything_said(caught.value, [])) == []
    assert wire.requests
    assert shown(log.getvalue()) == []


async def test_a_limit_or_a_resting_circuit_shows_no_secret() -> None:
    described = api("https://api.broker.example", limits=(RateLimit("all", ((1, 999.0),)),))
    request = ApiRequest(
        name="call", method="GET", url="/x", scopes=("all",), params={"token": ACCESS}
    )
    async with account(described, scripted(raising(httpx.ReadError("")))) as http:
        http.use(SESSION)
        with pytest.raises(BrokerError) as caught:
            await http.call(request)
    assert shown(everything_said(caught.value, [])) == []


# --- by name, by value, and no more than that


def scrubbed(text: str, **fields: object) -> str:
    request = ApiRequest(name="x", method="POST", url="/", **fields)  # type: ignore[arg-type]
    redactor = Redactor({"X-Broker-Secret"})
    redactor.learn(SESSION)
    return redactor.scrub(text, request)


def test_secrets_are_found_in_every_form() -> None:
    forms = (ACCESS, quote(ACCESS, safe=""), ACCESS.replace("/", "\\/"), f"{API_KEY}:{ACCESS}")
    for form in forms:
        assert scrubbed(f"no session for <{form}>") == "no session for <***>"


def test_secrets_that_are_not_ours_are_told_by_their_form() -> None:
    assert scrubbed('{"message":"no","enctoken":"unseen-before"}') == (
        '{"message":"no","enctoken":"***"}'
    )
    assert scrubbed("Authorization: Bearer unseen-before") == "Authorization: ***"


def test_names_of_the_broker_count() -> None:
    assert scrubbed("not abcd1234", headers={"x-broker-secret": "abcd1234"}) == "not ***"
    assert scrubbed("not abcd1234", form={"X-Broker-Secret": "abcd1234"}) == "not ***"
    assert scrubbed("not abcd1234", form={"colour": "abcd1234"}) == "not abcd1234"


def test_the_words_of_a_rejection_stay_readable() -> None:
    order = {"symboltoken": "NSE_EQ|INE848E01016", "token": "3045", "symbol": "INFY", "qty": 75}
    message = "RED: NSE_EQ|INE848E01016 (3045) INFY: 75 exceeds the limit of 3045 shares"
    assert scrubbed(message, json=order, kind=Kind.ORDER) == message


def test_a_new_login_has_new_secrets() -> None:
    redactor = Redactor()
    redactor.learn(SESSION)
    redactor.learn(Credentials(secrets=("other-secret",)))
    request = ApiRequest(name="x", method="GET", url="/")
    assert redactor.scrub(f"{FEED} or other-secret", request) == f"{FEED} or ***"


async def test_redaction_takes_no_part_in_success() -> None:
    """What an adapter reads is what the broker wrote."""

    def token(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": ACCESS})

    async with account(api("https://api.broker.example"), scripted(token)) as http:
        http.use(SESSION)
        replies = await asyncio.gather(*(http.call(CALLS[-1]) for _ in range(2)))
    assert [reply.data for reply in replies] == [{"access_token": ACCESS}] * 2
