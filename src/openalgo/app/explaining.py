"""What led to an order, from the stores alone."""

from contextlib import suppress

from openalgo.accounts.accounts import Accounts
from openalgo.app.brokers import orders_log
from openalgo.config import Settings
from openalgo.domain.clock import SystemClock
from openalgo.domain.errors import OrderNotFound
from openalgo.persistence.latency.records import LatencyRecords
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.sandbox.archive import SandboxArchive
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.explain import Explainer
from openalgo.trading.explain_live import LiveHistory
from openalgo.trading.explained import Explanation
from openalgo.trading.live.journal import Journal
from openalgo.trading.stored_plans import StoredPlans


async def explain(settings: Settings, order_id: str) -> Explanation:
    """What led to an order of any account; the server may be running. Raises `OrderNotFound`."""
    stores = Stores.open(StoreUrls(**settings.database_urls))
    try:
        accounts = Accounts(stores.main)
        await accounts.load()
        plans = StoredPlans(stores.main, SystemClock())
        # The server alone talks to brokers; here the journal tells.
        journal = Journal(stores.main, orders_log(settings), SystemClock())
        live = LiveHistory(journal, lambda _: None)
        explainer = make_explainer(stores, plans, PendingBook(stores.main), live)
        for account in accounts.all():
            with suppress(OrderNotFound):
                return await explainer.explain(account.id, order_id)
        raise OrderNotFound(order_id)
    finally:
        await stores.close()


def make_explainer(
    stores: Stores, plans: StoredPlans, approvals: PendingBook, live: LiveHistory
) -> Explainer:
    return Explainer(
        history=SandboxArchive(stores.sandbox),
        calls=LogRecords(stores.logs),
        latencies=LatencyRecords(stores.latency),
        plans=plans,
        approvals=approvals,
        live=live,
    )
