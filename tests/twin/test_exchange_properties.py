"""Whatever happens in whatever order: the books agree with the trades."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from openalgo.domain.clock import ManualClock
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.account import Account
from openalgo.twin.exchange import Exchange, Refused
from openalgo.twin.funds import Funds
from openalgo.twin.market import Market
from openalgo.twin.orders import Fate, Order, Stage, Terms
from tests.twin.conftest import METAL, NOW, SHARE, terms

PRICES = st.integers(15_000, 17_000).map(lambda ticks: f"{ticks * 0.05:.2f}")
FATES = st.one_of(
    st.just(Fate()),
    st.builds(Fate, rejection=st.just("no"), reject_after=st.sampled_from((0.0, 1.0))),
    st.builds(
        Fate,
        first_part=st.floats(0.01, 0.99),
        rest_after=st.sampled_from((None, 0.0, 1.0)),
    ),
)


class Trading(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(NOW)
        self.market = Market(self.clock, {"SBIN": 800.0, "GOLD": 120_000.0})
        self.account = Account(self.market, Funds.of(500_000, 50_000_000))
        self.exchange = Exchange(self.market, self.account)
        self.ended: dict[str, tuple[Stage, int, int, int]] = {}

    @rule(
        action=st.sampled_from(Action),
        kind=st.sampled_from(PriceType),
        product=st.sampled_from(Product),
        quantity=st.integers(1, 500),
        price=PRICES,
        fate=FATES,
    )
    def place(
        self,
        action: Action,
        kind: PriceType,
        product: Product,
        quantity: int,
        price: str,
        fate: Fate,
    ) -> None:
        self.exchange.place(
            terms(action, kind, quantity, product=product, price=price, trigger=price), fate
        )

    @rule(action=st.sampled_from(Action), quantity=st.integers(1, 5))
    def place_lots(self, action: Action, quantity: int) -> None:
        self.exchange.place(terms(action, quantity=quantity, contract=METAL, product=Product.NRML))

    @rule(price=PRICES)
    def trade(self, price: str) -> None:
        self.market.set_price(SHARE, px(price))

    @rule(seconds=st.sampled_from((0.0, 0.5, 2.0)))
    def work(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.exchange.work()

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self._try(lambda order: self.exchange.cancel(order.id), data)

    @rule(data=st.data(), quantity=st.integers(1, 500), price=PRICES)
    def modify(self, data: st.DataObject, quantity: int, price: str) -> None:
        wanted = terms(kind=PriceType.LIMIT, quantity=quantity, price=price)
        self._try(lambda order: self.exchange.modify(order.id, _like(order, wanted)), data)

    @rule(data=st.data(), quantity=st.integers(1, 50))
    def fill(self, data: st.DataObject, quantity: int) -> None:
        self._try(lambda order: self.exchange.fill(order.id, quantity), data)

    def _try(self, change: Callable[[Order], object], data: st.DataObject) -> None:
        if self.exchange.orders:
            order = data.draw(st.sampled_from(sorted(self.exchange.orders)))
            try:
                change(self.exchange.orders[order])
            except Refused:
                return

    @invariant()
    def no_order_is_overfilled(self) -> None:
        for order in self.exchange.orders.values():
            assert 0 <= order.filled <= order.terms.quantity
            assert order.filled == sum(trade.quantity for trade in order.trades)
            assert (order.stage is Stage.COMPLETE) == (order.filled == order.terms.quantity)

    @invariant()
    def what_has_ended_stays(self) -> None:
        for order in self.exchange.orders.values():
            now = (order.stage, order.filled, order.cancelled, len(order.states))
            if order.stage.is_final:
                assert self.ended.setdefault(order.id, now) == now
            else:
                assert order.id not in self.ended

    @invariant()
    def positions_are_the_sums_of_trades(self) -> None:
        sums: dict[tuple[int, Product], tuple[int, int]] = {}
        for trade in self.exchange.trades:
            wanted = trade.order.terms
            key, sign = (wanted.contract.token, wanted.product), wanted.action.sign
            quantity, value = sums.get(key, (0, 0))
            sums[key] = (quantity + sign * trade.quantity, value + sign * trade.value)
        found = {
            (position.contract.token, position.product): (
                position.quantity,
                position.bought.value - position.sold.value,
            )
            for position in self.account.positions
            if position.bought.quantity or position.sold.quantity
        }
        assert found == sums

    @invariant()
    def blocked_money_is_that_of_open_orders(self) -> None:
        blocked = sum(order.blocked for order in self.exchange.orders.values())
        assert sum(purse.orders for purse in self.account.funds.purses.values()) == blocked
        for order in self.exchange.orders.values():
            assert not (order.stage.is_final and order.blocked)
        if all(position.quantity == 0 for position in self.account.positions):
            assert all(purse.positions == 0 for purse in self.account.funds.purses.values())


def _like(order: Order, wanted: Terms) -> Terms:
    old = order.terms
    return replace(wanted, contract=old.contract, action=old.action, product=old.product)


TestTrading = Trading.TestCase
TestTrading.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
