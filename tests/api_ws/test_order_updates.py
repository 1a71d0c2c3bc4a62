"""What a client hears of its orders."""

from collections.abc import AsyncIterator

import pytest

from openalgo.domain.clock import ManualClock
from openalgo.domain.events import OrderReported
from openalgo.domain.numbers import px
from openalgo.domain.orders import PriceType, TransitionKind
from openalgo.trading.live.shown import order_of
from tests.api.fakes import ACCOUNT
from tests.api_ws.socket import settle
from tests.api_ws.test_session import Client, House
from tests.support.fake_broker import FakeBroker
from tests.support.live import MORNING, limit
from tests.support.market import SBIN
from tests.support.paper import Paper


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with house.client() as client:
        await client.ask(action="subscribe_orders")
        yield client


@pytest.fixture
def paper() -> Paper:
    paper = Paper()
    paper.market(SBIN, "95")
    return paper


async def test_a_stop_is_told_from_its_trigger_to_its_fill(
    house: House, client: Client, paper: Paper
) -> None:
    stop = paper.order(
        SBIN,
        "BUY",
        10,
        "101",
        account=ACCOUNT,
        price_type=PriceType.SL,
        trigger_price=px("100"),
    )
    paper.modify(stop, ACCOUNT, quantity=5)
    paper.market(SBIN, "103")
    paper.market(SBIN, "99.5")
    for event in paper.events:
        house.bus.publish(event)
    await settle()
    frames = client.news()
    assert {frame["type"] for frame in frames} == {"order_update"}
    assert [
        (frame["order_status"], frame["quantity"], frame["pending_quantity"]) for frame in frames
    ] == [
        ("trigger pending", 10, 10),
        ("trigger pending", 5, 5),
        ("open", 5, 5),
        ("complete", 5, 0),
    ]
    assert {(frame["price"], frame["trigger_price"]) for frame in frames} == {(101.0, 100.0)}
    assert frames[-1]["average_price"] == 101.0
    assert [frame["seq"] for frame in frames] == [2, 3, 4, 5]


async def test_of_a_gtt_its_order_is_told(house: House, client: Client, paper: Paper) -> None:
    paper.gtt(SBIN, "BUY", 10, below=("90", "89"), account=ACCOUNT)
    paper.market(SBIN, "90")
    for event in paper.events:
        house.bus.publish(event)
    await settle()
    assert [(frame["type"], frame["order_status"]) for frame in client.news()] == [
        ("order_update", "open")
    ]


async def test_orders_at_the_broker_are_told_as_such_whatever_the_account_trades_at(
    house: House, client: Client, paper: Paper
) -> None:
    paper.order(SBIN, "BUY", 10, "90", account=ACCOUNT)
    desk = FakeBroker(ManualClock(MORNING))
    placed = order_of(desk.book[desk.add(limit(3), "kiteapp")], ACCOUNT, None)
    report = OrderReported(
        account_id=ACCOUNT,
        seq=7,
        at=MORNING,
        cause="broker",
        kind=TransitionKind.ACCEPTED,
        order=placed,
    )
    for event in (*paper.events, report):
        house.bus.publish(event)
    await settle()
    on_paper, live = client.news()
    assert (on_paper["mode"], on_paper["broker"]) == ("analyze", "sandbox")
    assert (live["mode"], live["seq"], live["strategy"]) == ("live", 7, "kiteapp")
    assert live["broker"] != "sandbox"


async def test_orders_of_another_account_are_not_told(
    house: House, client: Client, paper: Paper
) -> None:
    paper.order(SBIN, "BUY", 10, "90", account=ACCOUNT + 1)
    for event in paper.events:
        house.bus.publish(event)
    await settle()
    assert paper.events
    assert client.news() == []


async def test_who_has_stopped_listening_is_not_told(
    house: House, client: Client, paper: Paper
) -> None:
    await client.ask(action="unsubscribe_orders")
    paper.order(SBIN, "BUY", 10, "90", account=ACCOUNT)
    for event in paper.events:
        house.bus.publish(event)
    await settle()
    assert client.news() == []
