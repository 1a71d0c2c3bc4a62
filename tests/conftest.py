"""What holds for every test."""

import atexit
import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# They start servers, and a few tests of theirs take as long as hundreds of others. Begun first,
# they leave no process alone at the end.
_LONGEST = ("tests/faults/", "tests/live/", "tests/contract/")

# A shared machine is slow at times; how long an example takes says nothing about the code.
settings.register_profile("default", deadline=None)
# In CI every run looks at the same examples, so that a red one is about the change.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_configure() -> None:
    """No server of a test builds the web app: it would begin by taking away its parts, which are
    needed elsewhere, and two processors. And nobody here speaks to strangers: reading all the
    certificate authorities would take longer than most requests do."""
    os.environ["OPENALGO_WEB_BUILD"] = "false"
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)


def pytest_sessionstart() -> None:
    """What is loaded and collected stays: looking for garbage in it is a third of the work."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Some libraries of tests complain at the end of what nobody collected; a server that was
    started here would have it frozen."""
    atexit.unregister(gc.freeze)
    gc.unfreeze()
