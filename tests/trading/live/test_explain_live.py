"""Why an order at a broker is as it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerRejected,
    BrokerSessionExpired,
    BrokerUnavailable,
    OpenAlgoError,
    OrderNotFound,
    OrderUnresolved,
)
from openalgo.domain.orders import Action, OrderStatus
from openalgo.observability.latency import LatencyRecord
from openalgo.observability.traffic import OrderCallRecord
from openalgo.trading.approvals.records import Actor, AuditEntry, Channel
from openalgo.trading.approvals.states import State
from openalgo.trading.executor import StoredPlan
from openalgo.trading.explain import Explainer
from openalgo.trading.explain_live import LiveHistory
from openalgo.trading.explained import Explanation
from openalgo.trading.plans import Leg, Plan, Results
from tests.support.fake_broker import raising
from tests.support.live import MORNING, LiveDesk, limit, order
from tests.support.trading import PlansInMemory


class Remembered:
    """The other stores: no order on paper, and a line of each log for the request `req`. `changes`
    are the calls that changed the order, and how many seconds after it was asked for."""

    def __init__(self, changes: Sequence[tuple[str, int]] = ()) -> None:
        self.changes = changes

    async def order(self, account_id: int, order_id: str) -> None:
        return None

    async def calls(self, account_id: int, request_ids: Iterable[str]) -> list[OrderCallRecord]:
        return [
            OrderCallRecord(
                at=MORNING,
                account_id=account_id,
                api_type="placeorder",
                mode="live",
                request_id=each,
                request="{}",
                response="{}",
            )
            for each in request_ids
            if each == "req"
        ]

    async def changes_at_broker(
        self, account_id: int, order_id: str, since: datetime
    ) -> list[OrderCallRecord]:
        return [
            OrderCallRecord(
                at=since + timedelta(seconds=after),
                account_id=account_id,
                api_type=type_,
                mode="live",
                request_id=type_,
                request=f'{{"orderid":"{order_id}"}}',
                response="{}",
            )
            for type_, after in self.changes
        ]

    async def of_requests(self, account_id: int, request_ids: Iterable[str]) -> list[LatencyRecord]:
        return [
            LatencyRecord(
                at=MORNING,
                request_id=each,
                account_id=account_id,
                order_id=None,
                broker="fake",
                symbol="SBIN",
                order_type="placeorder",
                venue_ms=20,
                validation_ms=1,
                total_ms=21,
                status="success",
                error=None,
            )
            for each in request_ids
            if each == "req"
        ]

    async def audit(self, account_id: int, pending_id: int) -> list[AuditEntry]:
        actor = Actor(name="asha", channel=Channel.UI, request_id="click")
        return [
            AuditEntry(
                at=MORNING,
                actor=actor,
                action="approve",
                from_state=State.PENDING,
                to_state=State.APPROVING,
                detail={},
            )
        ]


async def explain(
    live: LiveDesk,
    order_id: str,
    *,
    plans: PlansInMemory | None = None,
    asks: bool = True,
    changes: Sequence[tuple[str, int]] = (),
) -> Explanation:
    """With `asks`, by a process that talks to the broker."""
    others = cast("Any", Remembered(changes))
    explainer = Explainer(
        history=others,
        calls=others,
        latencies=others,
        plans=plans or PlansInMemory(),
        approvals=others,
        live=LiveHistory(live.journal, lambda _: live.venue if asks else None),
    )
    return await explainer.explain(live.account_id, order_id)


def told(explanation: Explanation) -> list[tuple[str, str]]:
    return [(str(step.stage), step.text) for step in explanation.steps]


REQUEST = [
    ("request", "placeorder came in"),
    ("timing", "placeorder took 1.00 ms to check and plan, and 20.00 ms at its venue"),
]


async def test_an_order_is_traced_from_its_request_to_its_trades(live: LiveDesk) -> None:
    order_id = await live.place(limit(5))
    (sent,) = await live.rows()
    live.desk.fill(order_id, 2, "811.5")
    found = await explain(live, order_id)
    assert found.order is not None
    assert found.order.filled_quantity == 2
    assert told(found) == [
        *REQUEST,
        ("sent", f"Written down as {sent.tag}, then sent: BUY 5 SBIN LIMIT at 812"),
        ("sent", f"The broker calls it {order_id} (known 0 ms after it was sent)"),
        ("order", "In the broker's book"),
        ("trade", "Traded 2 at ₹811.5"),
        ("order", "Now open, 2 of 5 filled"),
    ]
    assert {step.cause for step in found.steps} == {"req"}
    assert told(await explain(live, sent.tag)) == told(found)


async def test_what_changed_it_stands_where_it_happened(live: LiveDesk) -> None:
    order_id = await live.place(limit(5))
    live.clock.advance(timedelta(seconds=20))
    live.desk.fill(order_id, 2, "811.5")
    found = await explain(live, order_id, changes=[("modifyorder", 10), ("cancelallorder", 30)])
    after = [text for stage, text in told(found) if stage != "sent"][len(REQUEST) :]
    assert after == [
        "In the broker's book",
        "modifyorder came in",
        "Traded 2 at ₹811.5",
        "Now open, 2 of 5 filled",
        "cancelallorder came in",
    ]


async def test_approvals_and_plans_are_part_of_it(live: LiveDesk) -> None:
    plans = PlansInMemory()
    plan = Plan(legs=(Leg(order=order()), Leg(order=order())))
    stored = StoredPlan(fingerprint="f", plan=plan, results=Results.none_of(plan))
    await plans.add(live.account_id, "ac-7", "basketorder", stored)
    order_id = await live.place(order(name="ac-7:1"))
    stages = told(await explain(live, order_id, plans=plans))
    assert (
        "approval",
        "Pending order 7: approve by asha through ui (pending -> approving)",
    ) in stages
    assert ("plan", "Order 2 of 2 of the request ac-7") in stages


@pytest.mark.parametrize(
    ("answer", "arrives", "raised", "said"),
    [
        (BrokerOutcomeUnknown("No answer"), True, OrderUnresolved, "Nobody knows"),
        (BrokerRejected("No margin"), False, BrokerRejected, "Refused (known 0 ms"),
        (BrokerUnavailable("Down"), False, BrokerUnavailable, "Nothing of it is at the broker"),
    ],
)
async def test_an_order_without_an_id_is_found_by_its_reference(
    live: LiveDesk, answer: OpenAlgoError, arrives: bool, raised: type[Exception], said: str
) -> None:
    if arrives:
        live.desk.after = raising(answer)
    else:
        live.desk.before = raising(answer)
    with pytest.raises(raised):
        await live.place(order())
    (sent,) = await live.rows()
    found = await explain(live, sent.tag)
    assert found.order is None
    assert told(found)[-1][1].startswith(said)
    assert answer.message in told(found)[-1][1]


async def test_one_placed_elsewhere_is_what_the_broker_tells_of_it(live: LiveDesk) -> None:
    order_id = live.desk.add(order(3, action=Action.SELL))
    live.desk.move(order_id, status=OrderStatus.REJECTED, reason="No shares")
    found = await explain(live, order_id)
    assert found.order is not None
    assert told(found) == [
        ("order", "In the broker's book"),
        ("order", "Now rejected, 0 of 3 filled: No shares"),
    ]


@pytest.mark.parametrize("asks", [True, False])
async def test_without_the_broker_the_journal_is_left(live: LiveDesk, asks: bool) -> None:
    order_id = await live.place(order())
    await live.start()
    live.logged_out = BrokerSessionExpired()
    found = await explain(live, order_id, asks=asks)
    assert found.order is None
    stages = told(found)
    assert stages[3][1].startswith(f"The broker calls it {order_id}")
    assert stages[4:] == (
        [
            (
                "order",
                "The broker cannot be asked now: "
                "Broker session expired. Please log in to your broker.",
            )
        ]
        if asks
        else []
    )


async def test_an_order_of_another_day_is_known_from_the_journal(live: LiveDesk) -> None:
    order_id = await live.place(order())
    live.desk.book.clear()
    found = await explain(live, order_id)
    assert found.order is None
    assert [stage for stage, _ in told(found)] == ["request", "timing", "sent", "sent"]


async def test_what_nobody_knows_is_not_found(live: LiveDesk) -> None:
    for asks in (True, False):
        with pytest.raises(OrderNotFound):
            await explain(live, "nobody", asks=asks)
    order_id = live.desk.add(order())
    live.logged_out = BrokerSessionExpired()
    with pytest.raises(BrokerSessionExpired):
        await explain(live, order_id)
