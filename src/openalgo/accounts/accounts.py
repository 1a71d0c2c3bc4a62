"""Accounts in memory, where every order looks, written through to the database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.errors import InvalidRequest, NotFound, OpenAlgoError, ValidationFailed
from openalgo.domain.words import Word
from openalgo.persistence.main import accounts
from openalgo.persistence.main.accounts import AccountRow
from openalgo.persistence.stores import Store, storage_errors

LONGEST_NAME = 50
MOST_ACCOUNTS = 20
"""Of one user."""

_UNDECIDED = ("pending", "approving")


class OrderMode(Word):
    """In SEMI_AUTO, what comes with an API key waits for the owner's approval."""

    AUTO = "auto"
    SEMI_AUTO = "semi_auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account at one broker. In `analyze_mode` its orders go to the paper exchange, where
    `rehearse_approvals` makes them wait for approval as live ones would. One that is `archived`
    is put away: its books can be read, and nothing goes through it."""

    id: int
    user_id: int
    name: str
    broker: str
    analyze_mode: bool
    order_mode: OrderMode = OrderMode.AUTO
    rehearse_approvals: bool = False
    archived: bool = False


class AccountNotFound(NotFound):
    code = "account_not_found"

    def __init__(self, account_id: int) -> None:
        super().__init__(f"Account {account_id} not found")


class AccountInUse(OpenAlgoError):
    """It cannot be put away as long as something goes through it."""

    code = "account_in_use"
    status = 409


class Accounts:
    """All accounts of the installation. What raises `StorageUnavailable` has changed nothing."""

    def __init__(self, main: Store) -> None:
        self._main = main
        self._accounts: dict[int, Account] = {}
        self._followers: list[Callable[[Account], None]] = []
        self._change_followers: list[Callable[[Account, Account], None]] = []
        self._switching = asyncio.Lock()

    async def load(self) -> None:
        """Read all accounts anew. Raises `StorageUnavailable`."""
        async with self._switching:
            with storage_errors():
                async with self._main.read() as tx:
                    rows = await accounts.every(tx)
            before = self._accounts
            self._accounts = {row.id: _account(row) for row in rows}
            for account in self._accounts.values():
                if account.id not in before:
                    self._tell(account)

    def follow(self, follower: Callable[[Account], None]) -> None:
        """Tell `follower` of every account that is made, found or put away from now on. It must
        not raise."""
        self._followers.append(follower)

    def follow_changes(self, follower: Callable[[Account, Account], None]) -> None:
        """Tell `follower` of every account whose name or settings change from now on: as it was,
        and as it is. It must not raise."""
        self._change_followers.append(follower)

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
        """Oldest first, those put away included."""
        return list(self._accounts.values())

    def of_user(self, user_id: int) -> list[Account]:
        """The user's accounts, oldest first, without those put away."""
        return [
            each
            for each in self._accounts.values()
            if each.user_id == user_id and not each.archived
        ]

    async def owned(self, user_id: int, account_id: int) -> Account:
        """The user's own account. Raises `AccountNotFound`, also for one of somebody else and for
        one put away, and `StorageUnavailable`."""
        account = await self.find(account_id)
        if account.user_id != user_id or account.archived:
            raise AccountNotFound(account_id)
        return account

    def default_of(self, user_id: int) -> Account | None:
        """The user's oldest account, which stands for them where no account is named."""
        return next(iter(self.of_user(user_id)), None)

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

    async def create(
        self, *, user_id: int, name: str, broker: BrokerInfo, now: datetime
    ) -> Account:
        """One more account of the user, at `broker`. It begins on paper.

        Raises `InvalidRequest` for a name the user has given before or beyond the most accounts,
        `ValidationFailed` for what is no name, `StorageUnavailable`.
        """
        name = _checked(name)
        async with self._switching:
            own = self.of_user(user_id)
            if len(own) >= MOST_ACCOUNTS:
                raise InvalidRequest(
                    "name", f"You have {len(own)} accounts; {MOST_ACCOUNTS} are the most"
                )
            self._check_name(user_id, name)
            with storage_errors(), _name_taken(name):
                async with self._main.write() as tx:
                    row = await accounts.create(
                        tx, user_id=user_id, name=name, broker=broker.id, created_at=now
                    )
            account = self._accounts[row.id] = _account(row)
            self._tell(account)
            return account

    async def rename(self, account_id: int, name: str) -> Account:
        """Raises `AccountNotFound`, and what `create` raises for its name."""
        name = _checked(name)
        account = await self.find(account_id)
        self._check_name(account.user_id, name, besides=account_id)
        with _name_taken(name):
            return await self._change(
                account_id,
                lambda account: replace(account, name=name),
                lambda tx: accounts.rename(tx, account_id, name),
            )

    async def archive(self, account_id: int, now: datetime) -> Account:
        """Put the account away. Everything it did stays, and its name is free again.

        Raises `AccountNotFound`, `StorageUnavailable`, and `AccountInUse` for a user's last one
        and while API keys go through it or orders of it wait for approval.
        """
        async with self._switching:
            account = self[account_id]
            if account.archived:
                return account
            if len(self.of_user(account.user_id)) == 1:
                raise AccountInUse("This is your only account; make another one first")
            name = f"{account.name} (put away, no. {account_id})"
            with storage_errors():
                async with self._main.write() as tx:
                    if keys := await accounts.keys_in_use(tx, account_id, now):
                        raise AccountInUse(
                            f"Revoke the API keys that go through this account first ({keys})"
                        )
                    if waiting := await accounts.orders_waiting(tx, account_id, _UNDECIDED):
                        raise AccountInUse(
                            "Decide first on the orders of this account that wait in the Action "
                            f"Center ({waiting})"
                        )
                    if not await accounts.archive(tx, account_id, name=name, at=now):
                        raise AccountNotFound(account_id)
            put_away = replace(account, name=name, archived=True)
            self._accounts[account_id] = put_away
            self._tell(put_away)
            return put_away

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

    def _tell(self, account: Account) -> None:
        for follower in self._followers:
            follower(account)

    def _check_name(self, user_id: int, name: str, besides: int | None = None) -> None:
        for each in self.of_user(user_id):
            if each.id != besides and each.name.casefold() == name.casefold():
                raise _taken(name)

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
            for follower in self._change_followers:
                follower(before, after)
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
        archived=row.archived_at is not None,
    )


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValidationFailed({"name": [f"must be 1 to {LONGEST_NAME} characters"]})
    return name


def _taken(name: str) -> InvalidRequest:
    return InvalidRequest("name", f"You have an account named '{name}' already")


@contextmanager
def _name_taken(name: str) -> Iterator[None]:
    """For names that another process gave meanwhile."""
    try:
        yield
    except IntegrityError:
        raise _taken(name) from None
