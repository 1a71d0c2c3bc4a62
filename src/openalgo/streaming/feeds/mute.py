"""Telling a connection that lives, but brings no prices, from a quiet market.

A broker that lost our subscriptions may beat on, so a frame is no sign of prices to come. But
prices are no matter of course: the fewer instruments, the longer none of them may trade.
"""

import asyncio
from collections.abc import Callable
from typing import Final, NoReturn

from openalgo.streaming.feeds.sockets import ConnectionLost
from openalgo.streaming.feeds.watch import LOOKED_EVERY

PATIENCE: Final = 30.0
"""Seconds without any price of at least a `HANDFUL` of instruments after which they are asked for
again; for fewer, as much longer as they are fewer."""
HANDFUL: Final = 10
LONGEST_PATIENCE: Final = 480.0
ANSWERED_WITHIN: Final = 5.0
"""Seconds after a subscription in which prices may be its answer, no sign of a market at work."""


class Prices:
    """What is known of the prices of one line, over all its connections.

    `missing` tells that they were asked for again and did not come since. Each time they have to
    be asked for again doubles the patience, until some come of themselves.
    """

    def __init__(self) -> None:
        self.missing = False
        self.last = self._asked_at = float("-inf")
        self._rounds = 0

    @property
    def patience(self) -> float:
        return min(PATIENCE * 2.0**self._rounds, LONGEST_PATIENCE)

    def came(self) -> None:
        """A price came."""
        self.last = asyncio.get_running_loop().time()
        self.missing = False
        if self._rounds and self.last - self._asked_at > ANSWERED_WITHIN:
            self._rounds = 0

    def asked(self) -> None:
        """The broker was asked for prices."""
        self._asked_at = asyncio.get_running_loop().time()

    def missed(self) -> None:
        """None came for as long as `patience`."""
        self.missing = True
        self._rounds = min(self._rounds + 1, 16)

    def paused(self) -> None:
        """None are to come for now: what follows is another market."""
        self._rounds = 0


async def notice_muteness(
    prices: Prices, listening: Callable[[], int], ask_again: Callable[[], None]
) -> NoReturn:
    """Call `ask_again` once no price came for the patience there is, and raise `ConnectionLost`
    once none came for as long again. `listening` counts the instruments of open markets."""
    now = asyncio.get_running_loop().time
    waited, longest, asked = 0.0, prices.patience, False
    while True:
        before = now()
        await asyncio.sleep(LOOKED_EVERY)
        passed, instruments = now() - before, listening()
        if not instruments:
            prices.paused()
        if not instruments or prices.last >= before or passed > 2 * LOOKED_EVERY:
            waited, longest, asked = 0.0, prices.patience, False
            continue
        waited += passed * min(instruments, HANDFUL) / HANDFUL
        if waited < longest:
            continue
        if asked:
            raise ConnectionLost("no prices come while markets are open")
        waited, asked = 0.0, True
        prices.missed()
        ask_again()
