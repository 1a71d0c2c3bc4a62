import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.accounts.accounts import Account, AccountNotFound, Accounts, OrderMode
from openalgo.domain.errors import NotFound, StorageUnavailable
from openalgo.persistence.main import accounts, users
from openalgo.persistence.stores import Store

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


async def new_account(main: Store, name: str, *, username: str = "ravi") -> int:
    async with main.write() as tx:
        user = await users.by_username(tx, username) or await users.create(
            tx, username=username, email=None, password_hash="", is_admin=True, created_at=NOW
        )
        row = await accounts.create(
            tx, user_id=user.id, name=name, broker="simulator", created_at=NOW
        )
    return row.id


async def stored_mode(main: Store, account_id: int) -> bool:
    async with main.read() as tx:
        return next(row.analyze_mode for row in await accounts.every(tx) if row.id == account_id)


async def test_accounts_are_in_memory_after_loading(main: Store) -> None:
    account_id = await new_account(main, "Default")
    book = Accounts(main)
    await book.load()
    await main.close()

    assert book[account_id] == Account(
        id=account_id, user_id=1, name="Default", broker="simulator", analyze_mode=True
    )
    assert book.all() == [book[account_id]]


async def test_an_account_made_elsewhere_is_found_on_a_miss(main: Store) -> None:
    book = Accounts(main)
    await book.load()
    account_id = await new_account(main, "Default")

    with pytest.raises(AccountNotFound, match=f"Account {account_id} not found"):
        book[account_id]
    assert (await book.find(account_id)).name == "Default"
    assert book[account_id].name == "Default"


async def test_an_account_that_does_not_exist_is_not_found(main: Store) -> None:
    book = Accounts(main)
    with pytest.raises(AccountNotFound):
        await book.find(7)
    with pytest.raises(AccountNotFound):
        await book.set_analyze_mode(7, True)


async def test_the_oldest_account_stands_for_its_user(main: Store) -> None:
    first = await new_account(main, "Default")
    await new_account(main, "Second")
    other = await new_account(main, "Default", username="meera")
    book = Accounts(main)
    await book.load()

    assert book.default_of(1) == book[first]
    assert book.default_of(2) == book[other]
    assert book.default_of(3) is None


async def test_the_switch_is_stored_before_it_counts(main: Store) -> None:
    account_id = await new_account(main, "Default")
    other = await new_account(main, "Second")
    book = Accounts(main)
    await book.load()

    changed = await book.set_analyze_mode(account_id, False)

    assert not changed.analyze_mode
    assert book[account_id] == changed
    assert not await stored_mode(main, account_id)
    assert book[other].analyze_mode
    again = Accounts(main)
    await again.load()
    assert again[account_id] == changed


async def test_the_order_mode_and_rehearsals_are_stored_too(main: Store) -> None:
    account_id = await new_account(main, "Default")
    other = await new_account(main, "Second")
    book = Accounts(main)
    await book.load()
    assert book[account_id].order_mode is OrderMode.AUTO
    assert not book[account_id].rehearse_approvals

    await book.set_order_mode(account_id, OrderMode.SEMI_AUTO)
    changed = await book.set_rehearse_approvals(account_id, True)

    assert (changed.order_mode, changed.rehearse_approvals) == (OrderMode.SEMI_AUTO, True)
    assert book[account_id] == changed
    assert book[other].order_mode is OrderMode.AUTO
    again = Accounts(main)
    await again.load()
    assert again.all() == book.all()
    with pytest.raises(AccountNotFound):
        await book.set_order_mode(99, OrderMode.AUTO)
    with pytest.raises(AccountNotFound):
        await book.set_rehearse_approvals(99, True)


async def test_a_user_made_elsewhere_has_their_account(main: Store) -> None:
    book = Accounts(main)
    await book.load()
    with pytest.raises(NotFound):
        await book.default_for(1)
    account_id = await new_account(main, "Default")
    assert (await book.default_for(1)).id == account_id


async def test_setting_what_is_set_writes_nothing(main: Store) -> None:
    account_id = await new_account(main, "Default")
    book = Accounts(main)
    await book.load()

    async with main.write():
        # Another writer would have to wait for this one to end.
        assert (await book.set_analyze_mode(account_id, True)).analyze_mode


async def test_a_switch_that_cannot_be_stored_does_not_count(
    main: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = await new_account(main, "Default")
    book = Accounts(main)
    await book.load()

    async def disk_full(*_: object) -> bool:
        raise OSError("disk full")

    monkeypatch.setattr(accounts, "set_analyze_mode", disk_full)
    with pytest.raises(StorageUnavailable):
        await book.set_analyze_mode(account_id, False)

    assert book[account_id].analyze_mode


class LateAnswers(Store):
    """Commits at once, but the earlier the writer, the later it hears of it."""

    turns = 40

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with super().write() as connection:
            yield connection
        self.turns //= 2
        for _ in range(self.turns):
            await asyncio.sleep(0)


async def test_of_many_switches_at_once_memory_keeps_what_is_stored(
    main: Store, tmp_path: Path
) -> None:
    account_id = await new_account(main, "Default")
    late = LateAnswers(main.name, f"sqlite:///{tmp_path / 'main.db'}")
    book = Accounts(late)
    await book.load()

    await asyncio.gather(
        book.set_analyze_mode(account_id, False), book.set_analyze_mode(account_id, True)
    )

    assert book[account_id].analyze_mode
    assert await stored_mode(main, account_id)
    await late.close()
