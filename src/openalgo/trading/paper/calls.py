"""What programs asked of the paper exchange, and what was wrong with it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import msgspec

from openalgo.domain.words import Word
from openalgo.instruments.slices import Slices
from openalgo.observability.traffic import OrderCallRecord
from openalgo.persistence.logs.records import LoggedCall, LoggedTexts

S = TypeVar("S", bound=msgspec.Struct)

UNKNOWN_SOURCE = "Unknown"

_PAGE = 100
_DAY = timedelta(hours=24)


class IssueType(Word):
    RATE_LIMIT = "rate_limit"
    INVALID_SYMBOL = "invalid_symbol"
    MISSING_QUANTITY = "missing_quantity"
    INVALID_EXCHANGE = "invalid_exchange"
    OTHER = "other"


_BY_CODE = {
    "rate_limited": IssueType.RATE_LIMIT,
    "risk_orders_per_second": IssueType.RATE_LIMIT,
    "symbol_not_found": IssueType.INVALID_SYMBOL,
}
_BY_FIELD = {
    "symbol": IssueType.INVALID_SYMBOL,
    "quantity": IssueType.MISSING_QUANTITY,
    "exchange": IssueType.INVALID_EXCHANGE,
}


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked, and about what."""

    strategy: Any = None
    symbol: Any = None


class Asked(_Named, frozen=True, kw_only=True):
    """What a request may say, as it came: nobody has checked it."""

    exchange: Any = None
    action: Any = None
    quantity: Any = None
    pricetype: Any = None
    product: Any = None
    position_size: Any = None
    orderid: Any = None


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a reply is a refusal, and of which kind."""

    status: Any = None
    code: Any = None
    errors: Any = None


class Answered(_Said, frozen=True, kw_only=True):
    """What a reply may say; members of one request alone stand in `results`."""

    message: Any = None
    orderid: Any = None
    results: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysedCall:
    """`error` and `issue` say what refused the whole of it, `warnings` what refused parts."""

    record: OrderCallRecord
    asked: Asked
    answered: Answered
    source: str
    error: str | None
    issue: IssueType | None
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStatistics:
    total: int
    issues: Mapping[IssueType, int]
    symbols: Sequence[str]
    sources: Sequence[str]


class CallRecords(Protocol):
    """Where the calls are kept; all methods raise `StorageUnavailable`."""

    async def analyzer_calls(
        self,
        account_id: int,
        since: datetime,
        until: datetime,
        *,
        before: LoggedCall | None = None,
        limit: int,
    ) -> list[LoggedCall]: ...

    def analyzer_texts(
        self, account_id: int, since: datetime, until: datetime
    ) -> AsyncIterator[Sequence[LoggedTexts]]: ...

    async def clear_analyzer_calls(self, account_id: int, before: datetime) -> int: ...


class PaperCalls:
    """The calls of one account at a time. `now` is the users' time, by which calls are kept."""

    def __init__(self, records: CallRecords, now: Callable[[], datetime]) -> None:
        self._records = records
        self.now = now

    async def pages(
        self, account_id: int, since: datetime, until: datetime
    ) -> AsyncIterator[list[AnalysedCall]]:
        """From `since` to `until` (both included), newest first, some at a time; none is empty."""
        before: LoggedCall | None = None
        slices = Slices()
        while page := await self._records.analyzer_calls(
            account_id, since, until, before=before, limit=_PAGE
        ):
            analysed: list[AnalysedCall] = []
            for logged in page:
                analysed.append(analyse(logged.call))
                if slices.over:
                    await slices.pause()
            yield analysed
            before = page[-1]

    async def latest(self, account_id: int) -> list[AnalysedCall]:
        """The newest hundred."""
        async for page in self.pages(account_id, datetime.min.replace(tzinfo=UTC), self.now()):
            return page
        return []

    async def statistics(self, account_id: int) -> CallStatistics:
        """Of the last 24 hours."""
        total, issues = 0, Counter[IssueType]()
        symbols, sources = set[str](), set[str]()
        now, slices = self.now(), Slices()
        async for page in self._records.analyzer_texts(account_id, now - _DAY, now):
            total += len(page)
            for call in page:
                named, said = _read(call.request, _Named), _read(call.response, _Said)
                if isinstance(named.symbol, str) and named.symbol:
                    symbols.add(named.symbol)
                sources.add(_source(named))
                if said.status == "error":
                    issues[_issue(said)] += 1
                if slices.over:
                    await slices.pause()
        return CallStatistics(
            total=total,
            issues={issue: issues[issue] for issue in IssueType},
            symbols=sorted(symbols),
            sources=sorted(sources),
        )

    async def clear(self, account_id: int) -> int:
        """Delete what is older than 24 hours; returns how many calls those were."""
        return await self._records.clear_analyzer_calls(account_id, self.now() - _DAY)


def analyse(record: OrderCallRecord) -> AnalysedCall:
    asked, answered = _read(record.request, Asked), _read(record.response, Answered)
    error, issue = None, None
    if answered.status == "error":
        error, issue = _text(answered.message), _issue(answered)
    return AnalysedCall(
        record=record,
        asked=asked,
        answered=answered,
        source=_source(asked),
        error=error,
        issue=issue,
        warnings=[
            _text(result.get("message"))
            for result in _rows(answered.results)
            if result.get("status") == "error"
        ],
    )


def _source(asked: _Named) -> str:
    return _text(asked.strategy) or UNKNOWN_SOURCE


def _issue(answered: _Said) -> IssueType:
    if isinstance(answered.code, str) and answered.code in _BY_CODE:
        return _BY_CODE[answered.code]
    fields = answered.errors if isinstance(answered.errors, dict) else {}
    for path in fields:
        found = _BY_FIELD.get(str(path).rsplit(".", 1)[-1])
        if found is not None:
            return found
    return IssueType.OTHER


def _rows(results: object) -> list[dict[str, object]]:
    rows = results if isinstance(results, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _read(text: str, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return kind()
