"""How long an order may wait, and what makes its owner look twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from openalgo.domain.calendar import Calendar, session_date, session_start
from openalgo.domain.intents import (
    BasketOrder,
    GttTerms,
    Intent,
    OptionsMultiOrder,
    OptionsOrder,
    OrderTerms,
)
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.orders import PriceType
from openalgo.trading.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """`at_market` is how long what trades at the market may wait, `resting` what carries a limit.

    A price that moved by more than `drift_percent` since the signal wants a second word; 0 asks
    for none. A user has at most `most_pending` orders waiting. The same request of the same key
    within `repeat_window` is the same order; approving all leaves out what is younger than
    `settling`, because nobody can have seen it.
    """

    at_market: timedelta = timedelta(minutes=5)
    resting: timedelta = timedelta(minutes=30)
    drift_percent: Decimal = Decimal(2)
    most_pending: int = 500
    repeat_window: timedelta = timedelta(seconds=2)
    settling: timedelta = timedelta(seconds=2)


_AT_MARKET = frozenset({PriceType.MARKET, PriceType.SL_M})


def expires_at(
    intent: Intent, plan: Plan, now: datetime, calendar: Calendar, rules: ApprovalRules
) -> datetime:
    """When `intent`, queued `now`, may not be approved any more: its time is up, or the first of
    its markets closes, or, where none is open, the session day ends."""
    wait = rules.at_market if _price_types(intent, plan) & _AT_MARKET else rules.resting
    ends = [_end(key.exchange, now, calendar) for key in instruments_of(intent, plan)]
    return min((now + wait, *ends, _day_end(now)))


def instruments_of(intent: Intent, plan: Plan) -> tuple[InstrumentKey, ...]:
    """What `intent` would trade, without what is refused anyway."""
    if plan.legs:
        return tuple(dict.fromkeys(leg.order.key for leg in plan.legs if leg.refusal is None))
    return (intent.key,) if isinstance(intent, OrderTerms | GttTerms) else ()


def side_of(intent: Intent) -> str:
    """BUY or SELL; empty where there is no single one."""
    if isinstance(intent, BasketOrder):
        return intent.orders[0].action if len(intent.orders) == 1 else ""
    if isinstance(intent, OptionsMultiOrder):
        return _common(leg.action for leg in intent.legs)
    if isinstance(intent, OrderTerms | OptionsOrder | GttTerms):
        return intent.action
    return ""


def _common(actions: Iterable[str]) -> str:
    found = set(actions)
    return found.pop() if len(found) == 1 else ""


def _price_types(intent: Intent, plan: Plan) -> set[PriceType]:
    if isinstance(intent, GttTerms):
        # It waits for its trigger anyway.
        return set()
    if isinstance(intent, OrderTerms | OptionsOrder):
        return {intent.price_type}
    return {leg.order.price_type for leg in plan.legs}


def _end(exchange: Exchange, now: datetime, calendar: Calendar) -> datetime:
    for session in calendar.sessions(exchange, session_date(now)):
        if session.contains(now):
            return session.closes
    return _day_end(now)


def _day_end(now: datetime) -> datetime:
    return session_start(session_date(now) + timedelta(days=1))
