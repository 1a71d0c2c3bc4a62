"""What the Action Center sends and gets."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from openalgo.api.schemas.base import Reply
from openalgo.api.ui.schemas import Said, Wanted
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.trading.approvals.records import Channel, Resolution
from openalgo.trading.approvals.review import Concern
from openalgo.trading.approvals.states import LegStatus, State, Status

MOST_SHOWN = 500

RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
Version = Annotated[
    RowNumber | None, Field(description="As the page shows it; another one is refused with 409.")
]
Percent = Annotated[float | None, Field(description="In percent; null where it is not known.")]
Rupees = Annotated[float | None, Field(description="Rupees; null where it is not known.")]


class StatusFilter(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ALL = "all"


class PriceMoveRow(BaseModel):
    exchange: Exchange
    symbol: str
    ltp_at_queue: Rupees
    ltp_now: Rupees
    drift: Percent


class ResolvedOrder(BaseModel):
    """One order an intent comes to."""

    exchange: Exchange
    symbol: str
    action: Action
    quantity: float | int
    pricetype: PriceType
    price: float
    trigger_price: float
    product: Product


class ApprovalLegRow(BaseModel):
    """What became of one order."""

    leg: Annotated[int, Field(description="Counted from 1.")]
    exchange: Exchange
    symbol: str
    action: Action
    quantity: float | int
    orderid: str | None
    status: LegStatus
    code: str
    error: str


class PendingOrderRow(BaseModel):
    """`status` is one of the three old words, `state` says it exactly. Texts such as `quantity`
    and `price` are for people; the numbers are in `raw_order_data` and `resolved_orders`."""

    id: int
    user_id: str
    api_type: str
    status: Status
    state: State
    version: int
    created_at_ist: str
    expires_at: datetime
    approved_at_ist: str | None
    approved_by: str | None
    rejected_at_ist: str | None
    rejected_by: str | None
    rejected_reason: str | None
    broker_order_id: str | None
    broker_status: Literal["open", "complete", "rejected", "cancelled", "partial"] | None
    error_code: str | None
    error_text: str | None
    strategy: str
    symbol: str
    exchange: str
    action: str
    quantity: str
    price: str
    trigger_price: str
    price_type: str
    product_type: str
    position_size: Annotated[float | int | None, Field(description="The target of a smart order.")]
    mode: Literal["analyze", "live"]
    source: str
    client_ip: str
    ltp_at_queue: Rupees
    ltp_now: Rupees
    drift: Percent
    prices: list[PriceMoveRow]
    resolved_orders: Annotated[
        list[ResolvedOrder], Field(description="What it came to when it was queued.")
    ]
    legs: list[ApprovalLegRow]
    related_ids: Annotated[
        list[int],
        Field(description="Others that wait, of the same strategy and symbol, such as its exit."),
    ]
    raw_order_data: dict[str, Any]


class ActionCenterStatistics(BaseModel):
    total_pending: int = 0
    total_approved: int = 0
    total_rejected: int = 0
    total_buy_orders: int = 0
    total_sell_orders: int = 0
    total_placeorder: int = 0
    total_smartorder: int = 0
    total_basketorder: int = 0
    total_splitorder: int = 0
    total_optionsorder: int = 0
    total_optionsmultiorder: int = 0
    total_placegttorder: int = 0


class ActionCenterData(BaseModel):
    orders: list[PendingOrderRow]
    statistics: ActionCenterStatistics


class ActionCenterReply(Reply):
    data: ActionCenterData


class PendingCount(BaseModel):
    count: int


class ApproveRequest(Wanted):
    version: Version = None
    confirm: Annotated[
        bool, Field(description="Yes, although prices or the position have moved.")
    ] = False
    resolve: Annotated[
        Resolution, Field(description="Which options: those of the signal, or those of now.")
    ] = Resolution.SIGNALLED


class ApproveReply(BaseModel):
    """`warning` says that not all of it stands."""

    status: Literal["success", "warning"]
    message: str
    broker_order_id: str | None
    state: State
    version: int
    error: str | None = None
    code: str | None = None


class RejectRequest(Wanted):
    version: Version = None
    reason: Annotated[str | None, Field(max_length=500)] = None


class DecidedReply(Said):
    state: State
    version: int


class SeenOrder(Wanted):
    id: RowNumber
    version: RowNumber


class ApproveAllRequest(Wanted):
    items: Annotated[
        tuple[SeenOrder, ...] | None,
        Field(max_length=MOST_SHOWN, description="What the page shows; without it, all that wait."),
    ] = None


class FailedExecution(BaseModel):
    order_id: int
    error: str
    code: str


class ApproveAllReply(BaseModel):
    status: Literal["success", "warning", "error", "info"]
    message: str
    approved_count: int = 0
    executed_count: int = 0
    failed_executions: list[FailedExecution] = []


class ReviewData(BaseModel):
    """`orders` would be sent now. `concerns` want `confirm`, each with a sentence."""

    orders: list[ResolvedOrder]
    prices: list[PriceMoveRow]
    concerns: dict[Concern, str]


class ReviewReply(Reply):
    data: ReviewData


class AuditRow(BaseModel):
    """`from_state` is null where the order came in; equal states are attempts that were refused."""

    at: datetime
    actor: str
    actor_ip: str
    channel: Channel
    request_id: str
    action: str
    from_state: State | None
    to_state: State
    detail: dict[str, str | int | float | bool | None]


class AuditReply(Reply):
    data: list[AuditRow]
