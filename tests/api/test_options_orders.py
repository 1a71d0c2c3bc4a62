"""Options orders over HTTP, of one leg and of several."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from openalgo.accounts.accounts import OrderMode
from openalgo.api.schemas.option_replies import OptionsMultiFailedReply, OptionsMultiOrderReply
from openalgo.api.schemas.options import OptionsMultiOrderRequest, OptionsOrderRequest
from openalgo.domain.errors import BrokerUnavailable, InsufficientFunds, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.orders import Order
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, READ_KEY, FakeVenue, World
from tests.instruments.rows import index, options

EXPIRY = date(2025, 11, 25)
NIFTY = InstrumentKey(Exchange.NSE_INDEX, "NIFTY")
MASTER = Master(
    [index("NIFTY"), *options("NIFTY", EXPIRY, *(str(k) for k in range(25500, 26501, 50)))]
)
MARKET_ORDER = {"pricetype": "MARKET", "product": "MIS"}


class FussyVenue(FakeVenue):
    """Refuses the symbols a test names."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, OpenAlgoError] = {}

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        if order.symbol in self.refused:
            raise self.refused[order.symbol]
        return await super().submit(account_id, order, instrument, cause=cause)


@pytest.fixture
def venue() -> FussyVenue:
    return FussyVenue()


@pytest.fixture
def world(venue: FussyVenue) -> World:
    world = World(venue=venue, instruments=CurrentMaster(MASTER))
    world.quotes.known[NIFTY] = Quote(key=NIFTY, at_ms=0, ltp=26013.45)
    return world


def order(**changes: object) -> dict[str, object]:
    """One option, as the SDK asks for it."""
    body: dict[str, object] = {
        "apikey": KEY,
        "strategy": "Python",
        "underlying": "NIFTY",
        "exchange": "NSE_INDEX",
        "expiry_date": "25NOV25",
        "offset": "ITM2",
        "option_type": "CE",
        "action": "BUY",
        "quantity": "65",
        "pricetype": "MARKET",
        "product": "MIS",
        "splitsize": "0",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


def leg(action: str, offset: str, option_type: str = "CE", **more: object) -> dict[str, object]:
    return {
        "action": action,
        "offset": offset,
        "option_type": option_type,
        "quantity": 65,
        **more,
    }


def spread(*legs: object, **changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "apikey": KEY,
        "strategy": "Python",
        "underlying": "NIFTY",
        "exchange": "NSE_INDEX",
        "expiry_date": "25NOV25",
        "legs": list(legs),
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


async def post(world: World, endpoint: str, body: object, **headers: str) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body, headers=headers)
    return reply.status_code, reply.json()


# --- one option


async def test_an_option_is_chosen_and_answered_as_the_sdk_expects(world: World) -> None:
    assert await post(world, "optionsorder", order()) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "orderid": "25112100000001",
            "symbol": "NIFTY25NOV2525900CE",
            "exchange": "NFO",
            "underlying": "NIFTY",
            "underlying_ltp": 26013.45,
            "offset": "ITM2",
            "option_type": "CE",
        },
    )
    assert [record.api_type for record in world.journal.records] == ["optionsorder"]
    assert KEY not in repr(world.journal.records)


async def test_live_replies_do_not_say_mode(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    _, one = await post(world, "optionsorder", order())
    _, many = await post(world, "optionsmultiorder", spread(leg("BUY", "ATM")))
    assert "mode" not in one
    assert "mode" not in many
    assert many["results"][0]["mode"] == "live"


async def test_the_underlying_is_echoed_as_it_was_named(world: World) -> None:
    body = order(underlying="nifty25nov25fut", exchange="nfo", expiry_date=..., option_type="pe")
    _, reply = await post(world, "optionsorder", body)
    assert (reply["underlying"], reply["symbol"]) == ("NIFTY25NOV25FUT", "NIFTY25NOV2526100PE")
    assert reply["option_type"] == "PE"


async def test_an_order_in_parts_tells_of_each(world: World) -> None:
    status, reply = await post(world, "optionsorder", order(quantity=325, splitsize="130"))
    assert status == 200
    assert "orderid" not in reply
    assert (reply["status"], reply["symbol"]) == ("success", "NIFTY25NOV2525900CE")
    assert (reply["total_quantity"], reply["split_size"]) == (325, 130)
    assert reply["results"] == [
        {"order_num": 1, "quantity": 130, "status": "success", "orderid": "25112100000001"},
        {"order_num": 2, "quantity": 130, "status": "success", "orderid": "25112100000002"},
        {"order_num": 3, "quantity": 65, "status": "success", "orderid": "25112100000003"},
    ]
    assert reply["summary"] == {"total": 3, "success": 3, "failed": 0}
    assert (reply["underlying_ltp"], reply["mode"]) == (26013.45, "analyze")


async def test_parts_of_which_none_was_placed_are_an_error_that_says_why(
    world: World, venue: FussyVenue
) -> None:
    venue.refused["NIFTY25NOV2525900CE"] = InsufficientFunds("Insufficient funds.")
    status, reply = await post(world, "optionsorder", order(quantity=130, splitsize=65))
    assert (status, reply["status"], reply["code"]) == (200, "error", "all_orders_failed")
    assert reply["message"] == "All 2 orders failed: Insufficient funds."
    assert reply["results"][1] == {
        "order_num": 2,
        "quantity": 65,
        "status": "error",
        "message": "Insufficient funds.",
        "code": "insufficient_funds",
    }
    assert reply["summary"] == {"total": 2, "success": 0, "failed": 2}
    assert reply["request_id"]


async def test_a_refused_order_is_refused_with_its_own_status(
    world: World, venue: FussyVenue
) -> None:
    venue.refused["NIFTY25NOV2525900CE"] = InsufficientFunds("Insufficient funds.")
    status, reply = await post(world, "optionsorder", order())
    assert (status, reply["code"], reply["message"], reply["mode"]) == (
        400,
        "insufficient_funds",
        "Insufficient funds.",
        "analyze",
    )
    venue.refused["NIFTY25NOV2525900CE"] = BrokerUnavailable("The broker does not answer")
    status, reply = await post(world, "optionsorder", order())
    assert (status, reply["code"]) == (502, "broker_unavailable")


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"expiry_date": ...}, 400, "Expiry date required. "),
        ({"expiry_date": "26NOV25"}, 404, "No strikes found for NIFTY expiring 26NOV25. "),
        ({"offset": "OTM11"}, 400, "Offset OTM11 is out of range for available strikes. "),
        (
            {"offset": "ATM", "strike_int": "70"},
            404,
            "Option symbol NIFTY25NOV2526040CE not found in NFO. ",
        ),
        ({"underlying": "GOLD", "exchange": "MCX"}, 404, "No unexpired futures found for GOLD"),
        ({"underlying": "BTC", "exchange": "CRYPTO"}, 404, "No perpetual futures found for BTC"),
        ({"underlying": "SBIN", "exchange": "NSE"}, 400, "Failed to fetch LTP for SBIN. "),
        ({"quantity": 66}, 400, "Quantity must be in multiples of lot size 65"),
        (
            {"quantity": 65 * 101, "splitsize": 65},
            400,
            "Total number of orders would exceed maximum limit of 100",
        ),
    ],
)
async def test_what_cannot_be_resolved_is_answered_in_the_words_clients_know(
    world: World, changes: dict[str, object], status: int, message: str
) -> None:
    got, reply = await post(world, "optionsorder", order(**changes))
    assert (got, reply["status"], reply["mode"]) == (status, "error", "analyze")
    assert reply["message"].startswith(message)
    assert world.venue.book == []


async def test_a_quote_that_fails_lends_its_status(world: World) -> None:
    world.quotes.failing[NIFTY] = BrokerUnavailable("The broker does not answer")
    status, reply = await post(world, "optionsorder", order())
    assert (status, reply["code"]) == (502, "broker_unavailable")
    assert reply["message"] == "Failed to fetch LTP for NIFTY. The broker does not answer"


# --- several options


async def test_legs_are_answered_in_the_order_of_the_request(world: World) -> None:
    status, reply = await post(
        world,
        "optionsmultiorder",
        spread(
            leg("SELL", "OTM2", **MARKET_ORDER),
            leg("buy", "otm4", "pe", quantity="130", splitsize="65", product="nrml"),
            leg("BUY", "OTM50"),
            leg("BUY", "OTM4", splitsize=None),
            leg("BUY", "ATM", quantity=65 * 101, splitsize=65),
        ),
    )
    one, two = "25112100000001", "25112100000002"
    assert status == 200
    assert reply == {
        "status": "success",
        "mode": "analyze",
        "underlying": "NIFTY",
        "underlying_ltp": 26013.45,
        "results": [
            {
                "leg": 1,
                "symbol": "NIFTY25NOV2526100CE",
                "exchange": "NFO",
                "product": "MIS",
                "offset": "OTM2",
                "option_type": "CE",
                "action": "SELL",
                "status": "success",
                "orderid": "25112100000004",
                "mode": "analyze",
            },
            {
                "leg": 2,
                "symbol": "NIFTY25NOV2525800PE",
                "exchange": "NFO",
                "product": "NRML",
                "offset": "OTM4",
                "option_type": "PE",
                "action": "BUY",
                "status": "success",
                "total_quantity": 130,
                "split_size": 65,
                "split_results": [
                    {"order_num": 1, "quantity": 65, "status": "success", "orderid": one},
                    {"order_num": 2, "quantity": 65, "status": "success", "orderid": two},
                ],
                "mode": "analyze",
            },
            {
                "leg": 3,
                "offset": "OTM50",
                "option_type": "CE",
                "action": "BUY",
                "status": "error",
                "message": "Offset OTM50 is out of range for available strikes. Please use a "
                "smaller offset.",
                "code": "validation_error",
            },
            {
                "leg": 4,
                "symbol": "NIFTY25NOV2526200CE",
                "exchange": "NFO",
                "product": "MIS",
                "offset": "OTM4",
                "option_type": "CE",
                "action": "BUY",
                "status": "success",
                "orderid": "25112100000003",
                "mode": "analyze",
            },
            {
                "leg": 5,
                "symbol": "NIFTY25NOV2526000CE",
                "exchange": "NFO",
                "offset": "ATM",
                "option_type": "CE",
                "action": "BUY",
                "status": "error",
                "message": "Split orders would exceed maximum limit of 100 per leg",
                "code": "invalid_order",
            },
        ],
        "summary": {"total": 5, "success": 3, "failed": 2},
    }
    OptionsMultiOrderReply.model_validate(reply)
    assert [record.api_type for record in world.journal.records] == ["optionsmultiorder"]


async def test_when_no_leg_was_placed_the_first_reason_is_the_message(
    world: World, venue: FussyVenue
) -> None:
    venue.refused["NIFTY25NOV2526050CE"] = InsufficientFunds("Insufficient funds.")
    status, reply = await post(
        world,
        "optionsmultiorder",
        spread(leg("BUY", "OTM1", quantity=130, splitsize=65), leg("SELL", "OTM50")),
    )
    assert (status, reply["status"]) == (200, "error")
    assert reply["message"] == "All 2 orders failed: Insufficient funds."
    assert reply["summary"] == {"total": 2, "success": 0, "failed": 2}
    first = reply["results"][0]
    assert (first["status"], first["message"]) == ("error", "Insufficient funds.")
    assert [part["status"] for part in first["split_results"]] == ["error", "error"]
    OptionsMultiFailedReply.model_validate(reply)


async def test_an_atomic_spread_sells_nothing_uncovered(world: World, venue: FussyVenue) -> None:
    venue.refused["NIFTY25NOV2526200CE"] = InsufficientFunds("Insufficient funds.")
    legs = leg("SELL", "OTM2"), leg("BUY", "OTM4")
    _, reply = await post(world, "optionsmultiorder", spread(*legs, atomic="yes"))
    assert reply["status"] == "error"
    assert [row["code"] for row in reply["results"]] == ["leg_skipped", "insufficient_funds"]
    _, reply = await post(world, "optionsmultiorder", spread(*legs))
    assert [row["status"] for row in reply["results"]] == ["success", "error"]


# --- repeats and approvals


async def test_a_repeat_gets_its_first_answer_though_the_market_moved(world: World) -> None:
    header = {"Idempotency-Key": "breakout-7"}
    legs = leg("SELL", "OTM2"), leg("BUY", "OTM4")
    first = [
        await post(world, "optionsorder", order(), **header),
        await post(world, "optionsmultiorder", spread(*legs, client_order_id="condor-1")),
    ]
    world.quotes.known[NIFTY] = Quote(key=NIFTY, at_ms=0, ltp=26113.45)
    again = [
        await post(world, "optionsorder", order(), **header),
        await post(world, "optionsmultiorder", spread(*legs, client_order_id="condor-1")),
    ]
    assert again == first
    assert [reply["client_order_id"] for _, reply in first] == ["breakout-7", "condor-1"]
    assert len(world.venue.book) == 3


async def test_one_key_for_two_requests_is_a_conflict(world: World) -> None:
    await post(world, "optionsorder", order(client_order_id="a"))
    status, reply = await post(world, "optionsorder", order(client_order_id="a", offset="ATM"))
    assert (status, reply["code"]) == (409, "idempotency_conflict")
    assert len(world.venue.book) == 1


@pytest.mark.parametrize(
    ("endpoint", "body", "symbols"),
    [
        ("optionsorder", order(), ["NIFTY25NOV2525900CE"]),
        (
            "optionsmultiorder",
            spread(leg("SELL", "OTM2"), leg("BUY", "OTM4")),
            ["NIFTY25NOV2526100CE", "NIFTY25NOV2526200CE"],
        ),
    ],
)
async def test_in_semi_auto_mode_it_waits_with_the_strikes_of_now(
    world: World, endpoint: str, body: dict[str, object], symbols: list[str]
) -> None:
    world.modes.mode = OrderMode.SEMI_AUTO
    world.venue.mode = VenueMode.LIVE
    assert await post(world, endpoint, body) == (
        200,
        {
            "status": "success",
            "message": "Order queued for approval in Action Center",
            "mode": "semi_auto",
            "pending_order_id": 1,
        },
    )
    [(_, plan, _)] = world.queue.queued
    assert [each.order.symbol for each in plan.legs] == symbols
    assert world.venue.book == []


async def test_reading_keys_may_not_trade(world: World) -> None:
    for endpoint, body in (("optionsorder", order()), ("optionsmultiorder", spread())):
        status, _ = await post(world, endpoint, body | {"apikey": READ_KEY})
        assert status == 403


# --- what clients may write


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offset": "OTM51"}, "offset: Must be ATM, ITM1-ITM50 or OTM1-OTM50."),
        ({"option_type": "CALL"}, "option_type: Must be one of: CE, PE."),
        ({"quantity": "0"}, "quantity: Quantity must be a positive integer."),
        ({"quantity": 65.5}, "quantity: Quantity must be a positive integer."),
        ({"splitsize": -1}, "splitsize: Split size must be a non-negative integer."),
        ({"strike_int": 0}, "strike_int: Strike interval must be a positive integer."),
        ({"product": "CNC"}, "product: Must be one of: MIS, NRML."),
        (
            {"expiry_date": "2025-11-25"},
            "expiry_date: Invalid expiry_date format. Expected DDMMMYY",
        ),
        ({"expiry_date": "31FEB25"}, "expiry_date: Invalid expiry_date format. Expected DDMMMYY"),
        ({"underlying": ...}, "underlying: Missing data for required field."),
        ({"offset": ...}, "offset: Missing data for required field."),
    ],
)
async def test_fields_have_a_form(world: World, changes: dict[str, object], message: str) -> None:
    status, reply = await post(world, "optionsorder", order(**changes))
    assert (status, reply["code"], reply["message"]) == (400, "validation_error", message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (spread(), "No legs provided in the request"),
        (spread(*[leg("BUY", "ATM")] * 21), "legs: Legs must contain 1 to 20 items."),
        (
            spread(leg("BUY", "ATM"), leg("HOLD", "ATM")),
            "legs.1.action: Must be one of: BUY, SELL.",
        ),
        (spread(leg("BUY", "ATM"), expiry_date=...), "Expiry date required. "),
        (spread(legs=...), "legs: Missing data for required field."),
    ],
)
async def test_legs_have_a_form(world: World, body: dict[str, object], message: str) -> None:
    status, reply = await post(world, "optionsmultiorder", body)
    assert (status, reply["code"]) == (400, "validation_error")
    assert reply["message"].startswith(message)
    assert world.venue.book == []


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blank_optional_fields_mean_their_default(blank: object) -> None:
    given = OptionsOrderRequest.model_validate(
        order(splitsize=blank, strike_int=blank, pricetype=blank, product=blank, price=blank)
    )
    assert given.to_intent(None) == OptionsOrderRequest.model_validate(order()).to_intent(None)


def test_numbers_come_as_text_and_words_in_any_case() -> None:
    loud = order(offset=" itm2 ", option_type="ce", quantity="65.0", expiry_date="25-Nov-25")
    given = OptionsOrderRequest.model_validate(loud).to_intent("a")
    assert (
        given.fingerprint()
        == OptionsOrderRequest.model_validate(order()).to_intent("a").fingerprint()
    )


def test_prices_an_order_type_does_not_use_are_dropped() -> None:
    body = spread(
        leg("BUY", "ATM", price=10, trigger_price=9),
        leg("BUY", "ATM", price=10, trigger_price=9, pricetype="SL"),
    )
    market, stop = OptionsMultiOrderRequest.model_validate(body).to_intent(None).legs
    assert (market.price, market.trigger_price) == (0, 0)
    assert (stop.price, stop.trigger_price) == (10_000_000, 9_000_000)


def test_a_leg_of_another_shape_is_refused() -> None:
    for legs in ("BUY", {"0": leg("BUY", "ATM")}, ["ATM"]):
        with pytest.raises(ValidationError):
            OptionsMultiOrderRequest.model_validate(spread(legs=legs))


async def test_the_request_log_holds_what_was_answered(world: World) -> None:
    _, reply = await post(world, "optionsmultiorder", spread(leg("BUY", "ATM")))
    [record] = world.journal.records
    assert json.loads(record.response) == reply
