"""From a stream of rows to a complete master, in turns that never hold the event loop."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.instruments.master import Draft, Master
from openalgo.instruments.slices import Slices

KEY_INDICES: Mapping[Exchange, InstrumentKey] = {
    Exchange.NFO: InstrumentKey(Exchange.NSE_INDEX, "NIFTY"),
    Exchange.BFO: InstrumentKey(Exchange.BSE_INDEX, "SENSEX"),
}
"""What must be there when an exchange is: its options are settled against it."""

_LEAST_SHARE = 0.8
_EXAMPLES = 20


class MasterRefused(Exception):
    """What was loaded cannot be a whole symbol master; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A master, and how many rows repeated a key (the first of each counts)."""

    master: Master
    duplicates: int
    duplicate_examples: tuple[InstrumentKey, ...]


async def load(
    rows: Iterable[Instrument] | AsyncIterable[Instrument],
    *,
    previous: int = 0,
    key_indices: Mapping[Exchange, InstrumentKey] = KEY_INDICES,
    most_duplicates: float = 1.0,
    progress: Callable[[int], None] | None = None,
    slices: Slices | None = None,
) -> Loaded:
    """Index `rows`, in slices of 2 ms.

    `previous` is how many rows the master had that this one is to replace; `progress` is told,
    once a slice, how many were read. Raises `MasterRefused` when there is no row, when there are
    less than 80 % of `previous`, when a key index is missing, or when more than the share
    `most_duplicates` of all rows repeat a key; and whatever `rows` raises.
    """
    slices = slices or Slices()
    draft = Draft()
    read = duplicates = 0
    examples: list[InstrumentKey] = []
    async with aclosing(_stream(rows)) as stream:
        async for row in stream:
            read += 1
            if not draft.add(row):
                duplicates += 1
                if len(examples) < _EXAMPLES:
                    examples.append(row.key)
            if slices.over:
                if progress is not None:
                    progress(read)
                await slices.pause()
    await slices.run(draft.finish())
    if progress is not None:
        progress(read)
    master = Master.of(draft)
    _check(master, previous, key_indices)
    if duplicates > read * most_duplicates:
        raise MasterRefused(
            f"The contract file lists {duplicates:,} of {read:,} instruments more than once: "
            f"{', '.join(map(str, examples[:3]))}."
        )
    return Loaded(master=master, duplicates=duplicates, duplicate_examples=tuple(examples))


async def _stream(
    rows: Iterable[Instrument] | AsyncIterable[Instrument],
) -> AsyncGenerator[Instrument, None]:
    if isinstance(rows, AsyncGenerator):
        async with aclosing(rows):
            async for row in rows:
                yield row
    elif isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


def _check(master: Master, previous: int, key_indices: Mapping[Exchange, InstrumentKey]) -> None:
    count = len(master)
    if count == 0:
        raise MasterRefused("The contract file has no usable row.")
    if count < previous * _LEAST_SHARE:
        raise MasterRefused(
            f"The contract file has {count:,} instruments, less than {_LEAST_SHARE:.0%} of the "
            f"{previous:,} there were before."
        )
    for exchange in sorted(master.exchanges):
        key = key_indices.get(exchange)
        if key is not None and master.find(key) is None:
            raise MasterRefused(f"The contract file lists {exchange} but not {key}.")
