"""What the account makes, as its owner sees it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from openalgo.api.ws.notices import told
from openalgo.api.ws.told import Whose
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.events import AccountReset, ProfitMoved
from openalgo.domain.numbers import ZERO
from openalgo.domain.portfolio import DailyResult, Funds, LedgerEntry, LedgerKind, PastRun
from openalgo.trading.venues import VenueMode
from tests.api.fakes import NOW, position
from tests.openapi.asyncapi import check_frame
from tests.ui.site import Site

ACCOUNT = 1
PATHS = ("/ui/pnl/today", "/ui/pnl/strategies", "/ui/pnl/days")


@pytest.fixture(autouse=True)
def venue(empty: Site) -> None:
    """The first account trades."""
    empty.world.account_id = ACCOUNT


async def read(browser: httpx.AsyncClient, what: str = "today", **query: Any) -> Any:
    reply = await browser.get(f"/ui/pnl/{what}", params=query)
    assert (reply.status_code, reply.json()["status"]) == (200, "success"), reply.text
    return reply.json()["data"]


async def test_a_day_on_which_nothing_happened(browser: httpx.AsyncClient) -> None:
    assert await read(browser) == {
        "mode": "analyze",
        "day": "2025-11-21",
        "as_of": "2025-11-21T05:00:00Z",
        "problem": None,
        "current": {"realized": 0.0, "unrealized": 0.0, "total": 0.0},
        "max": None,
        "min": None,
        "drawdown": 0.0,
        "max_drawdown": 0.0,
        "series": [],
        "positions": [],
    }
    assert await read(browser, "days") == {"mode": "analyze", "days": []}
    assert await read(browser, "strategies") == {"strategies": [], "rest": 0.0}


async def test_the_curve_of_the_day(site: Site, browser: httpx.AsyncClient) -> None:
    venue, clock = site.world.venue, site.world.clock
    for rows in (
        [position("10", "15000", "100", "0")],
        [position("10", "15000", "-50", "0")],
        [position("0", "0", "0", "30")],
    ):
        venue.marked = rows
        site.profit._look(ACCOUNT, VenueMode.ANALYZE)
        day = await read(browser)
        clock.advance(timedelta(minutes=1))
    assert day["current"] == {"realized": 30.0, "unrealized": 0.0, "total": 30.0}
    assert [(each["total"], each["drawdown"]) for each in day["series"]] == [
        (0.0, 0.0),
        (100.0, 0.0),
        (-50.0, -150.0),
        (30.0, -70.0),
    ]
    assert day["max"] == {"total": 100.0, "at": "2025-11-21T05:00:00Z"}
    assert day["min"] == {"total": -50.0, "at": "2025-11-21T05:01:00Z"}
    assert (day["drawdown"], day["max_drawdown"]) == (-70.0, -150.0)
    assert [each["total_pnl_today"] for each in day["positions"]] == [30.0]
    moved = [event for event in site.events if isinstance(event, ProfitMoved)]
    assert [event.unrealised + event.realised for event in moved] == [100, -50, 30]
    [close] = (await read(browser, "days"))["days"]
    assert (close["day"], close["total"], close["max_drawdown"]) == ("2025-11-21", 30.0, -150.0)


async def test_books_that_cannot_be_read_are_not_zero(
    site: Site, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise BrokerUnavailable("Kite does not answer")

    monkeypatch.setattr(type(site.world.venue), "positions", fail)
    day = await read(browser)
    assert (day["current"], day["as_of"], day["series"]) == (None, None, [])
    assert day["problem"] == "Kite does not answer"
    assert (await browser.get("/ui/pnl/strategies")).status_code == 502


async def test_an_account_that_begins_anew_has_an_empty_day(
    site: Site, browser: httpx.AsyncClient
) -> None:
    site.world.venue.marked = [position("10", "15000", "100", "0")]
    await read(browser)
    assert len((await read(browser, "days"))["days"]) == 1
    site.world.venue.marked = []
    funds = Funds(
        account_id=ACCOUNT,
        starting_capital=ZERO,
        available=ZERO,
        used=ZERO,
        realised=ZERO,
        realised_today=ZERO,
        realised_on=NOW.date(),
        opened_at=NOW,
    )
    entry = LedgerEntry(
        account_id=ACCOUNT,
        at=NOW,
        kind=LedgerKind.RESET,
        ref="",
        available=ZERO,
        used=ZERO,
        realised=ZERO,
        available_after=ZERO,
        used_after=ZERO,
    )
    past = PastRun(
        account_id=ACCOUNT,
        run=0,
        began_at=NOW,
        ended_at=NOW,
        starting_capital=ZERO,
        available=ZERO,
        used=ZERO,
        realised=ZERO,
    )
    site.profit.hear(
        AccountReset(
            account_id=ACCOUNT,
            seq=9,
            at=NOW,
            cause="test",
            positions=(),
            taken=(),
            past=past,
            funds=funds,
            entry=entry,
        )
    )
    assert (await read(browser))["series"] == []
    assert (await read(browser, "days"))["days"] == []


async def test_days_on_paper_from_before_curves_were_kept(
    site: Site, browser: httpx.AsyncClient
) -> None:
    result = DailyResult(
        account_id=ACCOUNT,
        run=0,
        date=date(2025, 11, 20),
        realised=Decimal(100),
        positions_unrealised=Decimal(-25),
        holdings_unrealised=Decimal(7),
        total_mtm=Decimal(82),
        available=ZERO,
        used=ZERO,
        portfolio_value=ZERO,
    )
    site.world.paper_past.results = [result, replace(result, date=date(2025, 11, 21))]
    site.world.venue.marked = [position("10", "15000", "40", "0")]
    await read(browser)
    days = (await read(browser, "days"))["days"]
    assert [(day["day"], day["total"], day["max_drawdown"]) for day in days] == [
        ("2025-11-21", 40.0, 0.0),
        ("2025-11-20", 75.0, None),
    ]
    assert len((await read(browser, "days", limit=1))["days"]) == 1
    site.world.venue.mode = VenueMode.LIVE
    assert (await read(browser, "days"))["days"] == []


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
async def test_a_limit_is_checked(browser: httpx.AsyncClient, limit: str) -> None:
    reply = await browser.get("/ui/pnl/days", params={"limit": limit})
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_sees_what_another_user_made(
    site: Site, browser: httpx.AsyncClient, path: str
) -> None:
    site.world.venue.marked = [position("10", "15000", "100", "0")]
    await read(browser)
    await site.make_other_user("asha")
    async with site.visit(username="asha") as other:
        for query, headers in (("", {"X-Account": "1"}), ("?account=1", {})):
            reply = await other.get(path + query, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")


@pytest.mark.parametrize("path", PATHS)
async def test_only_the_owner_in_person_sees_it(empty: Site, path: str) -> None:
    key = await empty.make_user()
    async with empty.browser() as program:
        for headers in ({}, {"X-API-KEY": key}, {"Authorization": f"Bearer {key}"}):
            reply = await program.get(path, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "session_expired")


async def test_a_restart_does_not_lose_the_curve(site: Site, browser: httpx.AsyncClient) -> None:
    site.world.venue.marked = [position("10", "15000", "100", "0")]
    before = await read(browser)
    await site.profit.save()
    again = Site(site.main)
    again.world.account_id = ACCOUNT
    again.world.clock.set(site.world.clock.now() + timedelta(minutes=2))
    await again.accounts.load()
    await again.profit.start(again.accounts.all())
    again.world.venue.marked = [position("10", "15000", "70", "0")]
    async with again.visit() as later:
        after = await read(later)
    assert after["series"][:2] == before["series"]
    assert [each["total"] for each in after["series"]] == [0.0, 100.0, 100.0, 70.0]
    assert (after["max"], after["max_drawdown"]) == (before["max"], -30.0)


def test_the_page_hears_what_the_protocol_says() -> None:
    event = ProfitMoved(
        account_id=ACCOUNT,
        at=NOW,
        cause="profit",
        mode="live",
        realised=Decimal(5),
        unrealised=Decimal("-7.5"),
        highest=Decimal(10),
        lowest=Decimal("-2.5"),
        drawdown=Decimal("-12.5"),
        max_drawdown=Decimal("-12.5"),
    )
    [said] = told(event, Whose("ravi", "zerodha"))
    assert said.kept is False
    assert said.data["total"] == -2.5
    frame = {"type": "event", "account": ACCOUNT, "ts": 0, "event": said.event, "data": said.data}
    check_frame(frame)
