"""Orders that wait for a price, over HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.domain.clock import IST
from openalgo.domain.errors import Unsupported
from openalgo.domain.gtt import GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import PlaceGtt
from openalgo.domain.numbers import px
from openalgo.domain.orders import PriceType, Product
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, NOW, World

FIRST = "GTT-251121-00000001"


async def post(world: World, endpoint: str, body: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body)
    return reply.status_code, reply.json()


def single(**changes: object) -> dict[str, object]:
    """As the SDK sends it: numbers as text, what is not used as nothing."""
    body: dict[str, object] = {
        "apikey": KEY,
        "strategy": "Python",
        "trigger_type": "single",
        "exchange": "NSE",
        "symbol": "RELIANCE",
        "action": "BUY",
        "product": "CNC",
        "quantity": "10",
        "pricetype": "LIMIT",
        "price": "1400",
        "triggerprice_sl": "1401.5",
        "triggerprice_tg": "",
        "stoploss": None,
        "target": "",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


def oco(**changes: object) -> dict[str, object]:
    legs: dict[str, object] = {
        "trigger_type": "OCO",
        "action": "SELL",
        "price": 0,
        "triggerprice_sl": 1390,
        "stoploss": "1389.5",
        "triggerprice_tg": 1600,
        "target": 1599.5,
    }
    return single(**(legs | changes))


async def placed(world: World, body: dict[str, object]) -> PlaceGtt:
    status, answer = await post(world, "placegttorder", body)
    assert status == 200, answer
    return world.venue.wanted[-1]


def trigger(side: TriggerSide, at: str, limit: str) -> GttTrigger:
    return GttTrigger(side=side, trigger_price=px(at), price=px(limit))


# --- placing


async def test_a_gtt_is_placed(world: World) -> None:
    assert await post(world, "placegttorder", single(client_order_id="k")) == (
        200,
        {"status": "success", "mode": "analyze", "trigger_id": FIRST, "client_order_id": "k"},
    )
    [intent] = world.venue.wanted
    assert (intent.trigger_type, intent.product, intent.quantity) == (
        TriggerType.SINGLE,
        Product.CNC,
        Decimal(10),
    )
    assert (intent.price_type, intent.client_order_id) == (PriceType.LIMIT, "k")
    assert intent.expires_at is None


BELOW, ABOVE = TriggerSide.BELOW, TriggerSide.ABOVE


@pytest.mark.parametrize(
    ("body", "triggers"),
    [
        (single(), [trigger(BELOW, "1401.5", "1400")]),
        (
            single(triggerprice_sl=0, triggerprice_tg="1500", price=1510),
            [trigger(ABOVE, "1500", "1510")],
        ),
        (single(pricetype="MARKET", price="5"), [trigger(BELOW, "1401.5", "0")]),
        (oco(), [trigger(BELOW, "1390", "1389.5"), trigger(ABOVE, "1600", "1599.5")]),
        (
            oco(price=7, action="BUY"),
            [trigger(BELOW, "1390", "1389.5"), trigger(ABOVE, "1600", "1599.5")],
        ),
        (oco(pricetype="market"), [trigger(BELOW, "1390", "0"), trigger(ABOVE, "1600", "0")]),
    ],
)
async def test_triggers_ascend_and_the_field_says_which_way_they_fire(
    world: World, body: dict[str, object], triggers: list[GttTrigger]
) -> None:
    assert list((await placed(world, body)).triggers) == triggers


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-12-31", datetime(2025, 12, 31, 23, 59, 59, tzinfo=IST)),
        ("2025-11-21", datetime(2025, 11, 21, 23, 59, 59, tzinfo=IST)),
        ("2025-12-31 15:30:00", datetime(2025, 12, 31, 15, 30, tzinfo=IST)),
        ("2025-12-31T15:30:00", datetime(2025, 12, 31, 15, 30, tzinfo=IST)),
        ("2025-12-31T10:00:00Z", datetime(2025, 12, 31, 10, 0, tzinfo=UTC)),
        ("2025-12-31T15:30:00+05:30", datetime(2025, 12, 31, 10, 0, tzinfo=UTC)),
    ],
)
async def test_times_are_ist_unless_they_say_otherwise(
    world: World, text: str, at: datetime
) -> None:
    assert (await placed(world, single(expires_at=text))).expires_at == at


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "31-12-2025", "2025-13-01", 20251231, "9999-12-31T23:59:59-10:00", True, []],
)
async def test_what_is_no_time_is_refused(world: World, text: object) -> None:
    status, body = await post(world, "placegttorder", single(expires_at=text))
    assert (status, list(body["errors"])) == (400, ["expires_at"])
    assert body["message"].startswith("expires_at: Not a valid time")
    assert world.venue.waiting == []


@pytest.mark.parametrize("text", ["2025-11-20", "2025-11-21 10:30:00", "0001-01-01T06:00:00"])
async def test_times_past_are_refused(world: World, text: str) -> None:
    status, body = await post(world, "placegttorder", single(expires_at=text))
    assert (status, body["message"]) == (400, "expires_at must be in the future.")
    assert body["errors"] == {"expires_at": ["expires_at must be in the future."]}


_ONE = "SINGLE needs exactly one of triggerprice_sl and triggerprice_tg above 0."
_ALL = "OCO needs triggerprice_sl, stoploss, triggerprice_tg and target above 0."


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        (single(triggerprice_sl=""), "triggerprice_sl", _ONE),
        (single(triggerprice_tg=1500), "triggerprice_tg", _ONE),
        (single(triggerprice_sl="0.0000001"), "triggerprice_sl", _ONE),
        (single(price=0), "price", "LIMIT orders require price"),
        (oco(triggerprice_sl=0), "triggerprice_sl", _ALL),
        (oco(stoploss=""), "stoploss", _ALL),
        (oco(triggerprice_tg=...), "triggerprice_tg", _ALL),
        (oco(target=0), "target", _ALL),
        (
            oco(triggerprice_sl=1600),
            "triggerprice_sl",
            "triggerprice_sl must be below triggerprice_tg.",
        ),
    ],
)
async def test_prices_go_together(
    world: World, body: dict[str, object], field: str, text: str
) -> None:
    for endpoint in ("placegttorder", "modifygttorder"):
        status, answer = await post(world, endpoint, {**body, "trigger_id": FIRST})
        assert (status, answer["message"]) == (400, text)
        assert (answer["errors"], answer["code"]) == ({field: [text]}, "validation_error")
    assert world.venue.waiting == []


_MIS = "GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"product": "MIS"}, _MIS),
        ({"trigger_type": "TWO"}, "Must be one of: SINGLE, OCO."),
        ({"pricetype": "SL"}, "Must be one of: LIMIT, MARKET."),
        ({"quantity": 0}, "Quantity must be a positive number."),
        ({"triggerprice_sl": -1}, "Trigger price must be a non-negative number."),
        ({"stoploss": -1}, "Price must be a non-negative number."),
        ({"price": ...}, "Missing data for required field."),
        ({"product": ...}, "Missing data for required field."),
    ],
)
async def test_every_field_has_its_rule(
    world: World, changes: dict[str, object], text: str
) -> None:
    [field] = changes
    status, body = await post(world, "placegttorder", single(**changes))
    assert status == 400
    assert body["errors"] == {field: [text]}


async def test_what_no_exchange_takes_is_refused_before_it_waits(world: World) -> None:
    for changes, code in (
        ({"symbol": "NOSUCH"}, "symbol_not_found"),
        ({"product": "NRML"}, "invalid_order"),
        ({"quantity": "1.5"}, "invalid_order"),
    ):
        status, body = await post(world, "placegttorder", single(**changes))
        assert (status, body["code"]) == (400, code)


# --- changing


async def test_a_gtt_is_replaced_whole(world: World) -> None:
    await post(world, "placegttorder", single())
    changed = single(trigger_id=FIRST, quantity=3, price=1300, triggerprice_sl=1301)
    assert await post(world, "modifygttorder", changed) == (
        200,
        {"status": "success", "mode": "analyze", "trigger_id": FIRST},
    )
    [gtt] = world.venue.waiting
    assert (gtt.quantity, list(gtt.triggers)) == (Decimal(3), [trigger(BELOW, "1301", "1300")])


async def test_a_gtt_is_cancelled_once(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    await post(world, "placegttorder", single())
    about = {"apikey": KEY, "strategy": "Python", "trigger_id": FIRST}
    assert await post(world, "cancelgttorder", about) == (
        200,
        {"status": "success", "trigger_id": FIRST},
    )
    for endpoint in ("cancelgttorder", "modifygttorder"):
        status, body = await post(world, endpoint, {**single(), **about})
        assert (status, body["code"]) == (404, "gtt_not_found")
        assert body["message"] == f"No active GTT with trigger_id '{FIRST}'"


async def test_brokers_without_gtts_say_so(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    world.venue.refusal = Unsupported("GTT orders are not supported for broker 'X' yet")
    about = {"trigger_id": FIRST}
    for endpoint in ("placegttorder", "modifygttorder", "cancelgttorder", "gttorderbook"):
        status, body = await post(world, endpoint, {**single(), **about, "status": "all"})
        assert (status, body["code"]) == (501, "unsupported"), endpoint
        assert body["message"] == "GTT orders are not supported for broker 'X' yet"


# --- the book


async def test_the_book_shows_what_waits_and_on_request_all(world: World) -> None:
    await post(world, "placegttorder", single())
    await post(world, "placegttorder", oco())
    world.venue.waiting[1] = replace(world.venue.waiting[1], status=GttStatus.TRIGGERED)
    world.venue.waiting[0] = replace(
        world.venue.waiting[0], reserved=Decimal("120.5"), updated_at=NOW + timedelta(minutes=5)
    )
    status, body = await post(world, "gttorderbook", {"apikey": KEY})
    assert (status, body) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "data": [
                {
                    "trigger_id": "GTT-251121-00000002",
                    "trigger_type": "two-leg",
                    "status": "active",
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "trigger_prices": [1390.0, 1600.0],
                    "last_price": 1512.4,
                    "legs": [
                        {
                            "action": "SELL",
                            "quantity": 10,
                            "price": 1389.5,
                            "pricetype": "LIMIT",
                            "product": "CNC",
                        },
                        {
                            "action": "SELL",
                            "quantity": 10,
                            "price": 1599.5,
                            "pricetype": "LIMIT",
                            "product": "CNC",
                        },
                    ],
                    "created_at": "2025-11-21 10:30:00",
                    "updated_at": "2025-11-21 10:35:00",
                    "expires_at": "2026-11-21 10:30:00",
                    "strategy": "Python",
                    "margin_blocked": 120.5,
                }
            ],
        },
    )
    _, everything = await post(world, "gttorderbook", {"apikey": KEY, "status": "All"})
    assert [(row["trigger_type"], row["status"]) for row in everything["data"]] == [
        ("two-leg", "active"),
        ("single", "triggered"),
    ]


async def test_a_brokers_book_has_neither_strategy_nor_margin(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    await post(world, "placegttorder", single())
    _, body = await post(world, "gttorderbook", {"apikey": KEY, "status": ""})
    assert "mode" not in body
    [row] = body["data"]
    assert not {"strategy", "margin_blocked"} & set(row)
    assert row["trigger_prices"] == [1401.5]


async def test_an_empty_book_is_compact_json(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/gttorderbook", json={"apikey": KEY})
        bad = await client.post("/api/v1/gttorderbook", json={"apikey": KEY, "status": "old"})
    assert reply.text == '{"status":"success","mode":"analyze","data":[]}'
    assert bad.json()["errors"] == {"status": ["Must be one of: active, all."]}
