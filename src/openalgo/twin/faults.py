"""What a twin is told to do wrong."""

import random
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import count

import msgspec

from openalgo.domain.words import Word


class Kind(Word):
    """DELAY answers late. RESET_BEFORE and RESET_AFTER cut the connection before or after the
    request took effect, SILENT_BEFORE and SILENT_AFTER leave it unanswered. STATUS answers with an
    error instead, ERROR_AFTER with an error although the request took effect. TRUNCATED sends half
    of the answer and closes the connection, GARBLED half of it as if that were all. REJECT and
    PARTIAL are about orders: rejected a moment after they were taken, filled in parts.
    """

    DELAY = "delay"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SILENT_BEFORE = "silent_before"
    SILENT_AFTER = "silent_after"
    STATUS = "status"
    ERROR_AFTER = "error_after"
    TRUNCATED = "truncated"
    GARBLED = "garbled"
    REJECT = "reject"
    PARTIAL = "partial"


ORDER_KINDS = frozenset({Kind.REJECT, Kind.PARTIAL})


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing to do wrong: on requests to `route` (a name, `*` stands for any part of it), the
    next `count` of them (`None`: all), each with `probability`.

    `delay_ms` is a number, or the two ends of a range. `status`, `error_type` and `message` make
    the error; without `error_type` its body is not the broker's. `first_part` (0 to 1) is what
    fills at once, the rest `rest_after_ms` later, or, with `None`, when told to.
    """

    kind: Kind
    route: str = "*"
    count: int | None = None
    probability: float = 1.0
    delay_ms: float | tuple[float, float] = 0.0
    status: int = 503
    error_type: str | None = None
    message: str = "The twin was told to fail."
    first_part: float = 0.5
    rest_after_ms: float | None = None
    id: int = 0
    applied: int = 0

    @property
    def delay_ms_low(self) -> float:
        """The delay, or the shorter end of its range."""
        return self.delay_ms[0] if isinstance(self.delay_ms, tuple) else self.delay_ms


class Faults:
    """The rules in force, asked in the order they were made. The same seed and the same requests
    in the same order go wrong in the same places."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(f"faults {seed}")
        self._numbers = count(1)
        self._rules: dict[int, Rule] = {}

    @property
    def rules(self) -> Iterable[Rule]:
        return self._rules.values()

    def add(self, rule: Rule) -> Rule:
        rule.id = next(self._numbers)
        self._rules[rule.id] = rule
        return rule

    def remove(self, number: int) -> bool:
        return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        self._rules.clear()

    def drawn(self, route: str) -> list[Rule]:
        """What to do wrong with a request to `route`: of delays any number, of the rest of those
        that concern the connection one, of those that concern orders one."""
        if not self._rules:
            return []
        found: list[Rule] = []
        taken: set[str] = set()
        for rule in self._rules.values():
            if rule.count == 0 or not fnmatchcase(route, rule.route):
                continue
            group = "order" if rule.kind in ORDER_KINDS else "connection"
            if rule.kind is not Kind.DELAY and group in taken:
                continue
            if rule.probability < 1 and self._chance.random() >= rule.probability:
                continue
            if rule.kind is not Kind.DELAY:
                taken.add(group)
            if rule.count is not None:
                rule.count -= 1
            rule.applied += 1
            found.append(rule)
        return found

    def seconds(self, rule: Rule) -> float:
        """How late a delay makes it."""
        span = rule.delay_ms
        if isinstance(span, tuple):
            return self._chance.uniform(*span) / 1000
        return span / 1000
