"""The switch between paper and live."""

import httpx
import pytest

from openalgo.domain.errors import BrokerSessionExpired
from tests.ui.site import Site


async def test_the_switch_is_turned_and_told(site: Site, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/auth/analyzer-mode")).json() == {
        "status": "success",
        "data": {"mode": "analyze", "analyze_mode": True},
    }
    assert (await browser.post("/auth/analyzer-toggle")).json()["data"] == {
        "mode": "live",
        "analyze_mode": False,
        "message": "Switched to Live mode",
    }
    assert (await browser.get("/settings/analyze-mode")).json() == {"analyze_mode": False}
    for _ in range(2):
        assert (await browser.post("/settings/analyze-mode/1")).json() == {
            "success": True,
            "analyze_mode": True,
            "message": "Switched to Analyze mode",
        }
    assert (await browser.get("/auth/analyzer-mode")).json()["data"]["mode"] == "analyze"


@pytest.mark.parametrize("path", ["/auth/analyzer-toggle", "/settings/analyze-mode/0"])
async def test_without_a_broker_there_is_no_live(
    site: Site, browser: httpx.AsyncClient, path: str
) -> None:
    site.world.analyzer.refusal = BrokerSessionExpired("Connect a broker to trade live")
    reply = await browser.post(path)
    assert (reply.status_code, reply.json()["code"]) == (403, "broker_session")
    assert reply.json()["message"] == "Connect a broker to trade live"


@pytest.mark.parametrize("switch", ["2", "true", "-1", "10"])
async def test_the_switch_has_two_positions(browser: httpx.AsyncClient, switch: str) -> None:
    assert (await browser.post(f"/settings/analyze-mode/{switch}")).status_code == 400
