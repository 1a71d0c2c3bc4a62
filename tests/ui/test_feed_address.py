"""Where programs find the feed, as a page asks for it."""

import httpx
import pytest

from openalgo.persistence.stores import Store
from tests.ui.site import Site, log_in


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ws://trade.example/ws", "wss://trade.example/ws"),
        ("wss://other.example", "wss://other.example"),
    ],
)
async def test_behind_https_the_address_is_a_secure_one(main: Store, said: str, told: str) -> None:
    site = Site(main, origin="https://trade.example", websocket_url=said)
    await site.make_user()
    await site.accounts.load()
    async with site.browser() as browser:
        await log_in(browser)
        reply = (await browser.get("/api/websocket/config")).json()
    assert reply == {
        "status": "success",
        "websocket_url": told,
        "is_secure": True,
        "original_url": said,
    }


async def test_without_it_the_address_stays_as_it_is(browser: httpx.AsyncClient) -> None:
    reply = (await browser.get("/api/websocket/config")).json()
    assert (reply["websocket_url"], reply["is_secure"]) == ("ws://127.0.0.1:8765", False)
    assert reply["original_url"] == reply["websocket_url"]


async def test_no_key_is_handed_to_a_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/websocket/apikey")).status_code == 404
