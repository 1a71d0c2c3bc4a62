"""What the feed has to deliver: the union of what everybody wants."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from openalgo.domain.market import InstrumentKey, Mode

log = structlog.get_logger(__name__)

SANDBOX = "sandbox"

_Apply = Callable[[Mapping[InstrumentKey, Mode]], None]


class Demand:
    """Consumers state what they want under a name; the feed is told the union.

    For each instrument the highest mode counts. The feed hears at most once per turn of the event
    loop, however many consumers change their minds, and gets the instruments in the order of
    importance: those of the paper exchange first, so that a feed that cannot carry them all knows
    which to carry.
    """

    def __init__(self) -> None:
        self._stated: dict[str, dict[InstrumentKey, Mode]] = {}
        self._holders: dict[InstrumentKey, list[int]] = {}
        self._union: dict[InstrumentKey, Mode] = {}
        self._apply: _Apply | None = None
        self._scheduled = False

    def follow(self, apply: _Apply) -> None:
        """Call `apply` with the union now and whenever it has changed. It must not block."""
        self._apply = apply
        self._changed()

    def state(self, name: str, wanted: Mapping[InstrumentKey, Mode]) -> None:
        """From now on `name` wants exactly `wanted`."""
        for key in self._stated.get(name, {}).keys() - wanted.keys():
            self.want(name, key, None)
        for key, mode in wanted.items():
            self.want(name, key, mode)

    def want(self, name: str, key: InstrumentKey, mode: Mode | None) -> None:
        """From now on `name` wants `key` in `mode`; `None` for not at all. The rest stays."""
        stated = self._stated.setdefault(name, {})
        before = stated.get(key)
        if mode is not None:
            stated[key] = mode
        else:
            stated.pop(key, None)
            if not stated:
                del self._stated[name]
        if before is not mode and self._count(key, before, mode):
            self._changed()

    def withdraw(self, name: str) -> None:
        """`name` wants nothing any more."""
        self.state(name, {})

    @property
    def wanted(self) -> Mapping[InstrumentKey, Mode]:
        """The union, most important first."""
        first = self._stated.get(SANDBOX, {})
        return {key: self._union[key] for key in first} | self._union

    def _count(self, key: InstrumentKey, before: Mode | None, after: Mode | None) -> bool:
        """One consumer goes from `before` to `after`; whether the union changed by it."""
        holders = self._holders.get(key)
        if holders is None:
            holders = self._holders[key] = [0] * (len(Mode) + 1)
        if before is not None:
            holders[before] -= 1
        if after is not None:
            holders[after] += 1
        highest = None
        for mode in _DOWNWARDS:
            if holders[mode]:
                highest = mode
                break
        if highest is self._union.get(key):
            return False
        if highest is None:
            del self._union[key], self._holders[key]
        else:
            self._union[key] = highest
        return True

    def _changed(self) -> None:
        if self._apply is not None and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._tell, self._apply)

    def _tell(self, apply: _Apply) -> None:
        self._scheduled = False
        try:
            apply(self.wanted)
        except Exception:
            log.exception("the feed did not take the demand", instruments=len(self._union))


_DOWNWARDS = tuple(sorted(Mode, reverse=True))
