"""What Kite's errors mean, and how often it may be called."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from openalgo.brokers.adapter import Connection
from openalgo.brokers.limits import Lane, Limiter, LimitReached
from openalgo.brokers.order_limits import Span, with_order_limits
from openalgo.brokers.zerodha import BROKER, market_data, orders
from openalgo.brokers.zerodha.api import API, HISTORY, OTHER, PLACING, QUOTE
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerError,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
)
from tests.brokers.kit.virtual import VirtualLoop, now
from tests.brokers.zerodha.kite import INFY, Kite, refused
from tests.brokers.zerodha.test_orders import ROW, order

Call = Callable[[Connection], Awaitable[object]]


async def _order(connection: Connection) -> object:
    return await orders.place(connection, order(), INFY, "t")


async def _exit(connection: Connection) -> None:
    await orders.cancel(connection, ROW)


async def _fault(call: Call, status: int, body: object) -> BrokerError:
    kite = Kite(body, status)
    async with kite.connected() as connection:
        with pytest.raises(BrokerError) as raised:
            await call(connection)
    assert len(kite.asked) == 1
    return raised.value


CERTAIN = [
    ("TokenException", 403, BrokerAuthExpired),
    ("PermissionException", 403, BrokerRejected),
    ("UserException", 400, BrokerRejected),
    ("UserException", 500, BrokerRejected),
    ("InputException", 400, BrokerRejected),
    ("OrderException", 400, BrokerRejected),
    ("OrderException", 500, BrokerRejected),
    ("MarginException", 400, BrokerRejected),
    ("HoldingException", 400, BrokerRejected),
    ("GeneralException", 400, BrokerRejected),
    ("GeneralException", 405, BrokerRejected),
    ("SomethingNew", 400, BrokerRejected),
    ("NetworkException", 429, BrokerRateLimited),
    ("GeneralException", 429, BrokerRateLimited),
]
UNCERTAIN = [
    ("NetworkException", 503),
    ("DataException", 502),
    ("GeneralException", 500),
    ("GeneralException", 504),
    ("SomethingNew", 500),
    ("GeneralException", 200),
]


@pytest.mark.parametrize("call", [_order, _exit])
@pytest.mark.parametrize(("kind", "status", "error"), CERTAIN)
async def test_what_kite_decided_is_certain(
    call: Call, kind: str, status: int, error: type[BrokerError]
) -> None:
    raised = await _fault(call, status, refused(kind, "Insufficient funds."))
    assert type(raised) is error
    assert (raised.message, raised.broker_message) == ("Insufficient funds.",) * 2
    assert raised.broker_status == status


@pytest.mark.parametrize("call", [_order, _exit])
@pytest.mark.parametrize(("kind", "status"), UNCERTAIN)
async def test_what_kite_does_not_know_of_an_order_is_unknown(
    call: Call, kind: str, status: int
) -> None:
    raised = await _fault(call, status, refused(kind, "Try again."))
    assert type(raised) is BrokerOutcomeUnknown
    assert raised.broker_message == "Try again."


@pytest.mark.parametrize("call", [_order, _exit])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b'{"status":"success","data":{"order'),
        (502, b"<html>Bad gateway</html>"),
        (500, b""),
    ],
)
async def test_an_answer_to_a_place_that_cannot_be_read_is_unknown(
    call: Call, status: int, body: bytes
) -> None:
    assert type(await _fault(call, status, body)) is BrokerOutcomeUnknown


async def test_a_page_instead_of_a_refusal() -> None:
    assert type(await _fault(_order, 403, b"<html>")) is BrokerUnavailable


@pytest.mark.parametrize(("kind", "status"), UNCERTAIN)
def test_of_a_read_it_is_a_broker_that_cannot_be_had(kind: str, status: int) -> None:
    kite = Kite(refused(kind), status)

    async def read() -> None:
        async with kite.connected() as connection:
            with pytest.raises(BrokerUnavailable):
                await market_data.quotes(connection, [INFY])

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(read())
    assert len(kite.asked) == 3


async def test_a_session_that_is_over() -> None:
    body = refused("TokenException", "Incorrect `api_key` or `access_token`.")
    async with Kite(body, 403).connected() as connection:
        with pytest.raises(BrokerAuthExpired):
            await orders.orders(connection)


async def test_secrets_in_the_words_of_the_broker_are_not_shown() -> None:
    raised = await _fault(_order, 400, refused("InputException", "Bad token kitetoken56"))
    assert "kitetoken56" not in raised.message
    assert raised.broker_message is not None
    assert "kitetoken56" not in raised.broker_message


async def _allowed(limiter: Limiter, scopes: tuple[str, ...], seconds: float) -> int:
    """How many calls go out within so many seconds."""
    until = now() + seconds
    count = 0
    while now() < until:
        try:
            await limiter.acquire(scopes, Lane.ORDER, within=until - now())
        except LimitReached:
            break
        count += 1
    return count


@pytest.mark.parametrize(
    ("scopes", "seconds", "calls"),
    [(QUOTE, 1.0, 1), (HISTORY, 1.0, 3), (OTHER, 1.0, 10), (PLACING, 1.0, 9), (PLACING, 60.0, 180)],
)
def test_no_more_calls_than_kite_allows(
    scopes: tuple[str, ...], seconds: float, calls: int
) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(_allowed(Limiter(API.limits), scopes, seconds)) == calls


def test_a_day_has_its_end_but_exits_go_out() -> None:
    async def day() -> tuple[int, float]:
        allowed = {Span.MINUTE: 400, Span.DAY: 1000}
        limiter = Limiter(with_order_limits(API.limits, allowed))
        placed = await _allowed(limiter, PLACING, 3600.0)
        return placed, await limiter.acquire(PLACING, Lane.EXIT, within=1.1)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        placed, waited = runner.run(day())
    assert placed == 980
    assert waited <= 1.1


def test_what_calls_count_against_is_declared() -> None:
    declared = {limit.scope for limit in BROKER.api.limits}
    assert declared >= {*QUOTE, *HISTORY, *PLACING, *OTHER}
    assert BROKER.info.quote_scopes == QUOTE
