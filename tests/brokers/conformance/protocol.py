"""Every call an adapter may have, by name, with its arguments read from a fixture."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openalgo.brokers.adapter import Broker, Connection
from openalgo.brokers.calls import Kind
from openalgo.brokers.rows import OrderRow
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import Mode
from tests.brokers.conformance.desk import Desk, Wire
from tests.brokers.conformance.values import Json, build, key_of

Arguments = Mapping[str, Json]
Async = Callable[[Desk, Wire, Arguments], Coroutine[Any, Any, object]]
Pure = Callable[[Desk, Arguments], object]


@dataclass(frozen=True, slots=True)
class Call:
    """`kind` is what its requests must be sent as; `None` leaves that open."""

    run: Async
    kind: Kind | None = Kind.READ


async def _login(desk: Desk, wire: Wire, given: Arguments) -> object:
    http = desk.http(wire, logged_in=False)
    answers = given.get("answers", desk.answers)
    return await desk.broker.auth.login(http, desk.app, answers, desk.now)


async def _logout(desk: Desk, wire: Wire, given: Arguments) -> object:
    await desk.broker.auth.logout(desk.http(wire), desk.app, desk.session)
    return None


async def _download(desk: Desk, wire: Wire, given: Arguments) -> object:
    rows = desk.broker.instruments.download(desk.http(wire), lambda _received, _total: None)
    return [row async for row in rows]


def placed(desk: Desk, members: Arguments) -> tuple[PlaceOrder, Instrument]:
    order: PlaceOrder = build(PlaceOrder, {"strategy": "Test", **members})
    return order, desk.instrument(order.key)


def _row(members: Arguments) -> OrderRow:
    """A row of the order book; what a call seldom looks at need not be given."""
    times = {"placed_at": "2026-08-11T09:30:00+05:30", "updated_at": "2026-08-11T09:30:00+05:30"}
    row: OrderRow = build(OrderRow, {"status": "open", **times, **members})
    return row


async def _place(desk: Desk, wire: Wire, given: Arguments) -> object:
    order, instrument = placed(desk, given["order"])
    connection = desk.connection(wire)
    return await desk.broker.orders.place(connection, order, instrument, given["tag"])


async def _modify(desk: Desk, wire: Wire, given: Arguments) -> object:
    change: ModifyOrder = build(ModifyOrder, {"strategy": "Test", **given["change"]})
    instrument = desk.instrument(change.key)
    connection = desk.connection(wire)
    await desk.broker.orders.modify(connection, change, instrument, _row(given["row"]))
    return None


async def _cancel(desk: Desk, wire: Wire, given: Arguments) -> object:
    await desk.broker.orders.cancel(desk.connection(wire), _row(given["row"]))
    return None


async def _margin(desk: Desk, wire: Wire, given: Arguments) -> object:
    assert desk.broker.margin is not None
    orders = [placed(desk, each) for each in given["orders"]]
    return await desk.broker.margin.margin(desk.connection(wire), orders)


async def _place_gtt(desk: Desk, wire: Wire, given: Arguments) -> object:
    assert desk.broker.gtt is not None
    gtt: PlaceGtt = build(PlaceGtt, {"strategy": "Test", **given["gtt"]})
    price = float(given["last_price"])
    return await desk.broker.gtt.place(desk.connection(wire), gtt, desk.instrument(gtt.key), price)


async def _modify_gtt(desk: Desk, wire: Wire, given: Arguments) -> object:
    assert desk.broker.gtt is not None
    change: ModifyGtt = build(ModifyGtt, {"strategy": "Test", **given["gtt"]})
    price = float(given["last_price"])
    await desk.broker.gtt.modify(desk.connection(wire), change, desk.instrument(change.key), price)
    return None


async def _cancel_gtt(desk: Desk, wire: Wire, given: Arguments) -> object:
    assert desk.broker.gtt is not None
    await desk.broker.gtt.cancel(desk.connection(wire), given["trigger_id"])
    return None


async def _gtts(desk: Desk, wire: Wire, given: Arguments) -> object:
    assert desk.broker.gtt is not None
    return await desk.broker.gtt.gtts(desk.connection(wire))


def _instruments(desk: Desk, keys: list[str]) -> list[Instrument]:
    return [desk.instrument(key_of(key)) for key in keys]


async def _quotes(desk: Desk, wire: Wire, given: Arguments) -> object:
    wanted = _instruments(desk, given["instruments"])
    return await desk.broker.market_data.quotes(desk.connection(wire), wanted)


async def _depth(desk: Desk, wire: Wire, given: Arguments) -> object:
    (instrument,) = _instruments(desk, [given["instrument"]])
    return await desk.broker.market_data.depth(desk.connection(wire), instrument)


async def _candles(desk: Desk, wire: Wire, given: Arguments) -> object:
    (instrument,) = _instruments(desk, [given["instrument"]])
    start, end = date.fromisoformat(given["start"]), date.fromisoformat(given["end"])
    return await desk.broker.market_data.candles(
        desk.connection(wire), instrument, given["interval"], start, end
    )


def _read(method: Callable[[Broker], Callable[[Connection], Coroutine[Any, Any, object]]]) -> Call:
    async def run(desk: Desk, wire: Wire, given: Arguments) -> object:
        return await method(desk.broker)(desk.connection(wire))

    return Call(run)


async def _order(desk: Desk, wire: Wire, given: Arguments) -> object:
    return await desk.broker.orders.order(desk.connection(wire), given["order_id"])


CALLS: Mapping[str, Call] = {
    "auth.login": Call(_login, Kind.LOGIN),
    "auth.logout": Call(_logout, None),
    "instruments.download": Call(_download),
    "orders.place": Call(_place, Kind.ORDER),
    "orders.modify": Call(_modify, Kind.ORDER),
    "orders.cancel": Call(_cancel, Kind.EXIT),
    "orders.orders": _read(lambda broker: broker.orders.orders),
    "orders.order": Call(_order),
    "orders.trades": _read(lambda broker: broker.orders.trades),
    "portfolio.positions": _read(lambda broker: broker.portfolio.positions),
    "portfolio.holdings": _read(lambda broker: broker.portfolio.holdings),
    "portfolio.funds": _read(lambda broker: broker.portfolio.funds),
    "market_data.quotes": Call(_quotes),
    "market_data.depth": Call(_depth),
    "market_data.candles": Call(_candles),
    "margin.margin": Call(_margin),
    "gtt.place": Call(_place_gtt, Kind.ORDER),
    "gtt.modify": Call(_modify_gtt, Kind.ORDER),
    "gtt.cancel": Call(_cancel_gtt, Kind.EXIT),
    "gtt.gtts": Call(_gtts),
}


def _wanted(desk: Desk, given: Arguments) -> list[tuple[Instrument, Mode]]:
    return [(desk.instrument(key_of(key)), Mode[mode]) for key, mode in given["wanted"]]


def _subscribe(desk: Desk, given: Arguments) -> object:
    assert desk.broker.stream is not None
    return desk.broker.stream.subscribe(_wanted(desk, given))


def _unsubscribe(desk: Desk, given: Arguments) -> object:
    assert desk.broker.stream is not None
    return desk.broker.stream.unsubscribe(_instruments(desk, given["instruments"]))


def _address(desk: Desk, given: Arguments) -> object:
    assert desk.broker.stream is not None
    return desk.broker.stream.address(desk.endpoints, desk.app, desk.session)


def _login_url(desk: Desk, given: Arguments) -> object:
    return desk.broker.auth.login_url(desk.endpoints, desk.app, given["state"])


PURE: Mapping[str, Pure] = {
    "auth.login_url": _login_url,
    "stream.address": _address,
    "stream.subscribe": _subscribe,
    "stream.unsubscribe": _unsubscribe,
}
"""Those that ask nobody."""


def calls_of(broker: Broker) -> list[str]:
    """The calls of CALLS that `broker` has."""
    missing = [room for room in ("gtt", "margin") if getattr(broker, room) is None]
    return [name for name in CALLS if name.partition(".")[0] not in missing]
