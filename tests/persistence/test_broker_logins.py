"""Secrets of broker accounts at rest, and accounts that are put away, on both databases."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text

from openalgo.accounts.accounts import AccountInUse, AccountNotFound, Accounts
from openalgo.accounts.vault import Vault
from openalgo.brokers import registry
from openalgo.brokers.adapter import Session
from openalgo.brokers.http import Route
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import InvalidRequest
from openalgo.persistence.cipher import Cipher
from openalgo.persistence.main import accounts as account_rows
from openalgo.persistence.main import api_keys, approvals
from openalgo.persistence.main.approvals import Seen
from openalgo.persistence.stores import Stores
from tests.persistence.test_approvals import QUEUED, REJECTED
from tests.persistence.test_main_repositories import DIGEST, NOW, new_account, new_user

OLD, NEW = SecretStr("o" * 32), SecretStr("n" * 32)
SALT = b"salt" * 8
CIPHER = Cipher(OLD, SALT)
APP = {"api_key": "key0123456789", "api_secret": "planted-secret"}
ROUTE = Route(proxy="http://ravi:planted-password@proxy.example:3128")
SESSION = Session(
    client_id="AB1234",
    tokens={"access": "planted-token"},
    issued_at=NOW,
    expires_at=NOW + timedelta(hours=20),
)
SIMULATOR = registry.info("simulator")


async def made(stores: Stores, name: str = "Main") -> int:
    async with stores.main.write() as tx:
        return (await new_account(tx, await new_user(tx, f"user of {name}"), name)).id


async def vault_of(stores: Stores, cipher: Cipher = CIPHER) -> Vault:
    vault = Vault(stores.main, cipher, ManualClock(NOW))
    await vault.load()
    return vault


async def filled(stores: Stores, account_id: int) -> Vault:
    vault = await vault_of(stores)
    await vault.keep_app(account_id, {"api_key": "before"})
    await vault.keep_app(account_id, APP)
    await vault.keep_route(account_id, ROUTE)
    await vault.keep_session(account_id, SESSION)
    return vault


async def stored(stores: Stores) -> str:
    """Everything the tables hold, as text."""
    found: list[object] = []
    async with stores.main.read() as tx:
        for table in ("broker_apps", "broker_routes", "broker_sessions"):
            found += (await tx.execute(text(f"SELECT * FROM {table}"))).all()
    return repr(found)


async def test_what_is_kept_is_there_after_a_restart(stores: Stores) -> None:
    account_id, other = await made(stores), await made(stores, "Second")
    before = await filled(stores, account_id)
    after = await vault_of(stores)
    for vault in (before, after):
        assert vault.app(account_id) == APP
        assert vault.route(account_id) == ROUTE
        assert vault.session(account_id) == SESSION
        assert vault.ended(account_id) is None
        assert (vault.app(other), vault.route(other), vault.session(other)) == ({}, Route(), None)


async def test_nothing_of_it_can_be_read_in_the_database(stores: Stores) -> None:
    vault = await filled(stores, await made(stores))
    told = await stored(stores) + repr(vault) + repr(SESSION) + repr(ROUTE)
    assert "AB1234" in told
    for secret in ("planted", "key0123456789"):
        assert secret not in told


async def test_the_tokens_of_a_session_that_ended_are_gone(stores: Stores) -> None:
    account_id = await made(stores)
    vault = await filled(stores, account_id)
    at = NOW + timedelta(hours=3)
    await vault.end_session(account_id, at=at, state="expired", reason="Its time was over")
    for each in (vault, await vault_of(stores)):
        assert each.session(account_id) is None
        end = each.ended(account_id)
        assert end is not None
        assert (end.client_id, end.issued_at, end.ended_at) == ("AB1234", NOW, at)
        assert (end.state, end.reason) == ("expired", "Its time was over")
    async with stores.main.read() as tx:
        tokens = await tx.execute(text("SELECT ciphertext FROM broker_sessions"))
        assert tokens.scalars().all() == [None]

    await vault.keep_session(account_id, SESSION)
    for each in (vault, await vault_of(stores)):
        assert (each.session(account_id), each.ended(account_id)) == (SESSION, None)


async def test_loading_puts_everything_under_the_newest_key(stores: Stores) -> None:
    account_id = await made(stores)
    await filled(stores, account_id)
    both = Cipher(NEW, SALT, older=[OLD])
    assert CIPHER.version in await stored(stores)

    await vault_of(stores, both)

    told = await stored(stores)
    assert CIPHER.version not in told
    assert told.count(f"{both.version}.") == 3
    vault = await vault_of(stores, Cipher(NEW, SALT))  # the old key is not needed any more
    assert (vault.app(account_id), vault.route(account_id)) == (APP, ROUTE)
    assert vault.session(account_id) == SESSION


async def test_what_no_key_fits_is_as_if_it_were_not_there(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = await made(stores)
    await filled(stores, account_id)
    before = await stored(stores)
    vault = await vault_of(stores, Cipher(NEW, SALT))
    assert (vault.app(account_id), vault.route(account_id)) == ({}, Route())
    assert vault.session(account_id) is None
    assert "app values of account" in caplog.text
    assert await stored(stores) == before  # the right key may come back


async def test_what_is_forgotten_is_gone(stores: Stores) -> None:
    account_id = await made(stores)
    await (await filled(stores, account_id)).forget(account_id)
    vault = await vault_of(stores)
    assert (vault.app(account_id), vault.route(account_id)) == ({}, Route())


@given(st.text(), st.text(min_size=1))
def test_a_ciphertext_opens_under_its_key_alone(text: str, other: str) -> None:
    ciphertext = CIPHER.encrypt(text)
    assert CIPHER.decrypt(ciphertext) == text
    assert CIPHER.is_current(ciphertext)
    assert ciphertext.startswith(f"{CIPHER.version}.")
    assert json.dumps(text)[1:-1] not in ciphertext or len(text) < 4
    for forged in (ciphertext[:-1], f"00000000.{ciphertext}", other):
        with pytest.raises(InvalidToken):
            CIPHER.decrypt(forged)


def test_ciphertexts_from_before_there_were_versions_open_too() -> None:
    version, _, token = CIPHER.encrypt("key").partition(".")
    both = Cipher(NEW, SALT, older=[OLD])
    assert both.decrypt(token) == "key"
    assert not both.is_current(token)
    assert not both.is_current(f"{version}.{token}")
    with pytest.raises(InvalidToken):
        both.decrypt(Fernet(Fernet.generate_key()).encrypt(b"key").decode())


async def test_accounts_are_made_named_and_put_away(stores: Stores) -> None:
    first = await made(stores)
    book = Accounts(stores.main)
    await book.load()
    user_id = book[first].user_id
    second = await book.create(user_id=user_id, name=" Second  one ", broker=SIMULATOR, now=NOW)
    assert (second.name, second.broker, second.analyze_mode) == ("Second one", "simulator", True)

    for taken in ("Main", "MAIN"):
        with pytest.raises(InvalidRequest, match=f"named '{taken}' already"):
            await book.create(user_id=user_id, name=taken, broker=SIMULATOR, now=NOW)
        with pytest.raises(InvalidRequest):
            await book.rename(second.id, taken)
    assert (await book.rename(second.id, "second ONE")).name == "second ONE"

    await book.archive(second.id, NOW)
    assert await book.archive(second.id, NOW) == book[second.id]
    again = Accounts(stores.main)
    await again.load()
    for each in (book, again):
        assert [account.id for account in each.of_user(user_id)] == [first]
        assert each[second.id].archived
        assert len(each.all()) == 2
        with pytest.raises(AccountNotFound):
            await each.owned(user_id, second.id)
        with pytest.raises(AccountNotFound):
            await each.owned(user_id + 1, first)
        assert (await each.owned(user_id, first)).id == first
    with pytest.raises(AccountInUse, match="only account"):
        await book.archive(first, NOW)
    # Its name is free again.
    await book.create(user_id=user_id, name="second ONE", broker=SIMULATOR, now=NOW)


async def test_a_name_another_process_gave_is_refused(stores: Stores) -> None:
    first = await made(stores)
    book = Accounts(stores.main)
    await book.load()
    user_id = book[first].user_id
    async with stores.main.write() as tx:
        await account_rows.create(
            tx, user_id=user_id, name="Taken", broker="simulator", created_at=NOW
        )
    with pytest.raises(InvalidRequest, match="'Taken' already"):
        await book.create(user_id=user_id, name="Taken", broker=SIMULATOR, now=NOW)
    with pytest.raises(InvalidRequest, match="'Taken' already"):
        await book.rename(first, "Taken")
    assert book[first].name == "Main"


async def test_what_something_goes_through_is_not_put_away(stores: Stores) -> None:
    first = await made(stores)
    book = Accounts(stores.main)
    await book.load()
    user_id = book[first].user_id
    second = await book.create(user_id=user_id, name="Second", broker=SIMULATOR, now=NOW)
    async with stores.main.write() as tx:
        await api_keys.create(
            tx,
            user_id=user_id,
            account_id=second.id,
            name="key",
            digest=DIGEST,
            ciphertext="",
            scopes=["read"],
            created_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )
        pending = replace(QUEUED, account_id=second.id, user_id=user_id)
        pending_id = await approvals.add(tx, pending, "pending")
    with pytest.raises(AccountInUse, match="API keys"):
        await book.archive(second.id, NOW)
    with pytest.raises(AccountInUse, match="Action Center"):
        await book.archive(second.id, NOW + timedelta(hours=1))
    assert not book[second.id].archived
    async with stores.main.write() as tx:
        assert await approvals.move(tx, Seen(pending_id, second.id, "pending", 1), REJECTED)
    assert (await book.archive(second.id, NOW + timedelta(hours=1))).archived
