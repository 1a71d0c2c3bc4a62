"""What accounts made survives a restart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from openalgo.domain.numbers import ZERO
from openalgo.domain.profit import Curve, Sample
from openalgo.persistence.main import accounts
from openalgo.persistence.stores import Stores
from openalgo.trading.profit.record import ProfitRecord
from tests.persistence.test_chart_preferences import new_user

OPENING = datetime(2026, 7, 15, 3, 45, tzinfo=UTC)
DAY = date(2026, 7, 15)


async def new_account(stores: Stores, username: str = "Asha") -> int:
    user_id = await new_user(stores, username)
    async with stores.main.write() as tx:
        account = await accounts.create(
            tx, user_id=user_id, name="Default", broker="simulator", created_at=OPENING
        )
    return account.id


def add(curve: Curve, minute: int, total: str) -> None:
    curve.add(Sample(OPENING + timedelta(minutes=minute, seconds=7), ZERO, Decimal(total)))


async def restarted(stores: Stores) -> dict[tuple[int, str], Curve]:
    return await ProfitRecord(stores.main).load()


def same(one: Curve, other: Curve) -> bool:
    return list(one.drawn()) == list(other.drawn()) and one.close == other.close


async def test_a_restart_goes_on_with_the_curve_of_the_day(stores: Stores) -> None:
    account = await new_account(stores)
    record = ProfitRecord(stores.main)
    paper, live = Curve(DAY), Curve(DAY)
    for minute, total in ((1, "50.25"), (2, "-10"), (30, "75")):
        add(paper, minute, total)
        await record.save([((account, "analyze"), paper)])
    add(live, 5, "-1")
    await record.save([((account, "analyze"), paper), ((account, "live"), live)])
    found = await restarted(stores)
    assert set(found) == {(account, "analyze"), (account, "live")}
    assert same(found[account, "analyze"], paper)
    assert same(found[account, "live"], live)
    again = ProfitRecord(stores.main)
    curve = (await again.load())[account, "analyze"]
    for each in (curve, paper):
        add(each, 30, "80")
        add(each, 90, "20")
    await again.save([((account, "analyze"), curve)])
    assert same((await restarted(stores))[account, "analyze"], paper)


async def test_a_blank_curve_leaves_no_row(stores: Stores) -> None:
    account = await new_account(stores)
    await ProfitRecord(stores.main).save([((account, "analyze"), Curve(DAY))])
    assert await restarted(stores) == {}


async def test_minutes_are_of_the_newest_day_and_closes_stay(stores: Stores) -> None:
    account = await new_account(stores)
    books = account, "analyze"
    record = ProfitRecord(stores.main)
    first, second = Curve(DAY), Curve(DAY + timedelta(days=1))
    add(first, 1, "50")
    add(first, 2, "40")
    await record.save([(books, first)])
    add(second, 24 * 60, "-7")
    await record.save([(books, second)])
    assert same((await restarted(stores))[books], second)
    closes = await record.days(books, 10)
    assert [(each.day.day, int(each.last.total), int(each.max_drawdown)) for each in closes] == [
        (16, -7, -7),
        (15, 40, -10),
    ]
    assert len(await record.days(books, 1)) == 1
    assert await record.days((account, "live"), 10) == []


async def test_an_account_that_begins_anew_has_no_day(stores: Stores) -> None:
    account = await new_account(stores)
    other = await new_account(stores, "Ravi")
    record = ProfitRecord(stores.main)
    curves = {each: Curve(DAY) for each in (account, other)}
    for each, curve in curves.items():
        add(curve, 1, "50")
        await record.save([((each, "analyze"), curve)])
    await record.forget((account, "analyze"), DAY)
    assert set(await restarted(stores)) == {(other, "analyze")}
