"""What the server remembers of its own work, written off the request path."""

import asyncio
from datetime import UTC, datetime, timedelta

from openalgo.observability.buffer import BatchWriter
from openalgo.observability.latency import LatencyRecord
from openalgo.observability.traffic import OrderCallRecord, TrafficRecord
from openalgo.persistence.latency.records import LatencyRecords
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.stores import Stores
from openalgo.supervisor import Restart, Supervisor

_TRIM_SECONDS = 24 * 3600.0


class Telemetry:
    """Buffered writers in front of the logs and latency stores, which are rings."""

    def __init__(self, stores: Stores, keep_days: int) -> None:
        self._keep = timedelta(days=keep_days)
        self._logs = LogRecords(stores.logs)
        self._latencies = LatencyRecords(stores.latency)
        self._calls = BatchWriter[OrderCallRecord]("order-log", self._logs.add_order_calls)
        self._traffic = BatchWriter[TrafficRecord]("traffic-log", self._logs.add_traffic)
        self._latency = BatchWriter[LatencyRecord]("latency-log", self._latencies.add)
        self.order_call = self._calls.put
        self.visit = self._traffic.put
        self.latency = self._latency.put
        self.count_analyzer_calls = self._logs.count_analyzer_calls

    def start(self, supervisor: Supervisor) -> None:
        supervisor.start("order-log", self._calls.run, Restart())
        supervisor.start("traffic-log", self._traffic.run, Restart())
        supervisor.start("latency-log", self._latency.run, Restart())
        supervisor.start("log-retention", self._trim_daily, Restart())

    async def _trim_daily(self) -> None:
        while True:
            before = datetime.now(UTC) - self._keep
            await self._logs.trim(before)
            await self._latencies.trim(before)
            await asyncio.sleep(_TRIM_SECONDS)
