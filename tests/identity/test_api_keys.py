import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import StorageUnavailable
from openalgo.identity.api_keys import ApiKeys, KeyRing, generate
from openalgo.identity.principal import Principal, Scope
from openalgo.persistence.main import accounts, api_keys, users
from openalgo.persistence.stores import Store

NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
RING = KeyRing(SecretStr("p" * 32), b"salt" * 8)


class Seconds:
    """Transport time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class CountedReads(Store):
    """A store that counts its reads, and can be out of order."""

    reads = 0
    broken = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        self.reads += 1
        if self.broken:
            raise OSError("no such device")
        async with super().read() as connection:
            yield connection


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def counted(main: Store, tmp_path: Path) -> AsyncIterator[CountedReads]:
    store = CountedReads(main.name, f"sqlite:///{tmp_path / 'main.db'}")
    yield store
    await store.close()


@pytest.fixture
def keys(counted: CountedReads, clock: ManualClock, seconds: Seconds) -> ApiKeys:
    return ApiKeys(counted, RING, now=clock.now, monotonic=seconds)


async def new_key(
    main: Store,
    *,
    username: str = "ravi",
    scopes: tuple[str, ...] = ("read", "trade"),
    expires_at: datetime | None = None,
) -> tuple[str, int]:
    key = generate()
    async with main.write() as tx:
        user = await users.create(
            tx, username=username, email=None, password_hash="", is_admin=True, created_at=NOON
        )
        account = await accounts.create(
            tx, user_id=user.id, name="Default", broker="simulator", created_at=NOON
        )
        key_id = await api_keys.create(
            tx,
            user_id=user.id,
            account_id=account.id,
            name="Default",
            digest=RING.digest(key),
            ciphertext=RING.encrypt(key),
            scopes=scopes,
            created_at=NOON,
            expires_at=expires_at,
        )
    return key, key_id


def test_keys_are_256_random_bits_in_hex() -> None:
    assert len({generate() for _ in range(100)}) == 100
    assert len(bytes.fromhex(generate())) == 32


def test_the_digest_is_a_keyed_hash() -> None:
    assert RING.digest("key") == hmac.new(b"p" * 32, b"key", hashlib.sha256).hexdigest()
    assert RING.digest("key") != KeyRing(SecretStr("q" * 32), b"salt" * 8).digest("key")
    assert len(RING.digest("\ud800 no text")) == 64


def test_a_key_can_be_shown_again_with_the_same_pepper_and_salt() -> None:
    key = generate()
    ciphertext = RING.encrypt(key)

    assert key not in ciphertext
    assert KeyRing(SecretStr("p" * 32), b"salt" * 8).decrypt(ciphertext) == key
    with pytest.raises(InvalidToken):
        KeyRing(SecretStr("p" * 32), b"else" * 8).decrypt(ciphertext)


def test_after_a_rotation_old_copies_still_open() -> None:
    ciphertext = RING.encrypt("key")
    rotated = KeyRing(SecretStr("q" * 32), b"salt" * 8, older=[SecretStr("p" * 32)])

    assert rotated.decrypt(ciphertext) == "key"
    assert KeyRing(SecretStr("q" * 32), b"salt" * 8).decrypt(rotated.encrypt("key")) == "key"


async def test_a_loaded_key_is_found_without_the_database(
    main: Store, counted: CountedReads, keys: ApiKeys
) -> None:
    key, key_id = await new_key(main)
    await keys.load()
    counted.reads = 0

    principal = keys.lookup(key)

    assert principal == Principal(
        user_id=1,
        username="ravi",
        account_id=1,
        key_id=key_id,
        scopes=frozenset({Scope.READ, Scope.TRADE}),
    )
    assert await keys.authenticate(key) == principal
    assert counted.reads == 0


async def test_a_key_made_elsewhere_is_found_on_its_first_use(
    main: Store, counted: CountedReads, keys: ApiKeys
) -> None:
    await keys.load()
    key, _ = await new_key(main)

    assert keys.lookup(key) is None
    found = await keys.authenticate(key)
    assert found is not None
    assert found.username == "ravi"
    counted.reads = 0
    assert keys.lookup(key) == found
    assert counted.reads == 0


async def test_whoever_needs_to_know_hears_of_a_new_key_before_it_is_admitted(main: Store) -> None:
    heard: list[Principal] = []
    admitted_too_early: list[Principal | None] = []

    async def hear(principal: Principal) -> None:
        admitted_too_early.append(keys.lookup(key))
        heard.append(principal)

    keys = ApiKeys(main, RING, discovered=hear)
    key, _ = await new_key(main)

    principal = await keys.authenticate(key)
    await keys.authenticate(key)

    assert heard == [principal]
    assert admitted_too_early == [None]


@pytest.mark.parametrize("wrong", ["", "x", "0" * 64, "\ud800", "é" * 100])
async def test_an_unknown_key_is_nobodys(main: Store, keys: ApiKeys, wrong: str) -> None:
    await new_key(main)
    await keys.load()

    assert keys.lookup(wrong) is None
    assert await keys.authenticate(wrong) is None


async def test_a_refusal_is_remembered_for_two_seconds(
    main: Store, counted: CountedReads, keys: ApiKeys, seconds: Seconds
) -> None:
    for _ in range(5):
        await keys.authenticate("wrong")
    assert counted.reads == 1

    seconds.now += 1.9
    await keys.authenticate("wrong")
    assert counted.reads == 1

    seconds.now += 0.2
    await keys.authenticate("wrong")
    assert counted.reads == 2


async def test_only_so_many_refusals_are_remembered(
    main: Store, counted: CountedReads, keys: ApiKeys
) -> None:
    await keys.authenticate("first")
    for number in range(1024):
        await keys.authenticate(f"wrong {number}")
    counted.reads = 0

    await keys.authenticate("wrong 1023")
    assert counted.reads == 0
    await keys.authenticate("first")
    assert counted.reads == 1


async def test_an_expired_key_is_refused_from_memory_and_from_the_database(
    main: Store, clock: ManualClock, keys: ApiKeys
) -> None:
    key, _ = await new_key(main, expires_at=NOON + timedelta(hours=1))
    assert await keys.authenticate(key) is not None

    clock.advance(timedelta(hours=1))

    assert keys.lookup(key) is None
    assert await keys.authenticate(key) is None
    late = ApiKeys(main, RING, now=clock.now)
    assert await late.authenticate(key) is None


async def test_a_revoked_key_is_refused_once_loaded_anew(main: Store, keys: ApiKeys) -> None:
    key, key_id = await new_key(main)
    await keys.load()
    async with main.write() as tx:
        assert await api_keys.revoke(tx, key_id, NOON)

    await keys.load()

    assert keys.lookup(key) is None
    assert await keys.authenticate(key) is None


async def test_a_key_revoked_while_it_is_being_read_is_not_admitted(
    main: Store, clock: ManualClock
) -> None:
    key, key_id = await new_key(main)

    async def meanwhile(_: Principal) -> None:
        fresh.forget(key_id)

    fresh = ApiKeys(main, RING, discovered=meanwhile, now=clock.now)
    assert await fresh.authenticate(key) is None
    assert fresh.lookup(key) is None
    await fresh.load()
    assert fresh.lookup(key) is None


async def test_a_key_replaced_while_it_is_being_read_runs_out(
    main: Store, clock: ManualClock
) -> None:
    key, key_id = await new_key(main)

    async def meanwhile(_: Principal) -> None:
        async with main.write() as tx:
            await api_keys.supersede(tx, key_id, at=NOON, expires_at=NOON + timedelta(hours=1))
            row = await api_keys.by_digest(tx, RING.digest(key))
        assert row is not None
        fresh.learn(row)

    fresh = ApiKeys(main, RING, discovered=meanwhile, now=clock.now)
    assert await fresh.authenticate(key) is not None
    clock.advance(timedelta(hours=1))
    assert fresh.lookup(key) is None


async def test_a_use_is_told_at_most_once_a_minute(
    main: Store, clock: ManualClock, seconds: Seconds
) -> None:
    key, key_id = await new_key(main)
    uses: list[tuple[int, datetime]] = []
    keys = ApiKeys(
        main,
        RING,
        used=lambda used, at: uses.append((used, at)),
        now=clock.now,
        monotonic=seconds,
    )
    await keys.load()
    for _ in range(5):
        keys.lookup(key)
        keys.lookup("wrong")
        seconds.now += 59
    assert uses == [(key_id, NOON)] * 3


async def test_scopes_of_a_newer_version_grant_nothing(main: Store, keys: ApiKeys) -> None:
    key, _ = await new_key(main, scopes=("read", "teleport"))

    principal = await keys.authenticate(key)

    assert principal is not None
    assert principal.scopes == {Scope.READ}


async def test_without_the_database_nobody_is_called_a_stranger(
    main: Store, counted: CountedReads, keys: ApiKeys
) -> None:
    known, _ = await new_key(main)
    await keys.load()
    counted.broken = True

    assert keys.lookup(known) is not None
    with pytest.raises(StorageUnavailable):
        await keys.authenticate(generate())
