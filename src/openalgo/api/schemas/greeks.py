"""Implied volatility and greeks of options by their symbols. Prices are rupees."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply, Wanted
from openalgo.api.schemas.baskets import Summary
from openalgo.api.schemas.fields import (
    DerivativeExchangeCode,
    ExchangeCode,
    Symbol,
    bounded_list,
    if_any,
    number_schema,
    number_where,
    refuse,
)
from openalgo.api.schemas.option_data import InterestRate
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO
from openalgo.options import greeks
from openalgo.options.forward import ForwardSource

MOST_SYMBOLS = 50

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def _read_clock(value: object) -> time:
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise refuse("Not a valid time; use HH:MM.")
    return time(int(match[1]), int(match[2]))


ExpiryTime = Annotated[
    time,
    PlainValidator(_read_clock),
    WithJsonSchema({"type": "string", "examples": ["15:30", "23:30"]}),
]
ForwardPrice = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n >= 0, "Forward price must be a non-negative number.")),
    number_schema(minimum=0),
]

_GREEKS: JsonDict = {
    "delta": 0.522,
    "gamma": 0.001027,
    "theta": -12.4807,
    "vega": 12.9753,
    "rho": -0.027801,
}
_FULL: JsonDict = {
    "delta": 0.52201898,
    "gamma": 0.00102733,
    "theta": -12.48069193,
    "vega": 12.97533563,
    "rho": -0.02780137,
}
_ROW: JsonDict = {
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
    "greeks": _GREEKS,
    "greeks_full": _FULL,
    "forward_price": 25018.4,
    "forward_source": "parity",
    "time_to_expiry_years": 0.0169520548,
}
_FAILED: JsonDict = {
    "status": "error",
    "symbol": "NIFTY30DEC2599000CE",
    "exchange": "NFO",
    "message": "Option symbol NIFTY30DEC2599000CE not found in NFO. Symbol may not exist or master "
    "contract needs update.",
    "code": "symbol_not_found",
}


class GreeksTarget(Wanted):
    """An option, and where its forward comes from: the chain it belongs to, unless named."""

    symbol: Symbol
    exchange: DerivativeExchangeCode
    underlying_symbol: Annotated[
        Symbol | None, Field(description="Whose price is the forward, such as a future.")
    ] = None
    underlying_exchange: ExchangeCode | None = None

    def wanted(self, forward: Decimal = ZERO) -> greeks.Wanted:
        return greeks.Wanted(
            key=InstrumentKey(self.exchange, self.symbol),
            forward=float(forward),
            underlying=self.underlying_symbol,
            underlying_exchange=self.underlying_exchange,
        )


class _Terms(ApiRequest):
    interest_rate: Annotated[InterestRate, Field(description="Percent a year.")] = ZERO
    expiry_time: Annotated[
        ExpiryTime | None, Field(description="IST; the cut-off of the exchange by default.")
    ] = None

    @property
    def rate(self) -> float:
        """As a decimal."""
        return float(self.interest_rate) / 100.0


class OptionGreeksRequest(_Terms, GreeksTarget):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, "symbol": "NIFTY30DEC2525000CE", "exchange": "NFO"}
            ]
        }
    )

    forward_price: Annotated[
        ForwardPrice, Field(description="In rupees, instead of any quote; 0 is none.")
    ] = ZERO


class MultiOptionGreeksRequest(_Terms):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "symbols": [
                        {"symbol": "NIFTY30DEC2525000CE", "exchange": "NFO"},
                        {"symbol": "NIFTY30DEC2525000PE", "exchange": "NFO"},
                    ],
                }
            ]
        }
    )

    symbols: Annotated[
        list[GreeksTarget],
        bounded_list("Symbols", MOST_SYMBOLS),
        Field(json_schema_extra={"minItems": 1, "maxItems": MOST_SYMBOLS}),
    ]


class GreekNumbers(BaseModel):
    """`theta` per calendar day, `vega` per point of volatility, `rho` per point of interest."""

    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


class GreeksRow(BaseModel):
    """What one option implies. Where that is nothing, `note` says why, volatility is 0, and
    `intrinsic_value` and `time_value` are added; prices of an option that has expired may be
    `null`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    status: Literal["success"] = "success"
    symbol: str
    exchange: str
    underlying: str
    strike: float
    option_type: Literal["CE", "PE"]
    expiry_date: str
    days_to_expiry: float
    spot_price: Annotated[float | None, Field(description="The forward used; its old name.")]
    option_price: Annotated[float | None, Field(description="The last price.")]
    interest_rate: Annotated[float, Field(description="Percent a year.")]
    implied_volatility: Annotated[float, Field(description="Percent a year.")]
    greeks: GreekNumbers
    greeks_full: Annotated[GreekNumbers, Field(description="The same to eight decimals.")]
    forward_price: float | None
    forward_source: ForwardSource | None
    time_to_expiry_years: Annotated[
        float, Field(description="What was computed with: at least 53 minutes, as a rule.")
    ]
    iv_quality: Annotated[
        Literal["extreme"] | None, if_any("A volatility above 500 % or below 0.1 %.")
    ] = None
    intrinsic_value: Annotated[float | None, if_any("What exercising would bring.")] = None
    time_value: Annotated[float | None, if_any("The rest of the price.")] = None
    note: Annotated[str | None, if_any("Why no volatility is implied.")] = None


class OptionGreeksReply(GreeksRow, Reply):
    status: Literal["success"] = "success"


class FailedGreeksRow(BaseModel):
    """Why there are no greeks of one symbol."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FAILED]})

    status: Literal["error"] = "error"
    symbol: str
    exchange: str
    message: str
    code: str


class _Rows(BaseModel):
    data: Annotated[
        list[GreeksRow | FailedGreeksRow], Field(description="In the order of the request.")
    ]
    summary: Summary


class MultiOptionGreeksReply(_Rows, Reply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "data": [_ROW],
                    "summary": {"total": 1, "success": 1, "failed": 0},
                }
            ]
        }
    )

    status: Literal["success"] = "success"


class MultiOptionGreeksPartialReply(_Rows):
    """Some have greeks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "partial",
                    "data": [_ROW, _FAILED],
                    "summary": {"total": 2, "success": 1, "failed": 1},
                    "message": "1 of 2 symbols failed",
                }
            ]
        }
    )

    status: Literal["partial"] = "partial"
    message: str


class MultiOptionGreeksFailedReply(_Rows):
    """None has greeks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "error",
                    "data": [_FAILED],
                    "summary": {"total": 1, "success": 0, "failed": 1},
                    "message": f"All 1 symbols failed: {_FAILED['message']}",
                }
            ]
        }
    )

    status: Literal["error"] = "error"
    message: str
