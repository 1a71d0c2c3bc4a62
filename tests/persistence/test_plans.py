"""Plans survive the process that made them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from openalgo.domain.clock import ManualClock
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main import plans as rows
from openalgo.persistence.stores import Stores
from openalgo.trading.executor import StoredPlan
from openalgo.trading.plans import LEFT_OUT, Leg, Outcome, Plan, Results
from openalgo.trading.stored_plans import StoredPlans

ORDER = PlaceOrder(
    strategy="s",
    exchange=Exchange.NSE,
    symbol="SBIN",
    action=Action.BUY,
    quantity=Decimal("10.50"),
    price_type=PriceType.LIMIT,
    price=px("812.05"),
    client_order_id="k:0",
)
PLAN = Plan(
    legs=(
        Leg(order=ORDER, phase=1, after=("9",), note={"offset": "ATM", "leg": 1, "atm": True}),
        Leg(order=ORDER, refusal=Outcome(code="invalid_order", status=400, message="No ₹")),
    ),
    cancels=("9",),
    at_once=10,
    atomic=True,
    family="smart-",
    note={"underlying_ltp": 23587.5},
)
NOW = datetime(2025, 11, 21, 5, 0, tzinfo=UTC)


async def new_account(stores: Stores, name: str) -> int:
    async with stores.main.write() as tx:
        user = await users.create(
            tx, username=name, email=None, password_hash="hash", is_admin=True, created_at=NOW
        )
        account = await accounts.create(
            tx, user_id=user.id, name="Main", broker="simulator", created_at=NOW
        )
    return account.id


async def test_a_plan_comes_back_as_it_was_stored(stores: Stores) -> None:
    asha = await new_account(stores, "asha")
    plans = StoredPlans(stores.main, ManualClock(NOW))
    stored = StoredPlan(fingerprint="f", plan=PLAN, results=Results.none_of(PLAN))
    await plans.add(asha, "k", "basketorder", stored)
    assert await plans.find(asha, "k") == stored
    results = Results(legs=(Outcome(order_id="1"), None), cancels=(LEFT_OUT,))
    await plans.note_results(asha, "k", results)
    found = await StoredPlans(stores.main, ManualClock(NOW)).find(asha, "k")
    assert found == StoredPlan(fingerprint="f", plan=PLAN, results=results)


async def test_plans_belong_to_their_account_and_are_forgotten_in_time(stores: Stores) -> None:
    asha, ravi = await new_account(stores, "asha"), await new_account(stores, "ravi")
    clock = ManualClock(NOW)
    plans = StoredPlans(stores.main, clock)
    stored = StoredPlan(fingerprint="f", plan=PLAN, results=Results.none_of(PLAN))
    await plans.add(asha, "k", "basketorder", stored)
    clock.advance(timedelta(hours=1))
    await plans.add(ravi, "k", "basketorder", stored)
    async with stores.main.write() as tx:
        assert await rows.trim(tx, NOW + timedelta(minutes=1)) == 1
    assert await plans.find(asha, "k") is None
    assert await plans.find(ravi, "k") == stored
    assert await plans.find(ravi, "j") is None
