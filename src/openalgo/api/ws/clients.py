"""How many WebSocket clients there may be, and ending them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable

from openalgo.api.ws.browsers import BrowserClient
from openalgo.api.ws.endings import (
    KEY_REVOKED,
    SESSION_OVER,
    SHUTTING_DOWN,
    TOO_MANY_CLIENTS,
    Ending,
)


class Clients:
    """Counts the clients that are connected: at most `most` all together, `most_each` of a user.

    Each belongs to an API key, by its id, or to a browser; what ends those ends their clients.
    """

    def __init__(self, most: int = 200, most_each: int = 50) -> None:
        self._most = most
        self._most_each = most_each
        self._owners: dict[str, Hashable | None] = {}
        self._users: dict[str, int] = {}
        self._of_each: Counter[int] = Counter()
        self._ends: dict[str, Callable[[Ending], None]] = {}
        self._draining = False
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._owners)

    def enter(self, client: str, end: Callable[[Ending], None]) -> Ending | None:
        """Count `client` in; or tell why it must go at once. `end` ends it later."""
        if self._draining:
            return SHUTTING_DOWN
        if len(self._owners) >= self._most:
            return TOO_MANY_CLIENTS
        self._owners[client] = None
        self._ends[client] = end
        return None

    def admit(self, client: str, owner: Hashable, user_id: int) -> bool:
        """Count `client` as one of this user's, unless they have too many."""
        if self._users.get(client) != user_id:
            if self._of_each[user_id] >= self._most_each:
                return False
            self._let_go(client)
            self._users[client] = user_id
            self._of_each[user_id] += 1
        self._owners[client] = owner
        return True

    def leave(self, client: str) -> None:
        """Count `client` out."""
        self._let_go(client)
        del self._owners[client], self._ends[client]
        if not self._owners:
            self._left.set()

    def cut_off(self, owner: Hashable) -> None:
        """End every client of this owner, which may not be used any more."""
        ending = SESSION_OVER if isinstance(owner, BrowserClient) else KEY_REVOKED
        for client, theirs in self._owners.items():
            if theirs == owner:
                self._ends[client](ending)

    async def drain(self, within: float) -> None:
        """Let nobody in any more, and tell those who are here to go: `within` so many seconds."""
        self._draining = True
        self._left.clear()
        for end in self._ends.values():
            end(SHUTTING_DOWN)
        if self._owners:
            try:
                async with asyncio.timeout(within):
                    await self._left.wait()
            except TimeoutError:
                return

    def _let_go(self, client: str) -> None:
        user_id = self._users.pop(client, None)
        if user_id is not None:
            self._of_each[user_id] -= 1
            if not self._of_each[user_id]:
                del self._of_each[user_id]
