import asyncio

import pytest

from openalgo.domain.errors import BrokerUnavailable
from openalgo.marketdata.inflight import InFlight


class Reads:
    """Answers each read when the test says so."""

    def __init__(self) -> None:
        self.flight: InFlight[str, int] = InFlight()
        self.begun: list[asyncio.Future[int]] = []

    def ask(self, key: str = "a") -> asyncio.Task[int]:
        return asyncio.get_running_loop().create_task(self.flight.get(key, self._read))

    async def _read(self) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.begun.append(answer)
        return await answer


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_only_the_same_question_is_shared() -> None:
    reads = Reads()
    same, again, other = reads.ask(), reads.ask(), reads.ask("b")
    await turns()
    first, second = reads.begun
    second.set_result(2)
    first.set_result(1)
    assert [await task for task in (same, again, other)] == [1, 1, 2]


async def test_an_error_that_is_ours_is_everyones() -> None:
    reads = Reads()
    asked = [reads.ask(), reads.ask()]
    await turns()
    reads.begun[0].set_exception(BrokerUnavailable("gone"))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["gone", "gone"]
    assert len(reads.begun) == 1


async def test_after_any_other_error_the_next_reads_for_themselves() -> None:
    reads = Reads()
    failing, other = reads.ask(), reads.ask()
    await turns()
    reads.begun[0].set_exception(LookupError("odd"))
    with pytest.raises(LookupError):
        await failing
    await turns()
    reads.begun[1].set_result(7)
    assert await other == 7
