"""Implied volatility and greeks of options by their symbols."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.baskets import Summary
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.greeks import (
    FailedGreeksRow,
    GreekNumbers,
    GreeksRow,
    MultiOptionGreeksFailedReply,
    MultiOptionGreeksPartialReply,
    MultiOptionGreeksReply,
    MultiOptionGreeksRequest,
    OptionGreeksReply,
    OptionGreeksRequest,
)
from openalgo.api.v1 import PREFIX
from openalgo.domain.errors import OpenAlgoError, UnauthorizedKey
from openalgo.domain.market import InstrumentKey
from openalgo.identity.principal import Scope
from openalgo.instruments.slices import Slices
from openalgo.options.greeks import OptionGreeks
from openalgo.options.solving import Outcome, Solution

Single = Annotated[Call, Depends(caller(Scope.READ, RateClass.GREEKS, wrong_key=UnauthorizedKey))]
Several = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, wrong_key=UnauthorizedKey))]

router = APIRouter(prefix=PREFIX, tags=["Options"], route_class=DirectRoute)

_WORTHLESS_TIME = "Deep ITM option with no time value - theoretical Greeks returned"
_EXPIRED = "Option has expired - Greeks are no longer applicable"
_NONE = Solution(Outcome.NO_TIME_VALUE, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@router.post(
    "/optiongreeks",
    summary="Implied volatility and greeks of an option",
    responses=error_responses(401, 404, 502),
)
async def optiongreeks(wanted: OptionGreeksRequest, call: Single) -> OptionGreeksReply:
    """Black-76 on the forward: the one given, the price of the underlying named, or what the chain
    of the option implies. The price inverted is the last one."""
    call.check_session()
    found = await call.market.greeks.one(
        wanted.wanted(wanted.forward_price), wanted.rate, wanted.expiry_time
    )
    return OptionGreeksReply.model_construct(**_row(found).__dict__)


@router.post(
    "/multioptiongreeks",
    summary="Implied volatility and greeks of many options",
    responses=error_responses(401, 502),
)
async def multioptiongreeks(
    wanted: MultiOptionGreeksRequest, call: Several
) -> MultiOptionGreeksReply | MultiOptionGreeksPartialReply | MultiOptionGreeksFailedReply:
    """At most 50 at once. A symbol that has none gets an error in its place; the status is an
    error only where all do."""
    call.check_session()
    found = await call.market.greeks.many(
        [each.wanted() for each in wanted.symbols], wanted.rate, wanted.expiry_time
    )
    slices = Slices()
    rows: list[GreeksRow | FailedGreeksRow] = []
    for named, each in zip(wanted.symbols, found, strict=True):
        key = InstrumentKey(named.exchange, named.symbol)
        rows.append(_failed(key, each) if isinstance(each, OpenAlgoError) else _row(each))
        if slices.over:
            await slices.pause()
    failed = [row for row in rows if isinstance(row, FailedGreeksRow)]
    summary = Summary(total=len(rows), success=len(rows) - len(failed), failed=len(failed))
    if not failed:
        return MultiOptionGreeksReply(data=rows, summary=summary)
    if summary.success:
        message = f"{len(failed)} of {len(rows)} symbols failed"
        return MultiOptionGreeksPartialReply(data=rows, summary=summary, message=message)
    message = f"All {len(rows)} symbols failed: {failed[0].message}"
    return MultiOptionGreeksFailedReply(data=rows, summary=summary, message=message)


def _failed(key: InstrumentKey, error: OpenAlgoError) -> FailedGreeksRow:
    return FailedGreeksRow(
        symbol=key.symbol, exchange=key.exchange, message=error.message, code=error.code
    )


def _row(found: OptionGreeks) -> GreeksRow:
    solution = found.solution or _NONE
    forward = found.forward
    price, intrinsic = found.price, found.intrinsic
    row = GreeksRow(
        symbol=found.key.symbol,
        exchange=found.key.exchange,
        underlying=found.parts.base,
        strike=round(found.strike, 2),
        option_type="CE" if found.is_call else "PE",
        expiry_date=f"{found.parts.expiry:%d-%b-%Y}",
        days_to_expiry=round(found.days, 4),
        spot_price=None if forward is None else round(forward.price, 2),
        option_price=None if price is None else round(price, 2),
        interest_rate=round(found.rate * 100.0, 2),
        implied_volatility=round(solution.volatility * 100.0, 2),
        greeks=_numbers(solution, 4, 6),
        greeks_full=_numbers(solution, 8, 8),
        forward_price=None if forward is None else forward.price,
        forward_source=None if forward is None else forward.source,
        time_to_expiry_years=round(found.years, 10),
        iv_quality="extreme" if solution.is_extreme else None,
    )
    if solution.outcome is Outcome.SOLVED:
        return row
    row.note = _EXPIRED if found.solution is None else _WORTHLESS_TIME
    if intrinsic is not None:
        row.intrinsic_value = round(intrinsic, 2)
        row.time_value = None if price is None else round(max(price - intrinsic, 0.0), 2)
    return row


def _numbers(solution: Solution, coarse: int, fine: int) -> GreekNumbers:
    """Gamma and rho are small, so they get the `fine` number of digits."""
    return GreekNumbers(
        delta=round(solution.delta, coarse),
        gamma=round(solution.gamma, fine),
        theta=round(solution.theta, coarse),
        vega=round(solution.vega, coarse),
        rho=round(solution.rho, fine),
    )
