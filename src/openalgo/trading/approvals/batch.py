"""Approving many orders with one word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openalgo.domain.errors import NotPending, OpenAlgoError, PendingOrderNotFound
from openalgo.trading.approvals.desk import Approvals
from openalgo.trading.approvals.records import Actor, PendingOrder
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.markets import Markets


class EarlierFailed(OpenAlgoError):
    """An exit whose entry failed would open a position."""

    code = "earlier_failed"
    status = 409
    default = "Left waiting, because an order before it of this strategy and symbol failed"


@dataclass(slots=True)
class BatchOutcome:
    """How a batch went. `failed` tells why by order id, of approved orders and of refused ones."""

    approved: int = 0
    executed: int = 0
    failed: dict[int, OpenAlgoError] = field(default_factory=dict)


class Batches:
    """One order after the other, oldest first."""

    def __init__(self, approvals: Approvals, markets: Markets, rules: ApprovalRules) -> None:
        self._approvals = approvals
        self._markets = markets
        self._rules = rules

    async def approve_all(
        self, account_id: int, actor: Actor, versions: Mapping[int, int] | None = None
    ) -> BatchOutcome:
        """Approve the orders whose ids and versions the owner saw, or, without `versions`, all
        that wait and are not just come.

        After a failure the orders of the same strategy and symbol are left waiting. What wants a
        confirmation fails.
        """
        outcome = BatchOutcome()
        failed: set[tuple[str, str]] = set()
        for order in await self._chosen(account_id, versions, outcome):
            marks = {(order.strategy, str(key)) for key in order.prices}
            refusal: OpenAlgoError | None = None
            if marks & failed:
                refusal = EarlierFailed()
            else:
                refusal = await self._approve(order, actor, versions, outcome)
            if refusal is None:
                outcome.executed += 1
            else:
                outcome.failed[order.id] = refusal
                failed |= marks
        return outcome

    async def _approve(
        self,
        order: PendingOrder,
        actor: Actor,
        versions: Mapping[int, int] | None,
        outcome: BatchOutcome,
    ) -> OpenAlgoError | None:
        version = order.version if versions is None else versions[order.id]
        try:
            approval = await self._approvals.approve(
                order.account_id, order.id, actor, version=version
            )
        except OpenAlgoError as error:
            return error
        outcome.approved += 1
        return approval.refusal

    async def _chosen(
        self, account_id: int, versions: Mapping[int, int] | None, outcome: BatchOutcome
    ) -> Sequence[PendingOrder]:
        now = self._markets.now(account_id)
        waiting = await self._approvals.book.waiting(account_id)
        if versions is None:
            seen_by = now - self._rules.settling
            return [o for o in waiting if o.created_at <= seen_by and now < o.expires_at]
        chosen = [order for order in waiting if order.id in versions]
        for missing in versions.keys() - {order.id for order in chosen}:
            outcome.failed[missing] = await self._why_not(account_id, missing)
        return chosen

    async def _why_not(self, account_id: int, pending_id: int) -> OpenAlgoError:
        try:
            order = await self._approvals.book.find(account_id, pending_id)
        except PendingOrderNotFound as error:
            return error
        return NotPending(order.id, order.state, order.version)
