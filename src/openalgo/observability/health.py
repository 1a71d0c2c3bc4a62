"""Health checks: each room brings its own, one place asks them all."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

logger = logging.getLogger(__name__)

HealthWord = Literal["pass", "warn", "fail"]

_BADNESS: dict[HealthWord, int] = {"pass": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of one check; `detail` says what it saw, in a few words."""

    status: HealthWord
    detail: str = ""


HealthCheck = Callable[[], Health]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedHealth:
    """What the check `name` answered."""

    name: str
    status: HealthWord
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """`status` is the worst of `checks`; with no checks at all, `pass`."""

    status: HealthWord
    checks: Sequence[CheckedHealth]


def worst(words: Iterable[HealthWord]) -> HealthWord:
    """The worst of `words`; `pass` when there are none."""
    return max(words, key=_BADNESS.__getitem__, default="pass")


class HealthChecks:
    """Checks look at facts already in memory, so asking costs nothing and cannot hang."""

    def __init__(self) -> None:
        self._checks: dict[str, HealthCheck] = {}

    def register(self, name: str, check: HealthCheck) -> None:
        """Ask `check` from now on. Raises `ValueError` when the name is taken."""
        if name in self._checks:
            raise ValueError(f"There is already a health check named {name}")
        self._checks[name] = check

    def forget(self, name: str) -> None:
        """Ask the check no more. Safe to call twice."""
        self._checks.pop(name, None)

    def ready(self) -> HealthReport:
        """Ask all checks, in the order they were registered. One that raises has failed."""
        checks = [self._ask(name, check) for name, check in self._checks.items()]
        words = [check.status for check in checks]
        return HealthReport(status=worst(words), checks=checks)

    def _ask(self, name: str, check: HealthCheck) -> CheckedHealth:
        try:
            health = check()
        except Exception as error:
            logger.exception("Health check %s raised", name)
            health = Health("fail", f"check failed: {type(error).__name__}")
        return CheckedHealth(name=name, status=health.status, detail=health.detail)
