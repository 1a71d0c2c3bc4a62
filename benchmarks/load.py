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
    port: int,
    path: str,
    body: Callable[[int], bytes],
    concurrency: int,
    seconds: float,
    *,
    per_second: float | None = None,
    head: str = "content-type: application/json",
) -> Load:
    """POST `body(n)` from `concurrency` connections for `seconds`. Every answer must be a 200.

    With `per_second` a request is due at every such beat, and its latency counts from then, whether
    a connection was free or not. `head` are the header fields, joined by line ends."""
    latencies: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    numbers = iter(range(1 << 60))
    fields = f"POST {path} HTTP/1.1\r\nhost: bench\r\n{head}\r\n".encode()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            number = next(numbers)
            sent = time.perf_counter()
            if per_second is not None:
                sent = started + number / per_second
                await asyncio.sleep(max(0.0, sent - time.perf_counter()))
            content = body(number)
            writer.write(b"%scontent-length: %d\r\n\r\n%s" % (fields, len(content), content))
            answered = await reader.readuntil(b"\r\n\r\n")
            length = int(answered.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            if not answered.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(answer.decode())
            latencies.append((time.perf_counter() - sent) * 1000)
        writer.close()

    await asyncio.gather(*(client() for _ in range(concurrency)))
    return Load(time.perf_counter() - started, sorted(latencies))
