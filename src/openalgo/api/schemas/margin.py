"""What orders would block. Amounts are rupees."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, VenueReply
from openalgo.api.schemas.fields import PriceTypeWord, ProductCode, if_any, refuse
from openalgo.api.schemas.terms import OrderFields
from openalgo.domain.intents import PlaceOrder

MOST_POSITIONS = 50


def _read_positions(value: object) -> object:
    if not isinstance(value, list):
        raise refuse("Not a valid list.")
    if not value:
        raise refuse("positions array cannot be empty")
    if len(value) > MOST_POSITIONS:
        raise refuse("Maximum {most} positions allowed", most=MOST_POSITIONS)
    return value


class MarginPosition(OrderFields):
    """An order that is not placed."""

    pricetype: PriceTypeWord
    product: ProductCode

    def order(self) -> PlaceOrder:
        return PlaceOrder(strategy="", **self.terms())


class MarginRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "positions": [
                        {
                            "symbol": "NIFTY30DEC2525000CE",
                            "exchange": "NFO",
                            "action": "BUY",
                            "product": "NRML",
                            "pricetype": "LIMIT",
                            "quantity": "65",
                            "price": "164.00",
                            "trigger_price": "0",
                        }
                    ],
                }
            ]
        }
    )

    positions: Annotated[
        list[MarginPosition],
        BeforeValidator(_read_positions, json_schema_input_type=list[MarginPosition]),
        Field(json_schema_extra={"minItems": 1, "maxItems": MOST_POSITIONS}),
    ]


class MarginRow(BaseModel):
    total_margin_required: float
    span_margin: Annotated[
        float, Field(description="All of it where the margin is told in one part, as on paper.")
    ]
    exposure_margin: float
    margin_benefit: Annotated[
        float | None,
        if_any("What is saved because positions net out; absent where nobody tells."),
        WithJsonSchema({"type": "number"}),
    ] = None


class MarginReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "data": {
                        "total_margin_required": 10660.0,
                        "span_margin": 10660.0,
                        "exposure_margin": 0.0,
                        "margin_benefit": 0.0,
                    },
                    "mode": "analyze",
                }
            ]
        }
    )

    data: MarginRow
