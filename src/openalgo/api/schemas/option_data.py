"""Options of an underlying: one by its distance from the money, the chain, the synthetic future."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import (
    ExchangeCode,
    StrategyTag,
    Switch,
    Symbol,
    if_any,
    number_schema,
    number_where,
)
from openalgo.api.schemas.options import ExpiryDate, Offset, OptionType, StrikeStep
from openalgo.domain.numbers import ZERO
from openalgo.options.forward import ForwardSource

MOST_STRIKES = 100


def _counts(number: Decimal) -> bool:
    return 1 <= number <= MOST_STRIKES and number == int(number)


StrikeCount = Annotated[
    Decimal,
    PlainValidator(number_where(_counts, "Strike count must be an integer from 1 to 100.")),
    number_schema(minimum=1, maximum=MOST_STRIKES),
]
InterestRate = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: 0 <= n <= 100, "Interest rate must be 0 to 100.")),
    number_schema(minimum=0, maximum=100),
]


class OnUnderlyingRequest(ApiRequest):
    """What names the options of one expiry."""

    underlying: Annotated[
        Symbol, Field(description="NIFTY, RELIANCE, or with an expiry: NIFTY30DEC25FUT.")
    ]
    exchange: Annotated[
        ExchangeCode, Field(description="Of the underlying or of its options: NSE_INDEX, NFO, MCX.")
    ]
    expiry_date: Annotated[
        ExpiryDate | None, Field(description="DDMMMYY; wins over one in the underlying.")
    ] = None


_NIFTY: JsonDict = {
    "apikey": EXAMPLE_KEY,
    "underlying": "NIFTY",
    "exchange": "NSE_INDEX",
    "expiry_date": "30DEC25",
}


class OptionSymbolRequest(OnUnderlyingRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_NIFTY, "offset": "OTM2", "option_type": "CE"}]}
    )

    strategy: Annotated[StrategyTag | None, Field(description="Not used.", deprecated=True)] = None
    offset: Annotated[Offset, Field(description="In listed strikes from the money.")]
    option_type: OptionType
    strike_int: Annotated[
        StrikeStep | None,
        Field(description="Count in steps of so many rupees instead of listed strikes."),
    ] = None


class OptionSymbolReply(Reply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "symbol": "NIFTY30DEC2526100CE",
                    "exchange": "NFO",
                    "lotsize": 65,
                    "tick_size": 0.05,
                    "freeze_qty": 1800,
                    "underlying_ltp": 26013.45,
                }
            ]
        }
    )

    symbol: str
    exchange: str
    lotsize: int
    tick_size: float
    freeze_qty: Annotated[int, Field(description="Most units of one order; 1 where unknown.")]
    underlying_ltp: float


class OptionChainRequest(OnUnderlyingRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_NIFTY, "strike_count": 10, "with_greeks": True}]}
    )

    strike_count: Annotated[
        StrikeCount | None, Field(description="Strikes on each side of the money; all by default.")
    ] = None
    with_greeks: Switch = False
    interest_rate: Annotated[InterestRate, Field(description="Percent a year.")] = ZERO


_LEG: JsonDict = {
    "symbol": "NIFTY30DEC2525000CE",
    "label": "ATM",
    "ltp": 164.0,
    "bid": 163.9,
    "ask": 164.1,
    "bid_qty": 650,
    "ask_qty": 1300,
    "open": 150.0,
    "high": 171.2,
    "low": 140.1,
    "prev_close": 148.9,
    "volume": 41000,
    "oi": 162500,
    "lotsize": 65,
    "tick_size": 0.05,
    "quote_ts": 1766554199,
    "stale": False,
    "implied_volatility": 11.9,
    "delta": 0.522,
    "gamma": 0.001027,
    "theta": -12.4807,
    "vega": 12.9753,
    "rho": -0.027801,
}


_PUT: JsonDict = {
    **_LEG,
    "symbol": "NIFTY30DEC2525000PE",
    "ltp": 145.6,
    "bid": 145.5,
    "ask": 145.7,
    "delta": -0.478,
    "rho": -0.024682,
}


class ChainLegRow(BaseModel):
    """Prices in rupees, quantities in units; 0 where unknown. The greeks are there when they were
    asked for, and `null` where no price implies any."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LEG]})

    symbol: str
    label: Annotated[str, Field(description="ATM, or ITM and OTM with listed strikes from it.")]
    ltp: float
    bid: float
    ask: float
    bid_qty: int
    ask_qty: int
    open: float
    high: float
    low: float
    prev_close: float
    volume: int
    oi: int
    lotsize: int
    tick_size: float
    quote_ts: Annotated[
        int | None, Field(description="When it was quoted, in epoch seconds; null: there is none.")
    ]
    stale: Annotated[
        bool, Field(description="No quote, or a minute older than the newest of the chain.")
    ]
    implied_volatility: Annotated[float | None, Field(description="Percent a year.")] = None
    delta: float | None = None
    gamma: float | None = None
    theta: Annotated[float | None, Field(description="Per calendar day.")] = None
    vega: Annotated[float | None, Field(description="Per point of volatility.")] = None
    rho: Annotated[float | None, Field(description="Per point of interest.")] = None


class ChainRow(BaseModel):
    """One strike; a side that is not listed is `null`."""

    strike: float
    ce: ChainLegRow | None
    pe: ChainLegRow | None


class OptionChainReply(Reply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
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
                    "chain": [{"strike": 25000.0, "ce": _LEG, "pe": _PUT}],
                }
            ]
        }
    )

    underlying: str
    underlying_symbol: Annotated[str, Field(description="Whose price is the underlying's.")]
    underlying_exchange: str
    underlying_ltp: float
    underlying_prev_close: float
    expiry_date: str
    expiry_ts: Annotated[int | None, Field(description="When it expires, in epoch seconds.")]
    server_ts: Annotated[int, Field(description="When the chain was taken, in epoch seconds.")]
    atm_strike: float
    quotes_included: bool
    greeks_included: bool
    forward_price: Annotated[float | None, Field(description="With greeks only.")]
    forward_source: Annotated[
        ForwardSource | None, Field(description="What the forward was taken from.")
    ]
    note: Annotated[
        str | None,
        if_any("Why there are no greeks."),
    ] = None
    chain: Annotated[list[ChainRow], Field(description="By ascending strike.")]


class SyntheticFutureRequest(OnUnderlyingRequest):
    model_config = ConfigDict(json_schema_extra={"examples": [_NIFTY]})


class SyntheticFutureReply(Reply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
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
                }
            ]
        }
    )

    underlying: str
    underlying_ltp: float
    expiry: str
    atm_strike: float
    synthetic_future_price: Annotated[float, Field(description="Strike and call less put.")]
    basis: Annotated[float, Field(description="What it is above the underlying, in rupees.")]
    annualised_carry_pct: Annotated[
        float | None, Field(description="The same in percent a year; null after expiry.")
    ]
    call_ltp: float
    put_ltp: float
