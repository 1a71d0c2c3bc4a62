"""Options as the published SDK gets them from a running server."""

import re
from datetime import datetime
from typing import Any

import pytest

from openalgo.domain.clock import IST
from tests.support.sdk import Sdk
from tests.support.server import Server

NIFTY = {"underlying": "NIFTY", "exchange": "NSE_INDEX"}


@pytest.fixture
def expiry(server: Server) -> str:
    """The second expiry of NIFTY: it has time left whatever the time of day."""
    found: Any = server.ok("expiry", symbol="NIFTY", exchange="NFO", instrumenttype="options")
    text: str = found["data"][1]
    return text.replace("-", "")


def test_an_option_is_found_by_its_distance(client: Sdk, expiry: str) -> None:
    found = client.optionsymbol(**NIFTY, expiry_date=expiry, offset="OTM2", option_type="CE")
    assert found["status"] == "success", found
    assert found["exchange"] == "NFO"
    assert re.fullmatch(rf"NIFTY{expiry}\d+CE", found["symbol"])
    strike = float(found["symbol"].removeprefix(f"NIFTY{expiry}").removesuffix("CE"))
    assert strike > found["underlying_ltp"]
    assert found["lotsize"] > 1
    assert found["freeze_qty"] >= found["lotsize"]
    legacy = client.optionsymbol(
        **NIFTY, strategy="Python", strike_int=100, expiry_date=expiry, offset="ATM",
        option_type="PE",
    )  # fmt: skip
    assert legacy["symbol"].endswith("00PE")


def test_a_chain_has_labels_prices_and_greeks(client: Sdk, expiry: str) -> None:
    chain = client.optionchain(**NIFTY, expiry_date=expiry, strike_count=5, with_greeks=True)
    assert chain["status"] == "success", chain
    assert (chain["underlying"], chain["underlying_exchange"]) == ("NIFTY", "NSE_INDEX")
    assert chain["expiry_date"] == expiry
    rows = chain["chain"]
    assert len(rows) == 11
    assert [row["ce"]["label"] for row in rows][4:7] == ["ITM1", "ATM", "OTM1"]
    assert [row["pe"]["label"] for row in rows][4:7] == ["OTM1", "ATM", "ITM1"]
    assert rows[5]["strike"] == chain["atm_strike"]
    strikes = [row["strike"] for row in rows]
    assert strikes == sorted(strikes)
    assert chain["expiry_ts"] > chain["server_ts"] > datetime(2020, 1, 1, tzinfo=IST).timestamp()
    for row in rows:
        call, put = row["ce"], row["pe"]
        for leg in (call, put):
            assert 0 < leg["bid"] <= leg["ask"]
            assert leg["bid_qty"] > 0
            assert 1 < leg["implied_volatility"] < 100
            assert leg["gamma"] > 0
            assert leg["vega"] > 0
            assert leg["stale"] is False
        assert call["delta"] - put["delta"] == pytest.approx(1.0, abs=2e-3)
        assert call["implied_volatility"] == pytest.approx(put["implied_volatility"], abs=0.5)


def test_put_and_call_agree_on_the_forward(client: Sdk, expiry: str) -> None:
    chain = client.optionchain(
        **NIFTY, expiry_date=expiry, strike_count=10, with_greeks=True, interest_rate=6.5
    )
    made = client.syntheticfuture(**NIFTY, expiry_date=expiry)
    assert chain["forward_source"] == "parity"
    assert made["synthetic_future_price"] == pytest.approx(chain["forward_price"], rel=2e-3)
    assert made["synthetic_future_price"] == pytest.approx(
        made["atm_strike"] + made["call_ltp"] - made["put_ltp"], abs=0.01
    )
    assert made["basis"] == pytest.approx(
        made["synthetic_future_price"] - made["underlying_ltp"], abs=0.01
    )


def test_an_embedded_expiry_does(client: Sdk, expiry: str) -> None:
    chain = client.optionchain(underlying=f"NIFTY{expiry}", exchange="NFO", strike_count=1)
    assert (chain["expiry_date"], chain["greeks_included"]) == (expiry, False)
    assert "delta" not in chain["chain"][0]["ce"]
    missing = client.optionchain(underlying="NIFTY", exchange="NFO")
    assert (missing["status"], missing["code"]) == ("error", 400)
    assert "Expiry date required." in missing["message"]


def test_commodities_settle_into_their_futures(client: Sdk, server: Server) -> None:
    found: Any = server.ok("expiry", symbol="CRUDEOIL", exchange="MCX", instrumenttype="options")
    expiry = found["data"][1].replace("-", "")
    chain = client.optionchain(
        underlying="CRUDEOIL", exchange="MCX", expiry_date=expiry, strike_count=3, with_greeks=True
    )
    assert chain["status"] == "success", chain
    assert re.fullmatch(r"CRUDEOIL\d\d[A-Z]{3}\d\dFUT", chain["underlying_symbol"])
    assert chain["forward_price"] == pytest.approx(chain["underlying_ltp"], rel=2e-3)
    ends = datetime.fromtimestamp(chain["expiry_ts"], IST)
    assert (ends.hour, ends.minute) == (23, 30)


def test_greeks_of_one_are_those_among_many(client: Sdk, server: Server, expiry: str) -> None:
    symbol = client.optionsymbol(**NIFTY, expiry_date=expiry, offset="OTM1", option_type="PE")
    wanted = {"symbol": symbol["symbol"], "exchange": "NFO"}
    alone = client.optiongreeks(**wanted, interest_rate=6.5)
    assert alone["status"] == "success", alone
    assert (alone["underlying"], alone["option_type"]) == ("NIFTY", "PE")
    assert -1 < alone["greeks"]["delta"] < 0
    assert 1 < alone["implied_volatility"] < 100
    assert alone["forward_source"] == "parity"
    assert (
        alone["expiry_date"].upper()
        == datetime.strptime(expiry, "%d%b%y").replace(tzinfo=IST).strftime("%d-%b-%Y").upper()
    )
    nowhere = {"symbol": f"NIFTY{expiry}1CE", "exchange": "NFO"}
    many: Any = server.ok("multioptiongreeks", symbols=[nowhere, wanted], interest_rate="6.5")
    assert (many["status"], many["summary"]["failed"]) == ("partial", 1)
    assert [row["status"] for row in many["data"]] == ["error", "success"]
    assert many["data"][1]["implied_volatility"] == pytest.approx(
        alone["implied_volatility"], abs=1.0
    )


def test_an_expired_option_is_refused_as_clients_know(client: Sdk) -> None:
    gone = client.optiongreeks(symbol="NIFTY28NOV2424000CE", exchange="NFO")
    assert (gone["status"], gone["code"]) == ("error", 400)
    assert "Option has expired on 28-Nov-2024" in gone["message"]


def test_a_wrong_key_is_a_401_for_greeks(server: Server) -> None:
    answers = {
        name: server.post(name, apikey="w" * 64).status_code
        for name in ("optiongreeks", "multioptiongreeks", "optionchain")
    }
    assert answers == {"optiongreeks": 401, "multioptiongreeks": 401, "optionchain": 403}


def test_a_margin_nets_what_is_bought_and_sold(client: Sdk, expiry: str) -> None:
    option = client.optionsymbol(**NIFTY, expiry_date=expiry, offset="ATM", option_type="CE")
    leg = {
        "symbol": option["symbol"],
        "exchange": "NFO",
        "action": "BUY",
        "product": "NRML",
        "pricetype": "LIMIT",
        "quantity": option["lotsize"],
        "price": 100,
    }
    alone = client.margin(positions=[leg])
    assert alone["data"]["total_margin_required"] == 100 * option["lotsize"]
    assert alone["mode"] == "analyze"
    both = client.margin(positions=[leg, {**leg, "action": "SELL"}])
    assert both["data"]["total_margin_required"] == 0
    assert both["data"]["margin_benefit"] == 200 * option["lotsize"]
    market = client.margin(positions=[{**leg, "pricetype": "MARKET", "price": 0}])
    assert market["data"]["total_margin_required"] > 0
    refused = client.margin(positions=[{**leg, "quantity": 1}])
    assert (refused["status"], refused["code"]) == ("error", 400)
    assert "Position 1: Quantity must be in multiples of lot size" in refused["message"]
