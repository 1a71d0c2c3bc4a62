"""The adapters there are: packages with a `BROKER`, imported when they are first needed."""

import importlib
import pkgutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog

from openalgo.brokers.adapter import Broker, Endpoints
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.order_limits import OrderLimits
from openalgo.domain.errors import NotFound, OpenAlgoError

logger = structlog.get_logger(__name__)


class UnknownBroker(NotFound):
    code = "unknown_broker"

    def __init__(self, broker_id: str) -> None:
        super().__init__(f"There is no broker '{broker_id}'")


class BrokerUnusable(OpenAlgoError):
    """The broker is known, but this installation cannot work with it."""

    code = "broker_unusable"
    status = 503


@dataclass(frozen=True, slots=True)
class BrokenAdapter:
    """An adapter that cannot be loaded, and why."""

    id: str
    error: str


class Adapters:
    """The live brokers. One that does not load takes nothing from the others.

    The first question imports all of them, a few milliseconds each: ask it before serving.
    """

    def __init__(
        self,
        package: str,
        *,
        embedded: Mapping[str, BrokerInfo] | None = None,
        endpoints: Mapping[str, Endpoints] | None = None,
        order_limits: Mapping[str, OrderLimits] | None = None,
    ) -> None:
        """Adapters are packages in `package`; `embedded` are markets of our own, which have none.
        `endpoints` says where brokers are instead of where they usually are, `order_limits` how
        many orders they take instead of how many they usually do."""
        self._package = package
        self._embedded = dict(embedded or {})
        self._endpoints = dict(endpoints or {})
        self._order_limits = dict(order_limits or {})
        self._found: dict[str, Broker] | None = None
        self._broken: dict[str, BrokenAdapter] = {}

    def at(
        self,
        endpoints: Mapping[str, Endpoints],
        order_limits: Mapping[str, OrderLimits] | None = None,
    ) -> "Adapters":
        """The same brokers, those named in `endpoints` elsewhere, and those in `order_limits`
        taking so many orders."""
        return Adapters(
            self._package,
            embedded=self._embedded,
            endpoints=endpoints,
            order_limits=order_limits,
        )

    def infos(self) -> tuple[BrokerInfo, ...]:
        """What is known of every broker that can be used, embedded markets first."""
        live = (broker.info for broker in self._loaded().values())
        return (*self._embedded.values(), *live)

    def broken(self) -> tuple[BrokenAdapter, ...]:
        self._loaded()
        return tuple(self._broken.values())

    def info(self, broker_id: str) -> BrokerInfo:
        """Raises `UnknownBroker`, `BrokerUnusable`."""
        embedded = self._embedded.get(broker_id)
        return self.broker(broker_id).info if embedded is None else embedded

    def broker(self, broker_id: str) -> Broker:
        """The adapter. Raises `UnknownBroker`, also for an embedded market, and `BrokerUnusable`
        for one that does not load."""
        broker = self._loaded().get(broker_id)
        if broker is not None:
            return broker
        if broker_id in self._broken:
            raise BrokerUnusable(
                f"The adapter of '{broker_id}' cannot be loaded: {self._broken[broker_id].error}"
            )
        raise UnknownBroker(broker_id)

    def _loaded(self) -> Mapping[str, Broker]:
        if self._found is None:
            self._found = self._load(self._embedded)
        return self._found

    def _load(self, skipped: Collection[str]) -> dict[str, Broker]:
        found: dict[str, Broker] = {}
        for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
            if not module.ispkg or module.name in skipped:
                continue
            try:
                # What has no BROKER is something that several adapters share.
                broker = _adapter(f"{self._package}.{module.name}", module.name)
            except Exception as error:
                # Whatever it is: what somebody's adapter got wrong must not stop the others.
                self._broken[module.name] = BrokenAdapter(
                    module.name, f"{type(error).__name__}: {error}"
                )
                logger.exception("broker adapter cannot be loaded", broker=module.name)
                continue
            if broker is not None:
                found[module.name] = self._as_wanted(module.name, broker)
        return found

    def _as_wanted(self, broker_id: str, broker: Broker) -> Broker:
        elsewhere, limits = self._endpoints.get(broker_id), self._order_limits.get(broker_id)
        if elsewhere is not None:
            broker = broker.at(elsewhere)
        return broker if limits is None else broker.limited(limits)


def _adapter(path: str, name: str) -> Broker | None:
    broker = getattr(importlib.import_module(path), "BROKER", None)
    if broker is None:
        return None
    if not isinstance(broker, Broker):
        raise TypeError(f"its BROKER is a {type(broker).__name__}, not a Broker")
    if broker.info.id != name:
        raise ValueError(f"its BROKER has the id '{broker.info.id}'")
    return broker
