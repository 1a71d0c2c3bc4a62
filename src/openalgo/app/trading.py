"""What happens to orders: plans, approvals, risk, and the accounts that send them to brokers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from openalgo.accounts.accounts import Accounts
from openalgo.app.brokers import BrokerRoom
from openalgo.app.explaining import make_explainer
from openalgo.app.foundation import Foundation
from openalgo.app.market import MarketRoom
from openalgo.config import Settings
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.marketplace import LiveAccounts, LiveDesk, Marketplace
from openalgo.observability.latency import OrderTimer
from openalgo.supervisor import Once, Restart, Supervisor
from openalgo.telemetry import Telemetry
from openalgo.trading.approvals.assembly import ActionCenter, make_action_center
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.queue import WaitingLine
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.approvals.unanswered import Unanswered
from openalgo.trading.assembly import make_risk, make_trading
from openalgo.trading.explain import Explainer
from openalgo.trading.explain_live import LiveHistory
from openalgo.trading.live.unresolved import UnresolvedOrders
from openalgo.trading.markets import Markets
from openalgo.trading.profit.desk import ProfitDesk
from openalgo.trading.profit.record import ProfitRecord
from openalgo.trading.risk_desk import RiskDesk
from openalgo.trading.stored_plans import StoredPlans
from openalgo.trading.stored_risk import StoredRisk
from openalgo.trading.submit import Trading


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingRoom:
    """`live` are the accounts at brokers, which get what they need when they are made."""

    trading: Trading
    action_center: ActionCenter
    risk: RiskDesk
    freeze: FreezeQuantities
    explainer: Explainer
    plans: StoredPlans
    unanswered: Unanswered
    unresolved: UnresolvedOrders
    live: LiveAccounts
    profit: ProfitDesk


async def make_trading_room(
    base: Foundation,
    accounts: Accounts,
    market: MarketRoom,
    brokers: BrokerRoom,
    telemetry: Telemetry,
) -> TradingRoom:
    main, markets, listen = base.stores.main, market.place.markets, base.bus.listen
    freeze = FreezeQuantities()
    risk_settings = StoredRisk(main, base.wall, base.bus.publish)
    await risk_settings.load()
    risk, risk_desk = make_risk(risk_settings, freeze)
    journal = brokers.journal
    unresolved = UnresolvedOrders(journal, base.wall, base.bus.publish, markets.live_of)
    base.health.register("unresolved orders", unresolved.health)
    plans = StoredPlans(main, base.wall)
    pending = PendingBook(main)
    steps = Steps(main, markets, base.bus.publish)
    rules = _approval_rules(base.settings)
    trading = make_trading(
        markets=markets,
        accounts=accounts,
        approvals=WaitingLine(pending, steps, accounts, rules),
        risk=risk,
        plans=plans,
        timer=OrderTimer(telemetry.latency),
    )
    action_center = make_action_center(
        book=pending,
        steps=steps,
        trading=trading,
        markets=markets,
        accounts=accounts,
        rules=rules,
        listen=listen,
    )
    follow = action_center.follower.follow
    return TradingRoom(
        trading=trading,
        action_center=action_center,
        risk=risk_desk,
        freeze=freeze,
        explainer=make_explainer(
            base.stores, plans, pending, LiveHistory(journal, markets.live_of)
        ),
        plans=plans,
        unanswered=Unanswered(pending, steps, journal, base.wall, follow),
        unresolved=unresolved,
        live=_live_accounts(base, accounts, market.place, brokers, risk_desk),
        profit=_profit(base, markets),
    )


async def run_trading(base: Foundation, room: TradingRoom, accounts: Accounts) -> None:
    """Open the accounts at brokers; from now on orders are followed."""
    start = base.supervisor.start
    start("plan-retention", room.plans.trim_hourly, Restart())
    await room.live.start()
    await room.profit.start(accounts.all())
    start("profit-record", room.profit.keep, Restart())
    start("unanswered-approvals", room.unanswered.run, Restart())
    start("approvals", room.action_center.approvals.watch, Restart())
    start("approved-orders", room.action_center.follower.run, Restart())


def _live_accounts(
    base: Foundation,
    accounts: Accounts,
    place: Marketplace,
    brokers: BrokerRoom,
    risk: RiskDesk,
) -> LiveAccounts:
    desk = LiveDesk(
        accounts=accounts,
        brokers=brokers.adapters,
        vault=brokers.vault,
        sessions=brokers.sessions,
        masters=brokers.masters,
        journal=brokers.journal,
        clock=base.wall,
        publish=base.bus.publish,
        placed_elsewhere=risk.placed_elsewhere,
        stale_after=float(base.settings.ws_stale_tick_warn_seconds),
    )
    live = LiveAccounts(desk, place, base.supervisor, base.health)
    base.closing.push_async_callback(live.close)
    return live


def _profit(base: Foundation, markets: Markets) -> ProfitDesk:
    desk = ProfitDesk(
        markets,
        ProfitRecord(base.stores.main),
        base.wall,
        base.bus.publish,
        base.bus.is_heard,
        _ProfitTasks(base.supervisor),
    )
    # It follows what happens, and wants nobody to value accounts for it.
    base.bus.follow(desk.hear, lambda _: False)
    return desk


class _ProfitTasks:
    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self._supervisor.start(name, run, Restart())

    def end(self, name: str) -> None:
        self._supervisor.start(f"end-{name}", lambda: self._supervisor.stop(name), Once())


def _approval_rules(settings: Settings) -> ApprovalRules:
    return ApprovalRules(
        at_market=timedelta(seconds=settings.approval_market_ttl_seconds),
        resting=timedelta(seconds=settings.approval_limit_ttl_seconds),
        drift_percent=settings.approval_drift_percent,
    )
