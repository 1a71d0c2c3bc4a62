"""Our values written in JSON, and back.

In a fixture prices are rupees, times ISO 8601, instruments `EXCHANGE:SYMBOL`, and a value that has
its default is left out. Numbers are compared exactly: they are Decimals on both sides.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px, px_decimal

Json = Any
"""What JSON can hold, numbers with a point as Decimals."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def read_json(text: str) -> Json:
    return json.loads(text, parse_float=Decimal)


def write_json(value: Json) -> bytes:
    return _ENCODER.encode(value)


def key_of(text: str) -> InstrumentKey:
    exchange, _, symbol = text.partition(":")
    return InstrumentKey(Exchange(exchange), symbol)


def build(kind: Any, value: Json) -> Any:
    """`value` as `kind`: a struct, a tuple of them, or one of their members."""
    if kind is Px:
        return px(value)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if value is None:
            return None
        return build(next(each for each in get_args(kind) if each is not NoneType), value)
    if origin is tuple:
        return tuple(build(get_args(kind)[0], each) for each in value)
    if kind is Decimal:
        return Decimal(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


def _struct(kind: type[msgspec.Struct], members: Mapping[str, Json]) -> msgspec.Struct:
    given = dict(members)
    if "key" in given:
        given["exchange"], given["symbol"] = key_of(given.pop("key"))
    hints = get_type_hints(kind)
    unknown = [name for name in given if name not in hints]
    if unknown:
        raise ValueError(f"{kind.__name__} has no member {', '.join(unknown)}")
    return kind(**{name: build(hints[name], value) for name, value in given.items()})


def dumped(value: object, hint: object = None) -> Json:
    """`value` as a fixture writes it."""
    if hint is Px:
        return px_decimal(Px(int(str(value))))
    match value:
        case None | bool() | str() | int() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.name if isinstance(value, int) else value.value
        case float():
            return Decimal(repr(value))
        case Decimal():
            return value
        case datetime():
            return value.astimezone(IST).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return {"hex": value.hex()}
        case InstrumentKey():
            return str(value)
        case msgspec.Struct():
            return _members(value)
        case Mapping():
            return {str(dumped(name)): dumped(each) for name, each in value.items()}
        case Sequence():
            return [dumped(each) for each in value]
    if is_dataclass(value):
        return {
            each.name: dumped(found)
            for each in fields(value)
            if (found := getattr(value, each.name)) != each.default
            and (each.default_factory is MISSING or found != each.default_factory())
        }
    raise TypeError(f"No fixture holds a {type(value).__name__}")


def _members(value: msgspec.Struct) -> Json:
    hints = get_type_hints(type(value))
    told: dict[str, Json] = {}
    for each in msgspec.structs.fields(value):
        found = getattr(value, each.name)
        if each.default is msgspec.NODEFAULT or found != each.default:
            told[each.name] = dumped(found, hints[each.name])
    if "exchange" in told and "symbol" in told:
        told = {"key": f"{told.pop('exchange')}:{told.pop('symbol')}", **told}
    return told
