from dataclasses import replace
from datetime import timedelta

import pytest

from openalgo.domain.clock import ManualClock
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.twin.exchange import Exchange, Refused
from openalgo.twin.market import Market
from openalgo.twin.orders import Fate, Order, Stage, Terms, Validity
from openalgo.twin.positions import Holding
from tests.twin.conftest import METAL, SHARE, terms

BUY, SELL = Action.BUY, Action.SELL
LIMIT, SL, SL_M = PriceType.LIMIT, PriceType.SL, PriceType.SL_M


def stages(order: Order) -> list[Stage]:
    return [state.stage for state in order.states]


def placed(exchange: Exchange, wanted: Terms, fate: Fate | None = None) -> Order:
    order = exchange.place(wanted, fate or Fate())
    exchange.work()
    return order


class TestLifeCycle:
    def test_a_market_order_passes_every_stage_to_complete(self, exchange: Exchange) -> None:
        order = placed(exchange, terms())
        assert stages(order) == [
            Stage.RECEIVED,
            Stage.VALIDATING,
            Stage.OPENING,
            Stage.OPEN,
            Stage.COMPLETE,
        ]
        assert (order.filled, order.average, order.pending) == (10, 800.0, 0)

    def test_it_waits_for_the_latency(self, exchange: Exchange, clock: ManualClock) -> None:
        exchange.latency = timedelta(milliseconds=30)
        order = placed(exchange, terms())
        assert stages(order) == [Stage.RECEIVED]
        clock.advance(timedelta(milliseconds=30))
        exchange.work()
        assert order.stage is Stage.COMPLETE

    def test_nothing_can_be_changed_before_it_is_at_the_exchange(self, exchange: Exchange) -> None:
        exchange.latency = timedelta(seconds=1)
        order = exchange.place(terms(kind=LIMIT, price="700"))
        with pytest.raises(Refused, match="being processed"):
            exchange.cancel(order.id)
        assert stages(order) == [Stage.RECEIVED]

    def test_a_limit_fills_at_its_price_when_touched(
        self, exchange: Exchange, market: Market
    ) -> None:
        order = placed(exchange, terms(kind=LIMIT, price="795"))
        market.set_price(SHARE, px("795.05"))
        assert order.stage is Stage.OPEN
        market.set_price(SHARE, px("794"))
        assert (order.stage, order.average) == (Stage.COMPLETE, 795.0)

    def test_a_limit_beyond_the_market_fills_at_the_market(self, exchange: Exchange) -> None:
        assert placed(exchange, terms(SELL, LIMIT, price="790")).average == 800.0

    @pytest.mark.parametrize("kind", [SL, SL_M])
    def test_a_stop_waits_for_its_trigger(
        self, exchange: Exchange, market: Market, kind: PriceType
    ) -> None:
        order = placed(exchange, terms(kind=kind, price="812", trigger="810"))
        assert order.stage is Stage.TRIGGER_PENDING
        market.set_price(SHARE, px("809.95"))
        assert order.stage is Stage.TRIGGER_PENDING
        market.set_price(SHARE, px("811"))
        assert (order.stage, order.average) == (Stage.COMPLETE, 811.0)
        assert Stage.OPEN in stages(order)

    def test_a_stop_that_jumps_over_its_limit_rests_there(
        self, exchange: Exchange, market: Market
    ) -> None:
        order = placed(exchange, terms(kind=SL, price="812", trigger="810"))
        market.set_price(SHARE, px("815"))
        assert order.stage is Stage.OPEN
        market.set_price(SHARE, px("812"))
        assert order.average == 812.0

    def test_what_ioc_does_not_get_is_cancelled(self, exchange: Exchange) -> None:
        wanted = replace(terms(kind=LIMIT, price="790"), validity=Validity.IOC)
        order = placed(exchange, wanted)
        assert (order.stage, order.cancelled) == (Stage.CANCELLED, 10)

    def test_ttl_ends_after_its_minutes(self, exchange: Exchange, clock: ManualClock) -> None:
        wanted = replace(terms(kind=LIMIT, price="790"), validity=Validity.TTL, minutes=2)
        order = placed(exchange, wanted)
        clock.advance(timedelta(minutes=2))
        exchange.work()
        assert order.stage is Stage.CANCELLED

    def test_a_price_beyond_the_circuit_is_rejected(self, exchange: Exchange) -> None:
        order = placed(exchange, terms(kind=LIMIT, price="600"))
        assert order.stage is Stage.REJECTED
        assert order.message is not None
        assert "lower circuit" in order.message

    def test_after_market_orders_wait_for_the_morning(self, exchange: Exchange) -> None:
        order = placed(exchange, replace(terms(), variety="amo"))
        assert stages(order) == [Stage.AFTER_MARKET]
        exchange.release_after_market()
        assert stages(order)[-1] is Stage.COMPLETE


class TestChanges:
    def test_a_modified_order_has_the_new_terms(self, exchange: Exchange) -> None:
        order = placed(exchange, terms(kind=LIMIT, price="790"))
        exchange.modify(order.id, terms(kind=LIMIT, price="801", quantity=4))
        assert (order.stage, order.filled, order.average) == (Stage.COMPLETE, 4, 800.0)
        assert stages(order)[4:7] == [
            Stage.MODIFY_VALIDATING,
            Stage.MODIFYING,
            Stage.MODIFIED,
        ]

    def test_a_cancelled_order_stays_so(self, exchange: Exchange, market: Market) -> None:
        order = placed(exchange, terms(kind=LIMIT, price="790"))
        exchange.cancel(order.id)
        market.set_price(SHARE, px("780"))
        assert (order.stage, order.filled, order.cancelled) == (Stage.CANCELLED, 0, 10)
        with pytest.raises(Refused):
            exchange.cancel(order.id)
        with pytest.raises(Refused):
            exchange.modify(order.id, terms())
        with pytest.raises(Refused):
            exchange.reject(order.id, "late")
        with pytest.raises(Refused):
            exchange.fill(order.id)

    def test_a_quantity_that_is_filled_cannot_be_taken_back(self, exchange: Exchange) -> None:
        order = placed(exchange, terms(quantity=10), Fate(first_part=0.5))
        with pytest.raises(Refused, match="5 that are filled"):
            exchange.modify(order.id, terms(quantity=5))

    def test_an_order_that_is_not_there(self, exchange: Exchange) -> None:
        with pytest.raises(Refused, match="no order"):
            exchange.cancel("1")


class TestFates:
    def test_rejected_after_it_was_accepted(self, exchange: Exchange, clock: ManualClock) -> None:
        order = placed(exchange, terms(), Fate(rejection="No more.", reject_after=0.05))
        assert order.stage is Stage.OPENING
        clock.advance(timedelta(milliseconds=50))
        exchange.work()
        assert (order.stage, order.message, order.filled) == (Stage.REJECTED, "No more.", 0)
        assert exchange.account.funds.for_(SHARE).blocked == 0

    def test_filled_in_parts_the_rest_when_told_to(
        self, exchange: Exchange, market: Market
    ) -> None:
        order = placed(exchange, terms(), Fate(first_part=0.3))
        market.set_price(SHARE, px("805"))
        assert (order.stage, order.filled, order.pending) == (Stage.OPEN, 3, 7)
        exchange.fill(order.id, 2)
        exchange.fill(order.id)
        assert [trade.quantity for trade in order.trades] == [3, 2, 5]
        assert order.stage is Stage.COMPLETE

    def test_filled_in_parts_the_rest_later(self, exchange: Exchange, clock: ManualClock) -> None:
        order = placed(exchange, terms(), Fate(first_part=0.5, rest_after=0.2))
        clock.advance(timedelta(milliseconds=200))
        exchange.work()
        assert [trade.quantity for trade in order.trades] == [5, 5]

    def test_the_rest_of_a_cancelled_order_does_not_fill(
        self, exchange: Exchange, clock: ManualClock
    ) -> None:
        order = placed(exchange, terms(), Fate(first_part=0.5, rest_after=0.2))
        exchange.cancel(order.id)
        clock.advance(timedelta(seconds=1))
        exchange.work()
        assert (order.stage, order.filled, order.cancelled) == (Stage.CANCELLED, 5, 5)


class TestMoney:
    def test_an_order_blocks_its_margin_until_it_ends(self, exchange: Exchange) -> None:
        purse = exchange.account.funds.for_(SHARE)
        order = placed(exchange, terms(kind=LIMIT, price="700", quantity=100))
        assert purse.orders == px(700 * 100) * 20 // 100
        exchange.cancel(order.id)
        assert purse.available == px(1_000_000)

    def test_a_round_trip_leaves_its_result(self, exchange: Exchange, market: Market) -> None:
        purse = exchange.account.funds.for_(SHARE)
        placed(exchange, terms(quantity=10))
        assert purse.positions == px(8_000) * 20 // 100
        market.set_price(SHARE, px("810"))
        placed(exchange, terms(SELL, quantity=10))
        assert (purse.earned, purse.blocked) == (px(100), 0)

    def test_what_cannot_be_paid_is_rejected(self, exchange: Exchange) -> None:
        order = placed(exchange, terms(product=Product.CNC, quantity=2_000))
        assert order.stage is Stage.REJECTED
        assert order.message == (
            "Insufficient funds. Required margin is 1600000.00 but available margin is 1000000.00."
        )

    def test_lots_count_with_their_multiplier(self, exchange: Exchange, market: Market) -> None:
        first = market.last(METAL)
        placed(exchange, terms(contract=METAL, product=Product.NRML, quantity=1))
        market.set_price(METAL, px(first / 1_000_000 + 10))
        placed(exchange, terms(SELL, contract=METAL, product=Product.NRML, quantity=1))
        assert exchange.account.funds.for_(METAL).earned == px(1_000)


class TestDelivery:
    def test_shares_that_are_not_owned_cannot_be_sold(self, exchange: Exchange) -> None:
        order = placed(exchange, terms(SELL, product=Product.CNC))
        assert order.message == "Insufficient holdings: 10 to sell, 0 owned."

    def test_shares_are_promised_once(self, exchange: Exchange) -> None:
        exchange.account.holdings[SHARE.token] = Holding(SHARE, 6, px(700), t1=4)
        sale = terms(SELL, LIMIT, product=Product.CNC, price="900")
        first, second = placed(exchange, sale), placed(exchange, sale)
        assert (first.stage, second.stage) == (Stage.OPEN, Stage.REJECTED)

    def test_a_night_carries_what_is_open(self, exchange: Exchange, market: Market) -> None:
        placed(exchange, terms(product=Product.CNC, quantity=5))
        placed(exchange, terms(product=Product.MIS, quantity=3))
        placed(exchange, terms(contract=METAL, product=Product.NRML, quantity=2))
        waiting = placed(exchange, terms(kind=LIMIT, price="700"))
        market.set_price(SHARE, px("810"))
        exchange.forget_day()
        account = exchange.account
        holding = account.holdings[SHARE.token]
        assert (holding.quantity, holding.t1, holding.average) == (0, 5, px(800))
        (carried,) = account.positions
        assert (carried.contract, carried.quantity, carried.day_quantity) == (METAL, 2, 0)
        assert waiting.stage is Stage.CANCELLED
        assert not exchange.orders
        # 5 shares were paid, 3 were squared off 10 rupees higher.
        assert account.funds.for_(SHARE).available == px(1_000_000 - 4_000 + 30)
        exchange.forget_day()
        assert (holding.quantity, holding.t1) == (5, 0)
