"""Waiting for an order to end: a broker that takes a cancellation has not cancelled yet."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from openalgo.brokers.rows import OrderRow
from openalgo.domain.clock import Clock

_PAUSES = (0.1, 0.3, 0.6, 1.0, 1.5, 1.5)
"""Seconds between looks: five, all in all."""


async def ended(look: Callable[[], Awaitable[OrderRow]], clock: Clock) -> OrderRow:
    """The order once it has ended, or as it is when there is no more time to wait. Raises what
    `look` does."""
    row = await look()
    for seconds in _PAUSES:
        if not row.status.is_working:
            break
        await clock.sleep_until(clock.now() + timedelta(seconds=seconds))
        row = await look()
    return row
