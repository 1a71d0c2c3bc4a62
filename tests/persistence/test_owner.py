"""One owner at a time, however the last one ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from openalgo.persistence.owner import AlreadyOwned, DatabaseOwnerLock, OwnerLock, owned
from openalgo.persistence.stores import Store, StoreUrls

OWN_DIRECTORY = """
import sys
from pathlib import Path
from openalgo.persistence.owner import OwnerLock
lock = OwnerLock(Path(sys.argv[1]))
lock.acquire()
print("owned", flush=True)
sys.stdin.read()
"""

OWN_DATABASE = """
import asyncio, sys
from openalgo.persistence.owner import DatabaseOwnerLock
async def main():
    lock = DatabaseOwnerLock(sys.argv[1])
    await lock.acquire()
    print("owned", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await lock.release()
asyncio.run(main())
"""


@contextmanager
def owner(script: str, what: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns `what` and keeps it until it is told to end, or killed."""
    with subprocess.Popen(
        [sys.executable, "-c", script, what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        try:
            yield process
        finally:
            process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_second_process_is_told_who_owns_the_directory(tmp_path: Path) -> None:
    with (
        owner(OWN_DIRECTORY, str(tmp_path)) as process,
        pytest.raises(AlreadyOwned, match=f"Process {process.pid} already uses {tmp_path}"),
    ):
        OwnerLock(tmp_path).acquire()


def test_a_killed_owner_leaves_the_directory_free(tmp_path: Path) -> None:
    with owner(OWN_DIRECTORY, str(tmp_path)) as process:
        kill(process)
        lock = OwnerLock(tmp_path)
        lock.acquire()
        lock.release()


def test_the_directory_is_created_and_its_owner_written_down(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    lock = OwnerLock(folder)
    lock.acquire()
    assert (folder / "owner.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(AlreadyOwned, match=f"Process {os.getpid()} .* choose another folder"):
        OwnerLock(folder).acquire()
    lock.release()
    lock.release()
    lock.acquire()
    lock.release()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_second_process_is_told_who_owns_the_database(store_urls: StoreUrls) -> None:
    lock = DatabaseOwnerLock(store_urls.main)
    with owner(OWN_DATABASE, store_urls.main) as process:
        with pytest.raises(AlreadyOwned, match=rf"\(openalgo {process.pid} on .*\) already uses"):
            await lock.acquire()
        process.communicate("")
        await lock.acquire()
    await lock.release()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_killed_owner_leaves_the_database_free(store_urls: StoreUrls) -> None:
    with owner(OWN_DATABASE, store_urls.main) as process:
        kill(process)
    waiting = Store("main", store_urls.main)
    async with waiting.write() as tx:
        # The server notices a moment after the death; this waits for that, at most 5 s.
        await tx.execute(text(f"SELECT pg_advisory_xact_lock({0x4F70656E416C676F})"))
    await waiting.close()
    lock = DatabaseOwnerLock(store_urls.main)
    await lock.acquire()
    await lock.release()


async def test_an_installation_is_owned_as_a_whole(store_urls: StoreUrls, tmp_path: Path) -> None:
    async with owned(tmp_path, store_urls):
        with pytest.raises(AlreadyOwned, match="Process"):
            async with owned(tmp_path, store_urls):
                pytest.fail("owned twice")
    async with owned(tmp_path, store_urls):
        assert (tmp_path / "owner.lock").exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_another_directory_does_not_help_with_the_same_database(
    store_urls: StoreUrls, tmp_path: Path
) -> None:
    async with owned(tmp_path / "one", store_urls):
        with pytest.raises(AlreadyOwned, match="already uses the database test_"):
            async with owned(tmp_path / "two", store_urls):
                pytest.fail("owned twice")
        directory = OwnerLock(tmp_path / "two")
        directory.acquire()
        directory.release()
