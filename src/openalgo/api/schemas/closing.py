"""Withdrawing orders and closing positions, all of them or a selection."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, VenueReply
from openalgo.api.schemas.fields import ExchangeCode, PaperMode, ProductCode, Switch, Symbol
from openalgo.api.schemas.terms import Echo, MaybeText, Reference, Repeatable, StrategyRequest
from openalgo.domain.intents import CancelAllOrders, ClosePosition
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, Product


class SelectionRequest(StrategyRequest):
    """All there is, or less: what is not given is not filtered by."""

    exchange: ExchangeCode | None = None
    symbol: Symbol | None = None
    product: ProductCode | None = None


class CancelAllRequest(SelectionRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, "strategy": "Python"},
                {"apikey": EXAMPLE_KEY, "strategy": "Python", "strategy_only": True},
            ]
        }
    )

    strategy_only: Annotated[
        Switch, Field(description="Leave the orders of other strategies alone.")
    ] = False

    def to_intent(self) -> CancelAllOrders:
        return CancelAllOrders(
            strategy=self.strategy,
            exchange=self.exchange,
            symbol=self.symbol,
            product=self.product,
            strategy_only=self.strategy_only,
        )


class ClosePositionRequest(Repeatable, SelectionRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, "strategy": "Python"},
                {"apikey": EXAMPLE_KEY, "strategy": "Python", "symbol": "SBIN", "exchange": "NSE"},
            ]
        }
    )

    def to_intent(self, client_order_id: str | None) -> ClosePosition:
        return ClosePosition(
            strategy=self.strategy,
            client_order_id=client_order_id,
            exchange=self.exchange,
            symbol=self.symbol,
            product=self.product,
        )


class FailedCancellation(BaseModel):
    """`message` and `reason` are the same text."""

    orderid: str
    message: str
    reason: str
    code: str


class CancelAllReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "canceled_orders": ["25112100000001", "25112100000003"],
                    "failed_cancellations": [],
                    "message": "Canceled 2 orders. Failed to cancel 0 orders.",
                    "mode": "analyze",
                }
            ]
        }
    )

    canceled_orders: list[str]
    failed_cancellations: list[FailedCancellation]
    message: str


class NothingCanceledReply(BaseModel):
    """No order could be withdrawn: HTTP 200, so that clients read the lists."""

    status: Literal["error"] = "error"
    message: str
    code: Literal["all_cancellations_failed"] = "all_cancellations_failed"
    canceled_orders: list[str]
    failed_cancellations: list[FailedCancellation]
    mode: PaperMode
    request_id: str


class CloseRow(BaseModel):
    """`orderid` on success, otherwise `message` and `code`."""

    symbol: str
    exchange: Exchange
    product: Product
    action: Action
    quantity: int | float
    status: Literal["success", "error"]
    orderid: MaybeText = None
    message: MaybeText = None
    code: MaybeText = None
    reference: Reference = None


class ClosePositionReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "message": "All Open Positions Squared Off",
                    "closed_positions": 1,
                    "failed_closures": 0,
                    "results": [
                        {
                            "symbol": "SBIN",
                            "exchange": "NSE",
                            "product": "MIS",
                            "action": "SELL",
                            "quantity": 10,
                            "status": "success",
                            "orderid": "25112100000004",
                        }
                    ],
                    "mode": "analyze",
                }
            ]
        }
    )

    message: str
    closed_positions: int
    failed_closures: int
    results: list[CloseRow]
    client_order_id: Echo = None
