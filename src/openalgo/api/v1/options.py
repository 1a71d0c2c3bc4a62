"""Orders for options named by their distance from the money."""

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from openalgo.api.deps import Call, caller
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.option_replies import (
    LegRow,
    OptionsMultiFailedReply,
    OptionsMultiOrderReply,
    OptionsOrderReply,
    SplitOptionsFailedReply,
    SplitOptionsOrderReply,
)
from openalgo.api.schemas.options import OptionsMultiOrderRequest, OptionsOrderRequest
from openalgo.api.schemas.orders import QueuedReply
from openalgo.api.v1 import PREFIX, present
from openalgo.api.v1.idempotency import IDEMPOTENT, client_order_id
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.domain.intents import OptionsMultiOrder, OptionsOrder, OptionTerms
from openalgo.domain.numbers import plain_number
from openalgo.identity.principal import Scope
from openalgo.instruments.slices import Slices
from openalgo.trading.plans import Leg, Outcome
from openalgo.trading.receipts import PlanReceipt, QueuedReceipt, the
from openalgo.trading.venues import VenueMode

Trader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.ORDER, by_venue=True))]

recorded = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=RecordedRoute)


@recorded.post(
    "/optionsorder",
    summary="Place an order for an option at a distance from the money",
    responses=error_responses(404, 409, 502, 504),
    openapi_extra=IDEMPOTENT,
)
async def optionsorder(
    order: OptionsOrderRequest, call: Trader, request: Request
) -> OptionsOrderReply | SplitOptionsOrderReply | SplitOptionsFailedReply | QueuedReply:
    """Trade the call or put whose strike is so many listed strikes from the money at the price its
    underlying has now. With `splitsize` it goes in several orders."""
    intent = order.to_intent(client_order_id(order, request))
    receipt = await call.submit(intent)
    if isinstance(receipt, QueuedReceipt):
        return QueuedReply(pending_order_id=receipt.pending_id)
    done = the(PlanReceipt, receipt)
    if intent.split_size:
        return _split_reply(intent, done, call.request_id)
    (outcome,) = done.legs
    outcome.raise_refusal()
    return OptionsOrderReply(
        orderid=str(outcome.order_id),
        mode=present.paper_word(done.mode),
        **_chosen(intent, done),
    )


@recorded.post(
    "/optionsmultiorder",
    summary="Place orders for several options of one underlying",
    responses=error_responses(404, 409, 502, 504),
    openapi_extra=IDEMPOTENT,
)
async def optionsmultiorder(
    order: OptionsMultiOrderRequest, call: Trader, request: Request
) -> OptionsMultiOrderReply | OptionsMultiFailedReply | QueuedReply:
    """Trade the legs of a spread at one price of the underlying: what buys first, then what sells,
    one after the other."""
    intent = order.to_intent(client_order_id(order, request))
    receipt = await call.submit(intent)
    if isinstance(receipt, QueuedReceipt):
        return QueuedReply(pending_order_id=receipt.pending_id)
    return await _multi_reply(intent, the(PlanReceipt, receipt), call.request_id)


def _chosen(intent: OptionsOrder, done: PlanReceipt) -> dict[str, Any]:
    """Members all replies about one option have."""
    order = done.plan.legs[0].order
    return {
        "symbol": order.symbol,
        "exchange": order.exchange,
        "underlying": intent.underlying,
        "underlying_ltp": done.plan.note["underlying_ltp"],
        "offset": intent.offset,
        "option_type": intent.option_type,
        "client_order_id": intent.client_order_id,
    }


def _split_reply(
    intent: OptionsOrder, done: PlanReceipt, request_id: str
) -> SplitOptionsOrderReply | SplitOptionsFailedReply:
    members = {
        **_chosen(intent, done),
        "total_quantity": plain_number(intent.quantity),
        "split_size": plain_number(intent.split_size),
        "results": present.split_rows(done.plan.legs, done.legs),
        "summary": present.summary_of(done.legs),
        "mode": present.paper_word(done.mode),
    }
    if (failure := present.all_failed(done.legs)) is not None:
        return SplitOptionsFailedReply(request_id=request_id, **failure, **members)
    return SplitOptionsOrderReply(**members)


async def _multi_reply(
    intent: OptionsMultiOrder, done: PlanReceipt, request_id: str
) -> OptionsMultiOrderReply | OptionsMultiFailedReply:
    sent = groupby(
        zip(done.plan.legs, done.legs, strict=True), key=lambda pair: pair[0].note["leg"]
    )
    results, outcomes = [], []
    slices = Slices()  # there may be 2,000 parts
    for number, (terms, (_, pairs)) in enumerate(zip(intent.legs, sent, strict=True), 1):
        parts = list(pairs)
        outcome = _decisive([each for _, each in parts])
        outcomes.append(outcome)
        results.append(_leg_row(number, terms, parts, outcome, done.mode))
        if slices.over:
            await slices.pause()
    members: dict[str, Any] = {
        "underlying": intent.underlying,
        "underlying_ltp": done.plan.note["underlying_ltp"],
        "results": results,
        "summary": present.summary_of(outcomes),
        "client_order_id": intent.client_order_id,
        "mode": present.paper_word(done.mode),
    }
    if (failure := present.all_failed(outcomes)) is not None:
        return OptionsMultiFailedReply(request_id=request_id, **failure, **members)
    return OptionsMultiOrderReply(**members)


def _decisive(parts: Sequence[Outcome]) -> Outcome:
    """What became of a leg that was sent in `parts`: it is placed where one of them is, and has
    failed only where each of them did."""
    known = next((part for part in parts if part.succeeded), None)
    return known or next((part for part in parts if part.is_unknown), parts[0])


def _leg_row(
    number: int,
    terms: OptionTerms,
    parts: Sequence[tuple[Leg, Outcome]],
    outcome: Outcome,
    mode: VenueMode,
) -> LegRow:
    leg, _ = parts[0]
    members: dict[str, Any] = {
        "leg": number,
        "offset": terms.offset,
        "option_type": terms.option_type,
        "action": terms.action,
    }
    if "strike" in leg.note:
        members |= {"symbol": leg.order.symbol, "exchange": leg.order.exchange}
    fate = present.fate(outcome)
    if "part" in leg.note:
        members |= {
            "product": terms.product,
            "total_quantity": plain_number(terms.quantity),
            "split_size": plain_number(terms.split_size),
            "split_results": present.split_rows(*zip(*parts, strict=True)),
            "mode": mode,
        }
        # Those of its parts are in their rows.
        fate |= {"orderid": None, "reference": None}
    elif outcome.succeeded:
        members |= {"product": terms.product, "mode": mode}
    return LegRow(**members, **fate)
