"""The bridge to programs of other makes, where it is switched on."""

import asyncio
from collections import deque
from typing import NoReturn, get_args

import structlog

from openalgo.accounts.accounts import AccountNotFound, Accounts
from openalgo.api.ws import frames
from openalgo.app.foundation import Foundation
from openalgo.config import Settings
from openalgo.domain.events import Event, OrderNews, OrderReported
from openalgo.persistence.main import users
from openalgo.streaming.bridge import Curve, Publisher
from openalgo.streaming.bridge.messages import Origin
from openalgo.streaming.hub import Hub
from openalgo.supervisor import Restart

log = structlog.get_logger(__name__)

_ORDER_NEWS = get_args(OrderNews)


class Bridge:
    """Hands everything to the publisher: the ticks of markets, and what happens to orders.

    Users are named in topics; the name of one nobody has heard of is looked up first.
    """

    def __init__(self, publisher: Publisher, base: Foundation, accounts: Accounts) -> None:
        self._publisher = publisher
        self._main = base.stores.main
        self._accounts = accounts
        self._names: dict[int, str] = {}
        self._unnamed: deque[OrderNews] = deque(maxlen=10_000)
        self._wanted = asyncio.Event()

    def carry(self, hub: Hub, broker: str, account_id: int | None) -> None:
        """From now on, publish the ticks of this market."""
        origin, tick = Origin(broker=broker, account=account_id), self._publisher.tick
        hub.tap(lambda each: tick(each, origin))

    def hear(self, event: Event) -> None:
        """Publish `event`, if it is about an order."""
        if isinstance(event, _ORDER_NEWS):
            try:
                account = self._accounts[event.account_id]
            except AccountNotFound:
                return
            name = self._names.get(account.user_id)
            if name is None or self._unnamed:
                self._unnamed.append(event)
                self._wanted.set()
            else:
                self._tell(event, name, account.broker)

    async def find_names(self) -> NoReturn:
        """Look up who is to be named. For the supervisor."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._unnamed:
                event = self._unnamed[0]
                account = self._accounts[event.account_id]
                name = self._names.get(account.user_id)
                if name is None:
                    async with self._main.read() as tx:
                        user = await users.by_id(tx, account.user_id)
                    name = self._names[account.user_id] = "" if user is None else user.username
                self._unnamed.popleft()
                self._tell(event, name, account.broker)

    def _tell(self, event: OrderNews, username: str, broker: str) -> None:
        self._publisher.order_update(
            broker.upper() if isinstance(event, OrderReported) else "ANALYZE",
            username,
            frames.encode(frames.order_update(event, username, broker)),
            Origin(broker=broker, account=event.account_id),
        )


def make_bridge(base: Foundation, accounts: Accounts) -> Bridge:
    """The open bridge. Raises `BridgeUnusable`."""
    settings = base.settings
    publisher = Publisher(settings.zmq_pub_endpoint, _curve(settings))
    base.closing.callback(publisher.close)
    bridge = Bridge(publisher, base, accounts)
    base.bus.follow(bridge.hear, lambda _: False)
    base.supervisor.start("bridge-names", bridge.find_names, Restart())
    if publisher.gate is not None:
        base.supervisor.start("bridge-gate", publisher.gate.run, Restart())
    log.info("the bridge is open", endpoint=publisher.endpoint, public_key=publisher.public_key)
    return bridge


def _curve(settings: Settings) -> Curve | None:
    if settings.zmq_curve_secret_key is None:
        return None
    return Curve(
        secret_key=bytes.fromhex(settings.zmq_curve_secret_key.get_secret_value()),
        clients=frozenset(map(bytes.fromhex, settings.zmq_curve_client_keys)),
    )
