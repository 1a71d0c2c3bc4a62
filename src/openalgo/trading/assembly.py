"""The way in, put together."""

from openalgo.domain.clock import Clock
from openalgo.domain.instruments import InstrumentFinder
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
from openalgo.options.underlyings import Underlyings
from openalgo.trading.baskets import Baskets, Splits
from openalgo.trading.children import Children, RiskControl
from openalgo.trading.closing import Cancelling, Closing
from openalgo.trading.day import DayCounts, DayLosses
from openalgo.trading.executor import Executor, PlanStore
from openalgo.trading.gate import AccountFinder, Gate
from openalgo.trading.options_orders import OptionsMultiOrders, OptionsOrders
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk import Risk
from openalgo.trading.risk_desk import RiskDesk, SettingsBook
from openalgo.trading.risk_terms import LastPrice, TermLimits
from openalgo.trading.smart import SmartOrders
from openalgo.trading.submit import ApprovalQueue, Trading, VenueResolver


def make_trading(
    *,
    instruments: InstrumentFinder,
    venues: VenueResolver,
    accounts: AccountFinder,
    approvals: ApprovalQueue,
    risk: RiskControl,
    plans: PlanStore,
    underlyings: Underlyings,
    timer: OrderTimer,
) -> Trading:
    """Every kind of intent with who plans it."""
    children = Children(instruments, risk)
    return Trading(
        instruments=instruments,
        venues=venues,
        gate=Gate(accounts),
        approvals=approvals,
        children=children,
        executor=Executor(children, plans),
        planners={
            SmartOrder: SmartOrders(children),
            BasketOrder: Baskets(children),
            SplitOrder: Splits(children),
            OptionsOrder: OptionsOrders(children, underlyings),
            OptionsMultiOrder: OptionsMultiOrders(children, underlyings),
            CancelAllOrders: Cancelling(),
            ClosePosition: Closing(),
        },
        timer=timer,
    )


def make_risk(
    settings: SettingsBook, freeze: FreezeQuantities, last_price: LastPrice, clock: Clock
) -> tuple[Risk, RiskDesk]:
    """Who judges orders, and where the owner sets by what."""
    days, losses, rates = DayCounts(clock), DayLosses(clock), SegmentRates()
    control = Risk(settings, TermLimits(freeze, last_price, clock), days, losses, rates)
    return control, RiskDesk(settings, days, losses, rates)
