"""All paper exchanges of the process: one for each market, and one set of rules for all."""

import structlog

from openalgo.domain.errors import OpenAlgoError
from openalgo.sandbox.counters import Counters
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.rules import Rules

log = structlog.get_logger(__name__)


class PaperExchanges:
    """`counters` number the orders of all; `rules` are those a new one begins with."""

    def __init__(self, rules: Rules) -> None:
        self.counters = Counters()
        self.rules = rules
        self._engines: list[Engine] = []

    def add(self, engine: Engine) -> None:
        """It goes by our rules, and will by new ones."""
        self._engines.append(engine)

    def remove(self, engine: Engine) -> None:
        """Safe to call twice."""
        self._engines = [each for each in self._engines if each is not engine]

    async def set_rules(self, rules: Rules, *, cause: str) -> None:
        """Have all go by `rules`, or none: all are asked first. Where one refuses nevertheless,
        those that had changed go back. Raises what `Engine.set_rules` raises."""
        for engine in self._engines:
            await engine.check_rules(rules)
        changed: list[Engine] = []
        try:
            # One that was added meanwhile began with the old rules.
            while left := [each for each in self._engines if each not in changed]:
                await left[0].set_rules(rules, cause=cause)
                changed.append(left[0])
        except BaseException:
            await self._go_back(changed, cause)
            raise
        self.rules = rules

    async def _go_back(self, engines: list[Engine], cause: str) -> None:
        for engine in engines:
            try:
                await engine.set_rules(self.rules, cause=cause)
            except OpenAlgoError as error:
                log.error("a paper exchange kept rules that others refused", error=error.code)
