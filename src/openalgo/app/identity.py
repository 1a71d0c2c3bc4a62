"""Who may use the installation: its users, their browsers, their API keys."""

from dataclasses import dataclass

from openalgo.accounts.accounts import Accounts
from openalgo.api.ws.browsers import BrowserClient
from openalgo.api.ws.clients import Clients
from openalgo.app.foundation import Foundation
from openalgo.identity.activity import Activity
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.key_desk import KeyDesk
from openalgo.identity.logins import Logins
from openalgo.identity.passwords import Passwords
from openalgo.identity.principal import Principal
from openalgo.identity.sessions import WebSessions
from openalgo.identity.setup import Setup
from openalgo.identity.throttle import PasswordThrottle
from openalgo.supervisor import Restart


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRoom:
    """`clients` are the WebSocket clients connected now: a key that is withdrawn or expires cuts
    off its own, and so does a session that ends."""

    ring: KeyRing
    keys: ApiKeys
    key_desk: KeyDesk
    sessions: WebSessions
    logins: Logins
    setup: Setup
    activity: Activity
    clients: Clients


async def make_identity(base: Foundation, accounts: Accounts) -> IdentityRoom:
    settings, main, wall = base.settings, base.stores.main, base.wall
    activity = Activity(main, wall)
    ring = KeyRing(base.secrets.api_key_pepper, base.secrets.fernet_salt)
    passwords = Passwords(base.secrets.api_key_pepper)
    clients = Clients(settings.ws_max_clients, settings.ws_max_clients_per_user)

    async def discovered(principal: Principal) -> None:
        await accounts.find(principal.account_id)

    keys = ApiKeys(
        main,
        ring,
        discovered=discovered,
        used=activity.key_used,
        forgotten=clients.cut_off,
        now=wall.now,
    )
    await keys.load()
    sessions = WebSessions(
        main,
        ring.digest,
        wall,
        expiry=settings.session_expiry_time,
        seen=activity.session_seen,
    )
    await sessions.load()
    sessions.ended.add(lambda ended: clients.cut_off(BrowserClient(ended.id)))
    throttle = PasswordThrottle()
    return IdentityRoom(
        ring=ring,
        keys=keys,
        key_desk=KeyDesk(main, ring, keys, accounts, wall),
        sessions=sessions,
        logins=Logins(main, passwords, sessions, wall, throttle=throttle, record=activity.login),
        setup=Setup(main, passwords, ring, wall, broker=settings.broker),
        activity=activity,
        clients=clients,
    )


def run_identity(base: Foundation, identity: IdentityRoom) -> None:
    for name, task in identity.activity.tasks().items():
        base.supervisor.start(name, task, Restart())
    base.supervisor.start("sessions", identity.sessions.run, Restart())
    base.supervisor.start("api-keys", lambda: identity.keys.run(base.wall), Restart())
