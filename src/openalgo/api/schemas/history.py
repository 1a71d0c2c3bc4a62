"""Candles."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply, Wanted
from openalgo.api.schemas.fields import (
    Day,
    ExchangeCode,
    Interval,
    Symbol,
    one_word,
    read_day,
)
from openalgo.domain.clock import IST

_EPOCH_S, _EPOCH_MS = 10, 13


def _read_ticker_day(value: object) -> date:
    """A date, or the IST date of an instant in seconds or milliseconds since the epoch."""
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.isdigit() and len(text) in (_EPOCH_S, _EPOCH_MS):
        seconds = int(text[:_EPOCH_S])
        return datetime.fromtimestamp(seconds, UTC).astimezone(IST).date()
    return read_day(value)


TickerDay = Annotated[
    date,
    PlainValidator(_read_ticker_day),
    WithJsonSchema({"type": "string", "examples": ["2025-11-21", "1763683200"]}),
]
CandleSource = Annotated[
    Literal["api", "db"],
    PlainValidator(one_word("api", "db")),
    WithJsonSchema({"type": "string", "enum": ["api", "db"]}),
]
TickerFormat = Annotated[
    Literal["json", "txt"],
    PlainValidator(one_word("json", "txt")),
    WithJsonSchema({"type": "string", "enum": ["json", "txt"]}),
]


class HistoryRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "interval": "5m",
                    "start_date": "2025-11-17",
                    "end_date": "2025-11-21",
                }
            ]
        }
    )

    symbol: Symbol
    exchange: ExchangeCode
    interval: Annotated[
        Interval, Field(description="One of those /intervals lists; upper and lower case differ.")
    ]
    start_date: Annotated[Day, Field(description="The first day, in IST.")]
    end_date: Annotated[Day, Field(description="The last day, in IST; it is included.")]
    source: Annotated[
        CandleSource, Field(description="`api` asks the broker, `db` the candles stored here.")
    ] = "api"


class CandleRow(BaseModel):
    """Prices in rupees, quantities in units."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "timestamp": 1763696700,
                    "open": 1508.0,
                    "high": 1509.5,
                    "low": 1507.2,
                    "close": 1509.1,
                    "volume": 18402,
                    "oi": 0,
                }
            ]
        }
    )

    timestamp: Annotated[
        int,
        Field(
            description="Epoch seconds: the start of an intraday candle; of a day or longer, "
            "midnight UTC of its (first) date in IST."
        ),
    ]
    open: float
    high: float
    low: float
    close: float
    volume: int
    oi: int


class HistoryReply(Reply):
    data: Annotated[list[CandleRow], Field(description="Ascending.")]


class IntervalGroups(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seconds": [],
                    "minutes": ["1m", "5m", "15m"],
                    "hours": ["1h"],
                    "days": ["D"],
                    "weeks": ["W"],
                    "months": ["M"],
                }
            ]
        }
    )

    seconds: list[str]
    minutes: list[str]
    hours: list[str]
    days: list[str]
    weeks: list[str]
    months: Annotated[list[str], Field(description="Of one month and longer.")]


class IntervalsReply(Reply):
    data: IntervalGroups


class TickerQuery(Wanted):
    interval: Annotated[Interval, Field(description="As for /history.")] = "D"
    start: Annotated[
        TickerDay, Field(alias="from", description="A date, or epoch seconds or milliseconds.")
    ]
    end: Annotated[TickerDay, Field(alias="to", description="The last day; it is included.")]
    format: Annotated[
        TickerFormat, Field(description="`txt` gives lines of values joined by commas.")
    ] = "json"
