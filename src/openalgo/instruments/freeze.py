"""Freeze quantities: the most units one order may have before the exchange rejects it."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import ContractKind


class FreezeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In force from `since` until a later rule of the same contracts; of all contracts of the
    underlying, or of its futures or options alone."""

    exchange: Exchange
    name: str
    quantity: int
    since: date
    contracts: ContractKind | None = None


class FreezeQuantity(NamedTuple):
    """`quantity` in units. An order is split on it only when it is `known`."""

    quantity: int
    known: bool


# The public API has always said 1 for what it does not know.
UNKNOWN = FreezeQuantity(1, known=False)


class FreezeQuantities:
    """Dated freeze quantities by exchange and underlying, those we ship unless told otherwise."""

    def __init__(self, rules: Iterable[FreezeRule] | None = None) -> None:
        self._rules: defaultdict[tuple[Exchange, str], list[FreezeRule]] = defaultdict(list)
        for rule in published() if rules is None else rules:
            self._rules[rule.exchange, rule.name].append(rule)
        for dated in self._rules.values():
            dated.sort(key=_since, reverse=True)

    def of(self, instrument: Instrument, on: date) -> FreezeQuantity:
        """What holds for `instrument` on the trading date `on`, by the name of its underlying."""
        kind: ContractKind = "options" if instrument.is_option else "futures"
        for rule in self._rules.get((instrument.exchange, instrument.name), ()):
            if rule.since <= on and rule.contracts in (None, kind):
                return FreezeQuantity(rule.quantity, known=True)
        return UNKNOWN


@cache
def published() -> tuple[FreezeRule, ...]:
    """The rules that come with us, from `freeze.toml`."""
    text = files("openalgo.instruments").joinpath("freeze.toml").read_text("utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["rule"], list[FreezeRule]))


def _since(rule: FreezeRule) -> date:
    return rule.since
