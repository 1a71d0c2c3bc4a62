"""What the paper exchange asks of others."""

from datetime import datetime
from typing import Protocol

from openalgo.persistence.sandbox.books import BatchRows, EngineMark, StoredBooks


class Books(Protocol):
    """The tables of the paper exchange of one market, which `market` numbers."""

    @property
    def market(self) -> int: ...

    async def claim(self) -> int:
        """Become the owner: the new epoch, durable. Earlier owners can no longer commit."""
        ...

    async def load(self, since: datetime) -> StoredBooks:
        """Everything that is working, open or happened at or after `since`. Waits for whatever a
        discarded connection was still committing, so what it returns is final."""
        ...

    async def commit(self, rows: BatchRows, mark: EngineMark) -> None:
        """Store one batch, all of it or nothing. Raises `OwnershipLost` for a stale epoch."""
        ...

    async def discard(self) -> None:
        """Drop the connection after a commit whose outcome is not known."""
        ...
