import asyncio

from openalgo.api.ws.turns import Turns


async def test_each_turn_of_the_loop_serves_one_and_all_in_order() -> None:
    turns = Turns()
    served: list[int] = []
    at: list[int] = []
    turn = 0

    async def client(number: int) -> None:
        await turns.mine()
        served.append(number)
        at.append(turn)

    clients = [asyncio.ensure_future(client(number)) for number in range(50)]
    while len(served) < 50:
        turn += 1
        await asyncio.sleep(0)
    await asyncio.gather(*clients)
    assert served == list(range(50))
    assert len(set(at)) == 50


async def test_who_comes_alone_does_not_wait() -> None:
    turns, ran = Turns(), asyncio.Event()
    asyncio.get_running_loop().call_soon(ran.set)
    await turns.mine()
    assert not ran.is_set()


async def test_who_gives_up_holds_up_nobody() -> None:
    turns = Turns()
    first, given_up, patient = (asyncio.ensure_future(turns.mine()) for _ in range(3))
    await first
    given_up.cancel()
    await asyncio.wait_for(patient, 5)
    assert given_up.cancelled()
