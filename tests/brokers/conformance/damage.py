"""Good replies with one member missing or of another kind.

The adapter may say that it cannot read them. What it must not do is fail in another way, return
fewer rows, or a zero where there was a number.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from functools import partial
from itertools import islice

import msgspec

from openalgo.domain.errors import BrokerOutcomeUnknown, OpenAlgoError
from openalgo.domain.market import Quote
from tests.brokers.conformance.checks import Check, Group
from tests.brokers.conformance.desk import Desk, Wire, in_turn
from tests.brokers.conformance.fixtures import Case
from tests.brokers.conformance.protocol import CALLS
from tests.brokers.conformance.values import Json, read_json

Path = tuple[str | int, ...]

_MOST = 120
_ODD: tuple[Json, ...] = ({"odd": []}, None)


def checks(desk: Desk) -> Iterator[Check]:
    for case in desk.folder.cases("responses.json"):
        if "error" in case.members or case.call not in CALLS or not case.replies:
            continue
        if case.call in ("instruments.download", "auth.logout"):
            continue  # a file of rows, and one nobody reads
        for at in range(len(case.replies)):
            yield Check(
                desk.folder.id,
                Group.DAMAGE,
                case.call,
                f"{case.name}, reply {at + 1}",
                partial(_damage, desk, case, at),
                case.real,
            )


def _damage(desk: Desk, case: Case, at: int) -> None:
    body = read_json(desk.folder.reply(case.replies[at]).content.decode())
    good = _play(desk, case, at, body)
    kind = CALLS[case.call].kind
    may_lack = desk.folder.account.get("may_lack", {}).get(case.call, ())
    for path in islice(_paths(body), _MOST):
        where = ".".join(str(step) for step in path if not isinstance(step, int))
        if where in may_lack:
            continue
        for damaged in (_without(body, path), *(_with(body, path, odd) for odd in _ODD)):
            found, error = _tried(desk, case, at, damaged)
            if error is None:
                _compare(good, found, where)
                continue
            assert isinstance(error, OpenAlgoError), f"{where}: {error!r}"
            desk.check_discretion(error)
            if kind is not None and kind.orders:
                assert isinstance(error, BrokerOutcomeUnknown), f"{where}: {error!r}"


def _tried(desk: Desk, case: Case, at: int, body: Json) -> tuple[object, Exception | None]:
    try:
        return _play(desk, case, at, body), None
    except Exception as error:
        return None, error


def _play(desk: Desk, case: Case, at: int, body: Json) -> object:
    replies = list(case.replies)
    replies[at] = {**replies[at], "json": body}
    wire = Wire(in_turn(desk.folder, replies))
    return desk.finish(CALLS[case.call].run(desk, wire, case.arguments))


def _paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Every member, of the first element of a list only."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _paths(each, (*path, name))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _without(body: Json, path: Path) -> Json:
    return _changed(body, path, remove=True)


def _with(body: Json, path: Path, value: Json) -> Json:
    return _changed(body, path, value)


def _changed(body: Json, path: Path, value: Json = None, *, remove: bool = False) -> Json:
    copy = deepcopy(body)
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    if remove:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return copy


def _compare(good: object, found: object, where: str) -> None:
    """A list whose first element is gone is shorter, and that is right."""
    assert type(found) is type(good), f"{where}: {found!r}"
    if isinstance(good, Mapping) and isinstance(found, Mapping):
        for key, row in found.items():
            _no_zero(good[key], row, where)
    elif isinstance(good, Sequence) and isinstance(found, Sequence) and not isinstance(good, str):
        assert len(good) - 1 <= len(found) <= len(good), f"{where}: {len(found)} rows"
        if len(found) == len(good):
            for one, other in zip(good, found, strict=True):
                _no_zero(one, other, where)
    elif isinstance(good, str):
        assert found == good, f"{where}: {found!r}"
    else:
        _no_zero(good, found, where)


def _no_zero(good: object, found: object, where: str) -> None:
    if not isinstance(good, msgspec.Struct) or not isinstance(found, msgspec.Struct):
        return
    # Of quotes and candles 0 is the word for "not known"; without a price there is no quote.
    names = ("ltp",) if isinstance(good, Quote) else good.__struct_fields__
    for name in names:
        before, after = getattr(good, name), getattr(found, name)
        if isinstance(before, Decimal | int | float) and before:
            assert after is None or after, f"{where}: {name} was {before}, and now it is {after}"
