"""What is sent again, when, and what is not even sent: on a loop whose time passes by itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx
import pytest

from openalgo.brokers.http import (
    BrokerHttp,
    CallRecord,
    CircuitState,
    Kind,
    RateLimit,
    Reply,
    Timeouts,
)
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerError,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerUnavailable,
    OpenAlgoError,
)
from tests.brokers.kit.calls import ALL, EXIT, LOGIN, ORDER, READ, account, api, scripted
from tests.brokers.kit.virtual import now, settle

pytestmark = pytest.mark.asyncio(loop_factories=["virtual"])

BASE = "https://api.broker.example"
Answer = httpx.Response | Exception


class Broker:
    """Answers from a list, the last one over and over; knows when it was asked what."""

    def __init__(self, *answers: Answer | Callable[[], Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[float, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((now(), request.url.path))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def times(self) -> list[float]:
        return [at - self.asked[0][0] for at, _ in self.asked]


@dataclass(frozen=True)
class Status:
    """A reply made anew each time."""

    code: int
    body: bytes
    headers: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.code} {self.body.decode()}"

    def __call__(self) -> httpx.Response:
        return httpx.Response(self.code, content=self.body, headers=self.headers)


def status(code: int, body: bytes = b"{}", **headers: str) -> Status:
    return Status(code, body, tuple(headers.items()))


OK = status(200, b'{"status":"success"}')
TRANSIENT = [
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ConnectTimeout(""),
    httpx.ReadTimeout(""),
    httpx.ReadError(""),
    httpx.WriteError(""),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    status(500, b"oops"),
    status(502, b"<html>"),
    status(503),
    status(200, b"<html>"),
    status(200, b'{"cut":'),
]


@pytest.mark.parametrize("trouble", TRANSIENT, ids=str)
async def test_a_read_is_sent_again_after_a_growing_pause(
    trouble: Answer | Callable[[], Answer],
) -> None:
    broker = Broker(trouble, trouble, OK)
    async with account(api(BASE), scripted(broker)) as http:
        reply = await http.call(READ)
    assert reply.data == {"status": "success"}
    assert broker.times == [0, 0.25, 0.75]


@pytest.mark.parametrize("trouble", TRANSIENT, ids=str)
async def test_a_read_is_sent_three_times_at_most(
    trouble: Answer | Callable[[], Answer],
) -> None:
    broker = Broker(trouble)
    async with account(api(BASE), scripted(broker)) as http:
        with pytest.raises(BrokerUnavailable):
            await http.call(READ)
    assert len(broker.asked) == 3


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.EXIT, Kind.LOGIN])
@pytest.mark.parametrize("trouble", [*TRANSIENT, status(429)], ids=str)
async def test_nothing_but_a_read_is_ever_sent_twice(
    trouble: Answer | Callable[[], Answer], kind: Kind
) -> None:
    broker = Broker(trouble)
    async with account(api(BASE), scripted(broker)) as http:
        with pytest.raises(BrokerError):
            await http.call(ALL[kind])
    assert len(broker.asked) == 1


@pytest.mark.parametrize("refusal", [status(400), status(401), status(404)], ids=str)
async def test_a_refused_read_is_not_sent_again(refusal: Callable[[], Answer]) -> None:
    broker = Broker(refusal)
    async with account(api(BASE), scripted(broker)) as http:
        with pytest.raises(BrokerError):
            await http.call(READ)
    assert len(broker.asked) == 1


async def test_pauses_are_jittered_downwards_by_up_to_half() -> None:
    broker = Broker(status(503), status(503), OK)
    async with account(api(BASE), scripted(broker)) as http:
        http._jitter = lambda: 1.0
        await http.call(READ)
    assert broker.times == [0, 0.125, 0.375]


async def test_no_repeat_goes_beyond_the_deadline() -> None:
    broker = Broker(status(503))
    quick = api(BASE, timeouts=Timeouts(total=0.5))
    async with account(quick, scripted(broker)) as http:
        with pytest.raises(BrokerUnavailable):
            await http.call(READ)
    assert broker.times == [0, 0.25]


# --- the broker asks for a break


async def test_a_read_waits_as_long_as_the_broker_asks_and_holds_other_reads() -> None:
    broker = Broker(status(429, b"", **{"Retry-After": "3"}), OK)
    async with account(api(BASE), scripted(broker)) as http:
        first = asyncio.create_task(http.call(READ))
        await settle()
        await asyncio.gather(first, http.call(READ))
    assert broker.times == [0, 3, 3]


async def test_breaks_of_unknown_length_start_small_again_after_an_answer() -> None:
    broker = Broker(status(429), status(429), OK, status(429), OK)
    async with account(api(BASE), scripted(broker)) as http:
        await http.call(READ)
        await http.call(READ)
    assert broker.times == [0, 1, 3, 3, 4]


async def test_a_break_longer_than_anybody_waits_fails_at_once() -> None:
    broker = Broker(status(429, b"", **{"Retry-After": "60"}), OK)
    async with account(api(BASE), scripted(broker)) as http:
        start = now()
        with pytest.raises(BrokerRateLimited) as caught:
            await http.call(READ)
        with pytest.raises(BrokerRateLimited, match="the next read_book in 60"):
            await http.call(READ)
        assert now() == start
        # The broker was not asked too often by orders, so they still go.
        await http.call(ORDER)
    assert caught.value.retry_after == 60
    assert [path for _, path in broker.asked] == ["/orders", "/orders/regular"]


async def test_an_order_too_many_does_not_hold_exits() -> None:
    broker = Broker(status(429, b"", **{"Retry-After": "60"}), OK)
    async with account(api(BASE), scripted(broker)) as http:
        with pytest.raises(BrokerRateLimited):
            await http.call(ORDER)
        await http.call(EXIT)
        with pytest.raises(BrokerRateLimited):
            await http.call(ORDER)
        with pytest.raises(BrokerRateLimited):
            await http.call(READ)
    assert len(broker.asked) == 2


async def test_a_break_told_in_the_body_counts_too() -> None:
    """Some brokers say it with status 200 or 403, in words."""

    def faults(reply: Reply) -> OpenAlgoError | None:
        if "exceeds limit" in reply.text.lower():
            return BrokerRateLimited(
                "Too many orders", broker_status=reply.status, broker_message=reply.text
            )
        return None

    broker = Broker(status(200, b'{"stat":"Not_Ok","emsg":"121 exceeds Limit 120"}'), OK)
    async with account(api(BASE, faults=faults), scripted(broker)) as http:
        await http.call(READ)
    assert broker.times == [0, 1]


async def test_an_order_waits_its_turn_or_fails_as_not_sent() -> None:
    described = api(BASE, limits=(RateLimit("all", ((1, 8.0),)),))
    broker = Broker(OK)
    async with account(described, scripted(broker)) as http:
        results = await asyncio.gather(
            *(http.call(ORDER) for _ in range(3)), return_exceptions=True
        )
    assert broker.times == [0, 8]
    [failed] = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(failed, BrokerRateLimited)
    assert failed.broker_status is None


async def test_a_call_too_heavy_for_any_window_is_refused_for_good() -> None:
    described = api(BASE, limits=(RateLimit("all", ((2, 1.0),)),))
    heavy = replace(ORDER, weight=3)
    async with account(described, scripted(Broker(OK))) as http:
        with pytest.raises(BrokerRateLimited, match="allows no place_order") as caught:
            await http.call(heavy)
    assert caught.value.extra() == {}


# --- the broker does not answer


async def test_after_five_failures_in_a_row_calls_fail_without_being_sent() -> None:
    broker = Broker(httpx.ConnectError("no route"))
    async with account(api(BASE), scripted(broker)) as http:
        for _ in range(5):
            with pytest.raises(BrokerNotReached):
                await http.call(ORDER)
        assert http.circuits == {"api.broker.example": CircuitState.OPEN}
        for request in (ORDER, READ):
            with pytest.raises(BrokerNotReached, match="not answered several times in a row"):
                await http.call(request)
        assert len(broker.asked) == 5


async def test_exits_and_logins_still_try_and_an_answer_closes_the_circuit() -> None:
    broker = Broker(*[httpx.ConnectError("no route")] * 5, OK)
    async with account(api(BASE), scripted(broker)) as http:
        for _ in range(5):
            with pytest.raises(BrokerNotReached):
                await http.call(LOGIN)
        await http.call(EXIT)
        assert http.circuits == {"api.broker.example": CircuitState.CLOSED}
        await http.call(ORDER)


class Slow:
    """Answers when told to; an exception there is an answer that does not come."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[httpx.Response]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]

    def answer(self) -> None:
        self.asked[-1].set_result(OK())

    def fail(self) -> None:
        self.asked[-1].set_exception(httpx.ReadError(""))


async def silent(http: BrokerHttp, broker: Slow) -> None:
    """Five orders get no answer."""
    for _ in range(5):
        call = asyncio.create_task(http.call(ORDER))
        await settle()
        broker.fail()
        with pytest.raises(BrokerOutcomeUnknown):
            await call


async def test_after_the_pause_one_call_tries_for_all() -> None:
    broker = Slow()
    async with account(api(BASE), scripted(broker)) as http:
        await silent(http, broker)
        await asyncio.sleep(5)
        assert http.circuits == {"api.broker.example": CircuitState.HALF_OPEN}
        trying = asyncio.create_task(http.call(ORDER))
        await settle()
        with pytest.raises(BrokerNotReached):
            await http.call(ORDER)
        broker.answer()
        await trying
        assert http.circuits == {"api.broker.example": CircuitState.CLOSED}
    assert len(broker.asked) == 6


async def test_a_try_that_is_given_up_leaves_its_place_to_the_next() -> None:
    broker = Slow()
    async with account(api(BASE), scripted(broker)) as http:
        await silent(http, broker)
        await asyncio.sleep(5)
        given_up = asyncio.create_task(http.call(ORDER))
        await settle()
        given_up.cancel()
        await settle()
        trying = asyncio.create_task(http.call(ORDER))
        await settle()
        broker.answer()
        await trying


async def test_calls_waiting_for_a_limit_are_not_sent_once_the_broker_is_silent() -> None:
    broker = Slow()
    described = api(BASE, limits=(RateLimit("all", ((5, 3.0),)),))
    async with account(described, scripted(broker)) as http:
        orders = [asyncio.create_task(http.call(ORDER)) for _ in range(6)]
        await settle()
        for asked in broker.asked:
            asked.set_exception(httpx.ReadError(""))
        results = await asyncio.gather(*orders, return_exceptions=True)
    assert [type(result) for result in results] == [BrokerOutcomeUnknown] * 5 + [BrokerNotReached]
    assert len(broker.asked) == 5


async def test_an_answer_of_any_kind_is_an_answer() -> None:
    broker = Broker(status(502, b"<html>"))
    async with account(api(BASE), scripted(broker)) as http:
        for _ in range(8):
            with pytest.raises(BrokerOutcomeUnknown):
                await http.call(ORDER)
        assert http.circuits == {"api.broker.example": CircuitState.CLOSED}
    assert len(broker.asked) == 8


async def test_a_shortage_of_our_own_is_not_the_brokers_silence() -> None:
    broker = Broker(httpx.PoolTimeout(""))
    async with account(api(BASE), scripted(broker)) as http:
        for _ in range(8):
            with pytest.raises(BrokerNotReached, match="waiting for a connection"):
                await http.call(ORDER)
        assert http.circuits == {"api.broker.example": CircuitState.CLOSED}
    assert len(broker.asked) == 8


async def test_hosts_of_one_broker_fail_apart() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "hft.broker.example":
            raise httpx.ConnectError("no route")
        return httpx.Response(200, content=b"{}")

    fast = ORDER.__class__(
        name="place_order", method="POST", url="https://hft.broker.example/x", kind=Kind.ORDER
    )
    async with account(api(BASE), scripted(answer)) as http:
        for _ in range(6):
            with pytest.raises(BrokerNotReached):
                await http.call(fast)
        await http.call(ORDER)
        assert http.circuits == {
            "api.broker.example": CircuitState.CLOSED,
            "hft.broker.example": CircuitState.OPEN,
        }


# --- records


async def test_every_sending_is_recorded() -> None:
    records: list[CallRecord] = []
    broker = Broker(httpx.ReadError(""), status(503, b"down"), OK)
    described = api(BASE, limits=(RateLimit("all", ((2, 5.0),)),))
    async with account(described, scripted(broker), records=records) as http:
        await http.call(READ)
    told = [(r.name, r.attempt, r.status, r.bytes, r.problem) for r in records]
    assert told == [
        ("read_book", 1, 0, 0, "reset"),
        ("read_book", 2, 503, 4, None),
        ("read_book", 3, 200, 20, None),
    ]
    assert [(r.broker, r.account, r.kind) for r in records] == [("Zerodha", "AB1234", "read")] * 3
    assert [round(r.queued_ms) for r in records] == [0, 0, 4250]


async def test_an_expired_session_is_told_as_such() -> None:
    async with account(api(BASE), scripted(Broker(status(401)))) as http:
        with pytest.raises(BrokerAuthExpired) as caught:
            await http.call(READ)
    assert (caught.value.status, caught.value.code) == (403, "broker_session")
    assert caught.value.message == "Broker session expired. Please log in to your broker."
