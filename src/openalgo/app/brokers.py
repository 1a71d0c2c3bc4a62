"""The way to brokers: their adapters, what the vault holds for them, the sessions there, and the
journal of what is sent."""

from collections.abc import Callable
from dataclasses import dataclass

from openalgo.accounts.accounts import Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.notices import tell_of_accounts
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.app.foundation import Foundation
from openalgo.app.market import snapshots_of
from openalgo.brokers import registry
from openalgo.brokers.adapter import Endpoints
from openalgo.brokers.adapters import Adapters
from openalgo.brokers.clients import Clients
from openalgo.brokers.http import BrokerHttp
from openalgo.brokers.order_limits import OrderLimits, Span
from openalgo.config import Settings
from openalgo.identity.api_keys import KeyRing
from openalgo.instruments.status import MasterStatus
from openalgo.marketplace import BrokerMasters
from openalgo.observability.call_times import CallTimes
from openalgo.persistence.record_log import RecordLog
from openalgo.supervisor import Restart
from openalgo.trading.live.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerRoom:
    adapters: Adapters
    vault: Vault
    masters: BrokerMasters
    sessions: BrokerSessions
    desk: BrokerDesk
    journal: Journal
    call_times: CallTimes


async def make_brokers(
    base: Foundation,
    accounts: Accounts,
    ring: KeyRing,
    master_changed: Callable[[MasterStatus], None],
) -> BrokerRoom:
    """Sessions of before go on where their time is not over. `master_changed` hears of downloads
    of instruments."""
    settings, wall = base.settings, base.wall
    clients = Clients()
    base.closing.push_async_callback(clients.aclose)
    adapters = registry.ADAPTERS.at(_endpoints(settings), _order_limits(settings))
    vault = Vault(base.stores.main, ring.cipher, wall)
    await vault.load()
    journal = Journal(base.stores.main, orders_log(settings), wall)
    await journal.load()
    base.closing.push_async_callback(journal.close)
    base.health.register("live orders", journal.health)

    def http_at(broker_id: str) -> BrokerHttp | None:
        return sessions.http_at(broker_id)

    masters = BrokerMasters(adapters, http_at, wall, snapshots_of(settings), base.supervisor)
    call_times = CallTimes()
    sessions = BrokerSessions(
        accounts,
        vault,
        adapters,
        clients,
        wall,
        listing_of=masters.listing,
        record=call_times.note,
        sent=journal.sent_at,
    )
    sessions.load()
    masters.follow(master_changed)
    tell_of_accounts(accounts, sessions, base.bus.publish, wall)
    desk = BrokerDesk(accounts, vault, sessions, adapters, wall, base.secrets.app_key)
    if settings.broker_app is not None:
        await desk.take_over(*settings.broker_app)
    return BrokerRoom(
        adapters=adapters,
        vault=vault,
        masters=masters,
        sessions=sessions,
        desk=desk,
        journal=journal,
        call_times=call_times,
    )


def run_brokers(base: Foundation, brokers: BrokerRoom) -> None:
    base.supervisor.start("broker-sessions", brokers.sessions.run, Restart())
    base.supervisor.start("live-orders", brokers.journal.run, Restart())


def orders_log(settings: Settings) -> RecordLog:
    """What was sent to brokers and is not in the database yet."""
    return RecordLog(settings.data_dir, "live-orders")


def _endpoints(settings: Settings) -> dict[str, Endpoints]:
    return {
        broker_id: Endpoints(api=each.api, login=each.login, stream=each.stream)
        for broker_id, each in settings.broker_endpoints.items()
    }


def _order_limits(settings: Settings) -> dict[str, OrderLimits]:
    return {
        broker_id: {Span(span): orders for span, orders in limits.items()}
        for broker_id, limits in settings.broker_order_limits.items()
    }
