"""What became of orders for options. Prices are rupees, quantities units."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from openalgo.api.schemas.base import VenueReply
from openalgo.api.schemas.baskets import AllFailed, SplitRow, Summary
from openalgo.api.schemas.fields import if_any
from openalgo.api.schemas.terms import Echo, MaybeText, Reference
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, Product

Number = int | float


_OPTION: JsonDict = {
    "symbol": "NIFTY30DEC2526100CE",
    "exchange": "NFO",
    "underlying": "NIFTY",
    "underlying_ltp": 26013.45,
    "offset": "OTM2",
    "option_type": "CE",
}
_PART: JsonDict = {
    "order_num": 1,
    "quantity": 1800,
    "status": "success",
    "orderid": "25112100000001",
}
_REMAINDER: JsonDict = {
    "order_num": 2,
    "quantity": 1200,
    "status": "success",
    "orderid": "25112100000002",
}
_LEG: JsonDict = {
    "leg": 1,
    "symbol": "NIFTY30DEC2526200CE",
    "exchange": "NFO",
    "product": "MIS",
    "offset": "OTM4",
    "option_type": "CE",
    "action": "SELL",
    "status": "success",
    "orderid": "25112100000002",
    "mode": "analyze",
}
_REFUSED: JsonDict = {
    "leg": 2,
    "offset": "OTM50",
    "option_type": "CE",
    "action": "BUY",
    "status": "error",
    "message": "Offset OTM50 is out of range for available strikes. Please use a smaller offset.",
    "code": "validation_error",
}


class ChosenOption(BaseModel):
    """Which option was meant, at which price of the underlying."""

    symbol: str
    exchange: Exchange
    underlying: Annotated[str, Field(description="As you named it.")]
    underlying_ltp: float
    offset: str
    option_type: str


class OptionsOrderReply(VenueReply, ChosenOption):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"status": "success", "orderid": "25112100000001", **_OPTION, "mode": "analyze"}
            ]
        }
    )

    orderid: str
    client_order_id: Echo = None


class _Parts(ChosenOption):
    total_quantity: Number
    split_size: Number
    results: list[SplitRow]
    summary: Summary
    client_order_id: Echo = None


class SplitOptionsOrderReply(VenueReply, _Parts):
    """At least one of the orders was placed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    **_OPTION,
                    "total_quantity": 3000,
                    "split_size": 1800,
                    "results": [_PART, _REMAINDER],
                    "summary": {"total": 2, "success": 2, "failed": 0},
                    "mode": "analyze",
                }
            ]
        }
    )


class SplitOptionsFailedReply(AllFailed, _Parts):
    pass


class LegRow(BaseModel):
    """What became of one leg. Without `symbol` no option was found for it; a leg that was split
    has `split_results` instead of `orderid`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LEG, _REFUSED]})

    leg: Annotated[int, Field(description="Its place in the request, from 1.")]
    symbol: Annotated[str | None, if_any("The option that was meant.")] = None
    exchange: Annotated[Exchange | None, if_any("Where it is listed.")] = None
    product: Annotated[Product | None, if_any("Of a leg that was sent.")] = None
    offset: str
    option_type: str
    action: Action
    status: Literal["success", "error"]
    orderid: MaybeText = None
    message: MaybeText = None
    code: MaybeText = None
    reference: Reference = None
    total_quantity: Annotated[Number | None, if_any("Of a split leg.")] = None
    split_size: Annotated[Number | None, if_any("Of a split leg.")] = None
    split_results: Annotated[list[SplitRow] | None, if_any("Of a split leg.")] = None
    mode: Annotated[Literal["live", "analyze"] | None, if_any("Where it was sent.")] = None


class _Legs(BaseModel):
    underlying: Annotated[str, Field(description="As you named it.")]
    underlying_ltp: float
    results: Annotated[list[LegRow], Field(description="In the order of the request.")]
    summary: Summary
    client_order_id: Echo = None


class OptionsMultiOrderReply(VenueReply, _Legs):
    """At least one of the legs was placed, in part at least."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "underlying": "NIFTY",
                    "underlying_ltp": 26013.45,
                    "results": [_LEG, _REFUSED],
                    "summary": {"total": 2, "success": 1, "failed": 1},
                    "mode": "analyze",
                }
            ]
        }
    )


class OptionsMultiFailedReply(AllFailed, _Legs):
    pass
