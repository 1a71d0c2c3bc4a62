"""The instruments of the broker, as the web app shows and downloads them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from openalgo.instruments.status import DownloadState
from tests.instruments.rows import index, share
from tests.ui.site import Site


@pytest.fixture
async def upkeep(site: Site) -> AsyncIterator[None]:
    """The keeper of the instruments, at work."""
    site.listed = [share("SBIN"), share("INFY"), index("NIFTY")]
    site.broker_session = False
    await site.upkeep.start()
    running = asyncio.ensure_future(site.upkeep.run())
    yield
    running.cancel()


async def got(browser: httpx.AsyncClient, what: str) -> Any:
    reply = await browser.get(f"/api/master-contract/{what}")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def download(browser: httpx.AsyncClient, **wanted: bool) -> httpx.Response:
    return await browser.post("/api/master-contract/download", json=wanted)


async def until_done(site: Site, symbols: int) -> None:
    async with asyncio.timeout(10):
        while site.upkeep.status.total_symbols != symbols:
            await asyncio.to_thread(int)
    assert site.upkeep.status.state is DownloadState.SUCCESS


async def test_before_the_first_login_nothing_is_ready(
    browser: httpx.AsyncClient, upkeep: None
) -> None:
    status = await got(browser, "status")
    assert status["broker"] == "zerodha"
    assert status["status"] == "pending"
    assert status["is_ready"] is False
    assert status["total_symbols"] == 0
    assert status["exchange_stats"] == {}
    assert status["download_date"] is status["last_download_time"] is None
    assert await got(browser, "ready") == {
        "ready": False,
        "message": "Log in to the broker to download its instruments.",
    }
    refused = await download(browser)
    assert refused.status_code == 403
    assert refused.json()["code"] == "broker_session"


async def test_a_download_is_started_and_told_about(
    site: Site, browser: httpx.AsyncClient, upkeep: None
) -> None:
    site.broker_session = True
    assert (await got(browser, "smart-status"))["smart_download"] == {
        "should_download": True,
        "reason": "No instruments have been downloaded yet.",
        "cutoff_time": "08:00",
        "cutoff_timezone": "IST",
    }
    assert (await download(browser)).json() == {
        "status": "success",
        "message": "Download started. No instruments have been downloaded yet.",
    }
    await until_done(site, 3)
    status = await got(browser, "smart-status")
    assert status["status"] == "success"
    assert status["is_ready"] is True
    assert status["total_symbols"] == 3
    assert status["exchange_stats"] == {"NSE": 2, "NSE_INDEX": 1}
    assert status["download_date"] == "2026-03-02"
    assert status["last_download_time"] == status["last_updated"] == "2026-03-02T05:00:00Z"
    assert status["smart_download"]["should_download"] is False
    assert (await got(browser, "ready"))["ready"] is True


async def test_what_is_there_is_downloaded_again_only_when_forced(
    site: Site, browser: httpx.AsyncClient, upkeep: None
) -> None:
    site.broker_session = True
    await download(browser)
    await until_done(site, 3)
    site.listed = [*site.listed, share("TCS")]
    assert (await download(browser)).json() == {
        "status": "skipped",
        "message": "The newest instruments are in force.",
    }
    assert (await download(browser, force=True)).json()["status"] == "success"
    await until_done(site, 4)
