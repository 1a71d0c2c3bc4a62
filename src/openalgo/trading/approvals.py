"""Orders that wait for the account's owner."""

from openalgo.domain.errors import OrderModeUnknown
from openalgo.domain.intents import Intent
from openalgo.identity.principal import Principal
from openalgo.trading.plans import Plan
from openalgo.trading.run import Run
from openalgo.trading.submit import Origin


class Approvals:
    """Nobody can approve yet, so nothing is queued."""

    async def queue(
        self,
        principal: Principal,  # noqa: ARG002
        run: Run,  # noqa: ARG002
        intent: Intent,  # noqa: ARG002
        plan: Plan,  # noqa: ARG002
        origin: Origin,  # noqa: ARG002
    ) -> int:
        raise OrderModeUnknown
