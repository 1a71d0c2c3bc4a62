"""Orders of which the broker never said what became of them, and the user's word on it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from openalgo.api.schemas.base import Reply
from openalgo.api.ui.deps import Acting, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import SentOrder

router = APIRouter(prefix="/ui/unresolved-orders", tags=["Unresolved orders"])

Reference = Annotated[str, Path(pattern=r"^[a-z0-9]{1,40}$")]


class UnresolvedRow(BaseModel):
    reference: Annotated[str, Field(description="The tag it carries, where the broker takes tags.")]
    kind: Annotated[Literal["placeorder", "placegttorder"], Field(description="What was asked.")]
    symbol: str
    exchange: str
    action: str
    quantity: float
    product: str
    pricetype: str
    strategy: str
    client_order_id: str | None
    sent_at: datetime
    message: Annotated[str, Field(description="What is known.")]


class UnresolvedReply(Reply):
    data: list[UnresolvedRow]


class SettleRequest(BaseModel):
    """Look at the broker's own books first: what is said here is what programs are told."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"outcome": "arrived", "order_id": "251121000000042"}]},
    )

    outcome: Literal["arrived", "never_arrived"]
    order_id: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The broker's, if it arrived."),
    ] = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.outcome == "arrived") != (self.order_id is not None):
            raise ValueError("order_id belongs to what arrived, and to nothing else")
        return self


class SettledRow(BaseModel):
    reference: str
    state: Literal["accepted", "rejected"]
    orderid: str | None
    message: str


class SettledReply(Reply):
    data: SettledRow


@router.get("", name="unresolved", summary="Orders nobody knows about", responses=looking())
async def unresolved(visit: Visitor, request: Request) -> UnresolvedReply:
    """Those of the account, oldest first. One that was sent within the last minute is left out: it
    may still be found by itself."""
    orders = ui_of(request).unresolved.of(visit.account_id)
    return UnresolvedReply(data=[_row(order) for order in orders])


@router.post(
    "/{reference}",
    name="settle_unresolved",
    summary="Say what became of one",
    responses=changing(404, 409),
)
async def settle_unresolved(
    reference: Reference, wanted: SettleRequest, visit: Acting, request: Request
) -> SettledReply:
    """It is written down with your name. Should the order turn up in the broker's book under its
    tag after all, the book is right."""
    settled = await ui_of(request).unresolved.settle(
        visit.account_id, reference, order_id=wanted.order_id, by=visit.username
    )
    return SettledReply(
        data=SettledRow(
            reference=settled.tag,
            state="rejected" if settled.order_id is None else "accepted",
            orderid=settled.order_id,
            message=settled.outcome.message,
        )
    )


def _row(sent: SentOrder) -> UnresolvedRow:
    intent = sent.intent
    return UnresolvedRow(
        reference=sent.tag,
        kind="placeorder" if isinstance(intent, PlaceOrder) else "placegttorder",
        symbol=intent.symbol,
        exchange=intent.exchange,
        action=intent.action,
        quantity=float(intent.quantity),
        product=intent.product,
        pricetype=intent.price_type,
        strategy=intent.strategy,
        client_order_id=intent.client_order_id,
        sent_at=sent.sent_at,
        message=sent.outcome.message,
    )
