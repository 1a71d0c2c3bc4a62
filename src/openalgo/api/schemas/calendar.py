"""Holidays and hours of the markets."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import NamedExchangeCode, read_day, read_number, refuse
from openalgo.domain.calendar import HolidayType

FIRST_YEAR, LAST_YEAR = 2020, 2050

_CLOSED: list[JsonValue] = ["NSE", "BSE", "NFO", "BFO", "CDS", "BCD"]
_EVENING: JsonDict = {"exchange": "MCX", "start_time": 1740753000000, "end_time": 1740778200000}


def _read_year(value: object) -> int:
    number = read_number(value)
    if number != int(number) or not FIRST_YEAR <= number <= LAST_YEAR:
        raise refuse("Must be a year from {first} to {last}.", first=FIRST_YEAR, last=LAST_YEAR)
    return int(number)


def _read_known_day(value: object) -> date:
    day = read_day(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refuse(
            "Date must be between {first}-01-01 and {last}-12-31.",
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return day


Year = Annotated[
    int,
    PlainValidator(_read_year),
    WithJsonSchema({"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}),
]
KnownDay = Annotated[
    date, PlainValidator(_read_known_day), WithJsonSchema({"type": "string", "format": "date"})
]


class HolidaysRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "year": 2025}]}
    )

    year: Annotated[Year | None, Field(description="This year, in IST, if left out.")] = None


class Hours(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_EVENING]})

    exchange: str
    start_time: Annotated[int, Field(description="Epoch milliseconds.")]
    end_time: Annotated[int, Field(description="Epoch milliseconds.")]


class HolidayRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "date": "2025-02-26",
                    "description": "Mahashivratri",
                    "holiday_type": "TRADING_HOLIDAY",
                    "closed_exchanges": _CLOSED,
                    "open_exchanges": [_EVENING],
                }
            ]
        }
    )

    date: str
    description: str
    holiday_type: HolidayType
    closed_exchanges: list[str]
    open_exchanges: Annotated[list[Hours], Field(description="Those with hours of their own.")]


class HolidaysReply(Reply):
    year: int
    timezone: Literal["Asia/Kolkata"] = "Asia/Kolkata"
    data: Annotated[list[HolidayRow], Field(description="Empty for a year not yet known.")]


class TimingsRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "date": "2025-02-26"}]}
    )

    date: KnownDay


class TimingsReply(Reply):
    data: Annotated[list[Hours], Field(description="Empty when everything is closed.")]


class CheckHolidayRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "date": "2025-08-15", "exchange": "NSE"}]
        }
    )

    date: KnownDay
    exchange: Annotated[
        NamedExchangeCode | None, Field(description="All of them together, if left out.")
    ] = None


class HolidayCheck(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"date": "2025-08-15", "exchange": "NSE", "is_holiday": True}]
        }
    )

    date: str
    exchange: Annotated[str, Field(description="`ALL` where none was named.")]
    is_holiday: Annotated[bool, Field(description="Whether there is no trading on that day.")]


class CheckHolidayReply(Reply):
    data: HolidayCheck
