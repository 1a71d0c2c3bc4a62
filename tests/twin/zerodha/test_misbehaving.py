"""What the twin does when it is told to misbehave, and what is in its book afterwards."""

import asyncio

import httpx
import pytest

from openalgo.domain.numbers import px
from openalgo.twin.faults import Kind, Rule
from openalgo.twin.zerodha.twin import Setup
from tests.twin.zerodha.conftest import LIMIT, ORDER, Client, connected


def fault(client: Client, kind: Kind, **terms: object) -> Rule:
    return client.twin.faults.add(Rule(kind=kind, count=1, **terms))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [(Kind.RESET_BEFORE, 0), (Kind.RESET_AFTER, 1), (Kind.TRUNCATED, 1)],
)
async def test_a_cut_connection(client: Client, kind: Kind, accepted: int) -> None:
    fault(client, kind, route="orders.place")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await client.http.post("/orders/regular", data=ORDER)
    assert len(client.twin.book()) == accepted
    assert (await client.place())[:6] == client.twin.book()[-1]["order_id"][:6]


async def test_half_an_answer(client: Client) -> None:
    fault(client, Kind.GARBLED, route="orders.place")
    reply = await client.http.post("/orders/regular", data=ORDER)
    assert reply.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        reply.json()
    assert len(client.twin.book()) == 1


@pytest.mark.parametrize(("kind", "accepted"), [(Kind.SILENT_BEFORE, 0), (Kind.SILENT_AFTER, 1)])
async def test_no_answer(client: Client, kind: Kind, accepted: int) -> None:
    fault(client, kind, route="orders.place")
    with pytest.raises(httpx.ReadTimeout):
        await client.http.post("/orders/regular", data=ORDER | {"tag": "lost"}, timeout=0.2)
    assert [row["tag"] for row in client.twin.book()] == ["lost"] * accepted


@pytest.mark.parametrize(("kind", "accepted"), [(Kind.STATUS, 0), (Kind.ERROR_AFTER, 1)])
async def test_an_error_instead(client: Client, kind: Kind, accepted: int) -> None:
    fault(client, kind, status=503, error_type="NetworkException", message="Down.")
    found = await client.refused("POST", "/orders/regular", data=ORDER)
    assert found == (503, "NetworkException", "Down.")
    fault(client, kind, status=502)
    reply = await client.http.post("/orders/regular", data=ORDER)
    assert (reply.status_code, reply.headers["content-type"]) == (502, "text/html")
    assert len(client.twin.book()) == 2 * accepted


async def test_a_delay(client: Client) -> None:
    loop = asyncio.get_running_loop()
    fault(client, Kind.DELAY, delay_ms=60.0)
    before = loop.time()
    await client.place()
    assert loop.time() - before >= 0.06


async def test_rejected_after_it_was_accepted(client: Client) -> None:
    fault(client, Kind.REJECT, route="orders.place", message="Freeze.", delay_ms=1.0)
    async with client.socket() as socket:
        order_id = await client.place()
        async for message in socket:
            if isinstance(message, str) and "REJECTED" in message:
                break
    row = await client.row(order_id)
    assert (row["status"], row["status_message"]) == ("REJECTED", "Freeze.")


async def test_filled_in_parts(client: Client) -> None:
    fault(client, Kind.PARTIAL, route="orders.place", first_part=0.4)
    order_id = await client.place()
    client.twin.exchange.work()
    assert (await client.row(order_id))["filled_quantity"] == 4
    await client.ok("POST", f"/twin/orders/{order_id}/fill", json={"quantity": 1})
    assert (await client.row(order_id))["pending_quantity"] == 5
    await client.ok("POST", f"/twin/orders/{order_id}/fill")
    assert (await client.row(order_id))["status"] == "COMPLETE"


async def test_control_over_http(client: Client) -> None:
    rule = {"kind": "status", "route": "quote*", "status": 429, "count": 2}
    added = await client.ok("POST", "/twin/faults", json=rule)
    assert (await client.http.get("/quote/ltp", params={"i": "NSE:SBIN"})).status_code == 429
    (found,) = await client.ok("GET", "/twin/faults")
    assert (found["id"], found["applied"], found["count"]) == (added["id"], 1, 1)
    await client.ok("DELETE", f"/twin/faults/{added['id']}")
    assert (await client.refused("DELETE", f"/twin/faults/{added['id']}"))[0] == 404
    await client.ok("POST", "/twin/faults", json=rule)
    await client.ok("DELETE", "/twin/faults")
    assert (await client.http.get("/quote/ltp", params={"i": "NSE:SBIN"})).status_code == 200
    assert (await client.refused("POST", "/twin/faults", json={"kind": "rain"}))[0] == 400
    assert (await client.refused("POST", "/twin/faults", json={"knd": "status"}))[0] == 400

    await client.ok("POST", "/twin/prices", json={"instrument": "NSE:SBIN", "price": 912.5})
    sbin = client.twin.contracts.named("NSE:SBIN")
    assert sbin is not None
    assert client.twin.market.last(sbin) == px("912.5")
    await client.ok("POST", "/twin/funds", json={"equity": 123})
    assert (await client.ok("GET", "/user/margins/equity"))["net"] == 123
    held = {"instrument": "NSE:SBIN", "quantity": 5, "average_price": 800, "t1": 2}
    await client.ok("POST", "/twin/holdings", json=held)
    (holding,) = await client.ok("GET", "/portfolio/holdings")
    assert (holding["quantity"], holding["t1_quantity"], holding["pnl"]) == (5, 2, 112.5 * 7)
    carried = {"instrument": "NSE:SBIN", "product": "MIS", "quantity": -3, "price": 900}
    await client.ok("POST", "/twin/positions", json=carried)
    books = await client.ok("GET", "/portfolio/positions")
    assert (books["net"][0]["overnight_quantity"], books["net"][0]["pnl"]) == (-3, -37.5)
    assert books["day"] == []
    await client.ok("POST", "/twin/settings", json={"limited": True, "refuse_logins": True})
    state = await client.ok("GET", "/twin")
    assert (state["limited"], state["logged_in"], state["orders"]) == (True, True, 0)
    await client.ok("POST", "/twin/session/expire")
    assert (await client.refused("GET", "/orders"))[:2] == (403, "TokenException")


async def test_a_rejection_by_hand_and_a_new_day(client: Client) -> None:
    order_id = await client.place(LIMIT | {"price": "850"})
    client.twin.exchange.work()
    await client.ok("POST", f"/twin/orders/{order_id}/reject", json={"message": "No."})
    assert (await client.row(order_id))["status_message"] == "No."
    assert (await client.refused("POST", f"/twin/orders/{order_id}/reject"))[0] == 400
    assert len(await client.ok("GET", "/twin/book")) == 1
    await client.ok("POST", "/twin/day")
    assert await client.ok("GET", "/twin/book") == []
    assert (await client.refused("GET", "/orders"))[0] == 403


async def test_nothing_is_lost_or_doubled_without_being_told() -> None:
    """The accepted orders are those answered, and those whose fault comes after acceptance."""
    async with connected(Setup(walking=False, seed=3)) as client:
        after = client.twin.faults.add(Rule(kind=Kind.RESET_AFTER, probability=0.05))
        before = client.twin.faults.add(Rule(kind=Kind.RESET_BEFORE, probability=0.05))
        answered = set()
        for number in range(300):
            try:
                await client.place(ORDER | {"tag": f"t{number}", "quantity": "1"})
            except httpx.TransportError:
                continue
            answered.add(f"t{number}")
        tags = [row["tag"] for row in client.twin.book()]
        assert len(tags) == len(set(tags)) == len(answered) + after.applied
        assert len(answered) == 300 - after.applied - before.applied
        assert after.applied
        assert before.applied
        assert answered < set(tags)


async def test_tags_can_be_kept_from_view(client: Client) -> None:
    order_id = await client.place(LIMIT | {"price": "850", "tag": "mine"})
    assert (await client.row(order_id))["tag"] == "mine"
    await client.ok("POST", "/twin/settings", json={"tags": False})
    later = await client.place(LIMIT | {"price": "850", "tag": "mine too"})
    books = await client.ok("GET", "/orders") + await client.ok("GET", f"/orders/{order_id}")
    assert {(row["tag"], *row["tags"]) for row in books} == {(None,)}
    accepted = {row["order_id"]: row["tag"] for row in await client.ok("GET", "/twin/book")}
    assert accepted == {order_id: "mine", later: "mine too"}
    await client.ok("POST", "/twin/settings", json={"tags": True})
    assert (await client.row(later))["tags"] == ["mine too"]
