"""What derivatives are listed on: the choices of every page about options."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.fields import DerivativeExchangeCode
from openalgo.api.schemas.symbols import ContractKindWord
from openalgo.api.ui.deps import Visitor
from openalgo.api.ui.errors import looking
from openalgo.api.ui.schemas import Wanted
from openalgo.domain.clock import IST

router = APIRouter(prefix="/search/api", tags=["Instruments"])


class UnderlyingsQuery(Wanted):
    exchange: DerivativeExchangeCode
    instrumenttype: ContractKindWord = "options"


class UnderlyingsReply(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "success", "underlyings": ["BANKNIFTY", "NIFTY"]}]
        }
    )

    status: Literal["success"] = "success"
    underlyings: Annotated[list[str], Field(description="In alphabetical order.")]


@router.get("/underlyings", summary="What has derivatives?", responses=looking())
async def underlyings(
    wanted: Annotated[UnderlyingsQuery, Query()], visit: Visitor
) -> UnderlyingsReply:
    """The underlyings with options, or futures, of this exchange that have not expired."""
    market, kind = visit.market, wanted.instrumenttype
    today = market.clock.now().astimezone(IST).date()
    contracts = market.instruments.master.contracts
    return UnderlyingsReply(
        underlyings=[
            base
            for base in contracts.underlyings(wanted.exchange)
            if contracts.expiries(base, wanted.exchange, kind, today)
        ]
    )
