"""Prices."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from openalgo.api import streams
from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.market import (
    DepthReply,
    MultiQuotesReply,
    MultiQuotesRequest,
    QuotesReply,
    QuotesRequest,
)
from openalgo.api.v1 import PREFIX, present
from openalgo.api.v1.rows import QuoteLine, ResultLine
from openalgo.domain.errors import OpenAlgoError, SymbolNotFound, Unsupported
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.identity.principal import Scope

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]


class NoSuchSymbols(SymbolNotFound):
    """Not one of the symbols asked for is listed."""

    def __init__(self, invalid: Sequence[Mapping[str, str]]) -> None:
        self.invalid = invalid
        super().__init__("No valid symbols: none of those asked for is listed.")

    def extra(self) -> Mapping[str, object]:
        return {"invalid_symbols": self.invalid}


router = APIRouter(prefix=PREFIX, tags=["Market data"], route_class=DirectRoute)


@router.post("/quotes", summary="The current quote", responses=error_responses(502))
async def quotes(wanted: QuotesRequest, call: Reader) -> QuotesReply:
    """Always the market's own prices, on paper too."""
    call.check_session()
    quote = await call.market.quotes.quote(InstrumentKey(wanted.exchange, wanted.symbol))
    return QuotesReply(data=present.quote_row(quote))


@router.post(
    "/multiquotes",
    summary="Many current quotes",
    responses=error_responses(502),
    response_model=MultiQuotesReply,
)
async def multiquotes(wanted: MultiQuotesRequest, call: Reader) -> Response:
    """At most 500 at once, in the order asked for. A symbol without a quote gets an `error`
    instead; only when no symbol has a quote is the whole call an error."""
    call.check_session()
    keys = [InstrumentKey(each.exchange, each.symbol) for each in wanted.symbols]
    outcomes = await call.market.quotes.quotes(keys)
    _check_any(keys, outcomes)
    lines = (_result(key, outcome) for key, outcome in zip(keys, outcomes, strict=True))
    return StreamingResponse(
        streams.paced(streams.json_list(lines, name="results")), media_type="application/json"
    )


@router.post("/depth", summary="The order book", responses=error_responses(501, 502))
async def depth(wanted: QuotesRequest, call: Reader) -> DepthReply:
    """The five best prices of each side, of the market itself, on paper too."""
    call.check_session()
    if call.market.depth is None:
        raise Unsupported("This market has no order books")
    book = await call.market.depth.depth(InstrumentKey(wanted.exchange, wanted.symbol))
    return DepthReply(data=present.depth_row(book))


def _result(key: InstrumentKey, outcome: Quote | OpenAlgoError) -> ResultLine:
    if isinstance(outcome, OpenAlgoError):
        return ResultLine(key.symbol, key.exchange, error=outcome.message)
    return ResultLine(key.symbol, key.exchange, QuoteLine.of(outcome))


def _check_any(keys: Sequence[InstrumentKey], outcomes: Sequence[Quote | OpenAlgoError]) -> None:
    """Raises `NoSuchSymbols` when nothing asked for is listed, and what went wrong first when
    nothing that is listed has a quote."""
    failed = [outcome for outcome in outcomes if isinstance(outcome, OpenAlgoError)]
    if len(failed) < len(outcomes):
        return
    others = [error for error in failed if not isinstance(error, SymbolNotFound)]
    if others:
        raise others[0]
    raise NoSuchSymbols(
        [
            {"symbol": key.symbol, "exchange": key.exchange, "error": error.message}
            for key, error in zip(keys, failed, strict=True)
        ]
    )
