"""What one client hears of the market."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from openalgo.api.ws.frames import Frame
from openalgo.api.ws.outbox import Outbox
from openalgo.api.ws.requests import LABELS, Item, Unusable, items, levels_of
from openalgo.api.ws.turns import Turns
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import QUOTE_ONLY_EXCHANGES, Exchange, InstrumentKey, Mode, Tick
from openalgo.instruments.slices import Slices
from openalgo.streaming.views import View
from openalgo.trading.markets import Market

_EXCHANGES: dict[str, Exchange] = {exchange: exchange for exchange in Exchange}
_OLDEST_SNAPSHOT = timedelta(days=1)


class _Slot(msgspec.Struct, frozen=True, gc=False):
    """What a client may hold once: the same words in the same mode."""

    suffix: int | None
    mode: Mode
    symbol: str
    exchange: str


class MarketData:
    """The subscriptions of one client, who is `name` to the demand: at most `max_views` of them.
    What takes long is done in `turns`."""

    def __init__(
        self, market: Market, outbox: Outbox, name: str, max_views: int, turns: Turns
    ) -> None:
        self._market = market
        self._views = market.hub.views
        self._max_views = max_views
        self._turns = turns
        self._outbox = outbox
        self._name = name
        self._held: dict[InstrumentKey, dict[_Slot, View]] = {}
        self._count = 0
        self._promised: list[View] = []

    async def subscribe(self, message: Frame, broker: str) -> Frame:
        """Take on what `message` asks for; the acknowledgement of it.

        Nothing is sent before `begin`, so that the acknowledgement goes first. Raises
        `ProtocolError`.
        """
        levels = levels_of(message)
        wanted = items(message, "At least one symbol must be specified")
        slices = Slices(turn=self._turns.mine)
        entries = []
        for item in wanted:
            entries.append(self._subscribe(item, levels, broker))
            if slices.over:
                await slices.pause()
        failed = sum(entry["status"] == "error" for entry in entries)
        return {
            "type": "subscribe",
            "status": _status(len(entries) - failed, failed),
            "message": "Subscription processing complete",
            "broker": broker,
            "subscriptions": entries,
        }

    async def begin(self) -> None:
        """Start what was promised: a snapshot of each instrument, then its ticks."""
        if not self._promised:
            return
        await self._turns.mine()
        promised, self._promised = self._promised, []
        oldest = epoch_ms(self._market.clock.now() - _OLDEST_SNAPSHOT)
        slices = Slices(turn=self._turns.mine)
        for view in promised:
            self._views.watch(view, self._outbox)
            self._state(view.key)
            tick = self._market.hub.latest.get(view.key)
            if tick is not None and tick.received_ms >= oldest and _says(tick, view):
                self._outbox.put_tick(view, self._views.snapshot(view, tick))
            if slices.over:
                await slices.pause()

    async def unsubscribe(self, message: Frame, broker: str) -> Frame:
        """Release what `message` names: in the mode it names, else in all. Raises
        `ProtocolError`."""
        released: set[View] = set()
        successful: list[Frame] = []
        failed: list[Frame] = []
        slices = Slices(turn=self._turns.mine)
        for item in items(message, "Either symbols or unsubscribe_all is required"):
            if isinstance(item, Unusable):
                failed.append(_failure(item, broker))
            else:
                released |= self._release(item)
                successful.append(_entry(item, "success") | {"broker": broker})
            if slices.over:
                await slices.pause()
        self._outbox.forget(released)
        return _unsubscribed(successful, failed, broker)

    async def unsubscribe_all(self, broker: str) -> Frame:
        """Release everything."""
        released = [view for slots in self._held.values() for view in slots.values()]
        await self.close()
        self._outbox.forget(set(released))
        successful: list[Frame] = [
            {
                "symbol": view.symbol,
                "exchange": view.exchange,
                "status": "success",
                "broker": view.broker,
            }
            for view in released
        ]
        return _unsubscribed(successful, [], broker)

    async def close(self) -> None:
        """Forget the client's subscriptions."""
        held, self._held = self._held, {}
        self._count = 0
        self._promised.clear()
        slices = Slices(turn=self._turns.mine)
        for key, slots in held.items():
            for view in slots.values():
                self._views.unwatch(view)
            self._state(key)
            if slices.over:
                await slices.pause()

    def _subscribe(self, item: Item | Unusable, levels: int, broker: str) -> Frame:
        if isinstance(item, Unusable):
            return _failure(item, broker)
        key = self._find(item)
        if key is None:
            text = f"Symbol {item.plain} not found for exchange {item.exchange}"
            return _failure(Unusable(item.symbol, item.exchange, "SYMBOL_NOT_FOUND", text), broker)
        mode = Mode.QUOTE if item.mode is None else item.mode
        asked = item.suffix or levels
        levels_there = self._market.info.levels_at(key.exchange)
        actual = _deliverable(asked, levels_there)
        slot = _Slot(item.suffix, mode, item.symbol, item.exchange)
        held = self._held.get(key, {}).get(slot)
        if held is None and self._count >= self._max_views:
            text = (
                f"Maximum capacity reached: {self._max_views} subscriptions. "
                f"Currently subscribed to {self._count}."
            )
            return _failure(
                Unusable(item.symbol, item.exchange, "MAX_CAPACITY_REACHED", text), broker
            )
        if held is not None and mode is Mode.DEPTH:
            actual = max(actual, held.levels)
        view_levels = actual if mode is Mode.DEPTH else 0
        if held is None or view_levels > held.levels:
            self._hold(View(key, mode, item.symbol, item.exchange, broker, view_levels), slot, held)
        entry = _entry(item, "success") | {
            "mode": LABELS[mode],
            "mode_id": mode,
            "depth": actual,
            "broker": broker,
        }
        if actual != asked:
            entry["supported_depths"] = levels_there
        return entry

    def _hold(self, view: View, slot: _Slot, instead_of: View | None) -> None:
        if instead_of is None:
            self._count += 1
        else:
            self._views.unwatch(instead_of)
            self._outbox.forget({instead_of})
        self._held.setdefault(view.key, {})[slot] = view
        self._promised.append(view)

    def _release(self, item: Item) -> set[View]:
        key = next((key for key in _meant(item) if key in self._held), None)
        if key is None:
            return set()
        slots = self._held[key]
        gone = [
            slot for slot in slots if slot.suffix == item.suffix and item.mode in (None, slot.mode)
        ]
        views = {slots.pop(slot) for slot in gone}
        for view in views:
            self._views.unwatch(view)
        self._count -= len(views)
        if not slots:
            del self._held[key]
        self._state(key)
        return views

    def _find(self, item: Item) -> InstrumentKey | None:
        find = self._market.instruments.find
        for key in _meant(item):
            if find(key) is not None:
                return key
        return None

    def _state(self, key: InstrumentKey) -> None:
        """Tell the demand how closely this client watches `key` now."""
        slots = self._held.get(key)
        closest = max([view.mode for view in slots.values()]) if slots else None
        self._market.demand.want(self._name, key, closest)


def _meant(item: Item) -> Iterator[InstrumentKey]:
    """What a client may mean: the symbol as spelled, else in capitals."""
    exchange = _EXCHANGES.get(item.exchange) or _EXCHANGES.get(item.exchange.upper())
    if exchange is not None:
        yield InstrumentKey(exchange, item.plain)
        yield InstrumentKey(exchange, item.plain.upper())


def _says(tick: Tick, view: View) -> bool:
    """Whether `tick` knows something of what `view` is about: what nobody has asked the feed for
    yet must not look like an empty book, or like a day that opened at 0."""
    if view.mode is Mode.LTP:
        return True
    if view.mode is Mode.QUOTE or view.key.exchange in QUOTE_ONLY_EXCHANGES:
        return not tick.is_bare
    return bool(tick.has_levels or tick.bid or tick.ask)


def _deliverable(levels: int, supported: Sequence[int]) -> int:
    """`levels`, or the next smaller book the feed has, else its smallest."""
    return max((size for size in supported if size <= levels), default=supported[0])


def _status(succeeded: int, failed: int) -> str:
    if not failed:
        return "success"
    return "partial" if succeeded else "error"


def _entry(item: Item | Unusable, status: str) -> Frame:
    return {"symbol": item.symbol, "exchange": item.exchange, "status": status}


def _failure(item: Unusable, broker: str) -> Frame:
    return _entry(item, "error") | {"code": item.code, "message": item.text, "broker": broker}


def _unsubscribed(successful: list[Frame], failed: list[Frame], broker: str) -> Frame:
    return {
        "type": "unsubscribe",
        "status": _status(len(successful), len(failed)),
        "message": "Unsubscription processing complete",
        "broker": broker,
        "successful": successful,
        "failed": failed,
    }
