"""`openalgo` with a Zerodha that allows any number of orders, and a watchdog for its loop.

The limits are kept, so they cost what they cost; they are only too high to be reached. A first
SIGUSR1 sets the watchdog on, which costs a tenth of the loop; the next takes it off and writes what
it saw to the file `LOOP_HELD` names. With `PROFILE` the loop's thread is profiled into that file.
"""

import asyncio
import os
import signal
import sys
from cProfile import Profile
from dataclasses import replace
from pathlib import Path

import openalgo.app
import openalgo.brokers.zerodha.api as kite
from benchmarks.watchdog import Watchdog
from openalgo.cli import main
from openalgo.config import ServeOptions, Settings

MANY = 1_000_000


def _lift_limits() -> None:
    limits = tuple(
        replace(limit, windows=tuple((MANY, seconds) for _, seconds in limit.windows))
        for limit in kite.API.limits
    )
    kite.API = replace(kite.API, limits=limits)


serve = openalgo.app.serve


async def _watched(settings: Settings, options: ServeOptions) -> None:
    watchdog: Watchdog | None = None
    told = Path(os.environ["LOOP_HELD"])

    def watch_or_tell() -> None:
        nonlocal watchdog
        if watchdog is None:
            watchdog = Watchdog()
            return
        watchdog.stop()
        fresh = told.with_suffix(".new")
        fresh.write_text(str(watchdog))
        fresh.replace(told)
        watchdog = None

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, watch_or_tell)
    profile = Profile() if "PROFILE" in os.environ else None
    if profile is not None:
        profile.enable()
    try:
        await serve(settings, options)
    finally:
        if profile is not None:
            profile.disable()
            profile.dump_stats(os.environ["PROFILE"])


if __name__ == "__main__":
    _lift_limits()
    openalgo.app.serve = _watched
    sys.exit(main())
