"""Folders that last as long as the tests."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp


def fresh_folder() -> Path:
    """An empty one of the caller's own."""
    return Path(mkdtemp(dir=_root()))


@cache
def _root() -> str:
    root = mkdtemp(prefix="openalgo-tests-")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root
