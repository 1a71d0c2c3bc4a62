"""The journal of live orders on disk, on both databases."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import OrderUnresolved
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import INTENDED, Outcome, SentOrder, SentState
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType
from openalgo.persistence.main import live_orders
from openalgo.persistence.record_log import RecordLog
from openalgo.persistence.stores import Stores
from openalgo.trading.live.journal import Journal
from tests.support.fake_broker import raising
from tests.support.live import MORNING, LiveDesk, limit, new_account

ORDER = PlaceOrder(
    strategy="Pythön",
    client_order_id="k:0",
    exchange=Exchange.NSE,
    symbol="M&M",
    action=Action.SELL,
    quantity=Decimal("10.50"),
    price_type=PriceType.SL,
    price=px("812.05"),
    trigger_price=px("812.1"),
)
ACCEPTED = Outcome(
    state=SentState.ACCEPTED, order_id="251121000012345", resolved_at=MORNING + timedelta(seconds=1)
)


def sent(number: int, account_id: int, order: PlaceOrder = ORDER) -> SentOrder:
    return SentOrder(
        id=number,
        account_id=account_id,
        intent=order,
        fingerprint=order.fingerprint(),
        tag=f"oax9k2{number}",
        cause="req",
        created_at=MORNING,
        sent_at=MORNING,
    )


async def test_what_was_sent_comes_back_as_it_was_stored(stores: Stores) -> None:
    asha = await new_account(stores.main, "asha")
    row = sent(1, asha)
    async with stores.main.write() as tx:
        await live_orders.put(tx, [row])
    async with stores.main.write() as tx:
        assert await live_orders.by_client_order_id(tx, asha, "k:0") == row
        await live_orders.set_outcomes(tx, [replace(row, outcome=ACCEPTED)])
        assert await live_orders.by_tag(tx, asha, row.tag) == replace(row, outcome=ACCEPTED)
        assert await live_orders.by_tag(tx, asha, "another") is None
        assert await live_orders.last_id(tx) == 1
        await live_orders.put(tx, [row])
        assert await live_orders.by_tag(tx, asha, row.tag) == row


async def test_a_client_id_is_used_once_in_an_account(stores: Stores) -> None:
    asha = await new_account(stores.main, "asha")
    ravi = await new_account(stores.main, "ravi")
    async with stores.main.write() as tx:
        await live_orders.put(tx, [sent(1, asha), sent(2, ravi)])
        unnamed = replace(ORDER, client_order_id=None)
        await live_orders.put(tx, [sent(3, asha, unnamed), sent(4, asha, unnamed)])
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await live_orders.put(tx, [sent(5, asha)])


async def test_the_orders_of_a_request_are_found(stores: Stores) -> None:
    asha = await new_account(stores.main, "asha")
    names = ["ac-4", "ac-4:0", "smart-ac-4:1", "ac-41:0", "ac_4:0", "xac-4"]
    rows = [
        sent(number, asha, replace(ORDER, client_order_id=name))
        for number, name in enumerate(names, 1)
    ]
    async with stores.main.write() as tx:
        await live_orders.put(tx, rows)
        assert await live_orders.of_request(tx, asha, "ac-4") == rows[:3]


async def test_the_day_and_what_is_open_are_read_at_start(stores: Stores, tmp_path: Path) -> None:
    asha = await new_account(stores.main, "asha")
    clock = ManualClock(MORNING)
    journal = Journal(stores.main, RecordLog(tmp_path, "orders"), clock)
    await journal.load()
    first = await journal.intend(asha, limit(name="a"), tag_length=20, cause="req")
    second = await journal.intend(asha, limit(name="b"), tag_length=20, cause="req")
    await journal.resolve(first, ACCEPTED)
    clock.advance(timedelta(days=1))
    await journal.close()
    again = Journal(stores.main, RecordLog(tmp_path, "orders"), clock)
    await again.load()
    assert again.open(asha) == [second]
    assert again.named(asha, order_id="251121000012345") is None
    third = await again.intend(asha, limit(name="c"), tag_length=20, cause="req")
    assert third.id > second.id
    assert third.tag[:6] == second.tag[:6]
    assert await again.find(asha, "a") == replace(first, outcome=ACCEPTED)


async def test_an_order_lives_through_a_restart(stores: Stores) -> None:
    live = await LiveDesk(stores.main, await new_account(stores.main, "asha")).start()
    live.desk.after = raising(TimeoutError())
    with pytest.raises(OrderUnresolved):
        await live.place(limit())
    await live.start()
    await live.look()
    (order_id,) = live.desk.book
    assert await live.place(limit()) == order_id
    assert [row.order_id for row in await live.rows()] == [order_id]


async def test_what_a_dead_process_wrote_down_comes_to_the_database(
    stores: Stores, tmp_path: Path
) -> None:
    asha = await new_account(stores.main, "asha")
    clock = ManualClock(MORNING)
    dead = Journal(stores.main, RecordLog(tmp_path, "orders"), clock)
    await dead.load()
    first = await dead.intend(asha, limit(name="a"), tag_length=20, cause="req")
    await dead.settle()
    second = await dead.intend(asha, limit(name="b"), tag_length=20, cause="req")
    first = await dead.resolve(first, ACCEPTED)
    second = await dead.resolve(second, replace(ACCEPTED, order_id="251121000012346"))
    assert await rows(stores, asha) == [replace(first, outcome=INTENDED)]
    for _ in range(2):
        again = Journal(stores.main, RecordLog(tmp_path, "orders"), clock)
        await again.load()
        assert await rows(stores, asha) == [first, second]


async def test_one_order_the_database_never_takes_keeps_no_other_from_it(
    stores: Stores, tmp_path: Path
) -> None:
    asha = await new_account(stores.main, "asha")
    journal = Journal(stores.main, RecordLog(tmp_path, "orders"), ManualClock(MORNING))
    await journal.load()
    sent_ = [
        await journal.intend(account, limit(name=name), tag_length=20, cause="req")
        for account, name in ((asha, "a"), (4040, "b"), (asha, "c"))
    ]
    await journal.close()
    assert await rows(stores, asha) == [sent_[0], sent_[2]]
    assert list(tmp_path.glob("*.log")) == []


async def rows(stores: Stores, account_id: int) -> list[SentOrder]:
    async with stores.main.read() as tx:
        stored = await live_orders.recent(tx, MORNING)
    return [each for each in stored if each.account_id == account_id]
