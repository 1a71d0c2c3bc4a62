"""Prices."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply, Wanted
from openalgo.api.schemas.fields import ExchangeCode, Symbol, if_any


class QuotesRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "symbol": "RELIANCE", "exchange": "NSE"}]
        }
    )

    symbol: Symbol
    exchange: ExchangeCode


class QuoteRow(BaseModel):
    """Prices in rupees, quantities in units; 0 where unknown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "open": 1508.0,
                    "high": 1519.9,
                    "low": 1502.1,
                    "ltp": 1512.4,
                    "ask": 1512.45,
                    "bid": 1512.35,
                    "prev_close": 1505.6,
                    "volume": 1840221,
                    "oi": 0,
                }
            ]
        }
    )

    open: float
    high: float
    low: float
    ltp: float
    ask: float
    bid: float
    prev_close: float
    volume: int
    oi: int


class QuotesReply(Reply):
    data: QuoteRow


MAX_SYMBOLS = 500


class SymbolName(Wanted):
    """One of many instruments."""

    symbol: Symbol
    exchange: ExchangeCode


class MultiQuotesRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "symbols": [
                        {"symbol": "RELIANCE", "exchange": "NSE"},
                        {"symbol": "NIFTY", "exchange": "NSE_INDEX"},
                    ],
                }
            ]
        }
    )

    symbols: Annotated[list[SymbolName], Field(min_length=1, max_length=MAX_SYMBOLS)]


class QuoteResult(BaseModel):
    """Either `data` or `error`."""

    symbol: str
    exchange: str
    data: Annotated[QuoteRow | None, Field(exclude_if=lambda data: data is None)] = None
    error: Annotated[
        str | None,
        if_any("Why there is no quote."),
    ] = None


class MultiQuotesReply(Reply):
    results: Annotated[list[QuoteResult], Field(description="In the order of the request.")]


class DepthLevel(BaseModel):
    price: float
    quantity: int


class DepthRow(BaseModel):
    """Prices in rupees, quantities in units; 0 where unknown. Best prices first; sides with fewer
    than five are filled up with zeros."""

    open: float
    high: float
    low: float
    ltp: float
    ltq: Annotated[int, Field(description="Quantity of the last trade.")]
    prev_close: float
    volume: int
    oi: int
    totalbuyqty: int
    totalsellqty: int
    asks: Annotated[list[DepthLevel], Field(min_length=5, max_length=5)]
    bids: Annotated[list[DepthLevel], Field(min_length=5, max_length=5)]


class DepthReply(Reply):
    data: DepthRow
