"""Which connection carries which instrument."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey, Mode
from openalgo.instruments.slices import Steps

Want: TypeAlias = tuple[Instrument, Mode]
Wants: TypeAlias = Mapping[InstrumentKey, Want]

Find = Callable[[InstrumentKey], Instrument | None]
Holder = Callable[[InstrumentKey], int | None]
"""Tells which connection has an instrument at the broker now, wanted there or not."""

_AT_ONCE = 64


class Placement:
    """Shares out what is wanted over `connections` of `room` instruments each.

    The most important come first; `left_over` is what does not fit, and `unknown` counts what is
    not listed. What stays in demand stays where it is. The first connection fills before the next
    is needed.
    """

    def __init__(self, connections: int, room: int) -> None:
        self.shares: tuple[Wants, ...] = ({},) * connections
        self.left_over: Wants = {}
        self.unknown = 0
        self.waiting = False
        """Whether an instrument is left over only until another connection has let go of it."""
        self._room = room
        self._places: dict[InstrumentKey, int] = {}

    @property
    def capacity(self) -> int:
        """How many instruments all connections carry together."""
        return len(self.shares) * self._room

    def settle(
        self,
        wanted: Mapping[InstrumentKey, Mode],
        find: Find,
        streams: Callable[[Instrument], bool],
        holder: Holder,
    ) -> Steps[None]:
        """Place `wanted`, which is in the order of importance: all that is found, on a connection
        if the broker `streams` it. Nothing changes before the end."""
        chosen: dict[InstrumentKey, Want] = {}
        left_over: dict[InstrumentKey, Want] = {}
        loads = [0] * len(self.shares)
        newcomers: list[InstrumentKey] = []
        capacity = self.capacity
        for number, (key, mode) in enumerate(wanted.items()):
            if number % _AT_ONCE == 0:
                yield
            instrument = find(key)
            if instrument is None:
                continue
            if len(chosen) == capacity or not streams(instrument):
                left_over[key] = instrument, mode
                continue
            place = self._places.get(key)
            if place is None:
                chosen[key] = instrument, mode
                newcomers.append(key)
            else:
                loads[place] += 1
                want = self.shares[place][key]
                # Thousands of new objects each time would keep the garbage collector busy.
                same = want[0] is instrument and want[1] is mode
                chosen[key] = want if same else (instrument, mode)
        unknown = len(wanted) - len(chosen) - len(left_over)
        yield
        waiting: dict[InstrumentKey, Want] = {}
        places: dict[InstrumentKey, int] = {}
        for number, key in enumerate(newcomers):
            if number % _AT_ONCE == 0:
                yield
            place = self._place(holder(key), loads)
            if place is None:
                waiting[key] = chosen.pop(key)
            else:
                places[key] = place
                loads[place] += 1
        shares: list[dict[InstrumentKey, Want]] = [{} for _ in loads]
        for number, (key, want) in enumerate(chosen.items()):
            if number % _AT_ONCE == 0:
                yield
            place = places.setdefault(key, self._places.get(key, 0))
            shares[place][key] = want
        self.shares = tuple(shares)
        self.left_over = waiting | left_over
        self.unknown = unknown
        self.waiting = bool(waiting)
        self._places = places

    def _place(self, held_by: int | None, loads: list[int]) -> int | None:
        """Where a newcomer goes. Who still has it from before keeps it, so that it is never on two
        connections; `None` while that one has no room for it."""
        if held_by is not None:
            return held_by if loads[held_by] < self._room else None
        return next(place for place, load in enumerate(loads) if load < self._room)
