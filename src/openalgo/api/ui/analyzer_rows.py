"""The calls to the paper exchange as pages show them."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import Reply
from openalgo.domain.clock import ist_text
from openalgo.trading.paper.calls import AnalysedCall, CallStatistics, IssueType

Scalar = str | int | float | bool | None


class CallAnalysis(BaseModel):
    issues: Annotated[bool, Field(description="Whether the whole request was refused.")]
    error: str | None
    error_type: IssueType | None
    warnings: Annotated[list[str], Field(description="What refused some of its orders.")]


class CallRow(BaseModel):
    """What a request does not name is left out. Nobody has checked what it does name."""

    model_config = ConfigDict(title="AnalyzerCallRow")

    timestamp: Annotated[str, Field(description="IST.", examples=["2026-03-02 10:30:00"])]
    api_type: str
    source: Annotated[str, Field(description="The strategy that asked.")]
    request_id: str
    request_data: Any
    response_data: Any
    analysis: CallAnalysis
    symbol: Scalar = None
    exchange: Scalar = None
    action: Scalar = None
    quantity: Scalar = None
    price_type: Scalar = None
    product_type: Scalar = None
    position_size: Scalar = None
    orderid: Scalar = None


class IssueCounts(BaseModel):
    total: int
    by_type: dict[IssueType, int]


class AnalyzerStatistics(BaseModel):
    """Of the last 24 hours."""

    total_requests: int
    issues: IssueCounts
    symbols: list[str]
    sources: list[str]

    @classmethod
    def of(cls, statistics: CallStatistics) -> "AnalyzerStatistics":
        return cls(
            total_requests=statistics.total,
            issues=IssueCounts(
                total=sum(statistics.issues.values()), by_type=dict(statistics.issues)
            ),
            symbols=list(statistics.symbols),
            sources=list(statistics.sources),
        )


class AnalyzerStatisticsReply(Reply):
    data: AnalyzerStatistics


class AnalyzerRequests(BaseModel):
    requests: list[CallRow]


class AnalyzerRequestsReply(Reply):
    data: AnalyzerRequests


class AnalyzerData(AnalyzerRequests):
    stats: AnalyzerStatistics


class AnalyzerDataReply(Reply):
    data: AnalyzerData


class CallLine(msgspec.Struct, omit_defaults=True):
    """`CallRow`, quick to make and to encode: requests and replies go on as they were kept."""

    timestamp: str
    api_type: str
    source: str
    request_id: str
    request_data: msgspec.Raw
    response_data: msgspec.Raw
    analysis: dict[str, object]
    symbol: Scalar = None
    exchange: Scalar = None
    action: Scalar = None
    quantity: Scalar = None
    price_type: Scalar = None
    product_type: Scalar = None
    position_size: Scalar = None
    orderid: Scalar = None

    @classmethod
    def of(cls, call: AnalysedCall) -> "CallLine":
        record, asked = call.record, call.asked
        return cls(
            timestamp=ist_text(record.at),
            api_type=record.api_type,
            source=call.source,
            request_id=record.request_id,
            request_data=_json(record.request),
            response_data=_json(record.response),
            analysis={
                "issues": call.issue is not None,
                "error": call.error,
                "error_type": call.issue,
                "warnings": call.warnings,
            },
            symbol=_scalar(asked.symbol),
            exchange=_scalar(asked.exchange),
            action=_scalar(asked.action),
            quantity=_scalar(asked.quantity),
            price_type=_scalar(asked.pricetype),
            product_type=_scalar(asked.product),
            position_size=_scalar(asked.position_size),
            orderid=_scalar(asked.orderid) or _scalar(call.answered.orderid),
        )


EXPORT_HEADER = (
    "Timestamp",
    "API Type",
    "Source",
    "Symbol",
    "Exchange",
    "Action",
    "Quantity",
    "Price Type",
    "Product Type",
    "Position Size",
    "Order ID",
    "Status",
    "Error",
)


def export_row(call: AnalysedCall) -> tuple[object, ...]:
    """The cells below `EXPORT_HEADER`."""
    line = CallLine.of(call)
    return (
        line.timestamp,
        line.api_type,
        line.source,
        line.symbol,
        line.exchange,
        line.action,
        line.quantity,
        line.price_type,
        line.product_type,
        line.position_size,
        line.orderid,
        "error" if call.issue is not None else "success",
        call.error or "; ".join(call.warnings),
    )


def lines(calls: list[AnalysedCall]) -> Iterator[bytes]:
    """Each call as JSON."""
    return (msgspec.json.encode(CallLine.of(call)) for call in calls)


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, str | int | float | bool) else None


def _json(text: str) -> msgspec.Raw:
    """`text`, which is JSON unless somebody changed it by hand; as a string then."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return msgspec.Raw(msgspec.json.encode(text))
    return msgspec.Raw(text.encode())
