"""What approving an order would do now, against what was meant when it was queued."""

from dataclasses import dataclass
from datetime import date

from openalgo.domain.clock import IST
from openalgo.domain.errors import (
    BrokerChanged,
    ConfirmationNeeded,
    ContractExpired,
    IntentUnreadable,
    ModeChanged,
    SymbolNotFound,
)
from openalgo.domain.intents import Intent, OptionsMultiOrder, OptionsOrder, SmartOrder
from openalgo.domain.orders import Action
from openalgo.domain.words import Word
from openalgo.observability.latency import OrderTiming
from openalgo.trading.approvals.prices import (
    PriceMove,
    furthest,
    last_prices,
    moves,
)
from openalgo.trading.approvals.records import PendingOrder, Resolution
from openalgo.trading.approvals.rules import ApprovalRules, instruments_of
from openalgo.trading.gate import AccountFinder
from openalgo.trading.markets import Market, Markets
from openalgo.trading.plans import Plan
from openalgo.trading.run import Run
from openalgo.trading.submit import Trading
from openalgo.trading.venues import Venue


class Concern(Word):
    """Why the owner should look twice."""

    PRICE_MOVED = "price_moved"
    PRICE_UNKNOWN = "price_unknown"
    DIRECTION_CHANGED = "direction_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """`plan` is what would be carried out. `concerns` tell a word for programs and a sentence."""

    plan: Plan
    prices: tuple[PriceMove, ...]
    concerns: dict[Concern, str]

    def require_confirmation(self) -> None:
        """Raises `ConfirmationNeeded` when there are concerns."""
        if self.concerns:
            details: dict[str, object] = {
                "prices": [
                    {
                        "exchange": move.key.exchange,
                        "symbol": move.key.symbol,
                        "ltp_at_queue": move.queued,
                        "ltp_now": move.now,
                        "drift": move.percent,
                    }
                    for move in self.prices
                ]
            }
            said = " ".join(self.concerns.values())
            raise ConfirmationNeeded(
                f"{said} Approve again with confirm if you still want it.",
                [str(concern) for concern in self.concerns],
                details,
            )


class Reviewer:
    """Looks, and sends nothing."""

    def __init__(
        self,
        trading: Trading,
        markets: Markets,
        accounts: AccountFinder,
        rules: ApprovalRules,
    ) -> None:
        self._trading = trading
        self._markets = markets
        self._accounts = accounts
        self._rules = rules

    async def review(self, order: PendingOrder, resolution: Resolution) -> Review:
        """Raises what forbids to carry `order` out: `ModeChanged`, `BrokerChanged`,
        `ContractExpired`, `IntentUnreadable`, and what would refuse it before it is sent."""
        intent = readable(order)
        venue = await self.venue_of(order)
        market = self._markets.of(order.account_id)
        if keeps_plan(intent, resolution):
            plan = order.plan
        else:
            timing = OrderTiming()
            run = Run(
                account_id=order.account_id,
                market=market,
                venue=venue,
                cause=order.cause,
                timing=timing,
            )
            plan = await self._trading.preview(run, intent)
        _check_contracts(market, intent, plan)
        prices: tuple[PriceMove, ...] = ()
        if resolution is not Resolution.CURRENT:
            prices = moves(order.prices, await last_prices(market.quotes, order.prices))
        concerns = self._price_concerns(prices) | direction_concerns(order, plan)
        return Review(plan=plan, prices=prices, concerns=concerns)

    async def venue_of(self, order: PendingOrder) -> Venue:
        """The account's venue, which was resolved last of all.

        Raises `ModeChanged`, `BrokerChanged` when it is another one than when `order` came.
        """
        account = await self._accounts.find(order.account_id)
        if account.broker != order.broker:
            raise BrokerChanged(order.broker, account.broker)
        venue = self._markets.resolve(order.account_id)
        if venue.mode is not order.mode:
            raise ModeChanged(order.mode, venue.mode)
        return venue

    def _price_concerns(self, prices: tuple[PriceMove, ...]) -> dict[Concern, str]:
        limit = self._rules.drift_percent
        move = furthest(prices)
        if move is None or not limit:
            return {}
        if move.percent is None:
            return {Concern.PRICE_UNKNOWN: f"How far {move.key.symbol} moved is not known."}
        if abs(move.percent) <= limit:
            return {}
        said = (
            f"{move.key.symbol} moved by {move.percent:+g} % since the signal, more than {limit} %."
        )
        return {Concern.PRICE_MOVED: said}


def readable(order: PendingOrder) -> Intent:
    """What was asked for. Raises `IntentUnreadable`."""
    if order.intent is None:
        raise IntentUnreadable
    return order.intent


def keeps_plan(intent: Intent, resolution: Resolution) -> bool:
    """Whether the plan made when `intent` was queued is the one to carry out."""
    chosen_then = isinstance(intent, OptionsOrder | OptionsMultiOrder)
    return chosen_then and resolution is Resolution.SIGNALLED


def _check_contracts(market: Market, intent: Intent, plan: Plan) -> None:
    today = market.clock.now().astimezone(IST).date()
    for key in instruments_of(intent, plan):
        instrument = market.instruments.find(key)
        if instrument is None:
            raise SymbolNotFound(f"Symbol {key.symbol} not found on {key.exchange}")
        if _is_past(instrument.expiry, today):
            raise ContractExpired(instrument.symbol)


def direction_concerns(order: PendingOrder, plan: Plan) -> dict[Concern, str]:
    """Whether a smart order would trade in another direction now than when it was queued."""
    if not isinstance(order.intent, SmartOrder):
        return {}
    then, now = _direction(order.plan), _direction(plan)
    if now is None or now is then:
        return {}
    quantity = plan.legs[0].order.quantity
    meant = "no order" if then is None else f"a {then}"
    said = f"The position has changed: it took {meant} then and takes a {now} of {quantity:f} now."
    return {Concern.DIRECTION_CHANGED: said}


def _direction(plan: Plan) -> Action | None:
    return plan.legs[0].order.action if plan.legs else None


def _is_past(expiry: date | None, today: date) -> bool:
    return expiry is not None and expiry < today
