"""The whole product under the load of its feed: `python -m benchmarks.feed_load [stage ...]`.

Stages: `crowd` (1,000 clients of 50 of 5,000 symbols), `latency` (20,000 deliveries a second to
200 clients), `saturation`, `faults` (each against stretches without it in between), `orders`.
Clients that reconnect get prices as well, which costs something by itself: so they are compared
with as many that stay, too. Bars stand where figures are printed. Clients share the machine, so
their processor time is printed too: a server that waits for a processor is not a slow server.
`--quick` makes every stretch short.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.feed_stage import Crowd, Round, Stage, stage

CLIENTS = 1_000
EACH = 50
SYMBOLS = 5_000
TICKS = 5_000

FEW_CLIENTS = 200
FEW_SYMBOLS = 500
FEW_TICKS = 1_000
"""Twenty clients have each of the 500 symbols."""

STORM = 10
STORM_SECONDS = 5.0
STORM_MARGIN = 3.0
RESTLESS = 200
RANTS = 50
GREETINGS = 20
ORDERS = 500.0
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    seconds: float
    settle: float


class Trouble(NamedTuple):
    """What strangers begin, and what they do instead in the stretches without trouble."""

    begins: Callable[[Crowd], None]
    instead: Callable[[Crowd], None] = lambda _: None


FULL = Pace(20.0, 3.0)
QUICK = Pace(6.0, 1.0)


@contextmanager
def many(at: Stage, settle: float) -> Iterator[Crowd]:
    """1,000 clients that receive 50,000 ticks a second."""
    with at.crowd() as crowd:
        crowd.tell(f"open {CLIENTS} {EACH} {SYMBOLS}")
        at.feed(f"rate {TICKS}")
        time.sleep(settle)
        try:
            yield crowd
        finally:
            _dismiss(at, crowd)


@contextmanager
def few(at: Stage, settle: float) -> Iterator[Crowd]:
    """200 clients that receive 20,000 ticks a second."""
    with at.crowd() as crowd:
        crowd.tell(f"open {FEW_CLIENTS} {EACH} {FEW_SYMBOLS}")
        at.feed(f"rate {FEW_TICKS}")
        time.sleep(settle)
        try:
            yield crowd
        finally:
            _dismiss(at, crowd)


def crowded(at: Stage, pace: Pace) -> None:
    with many(at, pace.settle) as crowd:
        seen = at.round(crowd, pace.seconds)
        print(f"{CLIENTS} clients   {seen}")
        print(f"   bars: 50,000/s, p99 < 250 ms, < 400 MB, 0 lost; {_behind(at)}")
        at.feed("watch")
        time.sleep(pace.seconds / 2)
        print(f"   loop held {at.feed('watched')['held_ms']:.1f} ms (bar 5)")


def prompt(at: Stage, pace: Pace) -> None:
    with few(at, pace.settle) as crowd:
        print(f"{FEW_CLIENTS} clients    {at.round(crowd, pace.seconds)}")
        print("   bars: 20,000/s, p99 < 10 ms")


def saturated(at: Stage, pace: Pace) -> None:
    with many(at, pace.settle) as crowd:
        rates = []
        for times in (2, 4):
            at.feed(f"rate {TICKS * times}")
            time.sleep(pace.settle)
            seen = at.round(crowd, pace.seconds / 2)
            rates.append(seen.crowd["per_second"])
            print(f"{times} x ticks      {seen}")
        print(f"   at saturation {max(rates):,.0f}/s (bar 80,000)")


def faults(at: Stage, pace: Pace) -> None:
    """The faults, one by one, while 20,000 ticks a second go to 200 others; then the storm."""
    with few(at, pace.settle) as crowd:
        for name, trouble in _TROUBLE.items():
            against(at, crowd, pace, name, trouble)
    with many(at, pace.settle) as crowd:
        storm(at, crowd, pace)


def against(at: Stage, crowd: Crowd, pace: Pace, name: str, trouble: Trouble) -> None:
    """Rounds without and with trouble in turn."""
    before = at.megabytes
    sides = (trouble.instead, trouble.begins)
    pairs = [[_beside(at, crowd, pace, begin) for begin in sides] for _ in range(ROUNDS)]
    p99 = [
        statistics.median(each.crowd["age_p99_ms"] for each in side)
        for side in zip(*pairs, strict=True)
    ]
    cpu = [statistics.median(each.server_cpu for each in side) for side in zip(*pairs, strict=True)]
    lost = sum(each.crowd["lost"] for each in pairs[-1][1:])
    print(
        f"{name:<25} p99 {p99[0]:6.1f} -> {p99[1]:6.1f} ms ({p99[1] / p99[0]:.2f}, bar 1.20)   "
        f"server {cpu[0]:.0%} -> {cpu[1]:.0%} of a core   "
        f"{at.megabytes - before:+.0f} MB   lost {lost:.0f}"
    )


def _beside(at: Stage, crowd: Crowd, pace: Pace, begin: Callable[[Crowd], None]) -> Round:
    """What the crowd sees while strangers do what they `begin`."""
    with at.crowd() as strangers:
        begin(strangers)
        time.sleep(pace.settle)
        seen = at.round(crowd, pace.seconds / 2)
        # A stopped process would not hear.
        strangers.process.resume()
    time.sleep(pace.settle / 2)
    return seen


def storm(at: Stage, crowd: Crowd, pace: Pace) -> None:
    """Ten times the ticks for 5 s: memory stays, and afterwards all is as before."""
    calm = at.round(crowd, pace.seconds / 2)
    at.feed(f"rate {TICKS * STORM}")
    wild = at.round(crowd, STORM_SECONDS)
    at.feed(f"rate {TICKS}")
    time.sleep(STORM_MARGIN)
    after = at.round(crowd, pace.seconds / 2)
    for name, seen in (("before", calm), ("in the storm", wild), ("after", after)):
        print(f"{name:<14} {seen}")
    ratio = after.crowd["age_p99_ms"] / calm.crowd["age_p99_ms"]
    print(f"   p99 after a storm {ratio:.2f} of before (bar 1.20)")


def ordering(at: Stage, pace: Pace) -> None:
    """Handshakes while orders are placed, without a feed and with 20,000 ticks a second."""
    for name in ("no ticks", "20,000 ticks/s"):
        with few(at, pace.settle), at.crowd() as strangers:
            if name == "no ticks":
                at.feed("rate 0")
            strangers.tell(f"greet {GREETINGS}")
            strangers.tell("reset")
            load = at.orders(ORDERS, pace.seconds)
            met = strangers.tell("report")
            print(
                f"{name:<15} {load.per_second:.0f} orders/s (of {ORDERS:.0f}), "
                f"p99 {load.percentile(99):.0f} ms; {met['handshakes']:.0f} handshakes: "
                f"p50 {met['handshake_p50_ms']:.0f}, p99 {met['handshake_p99_ms']:.0f}, "
                f"max {met['handshake_max_ms']:.0f} ms (bar 200)"
            )
            strangers.tell("calm")


def _dismiss(at: Stage, crowd: Crowd) -> None:
    at.feed("rate 0")
    crowd.tell("close")


def _behind(at: Stage) -> str:
    return f"{at.feed('state')['skipped']:.0f} ticks came too late to be published"


def _stay(strangers: Crowd) -> None:
    """As many as reconnect, with as many subscriptions."""
    strangers.tell(f"open {RESTLESS} {EACH} {FEW_SYMBOLS}")


def _stall(strangers: Crowd) -> None:
    strangers.tell("stall")


def _vanish(strangers: Crowd) -> None:
    """The process stops with its socket open: it reads nothing and answers no ping."""
    strangers.tell(f"open 1 {EACH} {FEW_SYMBOLS}")
    strangers.process.suspend()


def _rant(strangers: Crowd) -> None:
    strangers.tell(f"garbage {RANTS}")


def _reconnect(strangers: Crowd) -> None:
    strangers.tell(f"reconnect {RESTLESS} {FEW_SYMBOLS}")


_TROUBLE = {
    "one stops reading": Trouble(_stall),
    "one vanishes": Trouble(_vanish),
    "one sends garbage": Trouble(_rant),
    f"{RESTLESS} more": Trouble(_stay),
    f"{RESTLESS} more that reconnect": Trouble(_reconnect),
    "they reconnect or stay": Trouble(_reconnect, instead=_stay),
}
_STAGES = {
    "crowd": crowded,
    "latency": prompt,
    "saturation": saturated,
    "faults": faults,
    "orders": ordering,
}


def main(arguments: list[str]) -> None:
    pace = QUICK if "--quick" in arguments else FULL
    chosen = [name for name in arguments if name in _STAGES] or list(_STAGES)
    with stage() as at:
        for name in chosen:
            _STAGES[name](at, pace)


if __name__ == "__main__":
    main(sys.argv[1:])
