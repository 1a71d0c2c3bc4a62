"""The books of an account. Times are `YYYY-MM-DD HH:MM:SS` in IST, amounts rupees."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, VenueReply
from openalgo.api.schemas.fields import ExchangeCode, ProductCode, Symbol, if_any
from openalgo.api.schemas.terms import StrategyRequest
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product

Number = int | float

ORDER_ROW: JsonDict = {
    "orderid": "25112100000001",
    "symbol": "RELIANCE",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": 1,
    "price": 1512.4,
    "trigger_price": 0.0,
    "pricetype": "MARKET",
    "product": "MIS",
    "order_status": "complete",
    "average_price": 1512.4,
    "filled_quantity": 1,
    "pending_quantity": 0,
    "rejection_reason": "",
    "timestamp": "2025-11-21 10:30:00",
    "strategy": "Python",
}


class OrderRow(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [ORDER_ROW]})

    orderid: str
    symbol: str
    exchange: Exchange
    action: Action
    quantity: Number
    price: Annotated[
        float, Field(description="The limit; for MARKET, the reference price at acceptance.")
    ]
    trigger_price: float
    pricetype: PriceType
    product: Product
    order_status: OrderStatus
    average_price: float
    filled_quantity: Number
    pending_quantity: Number
    rejection_reason: str
    timestamp: str
    strategy: str


class OrderStatistics(BaseModel):
    total_buy_orders: int = 0
    total_sell_orders: int = 0
    total_completed_orders: int = 0
    total_open_orders: int = 0
    total_rejected_orders: int = 0
    total_trigger_pending_orders: int = 0


class OrderBook(BaseModel):
    orders: Annotated[list[OrderRow], Field(description="Newest first.")]
    statistics: OrderStatistics


class OrderBookReply(VenueReply):
    data: OrderBook


class TradeRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tradeid": "TRADE-20251121-103000-1a2b3c4d",
                    "orderid": "25112100000001",
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "action": "BUY",
                    "quantity": 1,
                    "average_price": 1512.4,
                    "price": 1512.4,
                    "trade_value": 1512.4,
                    "product": "MIS",
                    "strategy": "Python",
                    "timestamp": "2025-11-21 10:30:00",
                }
            ]
        }
    )

    tradeid: str
    orderid: str
    symbol: str
    exchange: Exchange
    action: Action
    quantity: Number
    average_price: float
    price: float
    trade_value: float
    product: Product
    strategy: str
    timestamp: str


class TradeBookReply(VenueReply):
    data: Annotated[list[TradeRow], Field(description="Newest first.")]


class PositionRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                    "quantity": -10,
                    "average_price": 1512.4,
                    "ltp": 1510.0,
                    "pnl": 24.0,
                    "pnlpercent": 0.16,
                    "unrealized_pnl": 24.0,
                    "today_realized_pnl": 0.0,
                    "total_pnl_today": 24.0,
                    "multiplier": 1.0,
                    "lot_size": 1.0,
                }
            ]
        }
    )

    symbol: str
    exchange: Exchange
    product: Product
    quantity: Annotated[Number, Field(description="Signed: short is negative.")]
    average_price: float
    ltp: float
    pnl: Annotated[float, Field(description="Today's realised and the unrealised profit.")]
    pnlpercent: float
    unrealized_pnl: float
    today_realized_pnl: float
    total_pnl_today: float
    multiplier: Annotated[
        float,
        Field(description="Rupees that one unit of the quantity makes per rupee of the price."),
    ] = 1.0
    lot_size: Annotated[float, Field(description="The same; what older clients call it.")] = 1.0


class PositionBookReply(VenueReply):
    data: Annotated[list[PositionRow], Field(description="Open positions, and those closed today.")]
    total_pnl: float
    total_unrealized_pnl: float
    total_today_realized_pnl: float
    total_pnl_today: float


class OpenPositionRequest(StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                }
            ]
        }
    )

    symbol: Symbol
    exchange: ExchangeCode
    product: ProductCode


class OpenPositionReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "success", "quantity": -10, "mode": "analyze"}]}
    )

    quantity: Annotated[Number, Field(description="Signed; 0 where there is no position.")]


class ProfitRow(BaseModel):
    """What a position has made today."""

    symbol: str
    exchange: Exchange
    product: Product
    quantity: Number
    pnl: float
    unrealized_pnl: float
    today_realized_pnl: float
    total_pnl_today: float


class ProfitReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "data": [
                        {
                            "symbol": "RELIANCE",
                            "exchange": "NSE",
                            "product": "MIS",
                            "quantity": -10,
                            "pnl": 24.0,
                            "unrealized_pnl": 24.0,
                            "today_realized_pnl": 0.0,
                            "total_pnl_today": 24.0,
                        }
                    ],
                    "total_pnl": 24.0,
                    "total_unrealized_pnl": 24.0,
                    "total_today_realized_pnl": 0.0,
                    "total_pnl_today": 24.0,
                    "mode": "analyze",
                }
            ]
        }
    )

    data: list[ProfitRow]
    total_pnl: float
    total_unrealized_pnl: float
    total_today_realized_pnl: float
    total_pnl_today: float


class HoldingRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "CNC",
                    "quantity": 10,
                    "average_price": 1500.0,
                    "ltp": 1512.4,
                    "pnl": 124.0,
                    "pnlpercent": 0.83,
                    "current_value": 15124.0,
                    "settlement_date": "2025-11-20",
                }
            ]
        }
    )

    symbol: str
    exchange: Exchange
    product: Product = Product.CNC
    quantity: Number
    average_price: float
    ltp: float
    pnl: float
    pnlpercent: float
    current_value: float
    settlement_date: Annotated[
        str | None,
        if_any("When the last of them came; on paper only."),
        WithJsonSchema({"type": "string"}),
    ] = None


class HoldingStatistics(BaseModel):
    totalholdingvalue: float
    totalinvvalue: float
    totalprofitandloss: float
    totalpnlpercentage: float


class HoldingBook(BaseModel):
    holdings: list[HoldingRow]
    statistics: HoldingStatistics


class HoldingsReply(VenueReply):
    data: HoldingBook


class FundsRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "availablecash": 9_998_487.6,
                    "collateral": 0.0,
                    "m2munrealized": 24.0,
                    "m2mrealized": 0.0,
                    "total_realized_pnl": 0.0,
                    "today_realized_pnl": 0.0,
                    "utiliseddebits": 1512.4,
                    "grossexposure": 1512.4,
                    "totalpnl": 24.0,
                    "last_reset": "2025-11-21 09:00:00",
                    "reset_count": 0,
                }
            ]
        }
    )

    availablecash: float
    collateral: float = 0.0
    m2munrealized: float
    m2mrealized: Annotated[float, Field(description="Realised today.")]
    total_realized_pnl: float
    today_realized_pnl: float
    utiliseddebits: float
    grossexposure: float
    totalpnl: float
    last_reset: str
    reset_count: int


class LiveFundsRow(BaseModel):
    """The funds at a broker: text, with two decimals."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "availablecash": "98487.60",
                    "collateral": "0.00",
                    "m2munrealized": "24.00",
                    "m2mrealized": "0.00",
                    "utiliseddebits": "1512.40",
                }
            ]
        }
    )

    availablecash: str
    collateral: str = "0.00"
    m2munrealized: str
    m2mrealized: str
    utiliseddebits: str


class FundsReply(VenueReply):
    data: FundsRow | LiveFundsRow
