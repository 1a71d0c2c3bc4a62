"""Prices."""

from pydantic import BaseModel, ConfigDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import ExchangeCode, Symbol


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
