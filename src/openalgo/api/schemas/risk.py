"""What an account may risk, and how much of it is used."""

from decimal import Decimal
from typing import Annotated, Any, Self

from msgspec.structs import asdict
from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import VenueReply
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import plain_number
from openalgo.trading.risk_desk import RiskStanding
from openalgo.trading.risk_limits import RiskLimits

Number = int | float


class LimitsRow(BaseModel):
    """`null` is no limit."""

    enforce_tick: Annotated[
        bool | None, Field(description="Refuse prices that are no multiple of the tick size.")
    ]
    enforce_freeze: Annotated[
        bool | None, Field(description="Refuse more than the exchange's freeze quantity.")
    ]
    price_band_percent: Annotated[
        Number | None, Field(description="How far from the last price a limit price may be.")
    ]
    max_quantity: Annotated[Number | None, Field(description="Units per order.")]
    max_notional: Annotated[Number | None, Field(description="Rupees per order.")]
    orders_per_second: Annotated[
        int | None, Field(description="For each exchange segment, exits included.")
    ]
    kept_for_exits: Annotated[int | None, Field(description="Of these, for exits alone.")]
    count_changes: Annotated[bool, Field(description="Whether modifying counts as an order.")]
    max_orders_per_day: int | None
    max_loss_per_day: Annotated[Number | None, Field(description="Rupees, realised and open.")]

    @classmethod
    def of(cls, limits: RiskLimits) -> Self:
        values = asdict(limits).items()
        return cls.model_validate(
            {
                name: plain_number(value) if isinstance(value, Decimal) else value
                for name, value in values
            }
        )


class UsageRow(BaseModel):
    orders_today: Annotated[int, Field(description="Since 03:00 IST.")]
    loss_today: Annotated[Number, Field(description="Rupees; negative is a profit.")]
    orders_last_second: Annotated[
        dict[Exchange, int], Field(description="By exchange, where a limit counts them.")
    ]

    @classmethod
    def of(cls, standing: RiskStanding) -> Self:
        return cls(
            orders_today=standing.orders_today,
            loss_today=plain_number(standing.loss_today),
            orders_last_second=dict(standing.last_second),
        )


_EXAMPLE: dict[str, Any] = {
    "limits": {
        "enforce_tick": True,
        "enforce_freeze": True,
        "price_band_percent": 5,
        "max_quantity": 1000,
        "max_notional": 500000,
        "orders_per_second": 10,
        "kept_for_exits": 2,
        "count_changes": True,
        "max_orders_per_day": 200,
        "max_loss_per_day": 10000,
    },
    "kill_switch": True,
    "kill_switch_since": "2025-11-21 10:30:00",
    "kill_switch_by": "trader",
    "usage": {"orders_today": 12, "loss_today": -350.5, "orders_last_second": {"NSE": 1}},
}


class RiskRow(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    limits: Annotated[LimitsRow, Field(description="As they hold now, defaults included.")]
    kill_switch: Annotated[bool, Field(description="Whether only exits are taken.")]
    kill_switch_since: Annotated[str | None, Field(description="IST.")]
    kill_switch_by: str | None
    usage: UsageRow


class RiskReply(VenueReply):
    data: RiskRow
