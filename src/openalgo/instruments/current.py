"""The master in force, and how a new one takes its place."""

import asyncio
import weakref

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.instruments.master import Master
from openalgo.instruments.slices import Slices, Steps


class CurrentMaster:
    """Holds the newest master of one broker.

    Readers ask here each time, or take `master` once where several answers must agree; a master
    they hold stays whole for as long as they hold it.
    """

    def __init__(self, master: Master | None = None) -> None:
        self._master = Master() if master is None else master

    @property
    def master(self) -> Master:
        return self._master

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._master.find(key)

    def by_token(self, token: str) -> Instrument | None:
        """The instrument the broker calls `token`."""
        return self._master.by_token(token)

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        """The instrument the broker spells `broker_symbol` on its exchange `broker_exchange`."""
        return self._master.by_broker_symbol(broker_exchange, broker_symbol)

    async def replace(self, master: Master, slices: Slices | None = None) -> None:
        """Put `master` in force, at once; then give back the memory of the one before.

        Returns when that is done, which takes until its last reader lets go of it. May be
        cancelled: what is left is then given back in one go.
        """
        if master is self._master:
            return
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        old, self._master = self._master, master
        # What it is made of outlives it here, so that its end with its last reader takes no time.
        pieces = old.pieces()
        watch = weakref.ref(old, lambda _: loop.call_soon_threadsafe(gone.set))
        del old
        if watch() is not None:
            await gone.wait()
        await (slices or Slices()).run(_let_go(pieces))


def _let_go(pieces: list[object]) -> Steps[None]:
    while pieces:
        piece = pieces.pop()
        while isinstance(piece, dict) and piece:
            piece.popitem()
            yield
        yield
