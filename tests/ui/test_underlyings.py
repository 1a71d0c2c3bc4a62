"""What the pages about options offer to choose from."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from openalgo.domain.instruments import InstrumentType
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from tests.instruments.rows import contract, options, share
from tests.ui.site import Site

SOON = date(2025, 11, 25)
GONE = date(2025, 11, 18)


@pytest.fixture
async def browser(empty: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of a user whose broker lists some derivatives."""
    empty.world.instruments = CurrentMaster(
        Master(
            [
                share("SBIN"),
                *options("NIFTY", SOON, "25000"),
                *options("M&M", SOON, "3000"),
                *options("OLD", GONE, "100"),
                contract("ONLYFUT", SOON, None, InstrumentType.FUTURE),
            ]
        )
    )
    await empty.make_user()
    async with empty.visit() as browser:
        yield browser


async def listed(browser: httpx.AsyncClient, **wanted: str) -> Any:
    reply = await browser.get("/search/api/underlyings", params=wanted)
    assert reply.status_code == 200, reply.text
    return reply.json()["underlyings"]


async def test_only_what_has_options_that_have_not_expired(browser: httpx.AsyncClient) -> None:
    assert await listed(browser, exchange="NFO") == ["M&M", "NIFTY"]
    assert await listed(browser, exchange="MCX") == []


async def test_or_what_has_futures(browser: httpx.AsyncClient) -> None:
    assert await listed(browser, exchange="NFO", instrumenttype="futures") == ["ONLYFUT"]


@pytest.mark.parametrize("wanted", [{}, {"exchange": "NSE"}, {"exchange": "NFO' OR 1"}])
async def test_an_exchange_without_derivatives_is_refused(
    browser: httpx.AsyncClient, wanted: dict[str, str]
) -> None:
    reply = await browser.get("/search/api/underlyings", params=wanted)
    assert reply.status_code == 400
    assert "exchange" in reply.json()["errors"]


async def test_nobody_sees_them_without_a_session(empty: Site) -> None:
    await empty.make_user()
    async with empty.browser() as browser:
        reply = await browser.get("/search/api/underlyings", params={"exchange": "NFO"})
    assert reply.status_code == 401
