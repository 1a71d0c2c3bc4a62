"""The last known state of every instrument."""

import msgspec

from openalgo.domain.market import InstrumentKey, Tick
from openalgo.domain.numbers import Px, px

_CARRIED_OVER = tuple(
    name for name in Tick.__struct_fields__ if name not in {"exchange", "symbol", "partial"}
)


class LatestPrices:
    """The last tick of each instrument, complete: partial updates are merged into it."""

    def __init__(self) -> None:
        self._ticks: dict[InstrumentKey, Tick] = {}

    def merge(self, tick: Tick) -> Tick:
        """Take in `tick` and return the instrument's state after it.

        A partial tick keeps what earlier ticks said about the fields it leaves out; any other
        tick replaces them.
        """
        key = tick.key
        if tick.partial:
            tick = _merged(self._ticks.get(key), tick)
        self._ticks[key] = tick
        return tick

    def get(self, key: InstrumentKey) -> Tick | None:
        return self._ticks.get(key)

    def price(self, key: InstrumentKey) -> Px | None:
        """The last price, if there was one."""
        tick = self._ticks.get(key)
        return px(tick.ltp) if tick is not None and tick.ltp > 0 else None


def _merged(earlier: Tick | None, update: Tick) -> Tick:
    if earlier is None:
        return msgspec.structs.replace(update, partial=False)
    news = {name: getattr(update, name) for name in _CARRIED_OVER}
    return msgspec.structs.replace(
        earlier, **{name: value for name, value in news.items() if value not in (None, ())}
    )
