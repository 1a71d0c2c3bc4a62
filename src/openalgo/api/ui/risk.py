"""What the account may risk: limits, and the switch that stops it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import Reply
from openalgo.api.schemas.risk import LimitsRow, UsageRow
from openalgo.api.ui.deps import Acting, Visit, Visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.venues import Venue, VenueMode

router = APIRouter(prefix="/ui/risk", tags=["Risk"])

Rupees = Annotated[Decimal, Field(gt=0, le=10**12, decimal_places=4)]


class LimitsRequest(BaseModel):
    """All limits at once: one that is left out, or `null`, goes back to its default. A limit that
    nobody knows is refused, since its sender thinks it holds."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"max_quantity": 1000, "max_orders_per_day": 200}]},
    )

    enforce_tick: Annotated[bool | None, Field(description="By default at a broker only.")] = None
    enforce_freeze: Annotated[bool | None, Field(description="By default at a broker only.")] = None
    price_band_percent: Annotated[
        Decimal | None,
        Field(gt=0, le=100, decimal_places=4, description="Around the last price."),
    ] = None
    max_quantity: Annotated[
        Decimal | None, Field(gt=0, le=10**9, decimal_places=8, description="Units per order.")
    ] = None
    max_notional: Annotated[Rupees | None, Field(description="Rupees per order.")] = None
    orders_per_second: Annotated[
        int | None,
        Field(ge=1, le=1000, description="Per exchange segment; by default 10 at a broker."),
    ] = None
    kept_for_exits: Annotated[
        int | None, Field(ge=0, le=999, description="Of these; by default a fifth.")
    ] = None
    count_changes: Annotated[bool, Field(description="Modifying counts as an order.")] = True
    max_orders_per_day: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    max_loss_per_day: Annotated[Rupees | None, Field(description="Realised and open.")] = None

    def to_limits(self) -> RiskLimits:
        return RiskLimits(**self.model_dump())


class ThrownSwitch(BaseModel):
    at: datetime
    by: str


class RiskSettingsRow(BaseModel):
    mode: Annotated[VenueMode, Field(description="Where orders go now.")]
    limits: Annotated[LimitsRow, Field(description="As they were set.")]
    in_force: Annotated[LimitsRow, Field(description="With the defaults of this mode.")]
    kill_switch: Annotated[
        ThrownSwitch | None, Field(description="Who threw it, and when: only exits are taken.")
    ]


class RiskStateRow(RiskSettingsRow):
    usage: UsageRow


class RiskSettingsReply(Reply):
    data: RiskSettingsRow


class RiskStateReply(Reply):
    data: RiskStateRow


@router.get("", name="risk", summary="Limits, and how much of them is used", responses=looking())
async def risk(visit: Visitor) -> RiskStateReply:
    standing = await visit.services.risk.standing(
        visit.account_id, _venue(visit), visit.market.clock.now()
    )
    return RiskStateReply(data=RiskStateRow(**dict(_settings(visit)), usage=UsageRow.of(standing)))


@router.get(
    "/settings", name="risk_settings", summary="Limits and kill switch", responses=looking()
)
async def risk_settings(visit: Visitor) -> RiskSettingsReply:
    """As they are set; told even while the broker cannot be asked how much is used."""
    return RiskSettingsReply(data=_settings(visit))


@router.put("", name="set_risk_limits", summary="Set all limits", responses=changing())
async def set_risk_limits(wanted: LimitsRequest, visit: Acting) -> RiskSettingsReply:
    """They hold for the next order; orders that work already stay."""
    await visit.services.risk.set_limits(visit.account_id, wanted.to_limits(), by=visit.username)
    return RiskSettingsReply(data=_settings(visit))


@router.post("/kill", name="kill", summary="Throw the kill switch", responses=changing())
async def kill(visit: Acting) -> RiskSettingsReply:
    """From now on only orders that reduce a position are taken. Orders that work already stay;
    cancel them if they should not. Throwing it twice changes nothing."""
    await visit.services.risk.kill(visit.account_id, by=visit.username)
    return RiskSettingsReply(data=_settings(visit))


@router.post("/release", name="release", summary="Release the kill switch", responses=changing())
async def release(visit: Acting) -> RiskSettingsReply:
    """Releasing it twice changes nothing."""
    await visit.services.risk.release(visit.account_id, by=visit.username)
    return RiskSettingsReply(data=_settings(visit))


def _settings(visit: Visit) -> RiskSettingsRow:
    settings = visit.services.risk.settings(visit.account_id)
    mode, kill = _venue(visit).mode, settings.kill
    return RiskSettingsRow(
        mode=mode,
        limits=LimitsRow.of(settings.limits),
        in_force=LimitsRow.of(settings.limits.at(mode)),
        kill_switch=None if kill is None else ThrownSwitch(at=kill.at, by=kill.by),
    )


def _venue(visit: Visit) -> Venue:
    return visit.services.markets.resolve(visit.account_id)
