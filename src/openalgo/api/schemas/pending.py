"""Orders that wait for their owner, as the program that sent them sees it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import RowNumber


class PendingOrderRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "pending_order_id": 42}]}
    )

    pending_order_id: Annotated[
        RowNumber, Field(description="From the reply that said that the order waits.")
    ]


class PendingOrderState(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pending_order_id": 42,
                    "api_type": "placeorder",
                    "status": "rejected",
                    "state": "rejected",
                    "orderids": [],
                    "created_at": "2025-11-21 10:30:00",
                    "expires_at": "2025-11-21 10:35:00",
                    "reason": "Too large for today",
                    "code": "rejected",
                }
            ]
        }
    )

    pending_order_id: int
    api_type: Annotated[str, Field(description="The endpoint the order was sent to.")]
    status: Literal["pending", "approved", "rejected"]
    state: Annotated[
        Literal[
            "pending",
            "approving",
            "submitted",
            "partial",
            "failed",
            "unknown",
            "filled",
            "cancelled",
            "broker_rejected",
            "rejected",
            "expired",
            "withdrawn",
        ],
        Field(description="The same, exactly."),
    ]
    orderids: Annotated[list[str], Field(description="Once approved: the orders that stand.")]
    created_at: str
    expires_at: Annotated[str, Field(description="Until when it can be approved.")]
    reason: Annotated[str | None, Field(description="Why it was not sent, or what went wrong.")]
    code: Annotated[str | None, Field(description="What went wrong, for programs.")]


class PendingOrderReply(Reply):
    data: PendingOrderState
