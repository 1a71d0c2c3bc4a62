import asyncio
import signal
import subprocess
import sys
import textwrap
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments.master import Master
from openalgo.instruments.slices import Slices
from openalgo.instruments.snapshots import SCHEMA, Snapshots, SnapshotUnusable
from tests.instruments.rows import contract, index, options, share

TODAY = date(2026, 7, 17)
AUGUST = date(2026, 8, 25)
MASTER = Master(
    [
        index("NIFTY", "NIFTY 50"),
        share("M&M", "MAHINDRA & MAHINDRA"),
        share("ÆON"),
        replace(
            contract("BTC", AUGUST, "62000.5", InstrumentType.PUT, Exchange.CRYPTO),
            contract_value=Decimal("0.001"),
            tick_size=px("0.0025"),
        ),
        contract("NIFTY", AUGUST),
        *options("NIFTY", AUGUST, *(str(strike) for strike in range(20_000, 20_400))),
    ]
)


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "masters")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_master_survives_a_restart(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    assert stored.trading_date == TODAY
    assert list(stored.master) == list(MASTER)
    assert stored.master.by_token("NSE|M&M") == share("M&M", "MAHINDRA & MAHINDRA")
    assert len(stored.master.contracts.chain("NIFTY", Exchange.NFO, AUGUST)) == 400


async def test_restored_rows_share_what_they_have_in_common(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    calls = [row for row in stored.master if row.name == "NIFTY" and row.strike is not None]
    assert len({id(row.expiry) for row in calls}) == 1
    assert len({id(row.strike) for row in calls}) == 400
    assert len({id(row.name) for row in calls}) == 1


async def test_there_may_be_nothing_to_restore(snapshots: Snapshots) -> None:
    assert await snapshots.restore("zerodha") is None


async def test_brokers_do_not_share_a_file(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    assert await snapshots.restore("angel") is None
    snapshots.path("zerodha").rename(snapshots.path("angel"))
    with pytest.raises(SnapshotUnusable, match="is zerodha's, not angel's"):
        await snapshots.restore("angel")


async def test_a_newer_master_takes_the_place_of_the_older(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    await snapshots.save("zerodha", AUGUST, Master([share("ONE")]))
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    assert (stored.trading_date, len(stored.master)) == (AUGUST, 1)
    assert names(snapshots.path("zerodha").parent) == ["zerodha.master"]


async def test_every_shortened_file_is_noticed(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    path = snapshots.path("zerodha")
    whole = path.read_bytes()
    for length in (*range(60), *range(60, len(whole), 997), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SnapshotUnusable):
            await snapshots.restore("zerodha")


async def test_every_changed_byte_is_noticed(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, Master([share("ONE"), share("TWO")]))
    path = snapshots.path("zerodha")
    whole = path.read_bytes()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x41
        path.write_bytes(damaged)
        with pytest.raises(SnapshotUnusable):
            await snapshots.restore("zerodha")


async def test_more_than_was_announced_is_noticed(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    path = snapshots.path("zerodha")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(SnapshotUnusable, match="does not hold the 805 rows"):
        await snapshots.restore("zerodha")


async def test_another_format_is_told_by_its_number(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openalgo.instruments.snapshots.SCHEMA", SCHEMA + 1)
    await snapshots.save("zerodha", TODAY, MASTER)
    monkeypatch.undo()
    with pytest.raises(SnapshotUnusable, match=f"format {SCHEMA + 1}; this version reads {SCHEMA}"):
        await snapshots.restore("zerodha")


async def test_a_disk_that_fails_leaves_the_older_master(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await snapshots.save("zerodha", AUGUST, Master([share("ONE")]))
    monkeypatch.undo()
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    assert (stored.trading_date, len(stored.master)) == (TODAY, len(MASTER))
    assert names(snapshots.path("zerodha").parent) == ["zerodha.master"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
async def test_killed_before_the_rename_the_older_master_remains(snapshots: Snapshots) -> None:
    await snapshots.save("zerodha", TODAY, MASTER)
    dies = textwrap.dedent(
        """
        import asyncio, os, pathlib, signal, sys
        from datetime import date
        from openalgo.instruments.master import Master
        from openalgo.instruments.snapshots import Snapshots

        def die(*_):
            os.kill(os.getpid(), signal.SIGKILL)

        pathlib.Path.replace = die
        asyncio.run(Snapshots(pathlib.Path(sys.argv[1])).save("zerodha", date.today(), Master()))
        """
    )
    folder = snapshots.path("zerodha").parent
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", dies, str(folder)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert names(folder) == ["zerodha.master", "zerodha.tmp"]
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    assert list(stored.master) == list(MASTER)
    await snapshots.save("zerodha", AUGUST, MASTER)
    assert names(folder) == ["zerodha.master"]


async def test_rows_are_written_and_read_in_turns(snapshots: Snapshots) -> None:
    turns = 0

    async def neighbour() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(neighbour())
    before = turns
    await snapshots.save("zerodha", TODAY, MASTER, Slices(0.0))
    assert turns - before >= 5
    before = turns
    await snapshots.restore("zerodha", Slices(0.0))
    assert turns - before >= 2 * len(MASTER)
    watching.cancel()
