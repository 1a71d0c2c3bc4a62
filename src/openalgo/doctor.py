"""`openalgo doctor`: looks at an installation and says what to mend. It changes nothing."""

import json
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import InvalidToken
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from openalgo.config import ConfigError, Settings, load_settings, unknown_keys
from openalgo.domain.clock import IST, ist_text
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.secrets import NAMES, open_to_others
from openalgo.persistence.main import api_keys, users
from openalgo.persistence.migrate import revisions, stored_revision
from openalgo.persistence.owner import AlreadyOwned, OwnerLock
from openalgo.persistence.stores import Store

_ENOUGH_DISK = 2 * 1024**3
_BUILT = datetime(2026, 1, 1, tzinfo=UTC)
_STEADY = timedelta(milliseconds=50)
_SET_BACK = timedelta(minutes=1)

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check saw; `remedy` says what to do unless all is well."""

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""


async def examine(given: Mapping[str, object]) -> list[Finding]:
    """Check everything. `given` are settings from the command line, by environment name."""
    findings = [*_python(), *check_clock()]
    try:
        settings = load_settings(given)
    except ConfigError as error:
        return findings + [
            Finding(
                check="configuration",
                verdict="fail",
                detail=problem,
                remedy="Change it in the environment or in .env; the other checks need it.",
            )
            for problem in error.problems
        ]
    findings += _configuration()
    findings += _data_directory(settings.data_dir)
    findings += _secrets(settings)
    running = _is_owned(settings.data_dir)
    findings += _port("port", settings.host, settings.port, "FLASK_PORT", running=running)
    findings += _port(
        "websocket port",
        settings.websocket_host,
        settings.websocket_port,
        "WEBSOCKET_PORT",
        running=running,
    )
    for name, url in settings.database_urls.items():
        findings += await _database(name, url, settings)
    return findings


def _python() -> Iterator[Finding]:
    yield Finding(check="python", verdict="ok", detail=sys.version.split()[0])


def check_clock(
    wall: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    nap: Callable[[float], None] = time.sleep,
) -> Iterator[Finding]:
    """Whether the clock is plausible and runs smoothly. The arguments are those of `time`."""
    before, started = wall(), monotonic()
    nap(0.1)
    stepped = timedelta(seconds=abs((wall() - before) - (monotonic() - started)))
    now = datetime.fromtimestamp(wall(), UTC)
    if now < _BUILT:
        yield Finding(
            check="clock",
            verdict="fail",
            detail=f"It says {ist_text(now)} IST, which is before this version was made.",
            remedy="Set the clock of this machine, and let it follow a time server.",
        )
    elif stepped > _STEADY:
        yield Finding(
            check="clock",
            verdict="warn",
            detail=f"It moved by {stepped.total_seconds():.1f} s while being watched.",
            remedy="Let one time service steer it, smoothly.",
        )
    else:
        yield Finding(check="clock", verdict="ok", detail=f"{ist_text(now)} IST")
    try:
        zone = now.astimezone(ZoneInfo("Asia/Kolkata")).utcoffset()
    except ZoneInfoNotFoundError:
        return
    if zone != now.astimezone(IST).utcoffset():
        yield Finding(
            check="time zone",
            verdict="warn",
            detail=f"This machine believes that India is at UTC+{zone}.",
            remedy="Update its time zone database.",
        )


def _configuration() -> Iterator[Finding]:
    unknown = unknown_keys()
    if unknown:
        yield Finding(
            check="configuration",
            verdict="warn",
            detail=f".env has names that this version does not read: {', '.join(unknown)}.",
            remedy="Correct them if they are mistyped; otherwise they do no harm.",
        )
    else:
        yield Finding(check="configuration", verdict="ok", detail="every value is valid")


def _data_directory(path: Path) -> Iterator[Finding]:
    shown = path.resolve()
    if not path.exists():
        yield Finding(
            check="data directory", verdict="ok", detail=f"{shown} will be made at the first start"
        )
        return
    if not path.is_dir() or not _writable(path):
        yield Finding(
            check="data directory",
            verdict="fail",
            detail=f"{shown} is not a directory this user can write to.",
            remedy="Change its owner, or choose another one with --data-dir.",
        )
        return
    yield Finding(check="data directory", verdict="ok", detail=str(shown))
    free = shutil.disk_usage(path).free
    if free < _ENOUGH_DISK:
        yield Finding(
            check="disk",
            verdict="warn",
            detail=f"{free / 1024**3:.1f} GB are free.",
            remedy="Make room: below 2 GB databases may soon be unable to grow.",
        )
    else:
        yield Finding(check="disk", verdict="ok", detail=f"{free / 1024**3:.0f} GB free")
    newest = max((file.stat().st_mtime for file in path.rglob("*.db*")), default=0.0)
    ahead = datetime.fromtimestamp(newest, UTC) - datetime.now(UTC)
    if ahead > _SET_BACK:
        yield Finding(
            check="clock",
            verdict="warn",
            detail=f"A database was written {ahead} in the future, so the clock was set back.",
            remedy="Set the clock of this machine, and let it follow a time server.",
        )


def _secrets(settings: Settings) -> Iterator[Finding]:
    directory = settings.secrets_dir
    files = [path for path in (directory / name for name in NAMES) if path.exists()]
    exposed = [path for path in (directory, *files) if path.exists() and open_to_others(path)]
    if exposed:
        yield Finding(
            check="secrets",
            verdict="warn",
            detail=f"Other users of this machine can reach {', '.join(map(str, exposed))}.",
            remedy=f"chmod 700 {directory}; chmod 600 {directory}/*",
        )
    elif files:
        yield Finding(check="secrets", verdict="ok", detail=f"closed to others in {directory}")


def _port(check: str, host: str, port: int, setting: str, *, running: bool) -> Iterator[Finding]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            # As the server does it: connections that just ended do not keep a port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if running and _is_openalgo(host, port):
                yield Finding(
                    check=check, verdict="ok", detail=f"{host}:{port} is served by this OpenAlgo"
                )
                return
            yield Finding(
                check=check,
                verdict="fail",
                detail=f"{host}:{port} cannot be listened on: {error.strerror or error}.",
                remedy=f"Stop the program that uses it, or set {setting} to another port.",
            )
            return
    yield Finding(check=check, verdict="ok", detail=f"{host}:{port} is free")


async def _database(name: str, url: str, settings: Settings) -> list[Finding]:
    check = f"{name} database"
    database = make_url(url)
    where = database.render_as_string(hide_password=True)
    if database.get_backend_name() == "sqlite" and not _exists(database.database or ""):
        return [Finding(check=check, verdict="ok", detail="will be made at the first start")]
    store = Store(name, url)
    known = revisions(name)
    try:
        found = await stored_revision(store)
        if found == known[-1]:
            fine = Finding(check=check, verdict="ok", detail=f"{where}, revision {found}")
            return [fine, *(await _users(store, settings) if name == "main" else ())]
    except Exception as error:
        return [
            Finding(
                check=check,
                verdict="fail",
                detail=f"{where} cannot be read: {str(error).splitlines()[0]}",
                remedy="Start the database server or mend the address; restore a damaged file.",
            )
        ]
    finally:
        await store.close()
    if found is None or found in known:
        return [Finding(check=check, verdict="ok", detail=f"{where}: the next start updates it")]
    return [
        Finding(
            check=check,
            verdict="fail",
            detail=f"{where} has revision {found}, which a newer version of OpenAlgo wrote.",
            remedy="Install the newer version again, or restore a backup.",
        )
    ]


async def _users(main: Store, settings: Settings) -> list[Finding]:
    async with main.read() as tx:
        count = await users.count(tx)
        keys = await api_keys.active(tx)
    if not count:
        return [
            Finding(
                check="users",
                verdict="warn",
                detail="There is no user yet.",
                remedy="openalgo init --username <name>",
            )
        ]
    ring = _key_ring(settings)
    if ring is not None and all(_opens(ring, key.ciphertext) for key in keys):
        return [Finding(check="users", verdict="ok", detail=f"{count}, with {len(keys)} API keys")]
    return [
        Finding(
            check="users",
            verdict="fail",
            detail="Passwords and API keys were made with another API_KEY_PEPPER or FERNET_SALT.",
            remedy=f"Set the former values again, or restore {settings.secrets_dir} from a backup.",
        )
    ]


def _key_ring(settings: Settings) -> KeyRing | None:
    """What the server would use, but nothing is made or mended here."""
    pepper = settings.api_key_pepper or _stored(settings.secrets_dir / "api_key_pepper")
    salt = settings.fernet_salt or _stored(settings.secrets_dir / "fernet_salt")
    if pepper is None or salt is None:
        return None
    try:
        return KeyRing(pepper, bytes.fromhex(salt.get_secret_value()))
    except ValueError:
        return None


def _stored(path: Path) -> SecretStr | None:
    try:
        return SecretStr(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError):
        return None


def _opens(ring: KeyRing, ciphertext: str) -> bool:
    try:
        ring.decrypt(ciphertext)
    except InvalidToken:
        return False
    return True


def _exists(path: str) -> bool:
    return Path(path).exists()


def _writable(directory: Path) -> bool:
    probe = directory / ".doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _is_owned(data_dir: Path) -> bool:
    """Whether a server runs on this data."""
    if not (data_dir / "owner.lock").exists():
        return False
    lock = OwnerLock(data_dir)
    try:
        lock.acquire()
    except (AlreadyOwned, OSError):
        return True
    lock.release()
    return False


def _is_openalgo(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
    # Not urllib: it would ask a proxy of the environment.
    connection = HTTPConnection(reachable, port, timeout=5)
    try:
        connection.request("GET", "/health/status")
        answer: Any = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return isinstance(answer, dict) and answer.get("serviceId") == "openalgo"
