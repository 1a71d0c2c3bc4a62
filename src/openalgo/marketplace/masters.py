"""The symbol masters of live brokers: one each, shared by the accounts there."""

from collections.abc import Callable

import structlog

from openalgo.brokers.adapters import Adapters
from openalgo.brokers.http import BrokerHttp
from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.loader import MasterRefused
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import DownloadState, MasterStatus
from openalgo.instruments.upkeep import Upkeep
from openalgo.marketdata.live_instruments import live_upkeep
from openalgo.supervisor import Restart, Supervisor

log = structlog.get_logger(__name__)


class BrokerMasters:
    """Made when the first account of a broker is; from then on kept at the list of the day."""

    def __init__(
        self,
        brokers: Adapters,
        http_at: Callable[[str], BrokerHttp | None],
        clock: Clock,
        snapshots: Snapshots,
        supervisor: Supervisor,
    ) -> None:
        """`http_at` are the calls of any account that is logged in at a broker."""
        self._brokers = brokers
        self._http_at = http_at
        self._clock = clock
        self._snapshots = snapshots
        self._supervisor = supervisor
        self._kept: dict[str, Upkeep] = {}
        self._followers: list[Callable[[MasterStatus], None]] = []

    def follow(self, follower: Callable[[MasterStatus], None]) -> None:
        """Tell `follower` how downloads go from now on. It must not raise."""
        self._followers.append(follower)

    async def open(self, broker_id: str) -> Upkeep:
        """The upkeep of this broker's master, with what was stored of it in force, and running.

        Raises `UnknownBroker`, `BrokerUnusable`."""
        known = self._kept.get(broker_id)
        if known is not None:
            return known
        upkeep = self._kept[broker_id] = live_upkeep(
            self._brokers.broker(broker_id),
            lambda: self._http_at(broker_id),
            self._clock,
            snapshots=self._snapshots,
            changed=self._tell,
        )
        try:
            await upkeep.start()
        except (OpenAlgoError, MasterRefused, OSError) as error:
            log.warning("no stored instruments", broker=broker_id, error=str(error))
        self._supervisor.start(f"instruments-{broker_id}", upkeep.run, Restart())
        return upkeep

    def of(self, broker_id: str) -> Upkeep | None:
        """The upkeep, where an account of the broker was opened."""
        return self._kept.get(broker_id)

    def listing(self, broker_id: str) -> CurrentMaster:
        """What is in force now: nothing, before an account of the broker was opened."""
        upkeep = self._kept.get(broker_id)
        return CurrentMaster() if upkeep is None else upkeep.current

    def wake(self, broker_id: str) -> None:
        """Somebody logged in: download what could not be had before."""
        upkeep = self._kept.get(broker_id)
        if upkeep is not None:
            upkeep.wake()

    def _tell(self, status: MasterStatus) -> None:
        for follower in self._followers:
            follower(status)


def is_new(status: MasterStatus) -> bool:
    """Whether `status` tells that another master is in force."""
    return status.state is DownloadState.SUCCESS
