"""API keys as their owners handle them: listed, made, replaced, revoked."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.accounts.accounts import Accounts
from openalgo.domain.clock import Clock
from openalgo.domain.errors import InvalidRequest, NotFound, OpenAlgoError, ValidationFailed
from openalgo.identity import api_keys as keys
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.networks import parse_network
from openalgo.identity.principal import Scope
from openalgo.identity.users import DEFAULT_KEY
from openalgo.persistence.main import api_keys, users
from openalgo.persistence.main.api_keys import ApiKeyRow
from openalgo.persistence.stores import Store, storage_errors

logger = logging.getLogger(__name__)

MOST_KEYS = 50
MOST_NETWORKS = 20
GRACE_HOURS = (0, 1, 24)


class KeyNotFound(NotFound):
    code = "key_not_found"

    def __init__(self, key_id: int) -> None:
        super().__init__(f"API key {key_id} not found")


class KeyAlreadyReplaced(OpenAlgoError):
    code = "key_replaced"
    status = 409
    default = "This API key has been replaced or revoked already"


class NotPermitted(OpenAlgoError):
    code = "not_permitted"
    status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. `value` is what callers send."""

    row: ApiKeyRow
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """What a new key shall be. No `networks`: it may be used from everywhere."""

    name: str
    scopes: frozenset[Scope]
    account_id: int
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()


class KeyDesk:
    """Changes are stored, and then count at once wherever keys are looked up."""

    def __init__(
        self, main: Store, ring: KeyRing, keys: ApiKeys, accounts: Accounts, clock: Clock
    ) -> None:
        self._main = main
        self._ring = ring
        self._keys = keys
        self._accounts = accounts
        self._clock = clock

    async def of_user(self, user_id: int) -> list[ApiKeyRow]:
        """The user's keys, oldest first. Those that another has replaced are listed while they
        still serve. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                rows = await api_keys.of_user(tx, user_id)
        return _listed(rows, self._clock.now())

    async def default_of(self, user_id: int) -> ApiKeyRow | None:
        """The key the user interface shows. Raises `StorageUnavailable`."""
        return next((row for row in await self.of_user(user_id) if row.is_default), None)

    def value_of(self, row: ApiKeyRow) -> str | None:
        """The key itself; `None` when it was stored under another pepper."""
        try:
            return self._ring.decrypt(row.ciphertext)
        except InvalidToken:
            logger.error("API key %d cannot be decrypted; regenerate it", row.id)
            return None

    async def create(self, user_id: int, wish: KeyWish, *, is_admin: bool) -> NewKey:
        """A new key beside the others.

        Raises `ValidationFailed`, `InvalidRequest`, `NotPermitted`, `AccountNotFound`,
        `StorageUnavailable`.
        """
        networks = _networks(wish.networks)
        if Scope.ADMIN in wish.scopes and not is_admin:
            raise NotPermitted("Only administrators may have keys with the 'admin' scope")
        await self._accounts.owned(user_id, wish.account_id)
        now = self._clock.now()
        if wish.expires_at is not None and wish.expires_at <= now:
            raise InvalidRequest("expires_at", "The key would have expired already")
        value = keys.generate()
        with storage_errors():
            async with self._main.write() as tx:
                await users.lock(tx, user_id)
                _check_room(_listed(await api_keys.of_user(tx, user_id), now), wish.name)
                row = await self._store(
                    tx,
                    value,
                    user_id=user_id,
                    account_id=wish.account_id,
                    name=wish.name,
                    scopes=wish.scopes,
                    created_at=now,
                    expires_at=wish.expires_at,
                    allowed_networks=networks,
                )
        return self._issued(row, value)

    async def replace(self, user_id: int, key_id: int, *, grace_hours: int = 0) -> NewKey:
        """A new key for what `key_id` was for; the old one serves `grace_hours` more.

        Raises `KeyNotFound`, `KeyAlreadyReplaced`, `InvalidRequest`, `StorageUnavailable`.
        """
        old = await self._find(user_id, key_id)
        now = self._clock.now()
        if old.superseded_at is not None:
            raise KeyAlreadyReplaced
        if not _serves(old, now):
            raise InvalidRequest("key_id", "This API key has expired; make a new one")
        value = keys.generate()
        until = now + timedelta(hours=grace_hours)
        with storage_errors():
            async with self._main.write() as tx:
                if not await api_keys.supersede(tx, key_id, at=now, expires_at=until):
                    raise KeyAlreadyReplaced
                row = await self._store(
                    tx,
                    value,
                    user_id=user_id,
                    account_id=old.account_id,
                    name=old.name,
                    scopes=old.scopes,
                    created_at=now,
                    expires_at=old.expires_at,
                    allowed_networks=old.allowed_networks,
                    is_default=old.is_default,
                )
                if not grace_hours:
                    await api_keys.revoke(tx, key_id, now)
                left = await api_keys.by_digest(tx, old.digest)
        if left is None:
            self._keys.forget(key_id)
        else:
            self._keys.learn(left)
        return self._issued(row, value)

    async def regenerate(self, user_id: int, account_id: int, *, grace_hours: int = 0) -> NewKey:
        """A new default key, of the old one's kind if there is one, else one for everything.

        Raises `KeyAlreadyReplaced`, `InvalidRequest`, `StorageUnavailable`.
        """
        old = await self.default_of(user_id)
        if old is not None:
            return await self.replace(user_id, old.id, grace_hours=grace_hours)
        value = keys.generate()
        with storage_errors():
            async with self._main.write() as tx:
                await users.lock(tx, user_id)
                if any(row.is_default for row in await api_keys.of_user(tx, user_id)):
                    raise KeyAlreadyReplaced
                row = await self._store(
                    tx,
                    value,
                    user_id=user_id,
                    account_id=account_id,
                    name=DEFAULT_KEY,
                    scopes=Scope,
                    created_at=self._clock.now(),
                    is_default=True,
                )
        return self._issued(row, value)

    async def revoke(self, user_id: int, key_id: int) -> None:
        """From now on this key opens nothing.

        Raises `KeyNotFound`, and `StorageUnavailable`: it serves no more nevertheless, until this
        server starts again.
        """
        await self._find(user_id, key_id)
        self._keys.forget(key_id)
        with storage_errors():
            async with self._main.write() as tx:
                await api_keys.revoke(tx, key_id, self._clock.now())
        logger.info("API key %d was revoked by its owner", key_id)

    async def _store(
        self,
        tx: AsyncConnection,
        value: str,
        *,
        user_id: int,
        account_id: int,
        name: str,
        scopes: Iterable[str],
        created_at: datetime,
        expires_at: datetime | None = None,
        allowed_networks: Iterable[str] = (),
        is_default: bool = False,
    ) -> ApiKeyRow:
        digest = self._ring.digest(value)
        await api_keys.create(
            tx,
            user_id=user_id,
            account_id=account_id,
            name=name,
            digest=digest,
            ciphertext=self._ring.encrypt(value),
            scopes=scopes,
            created_at=created_at,
            expires_at=expires_at,
            allowed_networks=allowed_networks,
            is_default=is_default,
        )
        row = await api_keys.by_digest(tx, digest)
        assert row is not None  # noqa: S101 - stored a moment ago
        return row

    async def _find(self, user_id: int, key_id: int) -> ApiKeyRow:
        for row in await self.of_user(user_id):
            if row.id == key_id:
                return row
        raise KeyNotFound(key_id)

    def _issued(self, row: ApiKeyRow, value: str) -> NewKey:
        self._keys.learn(row)
        logger.info("API key %d (%s...) was made", row.id, value[:6])
        return NewKey(row=row, value=value)


def _listed(rows: Iterable[ApiKeyRow], now: datetime) -> list[ApiKeyRow]:
    return [row for row in rows if row.superseded_at is None or _serves(row, now)]


def _check_room(existing: Collection[ApiKeyRow], name: str) -> None:
    """Raises `InvalidRequest` when there is no room for one more key, or for its name."""
    if len(existing) >= MOST_KEYS:
        raise InvalidRequest("name", f"You have {len(existing)} keys; {MOST_KEYS} are the most")
    if any(row.name.casefold() == name.casefold() for row in existing):
        raise InvalidRequest("name", f"You have a key named '{name}' already")


def _serves(row: ApiKeyRow, now: datetime) -> bool:
    return row.expires_at is None or now < row.expires_at


def _networks(texts: Collection[str]) -> list[str]:
    """The networks in their usual spelling. Raises `ValidationFailed`."""
    if len(texts) > MOST_NETWORKS:
        raise ValidationFailed({"allowed_networks": [f"must be at most {MOST_NETWORKS}"]})
    spelled = []
    for text in texts:
        try:
            spelled.append(str(parse_network(text)))
        except ValueError:
            problem = f"'{text}' is not an address or a network such as 10.1.0.0/16"
            raise ValidationFailed({"allowed_networks": [problem]}) from None
    return spelled
