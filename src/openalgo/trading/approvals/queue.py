"""How an order comes to wait for its owner."""

from openalgo.domain.intents import Intent, encoded
from openalgo.identity.principal import Principal
from openalgo.persistence.main.approvals import QueuedRow
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.prices import last_prices
from openalgo.trading.approvals.records import Actor, Channel
from openalgo.trading.approvals.rows import plan_text, prices_text
from openalgo.trading.approvals.rules import ApprovalRules, expires_at, instruments_of, side_of
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.gate import AccountFinder
from openalgo.trading.plans import Plan
from openalgo.trading.run import Run
from openalgo.trading.submit import Origin


class WaitingLine:
    """Stores what was asked for together with what the world looked like then."""

    def __init__(
        self,
        book: PendingBook,
        steps: Steps,
        accounts: AccountFinder,
        rules: ApprovalRules,
    ) -> None:
        self._book = book
        self._steps = steps
        self._accounts = accounts
        self._rules = rules

    async def queue(
        self, principal: Principal, run: Run, intent: Intent, plan: Plan, origin: Origin
    ) -> int:
        """The id `intent` waits under; that of the first request if this is a repeat, whatever
        became of it. Durable when it returns.

        Raises `TooManyPending`, `IdempotencyConflict`, `StorageUnavailable`.
        """
        fingerprint, name = intent.fingerprint(), intent.client_order_id
        if name is not None:
            earlier = await self._book.repeat_of(run.account_id, name, fingerprint)
            if earlier is not None:
                return earlier
        market = run.market
        account = await self._accounts.find(run.account_id)
        prices = await last_prices(market.quotes, instruments_of(intent, plan))
        now = market.clock.now()
        queued = QueuedRow(
            account_id=run.account_id,
            user_id=principal.user_id,
            kind=intent.KIND,
            intent_version=intent.VERSION,
            intent=encoded(intent).decode(),
            fingerprint=fingerprint,
            client_order_id=name,
            strategy=intent.strategy,
            side=str(side_of(intent)),
            plan=plan_text(plan),
            prices=prices_text(prices),
            mode=str(run.venue.mode),
            broker=account.broker,
            source=origin.source,
            address=origin.address,
            key_id=principal.key_id,
            cause=run.cause,
            created_at=now,
            expires_at=expires_at(intent, plan, now, market.calendar, self._rules),
        )
        actor = Actor(
            name=principal.username,
            channel=Channel.API,
            request_id=run.cause,
            address=origin.address,
        )
        return await self._steps.queue(queued, actor, self._rules)
