"""When the market of an account trades, as charts ask it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.api.fakes import NOW
from tests.ui.site import Site


def at(hour: int, minute: int) -> int:
    """That time in India on the day of the tests, in epoch seconds."""
    midnight = NOW.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight + timedelta(hours=hour, minutes=minute)).timestamp()) - 19_800


async def test_a_share_trades_from_a_quarter_past_nine(browser: httpx.AsyncClient) -> None:
    reply = await browser.get("/ui/market/hours?exchange=NSE")
    assert reply.status_code == 200, reply.text
    data = reply.json()["data"]
    assert data["exchange"] == "NSE"
    assert data["day"] == NOW.date().isoformat()
    assert data["sessions"] == [{"opens": at(9, 15), "closes": at(15, 30)}]
    assert data["counted_from"] == at(9, 15)
    assert datetime.fromisoformat(data["next_open"]) > NOW


async def test_the_candles_of_a_commodity_are_counted_from_nine(
    browser: httpx.AsyncClient,
) -> None:
    data = (await browser.get("/ui/market/hours?exchange=MCX")).json()["data"]
    assert data["counted_from"] == data["sessions"][0]["opens"] == at(9, 0)


async def test_a_holiday_has_no_sessions(site: Site, browser: httpx.AsyncClient) -> None:
    saturday = NOW + timedelta(days=(5 - NOW.weekday()) % 7)
    site.world.clock.advance(saturday - NOW)
    data = (await browser.get("/ui/market/hours?exchange=NSE")).json()["data"]
    assert data["day"] == saturday.date().isoformat()
    assert data["sessions"] == []
    assert datetime.fromisoformat(data["next_open"]) > saturday


@pytest.mark.parametrize("exchange", ["", "LSE", "nse"])
async def test_other_exchanges_are_refused(browser: httpx.AsyncClient, exchange: str) -> None:
    reply = await browser.get(f"/ui/market/hours?exchange={exchange}")
    assert reply.status_code == 400
    assert reply.json()["code"] == "validation_error"


async def test_an_account_of_somebody_else_has_no_market(browser: httpx.AsyncClient) -> None:
    reply = await browser.get("/ui/market/hours?exchange=NSE", headers={"X-Account": "999"})
    assert reply.status_code == 404
    assert reply.json()["code"] == "account_not_found"
