"""The way in, put together."""

from openalgo.domain.intents import (
    BasketOrder,
    CancelAllOrders,
    ClosePosition,
    OptionsMultiOrder,
    OptionsOrder,
    SmartOrder,
    SplitOrder,
)
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.observability.latency import OrderTimer
from openalgo.trading.baskets import Baskets, Splits
from openalgo.trading.children import Children, RiskControl
from openalgo.trading.closing import Cancelling, Closing
from openalgo.trading.day import DayCounts, DayLosses
from openalgo.trading.executor import Executor, PlanStore
from openalgo.trading.gate import AccountFinder, Gate
from openalgo.trading.markets import Markets
from openalgo.trading.options_orders import OptionsMultiOrders, OptionsOrders
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk import Risk
from openalgo.trading.risk_desk import RiskDesk, SettingsBook
from openalgo.trading.risk_terms import TermLimits
from openalgo.trading.smart import SmartOrders
from openalgo.trading.submit import ApprovalQueue, Trading


def make_trading(
    *,
    markets: Markets,
    accounts: AccountFinder,
    approvals: ApprovalQueue,
    risk: RiskControl,
    plans: PlanStore,
    timer: OrderTimer,
) -> Trading:
    """Every kind of intent with who plans it."""
    children = Children(risk)
    return Trading(
        markets=markets,
        gate=Gate(accounts),
        approvals=approvals,
        children=children,
        executor=Executor(children, plans),
        planners={
            SmartOrder: SmartOrders(),
            BasketOrder: Baskets(),
            SplitOrder: Splits(),
            OptionsOrder: OptionsOrders(),
            OptionsMultiOrder: OptionsMultiOrders(),
            CancelAllOrders: Cancelling(),
            ClosePosition: Closing(),
        },
        timer=timer,
    )


def make_risk(settings: SettingsBook, freeze: FreezeQuantities) -> tuple[Risk, RiskDesk]:
    """Who judges orders, and where the owner sets by what."""
    days, losses, rates = DayCounts(), DayLosses(), SegmentRates()
    control = Risk(settings, TermLimits(freeze), days, losses, rates)
    return control, RiskDesk(settings, days, losses, rates)
