"""API keys: made, kept, and recognised again.

A key is 256 random bits, so a plain HMAC is as good as a slow hash and costs a microsecond.
"""

import asyncio
import hmac
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from openalgo.domain.clock import Clock, SystemClock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.waiting import until
from openalgo.identity.networks import Network, contains, parse_network
from openalgo.identity.principal import Principal, Scope
from openalgo.persistence.cipher import Cipher
from openalgo.persistence.main import api_keys
from openalgo.persistence.main.api_keys import ApiKeyRow
from openalgo.persistence.stores import Store, storage_errors

_REFUSED_SECONDS = 2.0
_REFUSED_MOST = 1024
_RECORD_SECONDS = 60.0

_system_now = SystemClock().now


def generate() -> str:
    """A new key: 64 hexadecimal digits."""
    return secrets.token_hex(32)


class KeyRing:
    """What the pepper does for API keys: digests to look them up by, and encrypted copies to show
    them again. `older` peppers still decrypt."""

    def __init__(
        self, pepper: SecretStr, fernet_salt: bytes, older: Sequence[SecretStr] = ()
    ) -> None:
        self._pepper = pepper.get_secret_value().encode()
        self.cipher = Cipher(pepper, fernet_salt, older)

    def digest(self, key: str) -> str:
        """HMAC-SHA-256 of any text, in 64 hexadecimal digits."""
        text = key.encode(errors="surrogatepass")
        return hmac.digest(self._pepper, text, "sha256").hex()

    def encrypt(self, key: str) -> str:
        return self.cipher.encrypt(key)

    def decrypt(self, ciphertext: str) -> str:
        """Raises `cryptography.fernet.InvalidToken` when no pepper of this ring fits."""
        return self.cipher.decrypt(ciphertext)


class AddressNotAllowed(OpenAlgoError):
    """The key is good, but not where this call comes from."""

    code = "address_not_allowed"
    status = 403

    def __init__(self, address: str) -> None:
        super().__init__(f"This API key may not be used from {address or 'an unknown address'}")


@dataclass(slots=True)
class _Known:
    """`recorded_at` is when its last recorded use was, by the transport's clock."""

    principal: Principal
    expires_at: datetime | None
    networks: tuple[Network, ...]
    recorded_at: float = -math.inf


class ApiKeys:
    """Tells whose key it is: from memory, and from the database for keys made elsewhere.

    What `learn` and `forget` say counts at once. Changes by another process are noticed by the
    next `load`.
    """

    def __init__(
        self,
        main: Store,
        ring: KeyRing,
        *,
        discovered: Callable[[Principal], Awaitable[object]] | None = None,
        used: Callable[[int, datetime], None] | None = None,
        forgotten: Callable[[int], None] | None = None,
        now: Callable[[], datetime] = _system_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`discovered` is awaited before a key that was not in memory is first admitted. `used`
        hears of a key's use, at most once a minute, and `forgotten` of a key that serves no more,
        each by the key's id."""
        self._main = main
        self._ring = ring
        self._discovered = discovered
        self._used = used
        self._forgotten = forgotten
        self._now = now
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._refused: OrderedDict[str, float] = OrderedDict()
        self._revoked: set[int] = set()
        self._learned = asyncio.Event()

    async def run(self, clock: Clock) -> None:
        """Say of every key whose time is over that it serves no more, which ends what it keeps
        open. `clock` is that of `now`. For the supervisor."""
        since = clock.now()
        while True:
            self._learned.clear()
            now = clock.now()
            ends = [(each.expires_at, each.principal.key_id) for each in self._known.values()]
            for at, key_id in ends:
                if at is not None and since < at <= now and self._forgotten is not None:
                    self._forgotten(key_id)
            since = now
            soonest = min((at for at, _ in ends if at is not None and at > now), default=None)
            await until(clock, soonest, self._learned)

    async def load(self) -> None:
        """Read all keys anew. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.read() as tx:
                rows = await api_keys.active(tx)
        self._known = {row.digest: _known(row) for row in rows if row.id not in self._revoked}
        self._refused.clear()
        self._learned.set()

    def lookup(self, key: str, address: str = "") -> Principal | None:
        """The owner, if the key is in memory and has not expired. A few microseconds.

        Raises `AddressNotAllowed` when it may not be used from `address`.
        """
        return self._admit(self._ring.digest(key), address)

    async def authenticate(self, key: str, address: str = "") -> Principal | None:
        """The owner, or `None` when nobody owns this key (any more).

        A refusal is remembered for two seconds. Raises `AddressNotAllowed`, `StorageUnavailable`.
        """
        digest = self._ring.digest(key)
        if digest in self._known:
            return self._admit(digest, address)
        if self._refused.get(digest, 0.0) > self._monotonic():
            return None
        with storage_errors():
            async with self._main.read() as tx:
                row = await api_keys.by_digest(tx, digest)
        if row is None:
            self._refuse(digest)
            return None
        if self._discovered is not None:
            await self._discovered(_principal(row))
        if row.id in self._revoked:
            return None
        # Whoever changed the key while we were reading it knows better.
        self._known.setdefault(digest, _known(row))
        self._learned.set()
        return self._admit(digest, address)

    def learn(self, row: ApiKeyRow) -> None:
        """The key is now as `row` says."""
        self._refused.pop(row.digest, None)
        self._known[row.digest] = _known(row)
        self._learned.set()

    def forget(self, key_id: int) -> None:
        """The key has been revoked."""
        self._revoked.add(key_id)
        self._known = {
            digest: known
            for digest, known in self._known.items()
            if known.principal.key_id != key_id
        }
        if self._forgotten is not None:
            self._forgotten(key_id)

    def _admit(self, digest: str, address: str) -> Principal | None:
        known = self._known.get(digest)
        if known is None:
            return None
        if known.expires_at is not None and self._now() >= known.expires_at:
            return None
        if known.networks and not contains(known.networks, address):
            raise AddressNotAllowed(address)
        if self._used is not None:
            seconds = self._monotonic()
            if seconds - known.recorded_at >= _RECORD_SECONDS:
                known.recorded_at = seconds
                self._used(known.principal.key_id, self._now())
        return known.principal

    def _refuse(self, digest: str) -> None:
        self._refused[digest] = self._monotonic() + _REFUSED_SECONDS
        self._refused.move_to_end(digest)
        if len(self._refused) > _REFUSED_MOST:
            self._refused.popitem(last=False)


def _known(row: ApiKeyRow) -> _Known:
    networks = tuple(parse_network(text) for text in row.allowed_networks)
    return _Known(_principal(row), row.expires_at, networks)


def _principal(row: ApiKeyRow) -> Principal:
    return Principal(
        user_id=row.user_id,
        username=row.username,
        account_id=row.account_id,
        key_id=row.id,
        scopes=frozenset(scope for scope in Scope if scope in row.scopes),
    )
