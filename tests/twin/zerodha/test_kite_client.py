"""The broker's published client, unmodified, against the twin."""

import asyncio
import json
import subprocess
from functools import cache
from typing import Any

import pytest

from openalgo.twin.zerodha.served import serving_zerodha
from openalgo.twin.zerodha.twin import Setup
from tests.support.sdk import PYTHON, ROOT

DRIVER = ROOT / "tests/support/kite_driver.py"


@cache
def why_not() -> str:
    """Why the client cannot be run; empty where it can."""
    if not PYTHON.exists():
        return "the SDKs' environment is missing: run `make setup`"
    found = subprocess.run(
        [str(PYTHON), "-I", "-c", "import kiteconnect"], capture_output=True, check=False
    )
    return "kiteconnect is not in the SDKs' environment" if found.returncode else ""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the client saw in one session."""
    if why_not():
        pytest.skip(why_not())
    return asyncio.run(_session())


async def _session() -> dict[str, Any]:
    async with serving_zerodha(Setup(walking=False)) as served:
        app, token = served.twin.app, served.twin.sessions.request_token()
        process = await asyncio.create_subprocess_exec(
            *(str(PYTHON), "-I", str(DRIVER), served.api, served.stream),
            *(app.key, app.secret, token, served.control),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()[-4000:]
        seen: dict[str, Any] = json.loads(out)
        return seen


def test_it_logs_in_once_per_request_token(found: dict[str, Any]) -> None:
    for attempt in ("bad_request_token", "bad_secret", "used_request_token", "after"):
        assert found[attempt][:2] == ["TokenException", 403], attempt
    assert found["session"]["user_id"] == found["profile"]["user_id"] == "TW0001"
    assert found["invalidated"] is True


def test_money(found: dict[str, Any]) -> None:
    assert found["margins"]["equity"] == found["margins_equity"]
    assert found["margins"]["equity"]["net"] == 10_000_000


def test_instruments(found: dict[str, Any]) -> None:
    assert found["exchanges"] == ["BFO", "BSE", "CDS", "MCX", "NFO", "NSE"]
    assert 0 < found["nfo"] < found["instruments"]
    assert found["option"]["strike"] > 0


def test_quotes(found: dict[str, Any]) -> None:
    assert set(found["quote"]) == {"NSE:SBIN", "NSE:NIFTY 50"}
    prices = [found[kind]["NSE:SBIN"]["last_price"] for kind in ("quote", "ohlc", "ltp")]
    assert prices == [800, 800, 800]
    assert len(found["quote"]["NSE:SBIN"]["depth"]["sell"]) == 5


def test_history(found: dict[str, Any]) -> None:
    first, last, count = found["minutes"]
    assert (first["date"], last["date"]) == (
        "2026-11-16 09:15:00+05:30",
        "2026-11-20 15:29:00+05:30",
    )
    assert count == 5 * 375
    assert "oi" in first
    assert found["days"][1] == 20


def test_ticks_of_every_mode_and_kind(found: dict[str, Any]) -> None:
    for mode, ticks in found["ticks"].items():
        assert [tick["mode"] for tick in ticks] == [mode] * 4
        share, index, currency, option = ticks
        assert (share["last_price"], share["tradable"], index["tradable"]) == (800, True, False)
        (quoted,) = found["cds"].values()
        assert currency["last_price"] == quoted["last_price"]
        assert option["instrument_token"] == found["option"]["instrument_token"]
    share, index, *_ = found["ticks"]["full"]
    book, quote = share["depth"], found["quote"]["NSE:SBIN"]
    assert book == quote["depth"]
    assert share["ohlc"] == quote["ohlc"]
    assert index["ohlc"] == found["quote"]["NSE:NIFTY 50"]["ohlc"]


def test_orders(found: dict[str, Any]) -> None:
    rows = {row["tag"] or row["order_type"]: row for row in found["orders"]}
    assert found["update"]["order_id"] == rows["driver"]["order_id"]
    assert (rows["driver"]["status"], rows["driver"]["average_price"]) == ("COMPLETE", 800)
    assert (rows["LIMIT"]["status"], rows["LIMIT"]["quantity"]) == ("CANCELLED", 6)
    assert (rows["SL"]["status"], rows["SL"]["average_price"]) == ("COMPLETE", 820)
    assert len(found["orders"]) == 3
    states = [row["status"] for row in found["modified"]]
    assert states[:4] == [
        "PUT ORDER REQ RECEIVED",
        "VALIDATION PENDING",
        "OPEN PENDING",
        "OPEN",
    ]
    assert states[-3:] == ["MODIFY PENDING", "MODIFIED", "OPEN"]
    assert [trade["quantity"] for trade in found["trades"]] == [10, 3]
    assert found["order_trades"] == found["trades"][:1]


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("protection", "InputException"),
        ("tag", "InputException"),
        ("symbol", "InputException"),
        ("index", "InputException"),
        ("tick", "InputException"),
        ("price", "InputException"),
        ("variety", "InputException"),
        ("finished", "OrderException"),
        ("unknown", "OrderException"),
    ],
)
def test_refusals(found: dict[str, Any], what: str, kind: str) -> None:
    assert found["refusals"][what][:2] == [kind, 400]


def test_portfolio(found: dict[str, Any]) -> None:
    (net,) = found["positions"]["net"]
    assert (net["quantity"], net["buy_value"], net["pnl"]) == (13, 10_460, 200)
    quantities = {row["product"]: row["quantity"] for row in found["converted_positions"]}
    assert quantities == {"MIS": 9, "CNC": 4}
    (holding,) = found["holdings"]
    assert (holding["tradingsymbol"], holding["t1_quantity"]) == ("INFY", 2)
    assert len(found["sliced"]["children"]) == 2


def test_triggers(found: dict[str, Any]) -> None:
    assert [row["status"] for row in found["gtts"]] == ["active", "triggered"]
    assert found["gtts"][0]["condition"]["trigger_values"] == [690]
    first, second = found["gtt"]["orders"]
    assert first["result"] is None
    assert second["result"]["order_result"]["status"] == "success"
    assert found["gtt_deleted"] == found["gtt_modified"]


def test_margins(found: dict[str, Any]) -> None:
    bought, sold = found["order_margins"]
    assert bought["option_premium"] == bought["total"] > 0
    assert sold["span"] + sold["exposure"] == sold["total"]
    basket = found["basket_margins"]
    assert basket["initial"]["total"] >= basket["final"]["total"] > 0
    assert len(basket["orders"]) == 2
