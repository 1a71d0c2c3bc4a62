"""Options orders: from an offset and a price to orders at a venue."""

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    BrokerUnavailable,
    InsufficientFunds,
    InvalidOrder,
    InvalidRequest,
    OpenAlgoError,
    OutcomeUnknown,
    StrikesNotFound,
    UnderlyingPriceUnknown,
)
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import Intent, OptionsMultiOrder, OptionsOrder, OptionTerms, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.orders import Action, Order, PriceType, Product
from openalgo.identity.principal import Principal
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.observability.latency import OrderTimer
from openalgo.trading.assembly import make_trading
from openalgo.trading.plans import Plan
from openalgo.trading.receipts import PlanReceipt, the
from tests.api.fakes import ACCOUNT, NOW, FakeVenue
from tests.instruments.rows import contract, index, options
from tests.support.markets import OneMarket, a_market
from tests.support.trading import AccountsInMemory, PlansInMemory, QueueInMemory, Unlimited

CALL, PUT = InstrumentType.CALL, InstrumentType.PUT
BUY, SELL = Action.BUY, Action.SELL
NEAR, FAR = date(2025, 11, 25), date(2025, 12, 30)
MASTER = Master(
    [
        index("NIFTY"),
        *options("NIFTY", NEAR, *(str(strike) for strike in range(25000, 27001, 50))),
        *options("NIFTY", FAR, *(str(strike) for strike in range(24000, 28001, 100))),
        contract("CRUDEOIL", NEAR, exchange=Exchange.MCX),
        contract("CRUDEOIL", FAR, exchange=Exchange.MCX),
        *options("CRUDEOIL", NEAR, "5600", "5650", exchange=Exchange.MCX),
        *options("CRUDEOIL", FAR, "5600", "5650", exchange=Exchange.MCX),
    ]
)
LOT = 65


class Spot:
    """One price for everything; counts who asks."""

    def __init__(self) -> None:
        self.ltp = 26013.45
        self.failure: OpenAlgoError | None = None
        self.asked: list[InstrumentKey] = []

    async def quote(self, key: InstrumentKey) -> Quote:
        self.asked.append(key)
        if self.failure is not None:
            raise self.failure
        return Quote(key=key, at_ms=0, ltp=self.ltp)


class MoodyVenue(FakeVenue):
    """Refuses what `mood` says, order by order, and notes what is sent at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.mood: Callable[[PlaceOrder], Exception | None] = lambda _: None
        self.asked: list[PlaceOrder] = []
        self.at_work = 0
        self.most_at_work = 0

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        self.asked.append(order)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0)
        self.at_work -= 1
        if (refusal := self.mood(order)) is not None:
            raise refusal
        return await super().submit(account_id, order, instrument, cause=cause)

    @property
    def symbols(self) -> list[str]:
        return [order.symbol for order, _ in self.placed]


class Desk:
    """The way in, with a market and a venue of a test's own."""

    def __init__(self) -> None:
        self.spot = Spot()
        self.venue = MoodyVenue()
        self.plans = PlansInMemory()
        masters = CurrentMaster(MASTER)
        market = a_market(
            clock=ManualClock(NOW), instruments=masters, masters=masters, quotes=self.spot
        )
        self.trading = make_trading(
            markets=OneMarket(self.venue, market),
            accounts=AccountsInMemory(),
            approvals=QueueInMemory(),
            risk=Unlimited(),
            plans=self.plans,
            timer=OrderTimer(lambda _: None),
        )

    async def submit(self, intent: Intent) -> PlanReceipt:
        principal = Principal(
            user_id=1, username="asha", account_id=ACCOUNT, key_id=1, scopes=frozenset()
        )
        return the(PlanReceipt, await self.trading.submit(principal, intent, cause="r-1"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def wanted(**changes: Any) -> OptionsOrder:
    asked: dict[str, Any] = {
        "strategy": "test",
        "underlying": "NIFTY",
        "exchange": Exchange.NSE_INDEX,
        "expiry": NEAR,
        "offset": "ATM",
        "option_type": CALL,
        "action": BUY,
        "quantity": Decimal(LOT),
    }
    return OptionsOrder(**asked | changes)


def leg(
    action: Action, offset: str, type: InstrumentType = CALL, lots: int = 1, **more: Any
) -> OptionTerms:
    return OptionTerms(
        strategy="test",
        action=action,
        offset=offset,
        option_type=type,
        quantity=Decimal(lots * LOT),
        **more,
    )


def several(*legs: OptionTerms, **changes: Any) -> OptionsMultiOrder:
    asked: dict[str, Any] = {
        "strategy": "test",
        "underlying": "NIFTY",
        "exchange": Exchange.NSE_INDEX,
        "expiry": NEAR,
        "legs": legs,
    }
    return OptionsMultiOrder(**asked | changes)


CONDOR = (
    leg(SELL, "OTM4"),
    leg(BUY, "OTM6"),
    leg(SELL, "OTM4", PUT),
    leg(BUY, "OTM6", PUT),
)


# --- one option


async def test_an_offset_becomes_the_option_at_the_price_of_now(desk: Desk) -> None:
    receipt = await desk.submit(wanted(offset="ITM2", price_type=PriceType.LIMIT, price=100_000))
    [(order, cause)] = desk.venue.placed
    assert (order.symbol, order.exchange) == ("NIFTY25NOV2525900CE", Exchange.NFO)
    assert (order.action, order.quantity, order.price_type) == (BUY, Decimal(LOT), PriceType.LIMIT)
    assert (order.price, order.product, order.strategy, cause) == (
        100_000,
        Product.MIS,
        "test",
        "r-1",
    )
    assert receipt.plan.note == {"underlying_ltp": 26013.45}
    assert receipt.plan.legs[0].note == {
        "offset": "ITM2",
        "option_type": "CE",
        "expiry": "25NOV25",
        "strike": 25900,
    }


@pytest.mark.parametrize(
    ("changes", "symbol"),
    [
        ({"underlying": "NIFTY25NOV25FUT", "expiry": None}, "NIFTY25NOV2526000CE"),
        ({"underlying": "NIFTY25NOV25", "expiry": FAR}, "NIFTY30DEC2526000CE"),
        ({"offset": "OTM1", "option_type": PUT}, "NIFTY25NOV2525950PE"),
        ({"offset": "OTM1", "strike_step": Decimal(100)}, "NIFTY25NOV2526100CE"),
    ],
)
async def test_expiry_side_and_grid_are_as_asked(
    desk: Desk, changes: dict[str, Any], symbol: str
) -> None:
    await desk.submit(wanted(**changes))
    assert desk.venue.symbols == [symbol]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"expiry": None}, InvalidRequest, "Expiry date required."),
        ({"expiry": date(2025, 11, 26)}, StrikesNotFound, "No strikes found for NIFTY expiring"),
        ({"offset": "OTM50"}, InvalidRequest, "Offset OTM50 is out of range"),
        ({"quantity": Decimal(66)}, InvalidOrder, "Quantity must be in multiples of lot size 65"),
        ({"price_type": PriceType.LIMIT}, InvalidOrder, "LIMIT orders require price"),
        ({"product": Product.CNC}, InvalidOrder, "CNC is not allowed on NFO"),
    ],
)
async def test_what_cannot_be_traded_is_refused_before_anything_is_sent(
    desk: Desk, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await desk.submit(wanted(client_order_id="a", **changes))
    assert desk.venue.asked == []
    assert desk.plans.stored == {}


async def test_without_a_price_of_the_underlying_nothing_is_sent(desk: Desk) -> None:
    desk.spot.failure = BrokerUnavailable("The broker does not answer")
    with pytest.raises(UnderlyingPriceUnknown, match="Failed to fetch LTP for NIFTY"):
        await desk.submit(wanted())
    with pytest.raises(UnderlyingPriceUnknown):
        await desk.submit(several(*CONDOR))
    assert desk.venue.asked == []


# --- parts


async def test_an_order_may_go_in_parts(desk: Desk) -> None:
    receipt = await desk.submit(wanted(quantity=Decimal(5 * LOT), split_size=Decimal(2 * LOT)))
    assert [order.quantity for order, _ in desk.venue.placed] == [130, 130, 65]
    assert [each.note["part"] for each in receipt.plan.legs] == [1, 2, 3]
    assert desk.venue.most_at_work == 1


@given(lots=st.integers(1, 400), size=st.integers(1, 400))
def test_the_parts_add_up_to_the_whole(lots: int, size: int) -> None:
    desk = Desk()
    whole, part = Decimal(lots * LOT), Decimal(size * LOT)
    intent = wanted(quantity=whole, split_size=part)
    if lots > 100 * size:
        with pytest.raises(InvalidOrder, match="Total number of orders would exceed"):
            asyncio.run(_plan(desk, intent))
        return
    plan = asyncio.run(_plan(desk, intent))
    quantities = [each.order.quantity for each in plan.legs]
    assert sum(quantities) == whole
    assert len(quantities) == -(-lots // size) <= 100
    assert set(quantities[:-1]) <= {part}
    assert 0 < quantities[-1] <= part


async def _plan(desk: Desk, intent: Intent) -> Plan:
    return (await desk.submit(intent)).plan


@pytest.mark.parametrize(
    ("lots", "split_size", "message"),
    [
        (101, LOT, "Total number of orders would exceed maximum limit of 100"),
        (2, 100, "Quantity must be in multiples of lot size 65"),
    ],
)
async def test_a_bad_size_of_parts_is_refused_as_such(
    desk: Desk, lots: int, split_size: int, message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message) as caught:
        await desk.submit(wanted(quantity=Decimal(lots * LOT), split_size=Decimal(split_size)))
    assert caught.value.field == "splitsize"
    assert desk.venue.asked == []


# --- several options


async def test_what_buys_goes_first_one_after_the_other_at_one_price(desk: Desk) -> None:
    receipt = await desk.submit(several(*CONDOR))
    assert [(order.action, order.symbol) for order, _ in desk.venue.placed] == [
        (BUY, "NIFTY25NOV2526300CE"),
        (BUY, "NIFTY25NOV2525700PE"),
        (SELL, "NIFTY25NOV2526200CE"),
        (SELL, "NIFTY25NOV2525800PE"),
    ]
    assert desk.venue.most_at_work == 1
    assert desk.spot.asked == [InstrumentKey(Exchange.NSE_INDEX, "NIFTY")]
    assert [each.note["leg"] for each in receipt.plan.legs] == [1, 2, 3, 4]
    assert [each.order_id for each in receipt.legs] == [
        "25112100000003",
        "25112100000001",
        "25112100000004",
        "25112100000002",
    ]


async def test_legs_may_expire_at_different_times(desk: Desk) -> None:
    await desk.submit(several(leg(SELL, "ATM"), leg(BUY, "ATM", expiry=FAR)))
    assert desk.venue.symbols == ["NIFTY30DEC2526000CE", "NIFTY25NOV2526000CE"]


async def test_without_a_spot_market_the_nearest_leg_names_the_future(desk: Desk) -> None:
    desk.spot.ltp = 5640.0
    calendar = several(
        leg(SELL, "ATM", expiry=NEAR),
        leg(BUY, "ATM", expiry=FAR),
        underlying="CRUDEOIL",
        exchange=Exchange.MCX,
        expiry=None,
    )
    await desk.submit(calendar)
    assert desk.spot.asked == [InstrumentKey(Exchange.MCX, "CRUDEOIL25NOV25FUT")]
    assert desk.venue.symbols == ["CRUDEOIL30DEC255650CE", "CRUDEOIL25NOV255650CE"]


async def test_a_leg_that_cannot_be_placed_tells_why_and_the_others_go_on(desk: Desk) -> None:
    receipt = await desk.submit(
        several(
            leg(SELL, "OTM1"),
            leg(BUY, "OTM50"),
            leg(BUY, "OTM1", expiry=date(2026, 1, 1)),
            replace(leg(BUY, "OTM3"), quantity=Decimal(66)),
            leg(BUY, "OTM3", lots=101, split_size=Decimal(LOT)),
            leg(BUY, "OTM3", lots=2, split_size=Decimal(100)),
        )
    )
    assert desk.venue.symbols == ["NIFTY25NOV2526050CE"]
    assert [outcome.message for outcome in receipt.legs] == [
        "",
        "Offset OTM50 is out of range for available strikes. Please use a smaller offset.",
        "No strikes found for NIFTY expiring 01JAN26. Please check expiry date or update master "
        "contract.",
        "Quantity must be in multiples of lot size 65",
        "Split orders would exceed maximum limit of 100 per leg",
        "Quantity must be in multiples of lot size 65",
    ]
    known = [each.note.get("strike") for each in receipt.plan.legs]
    assert known == [26050, None, None, 26150, 26150, 26150]


@pytest.mark.parametrize(
    ("intent", "message"),
    [
        (several(), "No legs provided in the request"),
        (
            several(leg(BUY, "ATM", expiry=FAR), leg(BUY, "ATM"), expiry=None),
            "Expiry date required",
        ),
    ],
)
async def test_a_request_that_is_not_whole_sends_nothing(
    desk: Desk, intent: OptionsMultiOrder, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        await desk.submit(intent)
    assert desk.venue.asked == []


@pytest.mark.parametrize(("atomic", "sold"), [(True, 0), (False, 2)])
async def test_all_or_nothing_sells_nothing_once_a_purchase_failed(
    desk: Desk, atomic: bool, sold: int
) -> None:
    desk.venue.mood = lambda order: (
        InsufficientFunds("Insufficient funds.") if order.symbol.endswith("26300CE") else None
    )
    receipt = await desk.submit(several(*CONDOR, atomic=atomic))
    actions = [order.action for order, _ in desk.venue.placed]
    assert (actions.count(BUY), actions.count(SELL)) == (1, sold)
    assert [outcome.succeeded for outcome in receipt.legs] == [not atomic, False, not atomic, True]


# --- repeats


async def test_a_repeat_keeps_its_strike_however_far_the_spot_moved(desk: Desk) -> None:
    intent = wanted(client_order_id="breakout-7")
    first = await desk.submit(intent)
    desk.spot.ltp += 100
    again = await desk.submit(intent)
    assert desk.venue.symbols == ["NIFTY25NOV2526000CE"]
    assert len(desk.spot.asked) == 1
    assert again == first


async def test_a_repeat_finishes_the_plan_there_is_at_its_strikes(desk: Desk) -> None:
    intent = several(*CONDOR, client_order_id="condor-1")
    desk.venue.mood = lambda order: BrokerUnavailable("gone") if order.action is SELL else None
    first = await desk.submit(intent)
    assert [outcome.succeeded for outcome in first.legs] == [False, True, False, True]

    desk.spot.ltp -= 100
    desk.venue.mood = lambda _: None
    again = await desk.submit(intent)
    assert [outcome.succeeded for outcome in again.legs] == [True] * 4
    assert desk.venue.symbols == [
        "NIFTY25NOV2526300CE",
        "NIFTY25NOV2525700PE",
        "NIFTY25NOV2526200CE",
        "NIFTY25NOV2525800PE",
    ]
    assert again.plan.note == {"underlying_ltp": 26013.45}
    assert len(desk.spot.asked) == 1


@given(fates=st.lists(st.sampled_from(["ok", "refused", "unknown"]), min_size=9, max_size=9))
def test_no_part_is_accepted_twice_whatever_becomes_of_each(fates: list[str]) -> None:
    desk = Desk()
    intent = several(
        leg(SELL, "OTM1", lots=5, split_size=Decimal(2 * LOT)),
        leg(BUY, "OTM3", PUT, lots=3, split_size=Decimal(LOT)),
        leg(BUY, "OTM90"),
        leg(BUY, "ATM", lots=3),
        client_order_id="again",
    )
    fate = iter(fates)
    errors = {"refused": InsufficientFunds("no"), "unknown": OutcomeUnknown()}
    desk.venue.mood = lambda _: errors.get(next(fate, "ok"))

    async def three_times() -> list[PlanReceipt]:
        receipts = []
        for move in (0, 100, -170):
            desk.spot.ltp += move
            receipts.append(await desk.submit(intent))
        return receipts

    *_, last = asyncio.run(three_times())
    accepted = [order.client_order_id for order, _ in desk.venue.placed]
    assert len(set(accepted)) == len(accepted)
    assert {name for name in accepted if name} <= {f"again:{n}" for n in range(8)}
    by_leg: dict[object, Decimal] = {}
    for each in last.plan.legs:
        number = each.note["leg"]
        by_leg[number] = by_leg.get(number, Decimal()) + each.order.quantity
    assert list(by_leg.values()) == [terms.quantity for terms in intent.legs]


def test_a_plan_survives_being_stored() -> None:
    desk = Desk()
    plan = asyncio.run(_plan(desk, several(*CONDOR, leg(BUY, "OTM90"), atomic=True)))
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
