"""Accounts in memory, where every order looks, written through to the database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.errors import NotFound
from openalgo.domain.words import Word
from openalgo.persistence.main import accounts
from openalgo.persistence.main.accounts import AccountRow
from openalgo.persistence.stores import Store, storage_errors


class OrderMode(Word):
    """In SEMI_AUTO, what comes with an API key waits for the owner's approval."""

    AUTO = "auto"
    SEMI_AUTO = "semi_auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at one broker. In `analyze_mode` its orders go to the paper exchange, where
    `rehearse_approvals` makes them wait for approval as live ones would."""

    id: int
    user_id: int
    name: str
    broker: str
    analyze_mode: bool
    order_mode: OrderMode = OrderMode.AUTO
    rehearse_approvals: bool = False


class AccountNotFound(NotFound):
    code = "account_not_found"

    def __init__(self, account_id: int) -> None:
        super().__init__(f"Account {account_id} not found")


class Accounts:
    """All accounts of the installation. What raises `StorageUnavailable` has changed nothing."""

    def __init__(self, main: Store) -> None:
        self._main = main
        self._accounts: dict[int, Account] = {}
        self._switching = asyncio.Lock()

    async def load(self) -> None:
        """Read all accounts anew. Raises `StorageUnavailable`."""
        async with self._switching:
            with storage_errors():
                async with self._main.read() as tx:
                    rows = await accounts.every(tx)
            self._accounts = {row.id: _account(row) for row in rows}

    def __getitem__(self, account_id: int) -> Account:
        """The account, from memory. Raises `AccountNotFound`."""
        account = self._accounts.get(account_id)
        if account is None:
            raise AccountNotFound(account_id)
        return account

    async def find(self, account_id: int) -> Account:
        """The account, even if another process made it after `load`.

        Raises `AccountNotFound`, `StorageUnavailable`.
        """
        if account_id not in self._accounts:
            await self.load()
        return self[account_id]

    def all(self) -> list[Account]:
        """Oldest first."""
        return list(self._accounts.values())

    def default_of(self, user_id: int) -> Account | None:
        """The user's oldest account, which stands for them where no account is named."""
        return next((each for each in self._accounts.values() if each.user_id == user_id), None)

    async def default_for(self, user_id: int) -> Account:
        """What `default_of` says, even of an account another process made after `load`.

        Raises `NotFound`, `StorageUnavailable`.
        """
        if self.default_of(user_id) is None:
            await self.load()
        account = self.default_of(user_id)
        if account is None:
            raise NotFound("You have no account")
        return account

    async def set_analyze_mode(self, account_id: int, analyze_mode: bool) -> Account:
        """Set the switch, and return the account as it is stored now.

        Raises `AccountNotFound`, `StorageUnavailable`.
        """
        return await self._change(
            account_id,
            lambda account: replace(account, analyze_mode=analyze_mode),
            lambda tx: accounts.set_analyze_mode(tx, account_id, analyze_mode),
        )

    async def set_order_mode(self, account_id: int, mode: OrderMode) -> Account:
        """Set what becomes of orders, and return the account as it is stored now.

        Raises `AccountNotFound`, `StorageUnavailable`.
        """
        return await self._change(
            account_id,
            lambda account: replace(account, order_mode=mode),
            lambda tx: accounts.set_order_mode(tx, account_id, mode.value),
        )

    async def set_rehearse_approvals(self, account_id: int, rehearse: bool) -> Account:
        """Set whether paper orders wait too, and return the account as it is stored now.

        Raises `AccountNotFound`, `StorageUnavailable`.
        """
        return await self._change(
            account_id,
            lambda account: replace(account, rehearse_approvals=rehearse),
            lambda tx: accounts.set_rehearse_approvals(tx, account_id, rehearse),
        )

    async def _change(
        self,
        account_id: int,
        changed: Callable[[Account], Account],
        store: Callable[[AsyncConnection], Awaitable[bool]],
    ) -> Account:
        # In turn: memory must not end up with the other one of two settings.
        async with self._switching:
            before = self[account_id]
            after = changed(before)
            if after == before:
                return before
            with storage_errors():
                async with self._main.write() as tx:
                    if not await store(tx):
                        raise AccountNotFound(account_id)
            self._accounts[account_id] = after
            return after


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        broker=row.broker,
        analyze_mode=row.analyze_mode,
        order_mode=OrderMode(row.order_mode),
        rehearse_approvals=row.rehearse_approvals,
    )
