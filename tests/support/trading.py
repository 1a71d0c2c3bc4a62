"""What the way in asks of others, in memory."""

from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime

from msgspec.structs import replace

from openalgo.accounts.accounts import Account, OrderMode
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import GttTerms, Intent, ModifyOrder, PlaceOrder
from openalgo.identity.principal import Principal
from openalgo.trading.executor import StoredPlan
from openalgo.trading.plans import Plan, Results
from openalgo.trading.risk_limits import InForce, KillSwitch, RiskLimits, RiskSettings
from openalgo.trading.run import Run
from openalgo.trading.submit import Origin
from openalgo.trading.venues import VenueMode


class PlansInMemory:
    def __init__(self) -> None:
        self.stored: dict[tuple[int, str], StoredPlan] = {}

    async def find(self, account_id: int, client_order_id: str) -> StoredPlan | None:
        return self.stored.get((account_id, client_order_id))

    async def add(
        self, account_id: int, client_order_id: str, kind: str, stored: StoredPlan
    ) -> None:
        assert kind
        assert (account_id, client_order_id) not in self.stored
        self.stored[account_id, client_order_id] = stored

    async def note_results(self, account_id: int, client_order_id: str, results: Results) -> None:
        key = account_id, client_order_id
        self.stored[key] = replace(self.stored[key], results=results)


class AccountsInMemory:
    """Every account is in `mode`; `failure` is raised instead when there is one."""

    def __init__(self, mode: OrderMode = OrderMode.AUTO, *, rehearse: bool = False) -> None:
        self.mode = mode
        self.rehearse = rehearse
        self.broker = "simulator"
        self.failure: Exception | None = None

    async def find(self, account_id: int) -> Account:
        if self.failure is not None:
            raise self.failure
        return Account(
            id=account_id,
            user_id=1,
            name="default",
            broker=self.broker,
            analyze_mode=True,
            order_mode=self.mode,
            rehearse_approvals=self.rehearse,
        )


class QueueInMemory:
    """Numbers what is queued from 1."""

    def __init__(self) -> None:
        self.queued: list[tuple[Intent, Plan, Origin]] = []

    async def queue(
        self, principal: Principal, run: Run, intent: Intent, plan: Plan, origin: Origin
    ) -> int:
        assert principal.account_id == run.account_id
        self.queued.append((intent, plan, origin))
        return len(self.queued)


class RiskInMemory:
    """What accounts may risk; nothing until a test says otherwise."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.of: dict[int, RiskSettings] = {}

    def settings(self, account_id: int) -> RiskSettings:
        return self.of.get(account_id, RiskSettings())

    def in_force(self, account_id: int, mode: VenueMode) -> InForce:
        return InForce.of(self.settings(account_id), mode)

    async def set_limits(self, account_id: int, limits: RiskLimits, *, by: str) -> None:
        assert by
        self.of[account_id] = replace(self.settings(account_id), limits=limits)

    async def kill(self, account_id: int, *, by: str) -> KillSwitch:
        kill = KillSwitch(at=self.now, by=by)
        self.of[account_id] = replace(self.settings(account_id), kill=kill)
        return kill

    async def release(self, account_id: int, *, by: str) -> None:
        assert by
        self.of[account_id] = replace(self.settings(account_id), kill=None)


class Unlimited:
    """No limits."""

    def admit(
        self, run: Run, order: PlaceOrder | ModifyOrder, instrument: Instrument
    ) -> AbstractAsyncContextManager[None]:
        """Everything passes."""
        return nullcontext()

    async def admit_gtt(self, run: Run, gtt: GttTerms, instrument: Instrument) -> None:
        """Everything passes."""
