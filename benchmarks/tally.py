"""What clients received, and how old it was."""

import time
from array import array

_PERCENTILES = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "max": 1.0}


class Spans:
    """How long things took, in steps of 100 us up to 20 s. Costs the same however many they are."""

    STEP = 100
    LAST = 200_000

    def __init__(self) -> None:
        self.counts = array("q", bytes(8 * (self.LAST + 1)))

    def add(self, us: int) -> None:
        self.counts[min(max(us, 0) // self.STEP, self.LAST)] += 1

    def percentiles(self, name: str) -> dict[str, float]:
        """In milliseconds; 0 where there was nothing."""
        total = sum(self.counts)
        found = dict.fromkeys(_PERCENTILES, 0.0)
        seen, left = 0, list(_PERCENTILES)
        for step, count in enumerate(self.counts):
            seen += count
            while left and total and seen >= _PERCENTILES[left[0]] * total:
                found[left.pop(0)] = (step + 1) * self.STEP / 1e3
        return {f"{name}_{label}_ms": value for label, value in found.items()}


class Tally:
    """What all clients received."""

    def __init__(self) -> None:
        self.lost = 0
        self.reset()

    def reset(self) -> None:
        self.frames = self.bytes = self.handshakes = 0
        self.ages, self.greetings = Spans(), Spans()
        self.cpu = time.process_time()
        self.began = time.monotonic()

    def report(self) -> dict[str, float]:
        seconds = time.monotonic() - self.began
        return {
            "seconds": seconds,
            "frames": self.frames,
            "per_second": self.frames / seconds,
            "bytes": self.bytes,
            "lost": self.lost,
            "cpu": (time.process_time() - self.cpu) / seconds,
            "handshakes": self.handshakes,
            **self.ages.percentiles("age"),
            **self.greetings.percentiles("handshake"),
        }
