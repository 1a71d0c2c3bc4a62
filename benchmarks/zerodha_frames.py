"""Zerodha's feed: how many packets a second are decoded on one core, by us and by the official SDK.

Bars: 300,000 LTP or quote packets a second of processor time, 150,000 full ones. Run with
`python -m benchmarks.zerodha_frames`; the SDK's own figures need its environment (`make setup`).
"""

import gc
import random
import subprocess
import time

from openalgo.brokers.zerodha.frames import ticks_of
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from tests.brokers.zerodha.packets import any_packet, frame
from tests.support.sdk import PYTHON, ROOT

PACKETS_A_FRAME = 50
FRAMES = 100
ROUNDS = 15
BARS = {"ltp": (8, 300_000), "quote": (44, 300_000), "full": (184, 150_000)}


def _names() -> dict[int | str, Instrument]:
    return {
        number << 8 | 1: Instrument(
            exchange=Exchange.NSE,
            symbol=f"SHARE{number}",
            name="",
            type=InstrumentType.EQUITY,
            broker_symbol=f"SHARE{number}",
            broker_exchange="NSE",
            token=f"{number << 8 | 1}::::{number}",
            tick_size=px("0.05"),
        )
        for number in range(1, 3001)
    }


def _frames(length: int) -> list[bytes]:
    chance = random.Random(length)
    return [
        frame(
            any_packet(chance, chance.randrange(1, 3001) << 8 | 1, length)
            for _ in range(PACKETS_A_FRAME)
        )
        for _ in range(FRAMES)
    ]


def _ours(frames: list[bytes]) -> float:
    names = _names()
    gc.collect()
    gc.freeze()  # as the server does
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for one in frames:
            for _ in ticks_of(one, 0, names):
                pass
        best = max(best, PACKETS_A_FRAME * FRAMES / (time.process_time() - began))
    gc.unfreeze()
    return best


def _theirs(frames: list[bytes]) -> float | None:
    done = subprocess.run(
        [str(PYTHON), "-I", str(ROOT / "tests/support/kite_ticks.py"), "3"],
        input="\n".join(one.hex() for one in frames),
        capture_output=True,
        text=True,
        check=False,
    )
    return float(done.stdout) if done.returncode == 0 else None


def main() -> None:
    for name, (length, bar) in BARS.items():
        frames = _frames(length)
        ours, theirs = _ours(frames), _theirs(frames) if PYTHON.exists() else None
        ratio = "the SDK is not here" if theirs is None else f"{ours / theirs:.1f} x the SDK"
        print(f"{name:<6} {ours:>10,.0f} packets/s (bar {bar:,}), {ratio}")


if __name__ == "__main__":
    main()
