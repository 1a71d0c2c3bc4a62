"""What an account needs to know once to log in at its broker: the values of its `app_fields`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openalgo.brokers.adapter import Values
from openalgo.brokers.base import BrokerInfo, LoginField
from openalgo.domain.errors import InvalidRequest, ValidationFailed

LONGEST_VALUE = 1024

_STARS = "*" * 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedValue:
    """What may be shown: the beginning, and how long the whole is. Both are empty before there is
    a value."""

    name: str
    shown: str
    length: int


def masked(fields: Sequence[LoginField], values: Values) -> list[MaskedValue]:
    """Of each field the first six characters, half of it at most; of a secret four, and at most a
    third."""
    return [_masked(field, values.get(field.name, "")) for field in fields]


def completed(info: BrokerInfo, kept: Values, given: Mapping[str, str]) -> dict[str, str]:
    """`kept` with what was `given`. Raises `ValidationFailed` for values that cannot be right and
    for those that would still be missing, with none of them in the text."""
    if not info.app_fields:
        raise InvalidRequest("values", f"{info.name} needs nothing to be known of your app")
    errors = _unknown(info.app_fields, given)
    values: dict[str, str] = {}
    for field in info.app_fields:
        value = given.get(field.name, "").strip() or kept.get(field.name, "")
        if not value:
            errors[field.name] = [f"{field.label} is missing"]
        elif problem := _problem(value):
            errors[field.name] = [f"{field.label} {problem}"]
        values[field.name] = value
    if errors:
        raise ValidationFailed(errors)
    return values


def answered(info: BrokerInfo, given: Mapping[str, str]) -> dict[str, str]:
    """The filled-in `login_fields`. Raises `ValidationFailed`, with no value in the text."""
    errors = _unknown(info.login_fields, given)
    for field in info.login_fields:
        value = given.get(field.name, "")
        if not value.strip():
            errors[field.name] = [f"{field.label} is missing"]
        elif problem := _problem(value):
            errors[field.name] = [f"{field.label} {problem}"]
    if errors:
        raise ValidationFailed(errors)
    return {
        field.name: value if field.secret else value.strip()
        for field in info.login_fields
        for value in (given[field.name],)
    }


def missing(info: BrokerInfo, values: Values) -> list[str]:
    """The labels of the fields that have no value."""
    return [field.label for field in info.app_fields if not values.get(field.name)]


def _masked(field: LoginField, value: str) -> MaskedValue:
    if not value:
        return MaskedValue(name=field.name, shown="", length=0)
    first = min(4, len(value) // 3) if field.secret else min(6, len(value) // 2)
    return MaskedValue(name=field.name, shown=value[:first] + _STARS, length=len(value))


def _unknown(fields: Sequence[LoginField], given: Mapping[str, str]) -> dict[str, list[str]]:
    known = {field.name for field in fields}
    return {"values": ["There is a field nobody asked for"]} if given.keys() - known else {}


def _problem(value: str) -> str:
    if len(value) > LONGEST_VALUE:
        return f"is longer than {LONGEST_VALUE} characters"
    return "" if value.isprintable() else "holds characters that cannot be printed"
