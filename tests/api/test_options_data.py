"""Option symbols, chains, synthetic futures, greeks and margins over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from openalgo.api.application import ApiSettings, openapi_document
from openalgo.api.limits import RateClass
from openalgo.api.schemas import greeks, margin, option_data
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import BrokerSessionExpired, BrokerUnavailable, Unsupported
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from tests.api.fakes import KEY, READ_KEY, TRADE_KEY, World
from tests.instruments.rows import contract, index, options
from tests.options.board import ENDS, EXPIRY, NIFTY, NOW, WORKED, option

CHAIN = {"underlying": "nifty", "exchange": "nse_index", "expiry_date": "30DEC25"}
CALL = {"symbol": "NIFTY30DEC2525000CE", "exchange": "NFO"}
PUT = {"symbol": "NIFTY30DEC2525000PE", "exchange": "NFO"}


@pytest.fixture
def chain_world() -> World:
    world = World(clock=ManualClock(NOW))
    world.instruments = CurrentMaster(
        Master(
            [
                index("NIFTY"),
                contract("NIFTY", EXPIRY),
                *options("NIFTY", EXPIRY, *map(str, WORKED)),
                contract("NIFTY", EXPIRY, "25300", InstrumentType.CALL),
            ]
        )
    )
    put(world, NIFTY, 24_980.4, prev_close=24_901.15)
    for strike, (call, put_) in WORKED.items():
        put(world, option(strike, "CE"), call)
        put(world, option(strike, "PE"), put_)
    put(world, option(25_300, "CE"), 51.0)
    return world


def put(world: World, key: InstrumentKey, ltp: float, **more: Any) -> None:
    world.quotes.known[key] = Quote(key=key, at_ms=epoch_ms(world.clock.now()), ltp=ltp, **more)


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": KEY, **members})
    return reply.status_code, reply.json()


# --- one option by its distance


async def test_an_option_is_found_by_its_distance(chain_world: World) -> None:
    wanted = {**CHAIN, "offset": "otm2", "option_type": "ce"}
    assert await post(chain_world, "optionsymbol", **wanted, strategy="Python") == (
        200,
        {
            "status": "success",
            "symbol": "NIFTY30DEC2525100CE",
            "exchange": "NFO",
            "lotsize": 65,
            "tick_size": 0.05,
            "freeze_qty": 1800,
            "underlying_ltp": 24980.4,
        },
    )
    _, body = await post(
        chain_world,
        "optionsymbol",
        underlying="NIFTY30DEC25FUT",
        exchange="NFO",
        offset="ITM1",
        option_type="PE",
        strike_int="100",
    )
    assert body["symbol"] == "NIFTY30DEC2525100PE"


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"expiry_date": ""}, 400, "Expiry date required."),
        ({"expiry_date": "01JAN26"}, 404, "No strikes found for NIFTY expiring 01JAN26."),
        ({"offset": "OTM9"}, 400, "Offset OTM9 is out of range for available strikes."),
        ({"offset": "FAR"}, 400, "offset: Must be ATM, ITM1-ITM50 or OTM1-OTM50."),
        ({"strike_int": 30}, 404, "Option symbol NIFTY30DEC2524990CE not found in NFO."),
        ({"underlying": "NOSUCH"}, 400, "Failed to fetch LTP for NOSUCH."),
    ],
)
async def test_what_is_no_option_is_refused(
    chain_world: World, changes: dict[str, object], status: int, text: str
) -> None:
    wanted = {**CHAIN, "offset": "ATM", "option_type": "CE", **changes}
    found, body = await post(chain_world, "optionsymbol", **wanted)
    assert (found, body["status"]) == (status, "error")
    assert body["message"].startswith(text)


# --- the chain


async def test_the_worked_chain_is_what_clients_get(chain_world: World) -> None:
    status, body = await post(
        chain_world, "optionchain", **CHAIN, strike_count=2, with_greeks="true"
    )
    assert status == 200
    rows = body.pop("chain")
    assert body == {
        "status": "success",
        "underlying": "NIFTY",
        "underlying_symbol": "NIFTY",
        "underlying_exchange": "NSE_INDEX",
        "underlying_ltp": 24980.4,
        "underlying_prev_close": 24901.15,
        "expiry_date": "30DEC25",
        "expiry_ts": 1767088800,
        "server_ts": 1766554200,
        "atm_strike": 25000.0,
        "quotes_included": True,
        "greeks_included": True,
        "forward_price": 25018.4,
        "forward_source": "parity",
    }
    assert [row["strike"] for row in rows] == [24900, 24950, 25000, 25050, 25100]
    assert [(row["ce"]["label"], row["pe"]["label"]) for row in rows] == [
        *(("ITM2", "OTM2"), ("ITM1", "OTM1"), ("ATM", "ATM"), ("OTM1", "ITM1"), ("OTM2", "ITM2")),
    ]
    money = rows[2]["ce"]
    assert money["implied_volatility"] == 11.9
    assert (money["delta"], money["gamma"], money["theta"]) == (0.522, 0.001027, -12.4807)
    assert (money["vega"], money["lotsize"], money["tick_size"]) == (12.9753, 65, 0.05)
    for row in rows:
        option_data.ChainRow.model_validate(row)


async def test_without_greeks_there_are_none(chain_world: World) -> None:
    put(chain_world, option(25_000, "CE"), 164.0, bid=163.9, ask=164.1, bid_quantity=650, oi=3)
    status, body = await post(chain_world, "optionchain", **CHAIN)
    assert (status, body["forward_price"], body["greeks_included"]) == (200, None, False)
    assert len(body["chain"]) == len(WORKED) + 1
    assert body["chain"][-1]["pe"] is None, "only the call is listed"
    (row,) = [each for each in body["chain"] if each["strike"] == 25000]
    assert row["ce"] == {
        "symbol": "NIFTY30DEC2525000CE",
        "label": "ATM",
        "ltp": 164.0,
        "bid": 163.9,
        "ask": 164.1,
        "bid_qty": 650,
        "ask_qty": 0,
        "open": 0.0,
        "high": 0.0,
        "low": 0.0,
        "prev_close": 0.0,
        "volume": 0,
        "oi": 3,
        "lotsize": 65,
        "tick_size": 0.05,
        "quote_ts": 1766554200,
        "stale": False,
    }


async def test_a_missing_quote_is_zeros_that_say_so(chain_world: World) -> None:
    del chain_world.quotes.known[option(25_050, "PE")]
    _, body = await post(chain_world, "optionchain", **CHAIN, with_greeks=True)
    (row,) = [each for each in body["chain"] if each["strike"] == 25050]
    leg = row["pe"]
    assert (leg["ltp"], leg["quote_ts"], leg["stale"]) == (0.0, None, True)
    assert [leg[name] for name in ("implied_volatility", "delta", "rho")] == [None, None, None]


async def test_a_chain_that_has_expired_says_why_it_has_no_greeks(chain_world: World) -> None:
    chain_world.clock.set(ENDS)
    _, body = await post(chain_world, "optionchain", **CHAIN, with_greeks=True)
    assert body["note"] == "Options have expired - Greeks are no longer applicable"
    assert {row["ce"]["delta"] for row in body["chain"]} == {None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"strike_count": 0}, "strike_count"),
        ({"strike_count": 101}, "strike_count"),
        ({"interest_rate": -1}, "interest_rate"),
        ({"interest_rate": "101"}, "interest_rate"),
        ({"with_greeks": "perhaps"}, "with_greeks"),
        ({"expiry_date": "2025-12-30"}, "expiry_date"),
        ({"exchange": "NYSE"}, "exchange"),
    ],
)
async def test_a_chain_is_asked_for_properly(
    chain_world: World, changes: dict[str, object], field: str
) -> None:
    status, body = await post(chain_world, "optionchain", **{**CHAIN, **changes})
    assert (status, list(body["errors"])) == (400, [field])


# --- the synthetic future


async def test_a_synthetic_future_is_made_at_the_money(chain_world: World) -> None:
    assert await post(chain_world, "syntheticfuture", **CHAIN) == (
        200,
        {
            "status": "success",
            "underlying": "NIFTY",
            "underlying_ltp": 24980.4,
            "expiry": "30DEC25",
            "atm_strike": 25000.0,
            "synthetic_future_price": 25018.4,
            "basis": 38.0,
            "annualised_carry_pct": 8.97,
            "call_ltp": 164.0,
            "put_ltp": 145.6,
        },
    )
    put(chain_world, option(25_000, "PE"), 0.0)
    chain_world.clock.advance(timedelta(seconds=1))
    status, body = await post(chain_world, "syntheticfuture", **CHAIN)
    assert (status, body["code"]) == (404, "no_option_price")


# --- greeks


async def test_greeks_are_rounded_as_clients_expect(chain_world: World) -> None:
    status, body = await post(chain_world, "optiongreeks", **CALL)
    assert status == 200
    full = body.pop("greeks_full")
    assert full["gamma"] == pytest.approx(0.00102733, abs=1e-8)
    assert body.pop("forward_price") == pytest.approx(25018.4)
    assert body == {
        "status": "success",
        "symbol": "NIFTY30DEC2525000CE",
        "exchange": "NFO",
        "underlying": "NIFTY",
        "strike": 25000.0,
        "option_type": "CE",
        "expiry_date": "30-Dec-2025",
        "days_to_expiry": 6.1875,
        "spot_price": 25018.4,
        "option_price": 164.0,
        "interest_rate": 0.0,
        "implied_volatility": 11.9,
        "greeks": {
            "delta": 0.522,
            "gamma": 0.001027,
            "theta": -12.4807,
            "vega": 12.9753,
            "rho": -0.027801,
        },
        "forward_source": "parity",
        "time_to_expiry_years": 0.0169520548,
    }


async def test_a_forward_of_zero_is_none(chain_world: World) -> None:
    _, given = await post(chain_world, "optiongreeks", **CALL, forward_price="24990")
    _, zero = await post(chain_world, "optiongreeks", **CALL, forward_price=0, expiry_time="14:30")
    assert (given["spot_price"], given["forward_source"]) == (24990.0, "user")
    assert (zero["spot_price"], zero["forward_source"]) == (25018.4, "parity")
    assert zero["days_to_expiry"] == pytest.approx(6.1875 - 1 / 24, abs=1e-4)


async def test_an_option_at_its_intrinsic_value_says_so(chain_world: World) -> None:
    put(chain_world, option(24_750, "CE"), 250.0)
    _, body = await post(
        chain_world, "optiongreeks", symbol="NIFTY30DEC2524750CE", exchange="NFO",
        forward_price=25018.4,
    )  # fmt: skip
    assert body["implied_volatility"] == 0
    assert body["greeks"] == {"delta": 1.0, "gamma": 0, "theta": 0, "vega": 0, "rho": 0}
    assert (body["intrinsic_value"], body["time_value"]) == (268.4, 0.0)
    assert body["note"] == "Deep ITM option with no time value - theoretical Greeks returned"


async def test_an_extreme_volatility_is_marked(chain_world: World) -> None:
    put(chain_world, option(25_000, "CE"), 15_000.0)
    _, body = await post(chain_world, "optiongreeks", **CALL, forward_price=25_000)
    assert body["implied_volatility"] > 500
    assert body["iv_quality"] == "extreme"


@pytest.mark.parametrize(
    ("changes", "ltp", "status", "text"),
    [
        ({}, 25_100.0, 400, "Option price exceeds theoretical maximum"),
        ({}, 0.0, 404, "Option LTP not available"),
        (
            {"underlying_symbol": "NOSUCH", "forward_price": 0},
            164.0,
            404,
            "Underlying LTP not available",
        ),
        ({"symbol": "NIFTY30DEC2599000CE"}, 164.0, 404, "Option symbol NIFTY30DEC2599000CE not"),
        ({"symbol": "NIFTY28NOV2424000CE"}, 164.0, 400, "Option has expired on 28-Nov-2024"),
        ({"symbol": "NIFTY30DEC25FUT"}, 164.0, 400, "NIFTY30DEC25FUT is not an option symbol."),
        ({"symbol": "360ONE"}, 164.0, 400, "360ONE is not an option symbol."),
        ({"exchange": "NSE"}, 164.0, 400, "exchange: Must be one of: NFO, BFO, MCX, CDS"),
        ({"expiry_time": "25:00"}, 164.0, 400, "expiry_time: Not a valid time; use HH:MM."),
        ({"forward_price": -1}, 164.0, 400, "forward_price: Forward price must be"),
        ({"interest_rate": 101}, 164.0, 400, "interest_rate: Interest rate must be 0 to 100."),
    ],
)
async def test_greeks_that_cannot_be_had_say_why(
    chain_world: World, changes: dict[str, object], ltp: float, status: int, text: str
) -> None:
    put(chain_world, option(25_000, "CE"), ltp)
    body: Any
    found, body = await post(
        chain_world, "optiongreeks", **{**CALL, "forward_price": 25_000, **changes}
    )
    assert (found, body["status"]) == (status, "error")
    assert body["message"].startswith(text)


async def test_many_greeks_keep_the_order_of_the_request(chain_world: World) -> None:
    bad = {"symbol": "NIFTY30DEC2599000CE", "exchange": "NFO"}
    status, body = await post(chain_world, "multioptiongreeks", symbols=[PUT, bad, CALL, PUT])
    assert (status, body["status"]) == (200, "partial")
    assert body["summary"] == {"total": 4, "success": 3, "failed": 1}
    assert [row["symbol"] for row in body["data"]] == [
        each["symbol"] for each in (PUT, bad, CALL, PUT)
    ]
    assert body["data"][1]["code"] == "symbol_not_found"
    assert body["data"][0] == body["data"][3]
    status, body = await post(chain_world, "multioptiongreeks", symbols=[CALL])
    assert (status, body["status"], "message" in body) == (200, "success", False)
    single = await post(chain_world, "optiongreeks", **CALL)
    assert body["data"] == [single[1]]
    status, body = await post(chain_world, "multioptiongreeks", symbols=[bad])
    assert (status, body["status"]) == (200, "error")
    assert body["message"].startswith("All 1 symbols failed: Option symbol NIFTY30DEC2599000CE")


async def test_an_expired_option_among_many_is_reported(chain_world: World) -> None:
    chain_world.clock.set(ENDS)
    gone = {"symbol": "NIFTY28NOV2424000CE", "exchange": "NFO"}
    _, body = await post(chain_world, "multioptiongreeks", symbols=[CALL, gone])
    assert body["status"] == "success"
    call, old = body["data"]
    assert call["note"] == "Option has expired - Greeks are no longer applicable"
    assert (call["days_to_expiry"], call["implied_volatility"]) == (0, 0)
    assert (call["intrinsic_value"], call["time_value"]) == (0.0, 164.0)
    assert set(call["greeks"].values()) == {0}
    assert (old["option_price"], old["expiry_date"]) == (None, "28-Nov-2024")
    assert old["intrinsic_value"] == 980.4


@pytest.mark.parametrize("symbols", [..., [], [CALL] * 51, "NIFTY", [{"symbol": "X"}]])
async def test_many_greeks_are_asked_for_properly(chain_world: World, symbols: object) -> None:
    members = {} if symbols is ... else {"symbols": symbols}
    status, body = await post(chain_world, "multioptiongreeks", **members)
    assert (status, body["code"]) == (400, "validation_error")


# --- who may ask, and how often


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        ("optionsymbol", 403),
        ("optionchain", 403),
        ("syntheticfuture", 403),
        ("margin", 403),
        ("optiongreeks", 401),
        ("multioptiongreeks", 401),
    ],
)
async def test_a_wrong_key_is_told_as_clients_expect(
    chain_world: World, endpoint: str, status: int
) -> None:
    async with chain_world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": "w" * 64})
        scoped = await client.post(f"/api/v1/{endpoint}", json={"apikey": TRADE_KEY})
    assert (reply.status_code, reply.json()["message"]) == (status, "Invalid openalgo apikey")
    assert (scoped.status_code, scoped.json()["code"]) == (403, "insufficient_scope")


async def test_greeks_have_a_limit_of_their_own(chain_world: World) -> None:
    chain_world.settings = ApiSettings(
        version="0.1.0",
        limits=dict.fromkeys(RateClass, "100 per second") | {RateClass.GREEKS: "2 per minute"},
    )
    async with chain_world.client() as client:
        body = {"apikey": READ_KEY, **CALL}
        codes = [
            (await client.post("/api/v1/optiongreeks", json=body)).status_code for _ in range(3)
        ]
        several = await client.post(
            "/api/v1/multioptiongreeks", json={"apikey": READ_KEY, "symbols": [CALL]}
        )
    assert codes == [200, 200, 429]
    assert several.status_code == 200


def test_by_default_there_are_thirty_single_greeks_a_minute() -> None:
    assert ApiSettings(version="0.1.0").limits[RateClass.GREEKS] == "30 per minute"


@pytest.mark.parametrize(
    ("endpoint", "members"),
    [
        ("optionsymbol", {**CHAIN, "offset": "ATM", "option_type": "CE"}),
        ("optionchain", CHAIN),
        ("syntheticfuture", CHAIN),
        ("optiongreeks", CALL),
        ("multioptiongreeks", {"symbols": [CALL]}),
    ],
)
async def test_no_broker_no_prices(
    chain_world: World, endpoint: str, members: dict[str, object]
) -> None:
    chain_world.quotes.failing[NIFTY] = BrokerUnavailable("The broker does not answer")
    status, body = await post(chain_world, endpoint, **members)
    if endpoint == "multioptiongreeks":
        assert body["data"][0]["code"] == "broker_unavailable"
    else:
        assert (status, body["code"]) == (502, "broker_unavailable")
    chain_world.accounts.refusal = BrokerSessionExpired()
    status, body = await post(chain_world, endpoint, **members)
    assert (status, body["code"]) == (403, "broker_session")


# --- margin

BUY = {
    "symbol": "RELIANCE",
    "exchange": "NSE",
    "action": "BUY",
    "product": "MIS",
    "pricetype": "MARKET",
    "quantity": "10",
    "price": "0",
    "trigger_price": "0",
}


async def test_a_margin_is_that_of_the_accounts_venue(chain_world: World) -> None:
    listed = {**BUY, **CALL, "quantity": "65", "product": "NRML"}
    assert await post(chain_world, "margin", positions=[listed, listed]) == (
        200,
        {
            "status": "success",
            "data": {
                "total_margin_required": 11700.0,
                "span_margin": 11700.0,
                "exposure_margin": 0.0,
                "margin_benefit": 1300.0,
            },
            "mode": "analyze",
        },
    )
    chain_world.venue.refusal = Unsupported("Margin calculation not supported for broker: paytm")
    status, body = await post(chain_world, "margin", positions=[listed])
    assert (status, body["mode"]) == (501, "analyze")
    assert body["message"] == "Margin calculation not supported for broker: paytm"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"quantity": "66"}, "positions.1.quantity", "Position 2: Quantity must be in multiples"),
        ({"quantity": "0"}, "positions.1.quantity", "positions.1.quantity: Quantity must be a"),
        ({"pricetype": "LIMIT"}, "positions.1.price", "Position 2: LIMIT orders require price"),
        ({"pricetype": "SL-M"}, "positions.1.trigger_price", "Position 2: SL-M orders require"),
        ({"product": "CNC"}, "positions.1.product", "Position 2: CNC is not allowed on NFO."),
        ({"symbol": "NOSUCH"}, "positions.1.symbol", "Position 2: Symbol NOSUCH not found"),
        ({"product": None}, "positions.1.product", "positions.1.product: "),
    ],
)
async def test_a_position_that_no_exchange_takes_is_named(
    chain_world: World, changes: dict[str, object], field: str, text: str
) -> None:
    listed = {**BUY, **CALL, "quantity": "65", "product": "NRML"}
    status, body = await post(chain_world, "margin", positions=[listed, {**listed, **changes}])
    assert (status, list(body["errors"])) == (400, [field])
    assert body["message"].startswith(text)


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([], "positions: positions array cannot be empty"),
        ([BUY] * 51, "positions: Maximum 50 positions allowed"),
        ({}, "positions: Not a valid list."),
    ],
)
async def test_positions_are_one_to_fifty(chain_world: World, positions: object, text: str) -> None:
    status, body = await post(chain_world, "margin", positions=positions)
    assert (status, body["message"]) == (400, text)


# --- the document

DOCUMENT = openapi_document("9.9.9")["components"]["schemas"]


@pytest.mark.parametrize(
    "request_body",
    [
        option_data.OptionSymbolRequest,
        option_data.OptionChainRequest,
        option_data.SyntheticFutureRequest,
        greeks.OptionGreeksRequest,
        greeks.MultiOptionGreeksRequest,
        margin.MarginRequest,
    ],
)
def test_examples_are_valid(request_body: type[BaseModel]) -> None:
    for example in DOCUMENT[request_body.__name__]["examples"]:
        request_body.model_validate(example)


@pytest.mark.parametrize(
    "reply",
    [
        option_data.OptionSymbolReply,
        option_data.OptionChainReply,
        option_data.SyntheticFutureReply,
        greeks.GreeksRow,
        greeks.MultiOptionGreeksReply,
        greeks.MultiOptionGreeksPartialReply,
        greeks.MultiOptionGreeksFailedReply,
        margin.MarginReply,
    ],
)
def test_examples_are_what_is_sent(reply: type[BaseModel]) -> None:
    for example in DOCUMENT[reply.__name__]["examples"]:
        assert reply.model_validate(example).model_dump(mode="json") == example


def test_the_exchange_of_an_underlying_may_be_its_options() -> None:
    exchange = DOCUMENT["OptionChainRequest"]["properties"]["exchange"]
    named = exchange["$ref"].rpartition("/")[2]
    assert {Exchange.NFO, Exchange.NSE_INDEX} <= set(DOCUMENT[named]["enum"])
