"""Masters on disk, so that a restart needs no download.

A file is a mark and then frames: the length and the CRC-32 of a payload, and the payload, in
MessagePack. The first payload is the header, each other one some rows.
"""

import asyncio
import os
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px
from openalgo.instruments.loader import MasterRefused, load
from openalgo.instruments.master import Master
from openalgo.instruments.pool import Pool
from openalgo.instruments.slices import Slices

SCHEMA = 1
"""Counts up whenever the rows are written differently; older files are not read."""

_MARK = b"OAMASTER"
_FRAME = struct.Struct(">II")
_ROWS_A_FRAME = 256
_BYTES_AT_ONCE = 1 << 20
_LONGEST_FRAME = 16 << 20


class SnapshotUnusable(Exception):
    """The file is damaged or of another version; the message says what is wrong with it."""


class _Schema(msgspec.Struct, frozen=True):
    schema: int


class _Header(msgspec.Struct, frozen=True):
    schema: int
    broker: str
    trading_date: date
    rows: int
    downloaded_at: datetime | None = None
    seconds: float | None = None


class _Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An instrument; the broker's symbol is empty where it is ours."""

    exchange: Exchange
    symbol: str
    name: str
    type: InstrumentType
    broker_symbol: str
    broker_exchange: str
    token: str
    tick_size: int
    lot_size: int
    expiry: str
    strike: str
    contract_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMaster:
    """A restored master, and the trading date it was downloaded for; when that was and how many
    seconds it took, where the file says so."""

    master: Master
    trading_date: date
    downloaded_at: datetime | None = None
    seconds: float | None = None


class Snapshots:
    """The stored masters of all brokers, one file each, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = asyncio.Lock()

    def path(self, broker: str) -> Path:
        return self._folder / f"{broker}.master"

    async def save(
        self,
        broker: str,
        trading_date: date,
        master: Master,
        slices: Slices | None = None,
        *,
        downloaded_at: datetime | None = None,
        seconds: float | None = None,
    ) -> None:
        """Store `master`; the file of before stays until the new one is whole and on disk.

        Raises `OSError`.
        """
        slices = slices or Slices()
        header = _Header(SCHEMA, broker, trading_date, len(master), downloaded_at, seconds)
        target = self.path(broker)
        draft = target.with_suffix(".tmp")
        async with self._writing:
            file = await asyncio.to_thread(_create, draft)
            try:
                waiting = bytearray()
                for frame in _written(header, master):
                    waiting += frame
                    if len(waiting) >= _BYTES_AT_ONCE:
                        await asyncio.to_thread(file.write, bytes(waiting))
                        waiting.clear()
                    elif slices.over:
                        await slices.pause()
                await asyncio.to_thread(_finish, file, bytes(waiting), draft, target)
            except BaseException:
                _discard(file, draft)
                raise

    async def restore(self, broker: str, slices: Slices | None = None) -> StoredMaster | None:
        """The stored master of `broker`; `None` when there is none.

        Raises `SnapshotUnusable` and `OSError`.
        """
        try:
            file = await asyncio.to_thread(self.path(broker).open, "rb")
        except FileNotFoundError:
            return None
        with file:
            frames = _Frames(file)
            header = await _header(frames, broker)
            try:
                loaded = await load(_rows(frames, header), key_indices={}, slices=slices)
            except MasterRefused as error:
                raise SnapshotUnusable(str(error)) from error
        return StoredMaster(
            master=loaded.master,
            trading_date=header.trading_date,
            downloaded_at=header.downloaded_at,
            seconds=header.seconds,
        )


def _written(header: _Header, master: Master) -> Iterator[bytes]:
    """A snapshot file, frame by frame."""
    encode = msgspec.msgpack.Encoder().encode
    yield _MARK + _framed(encode(header))
    rows = map(_row, master)
    while some := list(islice(rows, _ROWS_A_FRAME)):
        yield _framed(encode(some))


def _framed(payload: bytes) -> bytes:
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def _create(draft: Path) -> BinaryIO:
    draft.parent.mkdir(parents=True, exist_ok=True)
    return draft.open("wb")


def _finish(file: BinaryIO, last: bytes, draft: Path, target: Path) -> None:
    with file:
        file.write(last)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _discard(file: BinaryIO, draft: Path) -> None:
    file.close()
    draft.unlink(missing_ok=True)


class _Frames:
    """The payloads of a snapshot file, checked."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0

    async def mark(self) -> bytes:
        return await self._take(len(_MARK))

    async def next(self) -> bytes:
        """Raises `SnapshotUnusable` when there is none or it is damaged."""
        length, checksum = _FRAME.unpack(await self._take(_FRAME.size))
        if length > _LONGEST_FRAME:
            raise SnapshotUnusable("The stored symbol master is damaged.")
        payload = await self._take(length)
        if zlib.crc32(payload) != checksum:
            raise SnapshotUnusable("The stored symbol master is damaged.")
        return payload

    async def at_end(self) -> bool:
        return self._at == len(self._buffer) and not await asyncio.to_thread(self._file.read, 1)

    async def _take(self, length: int) -> bytes:
        while len(self._buffer) - self._at < length:
            more = await asyncio.to_thread(self._file.read, _BYTES_AT_ONCE)
            if not more:
                raise SnapshotUnusable("The stored symbol master ends in the middle.")
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        start, self._at = self._at, self._at + length
        return self._buffer[start : self._at]


async def _header(frames: _Frames, broker: str) -> _Header:
    if await frames.mark() != _MARK:
        raise SnapshotUnusable("The file is not a stored symbol master.")
    payload = await frames.next()
    try:
        schema = msgspec.msgpack.decode(payload, type=_Schema).schema
        if schema != SCHEMA:
            raise SnapshotUnusable(
                f"The stored symbol master has format {schema}; this version reads {SCHEMA}."
            )
        header = msgspec.msgpack.decode(payload, type=_Header)
    except msgspec.DecodeError as error:
        raise SnapshotUnusable(f"The stored symbol master has a wrong header: {error}") from error
    if header.broker != broker:
        raise SnapshotUnusable(f"The stored symbol master is {header.broker}'s, not {broker}'s.")
    return header


async def _rows(frames: _Frames, header: _Header) -> AsyncIterator[Instrument]:
    decode = msgspec.msgpack.Decoder(list[_Row]).decode
    pool = Pool()
    left = header.rows
    while left > 0:
        payload = await frames.next()
        try:
            some = [_instrument(row, pool) for row in decode(payload)]
        except (msgspec.DecodeError, ValueError) as error:
            raise SnapshotUnusable(f"The stored symbol master has a wrong row: {error}") from error
        left -= len(some) or left + 1
        for instrument in some:
            yield instrument
    if left < 0 or not await frames.at_end():
        raise SnapshotUnusable(
            f"The stored symbol master does not hold the {header.rows:,} rows it announces."
        )


def _row(instrument: Instrument) -> _Row:
    symbol, broker_symbol = instrument.symbol, instrument.broker_symbol
    return _Row(
        instrument.exchange,
        symbol,
        instrument.name,
        instrument.type,
        "" if broker_symbol == symbol else broker_symbol,
        instrument.broker_exchange,
        instrument.token,
        instrument.tick_size,
        instrument.lot_size,
        "" if instrument.expiry is None else instrument.expiry.isoformat(),
        "" if instrument.strike is None else str(instrument.strike),
        str(instrument.contract_value),
    )


def _instrument(row: _Row, pool: Pool) -> Instrument:
    return Instrument(
        exchange=row.exchange,
        symbol=row.symbol,
        name=pool.text(row.name),
        type=row.type,
        broker_symbol=row.broker_symbol or row.symbol,
        broker_exchange=pool.text(row.broker_exchange),
        token=row.token,
        tick_size=Px(row.tick_size),
        lot_size=row.lot_size,
        expiry=pool.day(row.expiry) if row.expiry else None,
        strike=pool.number(row.strike) if row.strike else None,
        contract_value=pool.number(row.contract_value),
    )
