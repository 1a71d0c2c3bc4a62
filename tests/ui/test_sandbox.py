"""How the paper exchange is set up, and when it does what."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from openalgo.domain.errors import EngineBusy
from openalgo.trading.paper.keys import SETTINGS
from tests.ui.site import Site


async def configs(browser: httpx.AsyncClient) -> Any:
    reply = await browser.get("/sandbox/api/configs")
    assert reply.status_code == 200
    assert reply.json()["status"] == "success"
    return reply.json()["configs"]


async def update(browser: httpx.AsyncClient, key: object, value: object) -> httpx.Response:
    return await browser.post("/sandbox/update", json={"config_key": key, "config_value": value})


async def test_every_setting_is_told_in_its_group(browser: httpx.AsyncClient) -> None:
    groups = await configs(browser)
    assert groups.keys() >= {"capital", "leverage", "square_off", "intervals", "expiry"}
    told = {key: each for group in groups.values() for key, each in group["configs"].items()}
    assert {key: each["value"] for key, each in told.items()} == {
        key: setting.default for key, setting in SETTINGS.items()
    }
    assert groups["capital"]["title"] == "Capital and reset"
    assert groups["capital"]["configs"]["starting_capital"] == {
        "value": "10000000.00",
        "description": "Rupees an account has when it is opened, or starts anew.",
    }
    assert all(group["configs"] for group in groups.values())


@pytest.mark.parametrize(
    ("key", "sent", "value"),
    [
        ("starting_capital", 2500000, "2500000.00"),
        ("equity_mis_leverage", 2.5, "2.5"),
        ("futures_leverage", "8", "8"),
        ("enforce_market_hours", False, "false"),
        ("nfo_square_off_time", "15:20", "15:20"),
    ],
)
async def test_a_value_is_set_as_text_or_as_a_number(
    browser: httpx.AsyncClient, key: str, sent: object, value: str
) -> None:
    reply = await update(browser, key, sent)
    assert (reply.status_code, reply.json()) == (
        200,
        {"status": "success", "message": f"Configuration {key} updated successfully"},
    )
    groups = await configs(browser)
    assert groups[SETTINGS[key].group]["configs"][key]["value"] == value


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("charges", "on", "config_key"),
        ("starting_capital", "5", "config_value"),
        ("starting_capital", None, "config_value"),
        ("reset_time", "9 o'clock", "config_value"),
        ("reset_time", "0" * 101, "config_value"),
        ("order_check_interval", True, "config_value"),
        (None, "5", "config_key"),
    ],
)
async def test_what_cannot_be_set_is_refused_by_name(
    browser: httpx.AsyncClient, key: object, value: object, field: str
) -> None:
    reply = await update(browser, key, value)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert {name.split(".")[0] for name in reply.json()["errors"]} == {field}


async def test_only_an_administrator_changes_what_holds_for_all(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await site.make_other_user()
    async with site.visit(username="asha") as other:
        reply = await update(other, "futures_leverage", "50")
        assert (reply.status_code, reply.json()["code"]) == (403, "administrators_only")
        told = await other.get("/sandbox/api/configs")
        assert told.json()["editable"] is False
        assert told.json()["configs"]["leverage"]["configs"]["futures_leverage"]["value"] == "10"
    assert (await browser.get("/sandbox/api/configs")).json()["editable"] is True


async def test_the_schedule_follows_what_is_set(browser: httpx.AsyncClient) -> None:
    await update(browser, "nse_bse_square_off_time", "14:30")
    await update(browser, "reset_day", "Friday")
    reply = (await browser.get("/sandbox/squareoff-status")).json()
    schedule = reply["data"]
    assert (reply["mode"], schedule["running"]) == ("analyze", True)
    assert schedule["timezone"] == "Asia/Kolkata"
    jobs = {job["id"]: job for job in schedule["jobs"]}
    assert jobs["squareoff_NSE_BSE"] == {
        "id": "squareoff_NSE_BSE",
        "name": "Intraday positions are closed: NSE, BSE",
        "kind": "square_off",
        "next_run": "2026-03-02T14:30:00+05:30",
    }
    assert jobs["auto_reset"]["next_run"] == "2026-03-06T00:00:00+05:30"


async def test_the_times_are_read_anew(site: Site, browser: httpx.AsyncClient) -> None:
    async with site.main.write() as tx:
        await tx.exec_driver_sql(
            "INSERT INTO sandbox_config VALUES ('cds_bcd_square_off_time', '16:00', 0, 'by hand')"
        )
    reply = (await browser.post("/sandbox/reload-squareoff")).json()
    assert reply["message"] == "Square-off schedule reloaded successfully"
    assert reply["mode"] == "analyze"
    jobs = {job["id"]: job["next_run"] for job in reply["scheduler_status"]["jobs"]}
    assert jobs["squareoff_CDS_BCD"] == "2026-03-02T16:00:00+05:30"


async def test_an_account_starts_anew_with_the_capital_that_is_set(
    site: Site, browser: httpx.AsyncClient
) -> None:
    """An administrator's reset puts the settings back as well, but for those that are kept."""
    await update(browser, "starting_capital", "500000")
    await update(browser, "gtt_oco_margin_mode", "sum")
    await site.make_other_user()
    async with site.visit(username="asha") as other:
        reply = await other.post("/sandbox/reset")
        assert reply.json() == {
            "status": "success",
            "message": "Your paper account has been reset",
        }
    assert site.world.paper_past.resets == [(2, Decimal(500_000))]
    assert (await browser.post("/sandbox/reset")).status_code == 200
    assert site.world.paper_past.resets[1:] == [(1, Decimal(10_000_000))]
    groups = await configs(browser)
    assert groups["capital"]["configs"]["starting_capital"]["value"] == "10000000.00"
    assert groups["gtt"]["configs"]["gtt_oco_margin_mode"]["value"] == "sum"


async def test_a_reset_that_cannot_be_had_is_said(site: Site, browser: httpx.AsyncClient) -> None:
    site.world.paper_past.refusal = EngineBusy()
    reply = await browser.post("/sandbox/reset")
    assert (reply.status_code, reply.json()["code"]) == (503, "engine_busy")
