"""The books of the paper exchange: what was committed is what is loaded."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import NODEFAULT
from msgspec.structs import asdict, fields, replace
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from openalgo.domain.events import OrderAccepted, OrderEvent, OrderFilled, OrderTriggered
from openalgo.domain.gtt import Gtt, GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import (
    ORDER_PRODUCTS,
    Action,
    Order,
    OrderStatus,
    OrderTransition,
    PriceType,
    Product,
    Trade,
    TransitionKind,
)
from openalgo.domain.portfolio import (
    DailyResult,
    Funds,
    Holding,
    LedgerEntry,
    LedgerKind,
    PastPosition,
    PastRun,
    Position,
)
from openalgo.persistence.sandbox import statements, tables
from openalgo.persistence.sandbox.books import (
    BatchRows,
    EngineMark,
    OwnershipLost,
    SandboxBooks,
    StoredAccount,
    StoredBooks,
)
from openalgo.persistence.stores import Stores

REFUSED = (IntegrityError, sqlite3.IntegrityError)
NOON = datetime(2026, 7, 15, 6, 30, 0, 123456, tzinfo=UTC)
DAY = date(2026, 7, 15)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ORDER = Order(
    account_id=7,
    order_id="26071500000001",
    symbol="USDINR26JUL83.5CE",
    exchange=Exchange.CDS,
    action=Action.SELL,
    product=Product.NRML,
    price_type=PriceType.SL_M,
    quantity=Decimal("12.5"),
    price=px("83.2525"),
    trigger_price=px("83.2475"),
    disclosed_quantity=Decimal("2.5"),
    status=OrderStatus.TRIGGER_PENDING,
    filled_quantity=Decimal("0.00000001"),
    filled_value=Decimal("0.00000083252500"),
    reserved=Decimal("104.0657"),
    reason="₹ is short",
    strategy="संकेत",
    client_order_id="ac-42",
    fingerprint="0" * 32,
    cause="req-1",
    created_at=NOON,
    updated_at=NOON + MINUTE,
    triggered_at=NOON + MINUTE,
    arrival=2**40,
    gtt_id="GTT-260715-0000000a",
    run=3,
)
TRADE = Trade(
    account_id=7,
    trade_id="TRADE-20260715-120000-00000001",
    order_id=ORDER.order_id,
    symbol=ORDER.symbol,
    exchange=Exchange.CDS,
    action=Action.SELL,
    product=Product.NRML,
    quantity=Decimal("0.00000001"),
    price=px("83.2525"),
    strategy=ORDER.strategy,
    at=NOON,
    run=3,
)
POSITION = Position(
    account_id=7,
    symbol=ORDER.symbol,
    exchange=Exchange.CDS,
    product=Product.NRML,
    quantity=Decimal(-12),
    cost=Decimal("999.0300"),
    margin=Decimal("99.9000"),
    realised=Decimal("-5.2500"),
    realised_today=Decimal("1.2500"),
    realised_on=DAY,
    opened_on=DAY - timedelta(days=1),
    created_at=NOON - MINUTE,
    updated_at=NOON,
)
GTT = Gtt(
    account_id=7,
    trigger_id="GTT-260715-0000000a",
    trigger_type=TriggerType.OCO,
    exchange=Exchange.CDS,
    symbol=ORDER.symbol,
    action=Action.SELL,
    product=Product.NRML,
    quantity=Decimal("12.5"),
    price_type=PriceType.LIMIT,
    triggers=(
        GttTrigger(side=TriggerSide.BELOW, trigger_price=px("83.2475"), price=px("83.24")),
        GttTrigger(side=TriggerSide.ABOVE, trigger_price=px("84.5"), price=px("84.4975")),
    ),
    status=GttStatus.ACTIVE,
    strategy="संकेत",
    created_at=NOON,
    updated_at=NOON + MINUTE,
    expires_at=NOON + timedelta(days=365),
    last_price=px("83.5"),
    reserved=Decimal("104.0657"),
    arrival=2**40,
    fired=TriggerSide.BELOW,
    order_id=ORDER.order_id,
    reason="₹ is short",
    client_order_id="ac-43",
    fingerprint="0" * 32,
    cause="req-2",
)
FUNDS = Funds(
    account_id=7,
    starting_capital=Decimal("10000000.0000"),
    available=Decimal("9999900.0001"),
    used=Decimal("99.9999"),
    realised=Decimal("-5.2500"),
    realised_today=Decimal("1.2500"),
    realised_on=DAY,
    opened_at=NOON - MINUTE,
    reset_count=3,
)
ENTRY = LedgerEntry(
    account_id=7,
    at=NOON,
    kind=LedgerKind.FILL,
    ref=TRADE.trade_id,
    available=Decimal("-99.9999"),
    used=Decimal("99.9999"),
    realised=Decimal("0.0001"),
    available_after=Decimal("9999900.0001"),
    used_after=Decimal("99.9999"),
)
HOLDING = Holding(
    account_id=7,
    symbol="SBIN",
    exchange=Exchange.NSE,
    quantity=Decimal(100),
    cost=Decimal("100100.0000"),
    settled_on=DAY,
)
RESULT = DailyResult(
    account_id=7,
    run=3,
    date=DAY,
    realised=Decimal("-1.5000"),
    positions_unrealised=Decimal("2.2500"),
    holdings_unrealised=Decimal("-3.0000"),
    total_mtm=Decimal("-2.2500"),
    available=Decimal("9999900.0001"),
    used=Decimal("99.9999"),
    portfolio_value=Decimal("9999999.2500"),
)
ACCOUNT = StoredAccount(funds=FUNDS, seq=41)


@pytest.fixture
async def books(stores: Stores) -> AsyncIterator[SandboxBooks]:
    books = SandboxBooks(stores.sandbox)
    yield books
    await books.close()


def mark(epoch: int, batch: int = 1) -> EngineMark:
    return EngineMark(
        epoch=epoch,
        batch=batch,
        order_day=DAY,
        order_number=17,
        trade_number=18,
        gtt_number=19,
        day_at=NOON,
        day_kind=4,
    )


def batch(
    *orders: Order,
    trades: list[Trade] | None = None,
    position: Position | None = None,
    account: StoredAccount = ACCOUNT,
    ledger: list[LedgerEntry] | None = None,
    gtts: tuple[Gtt, ...] = (),
    transitions: list[OrderEvent] | None = None,
) -> BatchRows:
    return BatchRows(
        orders={order.order_id: order for order in orders},
        trades=trades or [],
        positions={} if position is None else {(position.account_id, position.key): position},
        accounts={account.funds.account_id: account},
        ledger=ledger or [],
        gtts={gtt.trigger_id: gtt for gtt in gtts},
        transitions=transitions or [],
    )


async def loaded_order(books: SandboxBooks, order: Order) -> Order | None:
    return await books.order(order.account_id, order.order_id)


async def test_a_new_exchange_is_empty(books: SandboxBooks) -> None:
    assert await books.load(LONG_AGO) == StoredBooks(
        mark=EngineMark(
            epoch=0, batch=0, order_day=None, order_number=0, trade_number=0, gtt_number=0
        ),
        accounts=[],
        orders=[],
        trades=[],
        positions=[],
        gtts=[],
    )


async def test_each_claim_begins_a_new_epoch(books: SandboxBooks) -> None:
    assert await books.claim() == 1
    assert await books.claim() == 2
    assert (await books.load(LONG_AGO)).mark.epoch == 2


def test_the_samples_set_every_field() -> None:
    """Else a forgotten column could hide behind a default. On paper the legs of a GTT follow from
    its triggers; only brokers have others."""
    for sample in (ORDER, FUNDS, GTT):
        for field in fields(sample):
            if field.default is not NODEFAULT and field.name != "own_legs":
                assert getattr(sample, field.name) != field.default, field.name


async def test_what_was_committed_is_loaded(books: SandboxBooks, stores: Stores) -> None:
    epoch = await books.claim()
    await books.commit(
        batch(ORDER, trades=[TRADE], position=POSITION, ledger=[ENTRY], gtts=(GTT,)), mark(epoch)
    )
    assert await books.load(LONG_AGO) == StoredBooks(
        mark=mark(epoch),
        accounts=[ACCOUNT],
        orders=[ORDER],
        trades=[TRADE],
        positions=[POSITION],
        gtts=[GTT],
    )
    async with stores.sandbox.read() as tx:
        entry = (await tx.execute(select(tables.ledger))).mappings().one()
    assert dict(entry) == {"id": 1, **asdict(ENTRY)}


async def test_every_word_survives(books: SandboxBooks) -> None:
    words = [
        *(replace(ORDER, exchange=word) for word in Exchange),
        *(replace(ORDER, action=word) for word in Action),
        *(replace(ORDER, product=word) for word in ORDER_PRODUCTS),
        *(replace(ORDER, price_type=word) for word in PriceType),
        *(replace(ORDER, status=word) for word in OrderStatus),
    ]
    orders = [
        replace(
            order, order_id=f"{number:014}", client_order_id=None, fingerprint=None, gtt_id=None
        )
        for number, order in enumerate(words)
    ]
    await books.commit(batch(*orders), mark(await books.claim()))
    assert (await books.load(LONG_AGO)).orders == orders


async def test_the_last_value_of_each_row_wins(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(ORDER, position=POSITION), mark(epoch))
    order = replace(
        ORDER,
        status=OrderStatus.COMPLETE,
        quantity=Decimal(99),
        price=Px(1),
        filled_quantity=Decimal(99),
        reserved=Decimal(0),
        reason="",
        client_order_id=None,
        updated_at=NOON + 2 * MINUTE,
    )
    position = replace(POSITION, quantity=Decimal(0), cost=Decimal(0), margin=Decimal(0))
    account = StoredAccount(funds=replace(FUNDS, used=Decimal(0), reset_count=4), seq=42)
    await books.commit(batch(order, position=position, account=account), mark(epoch, 2))
    stored = await books.load(LONG_AGO)
    assert stored.orders == [order]
    assert stored.positions == [position]
    assert stored.accounts == [account]
    assert stored.mark.batch == 2


async def test_an_empty_batch_moves_the_mark(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(BatchRows(), mark(epoch, 9))
    assert (await books.load(LONG_AGO)).mark == mark(epoch, 9)


async def test_a_stale_epoch_writes_nothing(books: SandboxBooks, stores: Stores) -> None:
    old = await books.claim()
    successor = SandboxBooks(stores.sandbox)
    new = await successor.claim()
    with pytest.raises(OwnershipLost, match=f"Epoch {old} "):
        await books.commit(batch(ORDER, trades=[TRADE]), mark(old))
    stored = await successor.load(LONG_AGO)
    assert (stored.mark.batch, stored.orders, stored.trades) == (0, [], [])
    await successor.commit(batch(ORDER), mark(new))
    await successor.close()


async def test_a_failed_batch_writes_nothing(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(ORDER, trades=[TRADE]), mark(epoch))
    other = replace(ORDER, order_id="2", client_order_id="other", gtt_id=None)
    with pytest.raises(REFUSED):
        await books.commit(batch(other, trades=[TRADE]), mark(epoch, 2))
    stored = await books.load(LONG_AGO)
    assert (stored.mark.batch, stored.orders) == (1, [ORDER])
    await books.commit(batch(other), mark(epoch, 2))
    assert await loaded_order(books, other) == other


async def test_a_value_that_cannot_be_kept_exactly_stops_the_batch(books: SandboxBooks) -> None:
    epoch = await books.claim()
    unkeepable = replace(ORDER, reserved=Decimal("0.00001"))
    with pytest.raises(Exception, match=r"0\.00001 is not a 64-bit multiple"):
        await books.commit(batch(unkeepable), mark(epoch))
    assert (await books.load(LONG_AGO)).mark.batch == 0


async def test_a_discarded_connection_costs_nothing_stored(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(ORDER), mark(epoch))
    await books.discard()
    assert (await books.load(LONG_AGO)).orders == [ORDER]
    await books.commit(batch(ORDER), mark(epoch, 2))
    await books.discard()
    await books.discard()
    assert await books.claim() == epoch + 1


async def test_loading_waits_for_a_commit_that_is_still_under_way(
    books: SandboxBooks, stores: Stores
) -> None:
    async with stores.sandbox.write() as tx:
        await tx.execute(update(tables.engine).values(batch=7))
        loading = asyncio.create_task(books.load(LONG_AGO))
        done, _ = await asyncio.wait([loading], timeout=0.2)
        assert not done
    assert (await loading).mark.batch == 7


async def test_a_client_order_id_is_unique_within_an_account(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(ORDER), mark(epoch))
    twin = replace(ORDER, order_id="2", gtt_id=None)
    with pytest.raises(REFUSED):
        await books.commit(batch(twin), mark(epoch, 2))
    elsewhere = replace(twin, account_id=8)
    nameless = [replace(twin, order_id=number, client_order_id=None) for number in "34"]
    await books.commit(batch(elsewhere, *nameless), mark(epoch, 2))
    assert await books.order_by_client_id(7, "ac-42") == ORDER
    assert await books.order_by_client_id(8, "ac-42") == elsewhere
    assert await books.order_by_client_id(7, "ac-43") is None


async def test_an_order_is_found_in_its_own_account_only(books: SandboxBooks) -> None:
    await books.commit(batch(ORDER), mark(await books.claim()))
    assert await books.order(7, ORDER.order_id) == ORDER
    assert await books.order(8, ORDER.order_id) is None
    assert await books.order(7, "unknown") is None


async def test_a_gtt_places_one_order(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(ORDER), mark(epoch))
    twin = replace(ORDER, order_id="2", client_order_id=None)
    with pytest.raises(REFUSED):
        await books.commit(batch(twin), mark(epoch, 2))


async def test_only_active_gtts_are_loaded_but_all_are_kept(books: SandboxBooks) -> None:
    single = replace(
        GTT,
        trigger_id="GTT-260715-0000000b",
        trigger_type=TriggerType.SINGLE,
        triggers=GTT.triggers[1:],
        client_order_id=None,
    )
    final = [
        replace(single, trigger_id=f"GTT-260715-{number:08x}", status=status, updated_at=NOON)
        for number, status in enumerate(GttStatus)
        if status is not GttStatus.ACTIVE
    ]
    elsewhere = replace(single, account_id=8, trigger_id="GTT-260715-000000ff")
    await books.commit(batch(gtts=(GTT, single, *final, elsewhere)), mark(await books.claim()))
    assert (await books.load(LONG_AGO)).gtts == [GTT, single, elsewhere]
    newest_first = sorted([GTT, single, *final], key=lambda gtt: gtt.trigger_id, reverse=True)
    assert await books.gtts(7, limit=100) == newest_first
    assert await books.gtts(7, limit=2) == newest_first[:2]
    assert await books.gtt_by_client_id(7, "ac-43") == GTT
    assert await books.gtt_by_client_id(8, "ac-43") is None


async def test_a_gtt_is_replaced_as_a_whole(books: SandboxBooks) -> None:
    epoch = await books.claim()
    await books.commit(batch(gtts=(GTT,)), mark(epoch))
    changed = replace(GTT, quantity=Decimal(1), triggers=GTT.triggers[:1], reserved=Decimal(0))
    await books.commit(batch(gtts=(changed,)), mark(epoch, 2))
    assert (await books.load(LONG_AGO)).gtts == [changed]


async def test_the_log_of_an_order_tells_what_happened_and_why(books: SandboxBooks) -> None:
    waiting = replace(ORDER, status=OrderStatus.OPEN)
    events: list[OrderEvent] = [
        OrderAccepted(account_id=7, seq=40, at=NOON, cause="req-1", order=ORDER),
        OrderTriggered(account_id=7, seq=41, at=NOON + MINUTE, cause="req-1", order=waiting),
        OrderFilled(
            account_id=7,
            seq=42,
            at=NOON + 2 * MINUTE,
            cause="req-2",
            order=replace(ORDER, status=OrderStatus.COMPLETE, filled_quantity=ORDER.quantity),
            trade=TRADE,
            position=POSITION,
            funds=FUNDS,
            entry=ENTRY,
        ),
    ]
    other = OrderAccepted(
        account_id=8, seq=1, at=NOON, cause="x", order=replace(ORDER, account_id=8, order_id="2")
    )
    await books.commit(batch(transitions=[*events, other]), mark(await books.claim()))
    log = await books.order_log(7, ORDER.order_id)
    assert [(line.seq, line.kind, line.status, line.cause) for line in log] == [
        (40, TransitionKind.ACCEPTED, OrderStatus.TRIGGER_PENDING, "req-1"),
        (41, TransitionKind.TRIGGERED, OrderStatus.OPEN, "req-1"),
        (42, TransitionKind.FILLED, OrderStatus.COMPLETE, "req-2"),
    ]
    assert log[-1] == OrderTransition(
        account_id=7,
        seq=42,
        at=NOON + 2 * MINUTE,
        cause="req-2",
        order_id=ORDER.order_id,
        kind=TransitionKind.FILLED,
        status=OrderStatus.COMPLETE,
        price=ORDER.price,
        trigger_price=ORDER.trigger_price,
        quantity=ORDER.quantity,
        filled_quantity=ORDER.quantity,
        reason=ORDER.reason,
    )
    assert await books.order_log(8, ORDER.order_id) == []


OLD = NOON - timedelta(days=3)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (replace(ORDER, created_at=OLD, updated_at=OLD, status=OrderStatus.OPEN), True),
        (replace(ORDER, created_at=OLD, updated_at=OLD), True),
        (replace(ORDER, created_at=OLD, updated_at=NOON, status=OrderStatus.COMPLETE), True),
        (replace(ORDER, created_at=NOON, updated_at=NOON, status=OrderStatus.REJECTED), True),
        (replace(ORDER, created_at=OLD, updated_at=OLD, status=OrderStatus.COMPLETE), False),
        (replace(ORDER, created_at=OLD, updated_at=OLD, status=OrderStatus.CANCELLED), False),
    ],
)
async def test_loaded_are_working_orders_and_those_of_the_day(
    books: SandboxBooks, order: Order, wanted: bool
) -> None:
    await books.commit(batch(order), mark(await books.claim()))
    assert (await books.load(NOON)).orders == ([order] if wanted else [])
    assert await loaded_order(books, order) == order


async def test_loaded_are_the_trades_and_positions_that_still_matter(books: SandboxBooks) -> None:
    before = NOON - timedelta(microseconds=1)
    old_trade = replace(TRADE, trade_id="old", at=before)
    flat = replace(POSITION, quantity=Decimal(0))
    closed_today = replace(flat, symbol="TODAY", updated_at=NOON)
    closed_before = replace(flat, symbol="BEFORE", realised=Decimal(0), updated_at=before)
    earned_before = replace(flat, symbol="EARNED", realised=Decimal(-5), updated_at=before)
    held = replace(POSITION, symbol="HELD", updated_at=before)
    rows = batch(trades=[old_trade, TRADE])
    for position in (closed_today, closed_before, earned_before, held):
        rows.positions[7, position.key] = position
    await books.commit(rows, mark(await books.claim()))
    stored = await books.load(NOON)
    assert stored.trades == [TRADE]
    assert {position.symbol for position in stored.positions} == {"TODAY", "EARNED", "HELD"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_years_of_old_orders_do_not_slow_down_a_start(stores: Stores) -> None:
    """Whatever is loaded from the tables that only grow is found through an index."""
    async with stores.sandbox.read() as tx:
        for query in (
            statements.WORKING_ORDERS,
            statements.FINAL_ORDERS,
            statements.TRADES,
            statements.ACTIVE_GTTS,
        ):
            sql = query.params(since=NOON, accounts=[7, 8]).compile(
                dialect=tx.dialect, compile_kwargs={"render_postcompile": True}
            )
            parameters = (0,) * str(sql).count("?")
            plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            steps = [row.detail for row in plan]
            assert any("USING INDEX" in step for step in steps), steps


async def test_orders_and_trades_are_loaded_in_the_order_they_were_made(
    books: SandboxBooks,
) -> None:
    def ids(prefix: str) -> Callable[[int], str]:
        return lambda number: f"{prefix}{number:08}"

    order_id, trade_id = ids("260715"), ids("TRADE-20260715-120000-")
    orders = [
        replace(
            ORDER,
            order_id=order_id(n),
            client_order_id=None,
            gtt_id=None,
            created_at=NOON + n // 2 * MINUTE,
        )
        for n in range(6)
    ]
    trades = [replace(TRADE, trade_id=trade_id(n), at=NOON + n // 2 * MINUTE) for n in range(6)]
    await books.commit(batch(*orders[::-1], trades=trades[::-1]), mark(await books.claim()))
    stored = await books.load(LONG_AGO)
    assert stored.orders == orders
    assert stored.trades == trades


async def test_a_batch_of_many_is_one_commit(books: SandboxBooks, stores: Stores) -> None:
    orders = [
        replace(ORDER, order_id=str(n), client_order_id=str(n), gtt_id=str(n)) for n in range(256)
    ]
    trades = [replace(TRADE, trade_id=str(n)) for n in range(256)]
    await books.commit(
        batch(*orders, trades=trades, position=POSITION, ledger=[ENTRY] * 256),
        mark(await books.claim()),
    )
    async with stores.sandbox.read() as tx:
        counts = [
            (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (tables.orders, tables.trades, tables.ledger, tables.positions)
        ]
    assert counts == [256, 256, 256, 1]


async def test_holdings_stay_until_they_are_sold(books: SandboxBooks) -> None:
    epoch = await books.claim()
    key = (7, HOLDING.instrument)
    await books.commit(BatchRows(holdings={key: HOLDING}), mark(epoch))
    assert (await books.load(LONG_AGO)).holdings == [HOLDING]
    sold = replace(HOLDING, quantity=Decimal(0), cost=Decimal(0))
    await books.commit(BatchRows(holdings={key: sold}), mark(epoch, 2))
    assert (await books.load(LONG_AGO)).holdings == []


async def test_daily_results_are_those_since_the_last_reset(books: SandboxBooks) -> None:
    later = replace(RESULT, date=DAY + timedelta(days=1))
    before = replace(RESULT, run=2)
    elsewhere = replace(RESULT, account_id=8)
    rows = batch()
    rows.daily = {(r.account_id, r.run, r.date): r for r in (RESULT, later, before, elsewhere)}
    epoch = await books.claim()
    await books.commit(rows, mark(epoch))
    assert await books.daily(7, 30) == [later, RESULT]
    assert await books.daily(7, 1) == [later]
    again = BatchRows(daily={(7, 3, DAY): replace(RESULT, realised=Decimal(9))})
    await books.commit(again, mark(epoch, 2))
    assert [row.realised for row in await books.daily(7, 30)] == [Decimal("-1.5"), Decimal(9)]


async def test_trades_are_paged_newest_first_since_the_last_reset(books: SandboxBooks) -> None:
    """Within an instant the later one first; none twice, none left out, nobody else's."""
    opened = ACCOUNT.funds.opened_at
    made = [
        replace(
            TRADE,
            trade_id=f"TRADE-20260715-120000-{number:08x}",
            at=opened + MINUTE * (number // 3),
        )
        for number in range(10)
    ]
    earlier = replace(TRADE, trade_id="TRADE-a", at=opened - MINUTE)
    other = replace(TRADE, trade_id="TRADE-b", account_id=8, at=opened)
    rows = batch(trades=[*made, earlier, other])
    await books.commit(rows, mark(await books.claim()))
    found: list[Trade] = []
    while page := await books.trades(7, before=found[-1] if found else None, limit=4):
        assert len(page) <= 4
        found += page
    assert found == made[::-1]


async def test_what_a_reset_puts_away_is_kept(books: SandboxBooks, stores: Stores) -> None:
    run = PastRun(
        account_id=7,
        run=2,
        began_at=NOON - MINUTE,
        ended_at=NOON,
        starting_capital=Decimal(100),
        available=Decimal(60),
        used=Decimal(30),
        realised=Decimal(-10),
    )
    position = PastPosition(
        account_id=7,
        run=2,
        exchange=Exchange.NSE,
        symbol="SBIN",
        product=Product.CNC,
        settled=False,
        quantity=Decimal(3),
        cost=Decimal(30),
        margin=Decimal(30),
        realised=Decimal(-10),
    )
    both = [position, replace(position, settled=True)]
    await books.commit(BatchRows(past_runs=[run], past_positions=both), mark(await books.claim()))
    async with stores.sandbox.read() as tx:
        kept = (await tx.execute(select(tables.past_positions))).mappings().all()
        runs = (await tx.execute(select(tables.past_runs))).mappings().all()
    assert [dict(row) for row in kept] == [asdict(each) for each in both]
    assert [dict(row) for row in runs] == [asdict(run)]
