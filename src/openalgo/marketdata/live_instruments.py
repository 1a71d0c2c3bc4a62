"""The symbol master of a live broker, shared by all accounts there."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

import structlog

from openalgo.brokers.adapter import Broker
from openalgo.brokers.base import BrokerInfo
from openalgo.brokers.http import BrokerHttp
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerSessionExpired, BrokerUnavailable, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.instruments.loader import KEY_INDICES
from openalgo.instruments.snapshots import Snapshots
from openalgo.instruments.status import MasterStatus, StatusBoard
from openalgo.instruments.upkeep import Upkeep

MOST_DUPLICATES = 0.05
"""The share of rows that may repeat another: contract files have oddities, but not many."""

SPREAD = timedelta(minutes=10)
"""Over which the downloads of all installations of a morning are spread."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def live_upkeep(
    broker: Broker,
    http: Callable[[], BrokerHttp | None],
    clock: Clock,
    *,
    snapshots: Snapshots | None = None,
    changed: Callable[[MasterStatus], None] = lambda _: None,
) -> Upkeep:
    """The upkeep of one broker's instruments.

    `http` are the calls of any account that is logged in there, `None` when none is; tell `wake`
    when one logs in. `changed` hears how downloads go, and must not raise.
    """
    info = broker.info
    board = StatusBoard(info.id, clock, changed)

    async def read() -> AsyncGenerator[Instrument, None]:
        calls = http()
        if calls is None:
            raise BrokerSessionExpired
        return _understood(info, broker.instruments.download(calls, board.received))

    return Upkeep(
        info.id,
        read,
        clock,
        listed_at=info.listed_at,
        snapshots=snapshots,
        available=lambda: http() is not None,
        key_indices={
            exchange: key
            for exchange, key in KEY_INDICES.items()
            if {exchange, key.exchange} <= info.exchanges
        },
        most_duplicates=MOST_DUPLICATES,
        spread=SPREAD,
        board=board,
    )


async def _understood(
    info: BrokerInfo, download: AsyncGenerator[Instrument, None]
) -> AsyncGenerator[Instrument, None]:
    """`download`, with what an adapter did not mean to raise told as `BrokerUnavailable`."""
    async with aclosing(download):
        try:
            async for instrument in download:
                yield instrument
        except OpenAlgoError:
            raise
        except Exception as error:
            _log.exception("broker_instruments_failed", broker=info.name)
            raise BrokerUnavailable(f"{info.name}'s instruments cannot be read") from error
