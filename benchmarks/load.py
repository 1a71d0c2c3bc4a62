"""A load generator that costs little itself: prepared bytes over kept connections."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of `seconds` came to; latencies in milliseconds, ascending."""

    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        return self.latencies[
            min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))
        ]


async def post(
    port: int, path: str, body: Callable[[int], bytes], concurrency: int, seconds: float
) -> Load:
    """POST `body(n)` from `concurrency` connections for `seconds`. Every answer must be a 200."""
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    numbers = iter(range(1 << 60))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (sent := time.perf_counter()) < until:
            content = body(next(numbers))
            writer.write(
                b"POST %s HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n%s" % (path.encode(), len(content), content)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer.decode())
            latencies.append((time.perf_counter() - sent) * 1000)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    return Load(time.perf_counter() - started, sorted(latencies))
