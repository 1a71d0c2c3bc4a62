"""How often somebody may ask."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.api.application import ApiSettings
from openalgo.api.limits import AddressLimits, AddressWindows, CallLimits, RateClass
from openalgo.domain.errors import RateLimitExceeded
from tests.api.fakes import KEY, OTHER_KEY, World, order_body


class HandTimer:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limited(rule: str) -> tuple[CallLimits, HandTimer]:
    timer = HandTimer()
    return CallLimits({RateClass.ORDER: rule}, timer), timer


# --- moving windows


def test_the_window_moves_with_the_calls() -> None:
    limits, timer = limited("2 per second")
    taken = []
    for at in (0.0, 0.6, 0.9, 1.1, 1.2, 1.61):
        timer.now = 1000 + at
        taken.append(limits.take(1, "placeorder", RateClass.ORDER)[1])
    assert taken == [True, True, False, True, False, True]


def test_refused_calls_do_not_count() -> None:
    limits, timer = limited("1 per second")
    limits.take(1, "placeorder", RateClass.ORDER)
    for _ in range(50):
        assert not limits.take(1, "placeorder", RateClass.ORDER)[1]
    timer.now += 1.001
    assert limits.take(1, "placeorder", RateClass.ORDER)[1]


def test_the_tightest_of_several_windows_decides_and_is_reported() -> None:
    limits, timer = limited("2 per second;3 per minute")
    standings = []
    for at in (0.0, 0.1, 0.2, 2.0, 4.0):
        timer.now = 1000 + at
        standing, allowed = limits.take(1, "placeorder", RateClass.ORDER)
        standings.append((standing.limit, standing.remaining, allowed))
    assert standings == [
        (2, 1, True),
        (2, 0, True),
        (2, 0, False),
        (3, 0, True),
        (3, 0, False),
    ]
    assert limits.take(1, "placeorder", RateClass.ORDER)[0].reset_after == pytest.approx(56.0)


def test_keys_and_endpoints_are_counted_apart() -> None:
    limits, _ = limited("1 per second")
    calls = [(1, "placeorder"), (1, "cancelorder"), (2, "placeorder"), (1, "placeorder")]
    assert [limits.take(key, name, RateClass.ORDER)[1] for key, name in calls] == [
        True,
        True,
        True,
        False,
    ]


@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 0.7), max_size=60),
)
def test_no_second_ever_holds_more_calls_than_allowed(limit: int, pauses: list[float]) -> None:
    limits, timer = limited(f"{limit} per second")
    allowed_at: list[float] = []
    for pause in pauses:
        timer.now += pause
        if limits.take(1, "placeorder", RateClass.ORDER)[1]:
            allowed_at.append(timer.now)
        else:
            assert sum(at > timer.now - 1 for at in allowed_at) == limit
    for end in allowed_at:
        assert sum(end - 1 < at <= end for at in allowed_at) <= limit


# --- addresses


def test_a_bucket_fills_again_with_time() -> None:
    timer = HandTimer()
    addresses = AddressLimits("2 per second", timer=timer)
    for _ in range(2):
        addresses.check("203.0.113.9")
    with pytest.raises(RateLimitExceeded) as caught:
        addresses.check("203.0.113.9")
    assert caught.value.retry_after == 1
    timer.now += 0.5
    addresses.check("203.0.113.9")
    with pytest.raises(RateLimitExceeded):
        addresses.check("203.0.113.9")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "", None])
def test_loopback_and_sockets_without_address_are_exempt(address: str | None) -> None:
    addresses = AddressLimits("1 per minute", timer=HandTimer())
    for _ in range(3):
        addresses.check(address)
    assert len(addresses) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_an_ipv6_client_is_its_network(one: str, other: str, same: bool) -> None:
    addresses = AddressLimits("10 per minute", timer=HandTimer())
    addresses.check(one)
    addresses.check(other)
    assert len(addresses) == (1 if same else 2)


def test_the_table_of_addresses_is_bounded() -> None:
    addresses = AddressLimits("10 per minute", size=100, timer=HandTimer())
    for n in range(1000):
        addresses.check(f"203.0.{n // 250}.{n % 250}")
    assert len(addresses) == 100


# --- addresses that may guess


def test_every_window_has_to_have_room_and_loopback_counts() -> None:
    timer = HandTimer()
    windows = AddressWindows("2 per minute;3 per hour", timer=timer)

    def waits(address: str = "127.0.0.1") -> int:
        try:
            windows.take(address)
        except RateLimitExceeded as refused:
            return refused.retry_after
        return 0

    assert [waits() for _ in range(4)] == [0, 0, 60, 60]
    assert waits("127.0.0.2") == 0
    timer.now += 60
    assert [waits(), waits()] == [0, 3540]
    timer.now += 3540
    assert waits() == 0


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8::1", "2001:db8::ffff"), ("::ffff:203.0.113.9", "203.0.113.9")]
)
def test_an_ipv6_client_is_its_network_here_too(one: str, other: str) -> None:
    windows = AddressWindows("1 per minute", timer=HandTimer())
    windows.take(one)
    with pytest.raises(RateLimitExceeded):
        windows.take(other)


def test_the_table_of_windows_is_bounded() -> None:
    windows = AddressWindows("1 per minute", size=100, timer=HandTimer())
    for n in range(1000):
        windows.take(f"203.0.{n // 250}.{n % 250}")
    assert len(windows) == 100


# --- over HTTP


async def test_answers_say_how_much_is_left_and_the_last_one_how_long_to_wait() -> None:
    limits = {RateClass.API: "50 per second", RateClass.ORDER: "2 per minute"}
    world = World(settings=ApiSettings(version="0", limits=limits))
    async with world.client() as client:
        replies = [await client.post("/api/v1/placeorder", json=order_body()) for _ in range(3)]
        other_endpoint = await client.post("/api/v1/orderbook", json={"apikey": KEY})
        other_key = await client.post("/api/v1/placeorder", json=order_body(apikey=OTHER_KEY))
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert [reply.headers["x-ratelimit-limit"] for reply in replies] == ["2"] * 3
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["1", "0", "0"]
    reset = int(replies[2].headers["x-ratelimit-reset"])
    assert 0 < reset - time.time() <= 61
    body = replies[2].json()
    assert body["message"] == "Rate limit exceeded. Please slow down your requests."
    assert body["code"] == "rate_limited"
    assert 50 < body["retry_after"] <= 60
    assert replies[2].headers["retry-after"] == str(body["retry_after"])
    assert (other_endpoint.status_code, other_key.status_code) == (200, 200)
    assert len(world.venue.placed) == 3


async def test_cancelling_stays_possible_when_placing_is_used_up() -> None:
    limits = {RateClass.API: "50 per second", RateClass.ORDER: "1 per minute"}
    world = World(settings=ApiSettings(version="0", limits=limits))
    async with world.client() as client:
        placed = await client.post("/api/v1/placeorder", json=order_body())
        cancel = {"apikey": KEY, "strategy": "s", "orderid": placed.json()["orderid"]}
        refused = await client.post("/api/v1/placeorder", json=order_body())
        cancelled = await client.post("/api/v1/cancelorder", json=cancel)
    assert (refused.status_code, cancelled.status_code) == (429, 200)


async def test_smart_orders_are_limited_by_a_rule_of_their_own() -> None:
    limits = dict.fromkeys(RateClass, "1 per minute") | {RateClass.SMART_ORDER: "2 per minute"}
    world = World(settings=ApiSettings(version="0", limits=limits))
    body = order_body(position_size=1)
    async with world.client() as client:
        replies = [await client.post("/api/v1/placesmartorder", json=body) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]


async def test_errors_count_and_carry_the_headers_too(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/placeorder", json=order_body(quantity=0))
    assert reply.status_code == 400
    assert reply.headers["x-ratelimit-remaining"] == "9"
