"""How many WebSocket clients there may be."""

from collections import Counter
from collections.abc import Callable, Hashable


class Clients:
    """Counts the clients that are connected, all together and by whose they are: an API key's, by
    its id, or a browser's."""

    def __init__(self, most: int = 200, most_each: int = 50) -> None:
        self._most = most
        self._most_each = most_each
        self._owners: dict[str, Hashable | None] = {}
        self._of_each: Counter[Hashable] = Counter()
        self._cuts: dict[str, Callable[[], None]] = {}

    def enter(self, client: str, cut: Callable[[], None]) -> bool:
        """Count `client` in, unless the house is full. `cut` ends it."""
        if len(self._owners) >= self._most:
            return False
        self._owners[client] = None
        self._cuts[client] = cut
        return True

    def admit(self, client: str, owner: Hashable) -> bool:
        """Count `client` as one of this owner's, unless that has too many."""
        before = self._owners[client]
        if before == owner:
            return True
        if self._of_each[owner] >= self._most_each:
            return False
        self._let_go(before)
        self._owners[client] = owner
        self._of_each[owner] += 1
        return True

    def leave(self, client: str) -> None:
        """Count `client` out."""
        self._let_go(self._owners.pop(client))
        del self._cuts[client]

    def cut_off(self, owner: Hashable) -> None:
        """End every client of this owner."""
        for client, theirs in self._owners.items():
            if theirs == owner:
                self._cuts[client]()

    def _let_go(self, owner: Hashable | None) -> None:
        if owner is not None:
            self._of_each[owner] -= 1
            if not self._of_each[owner]:
                del self._of_each[owner]
