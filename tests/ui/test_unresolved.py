"""The owner says what became of orders of which nobody knows."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from openalgo.domain.events import OutcomeReported
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.persistence.record_log import RecordLog
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.unresolved import UnresolvedOrders
from tests.support.live import limit
from tests.ui.site import Site

MINUTE = timedelta(seconds=60)
UNKNOWN = Outcome(state=SentState.UNKNOWN, code="order_outcome_unknown", message="Nobody knows")


async def lost(site: Site, account_id: int = 1, name: str = "k") -> SentOrder:
    """An order whose broker did not answer, a minute ago."""
    sent = await site.journal.intend(account_id, limit(3, name), tag_length=20, cause="req")
    sent = await site.journal.resolve(sent, UNKNOWN)
    site.clock.advance(MINUTE)
    return sent


async def settle(browser: httpx.AsyncClient, reference: str, **said: object) -> httpx.Response:
    return await browser.post(f"/ui/unresolved-orders/{reference}", json=said)


async def listed(browser: httpx.AsyncClient) -> list[Any]:
    reply = await browser.get("/ui/unresolved-orders")
    assert reply.status_code == 200
    rows: list[Any] = reply.json()["data"]
    return rows


async def stored(site: Site, reference: str) -> SentOrder:
    """As another process finds it."""
    await site.journal.settle()
    journal = Journal(site.main, RecordLog(site.folder, "another"), site.clock)
    await journal.load()
    found = await journal.by_tag(1, reference)
    assert found is not None
    return found


async def test_they_are_listed_once_they_are_not_found_by_themselves(
    site: Site, browser: httpx.AsyncClient
) -> None:
    sent = await lost(site)
    await site.journal.resolve(
        await site.journal.intend(1, limit(1, "new"), tag_length=20, cause="req"), UNKNOWN
    )
    assert await listed(browser) == [
        {
            "reference": sent.tag,
            "kind": "placeorder",
            "symbol": "SBIN",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": 3,
            "product": "MIS",
            "pricetype": "LIMIT",
            "strategy": "Python",
            "client_order_id": "k",
            "sent_at": "2026-03-02T05:00:00Z",
            "message": "Nobody knows",
        }
    ]


async def test_one_that_arrived_is_that_order(site: Site, browser: httpx.AsyncClient) -> None:
    sent = await lost(site)
    reply = await settle(browser, sent.tag, outcome="arrived", order_id="2603020042")
    assert reply.status_code == 200
    assert reply.json()["data"] == {
        "reference": sent.tag,
        "state": "accepted",
        "orderid": "2603020042",
        "message": "Found at the broker by ravi",
    }
    found = await stored(site, sent.tag)
    assert (found.state, found.order_id) == (SentState.ACCEPTED, "2603020042")
    assert found.outcome.message == "Found at the broker by ravi"
    assert await listed(browser) == []
    (event,) = site.events
    assert isinstance(event, OutcomeReported)
    assert (event.reference, event.state, event.order_id) == (sent.tag, "accepted", "2603020042")


async def test_one_that_never_arrived_is_refused(site: Site, browser: httpx.AsyncClient) -> None:
    sent = await lost(site)
    assert (await settle(browser, sent.tag, outcome="never_arrived")).status_code == 200
    found = await stored(site, sent.tag)
    assert (found.state, found.outcome.code) == (SentState.REJECTED, "order_never_arrived")
    assert "ravi" in found.outcome.message
    again = await settle(browser, sent.tag, outcome="arrived", order_id="1")
    assert (again.status_code, again.json()["code"]) == (409, "not_unresolved")
    assert (await stored(site, sent.tag)).state is SentState.REJECTED


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"outcome": "arrived"},
        {"outcome": "never_arrived", "order_id": "1"},
        {"outcome": "perhaps"},
        {"outcome": "arrived", "order_id": ""},
        {"outcome": "arrived", "order_id": "x" * 65},
        {"outcome": "arrived", "order_id": "<b>"},
        {"outcome": "never_arrived", "by": "somebody else"},
    ],
)
async def test_half_a_word_settles_nothing(
    site: Site, browser: httpx.AsyncClient, said: dict[str, object]
) -> None:
    sent = await lost(site)
    assert (await settle(browser, sent.tag, **said)).status_code == 400
    assert (await stored(site, sent.tag)).state is SentState.UNKNOWN


async def test_what_is_of_others_or_of_nobody_is_not_found(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await site.make_other_user()
    theirs = await lost(site, account_id=2)
    for reference in (theirs.tag, "oanobody1"):
        reply = await settle(browser, reference, outcome="never_arrived")
        assert (reply.status_code, reply.json()["code"]) == (404, "reference_not_found")
    assert await listed(browser) == []
    assert site.journal.open(2)


async def test_an_order_of_the_broker_is_one_of_ours_only_once(
    site: Site, browser: httpx.AsyncClient
) -> None:
    first, second = await lost(site, name="a"), await lost(site, name="b")
    assert (await settle(browser, first.tag, outcome="arrived", order_id="7")).status_code == 200
    reply = await settle(browser, second.tag, outcome="arrived", order_id="7")
    assert (reply.status_code, reply.json()["code"]) == (409, "not_unresolved")
    assert first.tag in reply.json()["message"]
    assert (await stored(site, second.tag)).state is SentState.UNKNOWN


async def test_what_may_still_be_found_is_left_to_that(
    site: Site, browser: httpx.AsyncClient
) -> None:
    sent = await site.journal.intend(1, limit(), tag_length=20, cause="req")
    reply = await settle(browser, sent.tag, outcome="never_arrived")
    assert (reply.status_code, reply.json()["code"]) == (409, "not_unresolved")
    assert (await stored(site, sent.tag)).state is SentState.INTENDED


async def test_nobody_settles_without_a_session_or_its_token(site: Site) -> None:
    sent = await lost(site)
    async with site.browser() as stranger:
        assert (await stranger.get("/ui/unresolved-orders")).status_code == 401
        assert (await settle(stranger, sent.tag, outcome="never_arrived")).status_code == 401
    async with site.visit() as browser:
        del browser.headers["X-CSRFToken"]
        assert (await settle(browser, sent.tag, outcome="never_arrived")).status_code == 403
    assert (await stored(site, sent.tag)).state is SentState.UNKNOWN


async def test_health_warns_of_them(site: Site) -> None:
    desk = UnresolvedOrders(site.journal, site.clock, site.events.append)
    assert desk.health().status == "pass"
    await site.make_other_user()
    first = await lost(site)
    await lost(site, account_id=2)
    assert desk.health().status == "warn"
    assert desk.health().detail == "orders with an unknown outcome: 2"
    await desk.settle(1, first.tag, order_id=None, by="ravi")
    assert desk.health().detail == "orders with an unknown outcome: 1"
