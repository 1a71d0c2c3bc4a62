"""What an account may risk, over HTTP: told, and held to."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.trading.risk_limits import KillSwitch, RiskLimits, RiskSettings
from openalgo.trading.venues import VenueMode
from tests.api.fakes import ACCOUNT, KEY, NOW, READ_KEY, TRADE_KEY, World, order_body


async def post(world: World, endpoint: str, body: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body)
    return reply.status_code, reply.json()


def limit(world: World, limits: RiskLimits, kill: KillSwitch | None = None) -> None:
    world.risk.of[ACCOUNT] = RiskSettings(limits=limits, kill=kill)


async def test_the_limits_and_their_use_are_told(world: World) -> None:
    limit(
        world,
        RiskLimits(max_quantity=Decimal(1000), price_band_percent=Decimal("2.5")),
        KillSwitch(at=NOW, by="asha"),
    )
    assert await post(world, "risk", {"apikey": READ_KEY}) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "data": {
                "limits": {
                    "enforce_tick": False,
                    "enforce_freeze": False,
                    "price_band_percent": 2.5,
                    "max_quantity": 1000,
                    "max_notional": None,
                    "orders_per_second": None,
                    "kept_for_exits": 0,
                    "count_changes": True,
                    "max_orders_per_day": None,
                    "max_loss_per_day": None,
                },
                "kill_switch": True,
                "kill_switch_since": "2025-11-21 10:30:00",
                "kill_switch_by": "asha",
                "usage": {"orders_today": 0, "loss_today": 21.6, "orders_last_second": {}},
            },
        },
    )


async def test_at_a_broker_other_defaults_hold(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    _, reply = await post(world, "risk", {"apikey": KEY})
    assert "mode" not in reply
    limits = reply["data"]["limits"]
    assert (limits["enforce_tick"], limits["enforce_freeze"]) == (True, True)
    assert (limits["orders_per_second"], limits["kept_for_exits"]) == (10, 2)


async def test_orders_of_today_are_counted(world: World) -> None:
    for _ in range(3):
        assert (await post(world, "placeorder", order_body()))[0] == 200
    world.venue.book[0] = replace(world.venue.book[0], created_at=NOW.replace(day=20))
    _, reply = await post(world, "risk", {"apikey": KEY})
    assert reply["data"]["usage"]["orders_today"] == 2


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("nobody's", 403, "invalid_api_key"),
        (TRADE_KEY, 403, "insufficient_scope"),
        (None, 400, "validation_error"),
    ],
)
async def test_only_who_may_read_is_told(
    world: World, key: str | None, status: int, code: str
) -> None:
    answered, reply = await post(world, "risk", {"apikey": key})
    assert (answered, reply["code"]) == (status, code)
    assert "data" not in reply


async def test_a_refused_order_is_answered_with_the_limit_and_the_value(world: World) -> None:
    limit(world, RiskLimits(max_quantity=Decimal(1000)))
    status, reply = await post(world, "placeorder", order_body(quantity=5000))
    assert status == 400
    assert reply.pop("request_id")
    assert reply == {
        "status": "error",
        "message": "Order quantity 5,000 is above your limit of 1,000",
        "code": "risk_max_quantity",
        "limit": "max_quantity",
        "allowed": 1000,
        "value": 5000,
        "mode": "analyze",
    }
    assert world.venue.placed == []


async def test_a_killed_account_may_cancel(world: World) -> None:
    status, placed = await post(world, "placeorder", order_body(pricetype="LIMIT", price=1400))
    limit(world, RiskLimits(max_orders_per_day=0), KillSwitch(at=NOW, by="asha"))
    status, reply = await post(world, "placeorder", order_body())
    assert (status, reply["code"]) == (400, "risk_kill_switch")
    body = {"apikey": KEY, "strategy": "Python", "orderid": placed["orderid"]}
    assert (await post(world, "cancelorder", body))[0] == 200
