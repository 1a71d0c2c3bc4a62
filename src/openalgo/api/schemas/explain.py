"""Why an order is as it is."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, VenueReply
from openalgo.api.schemas.fields import OrderId
from openalgo.api.schemas.portfolio import OrderRow
from openalgo.trading.explained import Stage


class ExplainRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "orderid": "25112100000001"}]}
    )

    orderid: OrderId


class StepRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2025-11-21 10:30:00.125",
                    "stage": "order",
                    "request_id": "0f8fad5bd9cb469fa16570867728950e",
                    "text": "Accepted: BUY 10 SBIN; now open",
                    "detail": {},
                }
            ]
        }
    )

    at: Annotated[
        str,
        Field(
            description="IST. Of requests and timings by this machine's clock, else the market's."
        ),
    ]
    stage: Stage
    request_id: Annotated[str, Field(description="The request (or task) behind it.")]
    text: str
    detail: dict[str, str]


class ExplainedOrder(BaseModel):
    """`steps` are grouped by what caused them, the first cause first."""

    order: Annotated[
        OrderRow | None,
        Field(description="`null` where it went to a broker that cannot tell how it stands now."),
    ]
    steps: list[StepRow]


class ExplainReply(VenueReply):
    data: ExplainedOrder
