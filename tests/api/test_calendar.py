"""Holidays and hours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from openalgo.domain.errors import BrokerSessionExpired
from tests.api.fakes import KEY, World


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": KEY, **members})
    return reply.status_code, reply.json()


def ist_ms(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+05:30").timestamp() * 1000)


async def hours_on(world: World, day: str) -> dict[str, tuple[int, int]]:
    status, body = await post(world, "market/timings", date=day)
    assert (status, body["status"]) == (200, "success")
    return {row["exchange"]: (row["start_time"], row["end_time"]) for row in body["data"]}


async def test_the_holidays_of_a_year(world: World) -> None:
    status, body = await post(world, "market/holidays", year="2025")
    assert (status, body["year"], body["timezone"]) == (200, 2025, "Asia/Kolkata")
    (day,) = [row for row in body["data"] if row["date"] == "2025-08-15"]
    assert day["holiday_type"] == "TRADING_HOLIDAY"
    assert {"NSE", "BSE", "NFO", "BFO", "CDS", "BCD", "MCX"} <= set(day["closed_exchanges"])
    assert day["open_exchanges"] == []
    (evening,) = [row for row in body["data"] if row["date"] == "2025-02-26"]
    (mcx,) = [row for row in evening["open_exchanges"] if row["exchange"] == "MCX"]
    assert mcx["start_time"] == ist_ms("2025-02-26 17:00:00")


async def test_the_year_is_this_one_in_india(world: World) -> None:
    world.clock.set(datetime(2025, 12, 31, 18, 31, tzinfo=UTC))
    for members in ({}, {"year": None}):
        assert (await post(world, "market/holidays", **members))[1]["year"] == 2026
    status, body = await post(world, "market/holidays", year=2050)
    assert (status, body["data"]) == (200, [])


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (2019, "Must be a year from 2020 to 2050."),
        (2051, "Must be a year from 2020 to 2050."),
        (2025.5, "Must be a year from 2020 to 2050."),
        ("this", "Not a valid number."),
        (True, "Not a valid number."),
    ],
)
async def test_a_year_must_be_one(world: World, year: object, text: str) -> None:
    status, body = await post(world, "market/holidays", year=year)
    assert (status, body["errors"]) == (400, {"year": [text]})


async def test_hours_of_a_usual_day(world: World) -> None:
    hours = await hours_on(world, "2025-11-21")
    assert set(hours) == {
        *("NSE", "BSE", "NFO", "BFO", "MCX", "BCD", "CDS", "NCO", "NCDEX", "CRYPTO")
    }
    assert hours["NSE"] == (ist_ms("2025-11-21 09:15:00"), ist_ms("2025-11-21 15:30:00"))
    assert hours["CRYPTO"] == (ist_ms("2025-11-21 00:00:00"), ist_ms("2025-11-21 23:59:59"))


async def test_hours_of_days_that_are_not_usual(world: World) -> None:
    assert set(await hours_on(world, "2025-11-22")) == {"CRYPTO"}
    assert set(await hours_on(world, "2025-08-15")) == {"CRYPTO"}
    evening = await hours_on(world, "2025-02-26")
    assert "NSE" not in evening
    assert evening["MCX"][0] == ist_ms("2025-02-26 17:00:00")
    muhurat = await hours_on(world, "2025-10-21")
    assert muhurat["NSE"] == (ist_ms("2025-10-21 13:45:00"), ist_ms("2025-10-21 14:45:00"))


@pytest.mark.parametrize("endpoint", ["market/timings", "checkholiday", "market/checkholiday"])
@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2019-12-31", "Date must be between 2020-01-01 and 2050-12-31."),
        ("2051-01-01", "Date must be between 2020-01-01 and 2050-12-31."),
        ("2025-13-01", "Not a valid date; use YYYY-MM-DD."),
        ("today", "Not a valid date; use YYYY-MM-DD."),
        (None, "Not a valid date; use YYYY-MM-DD."),
    ],
)
async def test_a_date_must_be_one(world: World, endpoint: str, day: object, text: str) -> None:
    status, body = await post(world, endpoint, date=day)
    assert (status, body["errors"]) == (400, {"date": [text]})


@pytest.mark.parametrize("endpoint", ["checkholiday", "market/checkholiday"])
@pytest.mark.parametrize(
    ("day", "exchange", "named", "holiday"),
    [
        ("2025-8-15", "nse", "NSE", True),
        ("2025-08-15", None, "ALL", True),
        ("2025-11-21", None, "ALL", False),
        ("2025-11-22", None, "ALL", True),
        ("2025-02-26", "", "ALL", False),
        ("2025-02-26", "NSE_INDEX", "NSE_INDEX", True),
        ("2025-02-26", "MCX", "MCX", False),
        ("2025-11-22", "CRYPTO", "CRYPTO", False),
    ],
)
async def test_a_day_is_a_holiday_or_not(
    world: World, endpoint: str, day: str, exchange: str | None, named: str, holiday: bool
) -> None:
    members = {} if exchange is None else {"exchange": exchange}
    full = "2025-08-15" if day == "2025-8-15" else day
    assert await post(world, endpoint, date=day, **members) == (
        200,
        {"status": "success", "data": {"date": full, "exchange": named, "is_holiday": holiday}},
    )


async def test_a_holiday_needs_an_exchange_that_exists(world: World) -> None:
    status, body = await post(world, "checkholiday", date="2025-08-15", exchange="NYSE")
    text = (
        "Exchange must be one of: NSE, NFO, CDS, BSE, BFO, BCD, MCX, NCDEX, NCO, NSE_INDEX, "
        "BSE_INDEX, MCX_INDEX, GLOBAL_INDEX, CRYPTO."
    )
    assert (status, body["errors"]) == (400, {"exchange": [text]})


@pytest.mark.parametrize(
    "endpoint", ["market/holidays", "market/timings", "checkholiday", "market/checkholiday"]
)
async def test_the_calendar_needs_the_key_only(world: World, endpoint: str) -> None:
    world.accounts.refusal = BrokerSessionExpired()
    assert (await post(world, endpoint, date="2025-11-21"))[0] == 200
    status, body = await post(world, endpoint, date="2025-11-21", apikey="nobody")
    assert (status, body["message"]) == (403, "Invalid openalgo apikey")
