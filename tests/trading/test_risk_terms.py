"""Limits on the terms of one order."""

from decimal import Decimal
from typing import Any

import pytest

from openalgo.domain.errors import OrderNotFound, RiskRefused
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceGtt
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.venues import VenueMode
from tests.support.market import NIFTY_FUT, SBIN, intent
from tests.support.risk import Guarded

SL = {"price_type": PriceType.SL}
SL_M = {"price_type": PriceType.SL_M}


async def refused(
    guarded: Guarded,
    instrument: Instrument,
    action: str,
    quantity: int | str,
    price: str | None = None,
    product: str = "MIS",
    **more: Any,
) -> RiskRefused:
    order = intent(instrument, action, quantity, price, product, **more)
    with pytest.raises(RiskRefused) as refusal:
        await guarded.send(order, instrument)
    assert guarded.venue.placed == []
    assert refusal.value.status == 400
    return refusal.value


def told(refusal: RiskRefused) -> tuple[str, str, object, object]:
    extra = refusal.extra()
    return refusal.code, str(extra["limit"]), extra["allowed"], extra["value"]


# --- defaults


async def test_on_paper_nothing_is_limited_until_it_is_set() -> None:
    guarded = Guarded()
    for _ in range(30):
        await guarded.send(intent(NIFTY_FUT, "BUY", 65_000, "25000.01", "NRML"), NIFTY_FUT)
    assert guarded.venue.read == []


async def test_at_a_broker_the_rules_of_the_exchange_hold_unless_switched_off() -> None:
    guarded = Guarded(mode=VenueMode.LIVE)
    assert (await refused(guarded, SBIN, "BUY", 1, "800.01")).code == "risk_tick_size"
    assert (await refused(guarded, NIFTY_FUT, "BUY", 1820, product="NRML")).code == (
        "risk_freeze_quantity"
    )
    guarded.limit(RiskLimits(enforce_tick=False, enforce_freeze=False))
    await guarded.send(intent(SBIN, "BUY", 1, "800.01"), SBIN)
    await guarded.send(intent(NIFTY_FUT, "BUY", 1820, product="NRML"), NIFTY_FUT)


# --- tick size


async def test_a_price_off_the_tick_is_refused() -> None:
    guarded = Guarded(RiskLimits(enforce_tick=True))
    refusal = await refused(guarded, SBIN, "BUY", 1, "800.07")
    assert told(refusal) == ("risk_tick_size", "tick_size", 0.05, 800.07)
    assert refusal.message == "Price 800.07 is not a multiple of the tick size 0.05"
    stop = await refused(guarded, SBIN, "BUY", 1, "800.1", trigger_price=px("799.99"), **SL)
    assert stop.message == "Trigger price 799.99 is not a multiple of the tick size 0.05"


async def test_a_price_nobody_uses_may_be_anything() -> None:
    guarded = Guarded(RiskLimits(enforce_tick=True))
    await guarded.send(
        intent(SBIN, "BUY", 1, "800.07", price_type=PriceType.MARKET, trigger_price=px("1.01")),
        SBIN,
    )
    await guarded.send(intent(SBIN, "BUY", 1, "800.05", trigger_price=px("1.01")), SBIN)
    await guarded.send(intent(SBIN, "BUY", 1, "800.07", trigger_price=px("800.1"), **SL_M), SBIN)


# --- freeze quantity


async def test_the_freeze_quantity_itself_may_be_traded() -> None:
    guarded = Guarded(RiskLimits(enforce_freeze=True))
    await guarded.send(intent(NIFTY_FUT, "BUY", 1800, product="NRML"), NIFTY_FUT)
    guarded.venue.placed.clear()
    refusal = await refused(guarded, NIFTY_FUT, "BUY", 1801, product="NRML")
    assert told(refusal) == ("risk_freeze_quantity", "freeze_quantity", 1800, 1801)
    assert refusal.message == "Order quantity 1,801 is above the freeze quantity of 1,800"


async def test_what_has_no_freeze_quantity_is_not_frozen() -> None:
    guarded = Guarded(RiskLimits(enforce_freeze=True))
    await guarded.send(intent(SBIN, "BUY", 1_000_000), SBIN)


# --- price band


@pytest.mark.parametrize("price", ["760", "800", "840"])
async def test_a_price_within_the_band_passes(price: str) -> None:
    guarded = Guarded(RiskLimits(price_band_percent=Decimal(5)))
    guarded.prices[SBIN.key] = px(800)
    await guarded.send(intent(SBIN, "BUY", 1, price), SBIN)


@pytest.mark.parametrize("price", ["759.95", "840.05"])
async def test_a_price_outside_the_band_is_refused(price: str) -> None:
    guarded = Guarded(RiskLimits(price_band_percent=Decimal(5)))
    guarded.prices[SBIN.key] = px(800)
    refusal = await refused(guarded, SBIN, "BUY", 1, price)
    assert told(refusal) == ("risk_price_band_percent", "price_band_percent", 5, 5.01)
    assert refusal.message == (
        f"Price {price} is 5.01% away from the last price 800, above your limit of 5%"
    )


async def test_the_band_is_about_limit_prices_alone() -> None:
    guarded = Guarded(RiskLimits(price_band_percent=Decimal(5)))
    guarded.prices[SBIN.key] = px(800)
    await guarded.send(intent(SBIN, "BUY", 1), SBIN)
    await guarded.send(intent(SBIN, "SELL", 1, trigger_price=px(500), **SL_M), SBIN)
    assert (await _stop_at(guarded, "500")).code == "risk_price_band_percent"


async def _stop_at(guarded: Guarded, price: str) -> RiskRefused:
    guarded.venue.placed.clear()
    return await refused(guarded, SBIN, "SELL", 1, price, trigger_price=px(price), **SL)


async def test_what_cannot_be_checked_is_refused() -> None:
    guarded = Guarded(RiskLimits(price_band_percent=Decimal(5)))
    refusal = await refused(guarded, SBIN, "BUY", 1, "800")
    assert told(refusal) == ("risk_no_price", "price_band_percent", 5, None)
    guarded.limit(RiskLimits(max_notional=Decimal(10_000)))
    refusal = await refused(guarded, SBIN, "BUY", 1)
    assert told(refusal) == ("risk_no_price", "max_notional", 10_000, None)


# --- quantity and value


async def test_a_quantity_above_the_limit_is_refused() -> None:
    guarded = Guarded(RiskLimits(max_quantity=Decimal(1000)))
    await guarded.send(intent(SBIN, "BUY", 1000), SBIN)
    guarded.venue.placed.clear()
    refusal = await refused(guarded, SBIN, "BUY", 5000)
    assert told(refusal) == ("risk_max_quantity", "max_quantity", 1000, 5000)
    assert refusal.message == "Order quantity 5,000 is above your limit of 1,000"


async def test_a_value_above_the_limit_is_refused() -> None:
    guarded = Guarded(RiskLimits(max_notional=Decimal(80_000)))
    await guarded.send(intent(SBIN, "BUY", 100, "800"), SBIN)
    guarded.venue.placed.clear()
    refusal = await refused(guarded, SBIN, "BUY", 100, "800.05")
    assert told(refusal) == ("risk_max_notional", "max_notional", 80_000, 80_005)
    assert refusal.message == "Order value ₹80,005 is above your limit of ₹80,000"


@pytest.mark.parametrize(
    ("terms", "value"),
    [
        ({}, 90_000),
        ({"price": "850", "trigger_price": px(820), **SL}, 85_000),
        ({"trigger_price": px(820), **SL_M}, 82_000),
    ],
    ids=["MARKET at the last price", "SL at its limit", "SL-M at its trigger"],
)
async def test_orders_are_valued_at_the_price_they_ask_for(
    terms: dict[str, Any], value: int
) -> None:
    guarded = Guarded(RiskLimits(max_notional=Decimal(80_000)))
    guarded.prices[SBIN.key] = px(900)
    assert (await refused(guarded, SBIN, "BUY", 100, **terms)).value == value


# --- changes


async def test_the_new_terms_of_a_working_order_are_checked() -> None:
    guarded = Guarded(
        RiskLimits(
            enforce_tick=True,
            price_band_percent=Decimal(5),
            max_quantity=Decimal(100),
            max_notional=Decimal(80_000),
        )
    )
    guarded.prices[SBIN.key] = px(800)
    order = await guarded.send(intent(SBIN, "BUY", 50, "800"), SBIN)
    for terms, code in (
        ({"price": "800.01"}, "risk_tick_size"),
        ({"price": "900"}, "risk_price_band_percent"),
        ({"quantity": 101}, "risk_max_quantity"),
        ({"quantity": 100, "price": "800.05"}, "risk_max_notional"),
    ):
        with pytest.raises(RiskRefused) as refusal:
            await guarded.change(order, SBIN, **terms)
        assert refusal.value.code == code
    assert (await guarded.change(order, SBIN, quantity=100, price="800")).quantity == 100


async def test_a_price_that_is_kept_is_what_the_change_is_valued_at() -> None:
    guarded = Guarded(RiskLimits(max_notional=Decimal(80_000)))
    order = await guarded.send(intent(SBIN, "BUY", 50, "800"), SBIN)
    with pytest.raises(RiskRefused) as refusal:
        await guarded.change(order, SBIN, quantity=101)
    assert refusal.value.value == 80_800
    guarded.venue.book.clear()
    with pytest.raises(OrderNotFound):
        await guarded.change(order, SBIN, quantity=101)


# --- GTTs


def gtt(action: str, quantity: int, price: str = "0", trigger: str = "700") -> PlaceGtt:
    return PlaceGtt(
        strategy="test",
        trigger_type=TriggerType.SINGLE,
        exchange=SBIN.exchange,
        symbol=SBIN.symbol,
        action=Action(action),
        product=Product.MIS,
        quantity=Decimal(quantity),
        triggers=(GttTrigger(side=TriggerSide.BELOW, trigger_price=px(trigger), price=px(price)),),
    )


@pytest.mark.parametrize(
    ("limits", "wanted", "code"),
    [
        (RiskLimits(enforce_tick=True), gtt("BUY", 1, "700.01"), "risk_tick_size"),
        (RiskLimits(enforce_tick=True), gtt("BUY", 1, trigger="700.01"), "risk_tick_size"),
        (RiskLimits(max_quantity=Decimal(9)), gtt("BUY", 10), "risk_max_quantity"),
        (RiskLimits(max_notional=Decimal(6_999)), gtt("BUY", 10), "risk_max_notional"),
        (RiskLimits(max_notional=Decimal(7_099)), gtt("BUY", 10, "710"), "risk_max_notional"),
    ],
)
async def test_what_a_gtt_would_place_is_checked_beforehand(
    limits: RiskLimits, wanted: PlaceGtt, code: str
) -> None:
    guarded = Guarded(limits)
    with pytest.raises(RiskRefused) as refusal:
        await guarded.risk.admit_gtt(guarded.run, wanted, SBIN)
    assert refusal.value.code == code


async def test_a_gtt_is_far_from_the_market_and_no_order_yet() -> None:
    guarded = Guarded(
        RiskLimits(price_band_percent=Decimal(1), max_orders_per_day=0, orders_per_second=1)
    )
    guarded.prices[SBIN.key] = px(800)
    for _ in range(3):
        await guarded.risk.admit_gtt(guarded.run, gtt("BUY", 10, "690"), SBIN)


async def test_a_killed_account_may_guard_its_position_with_a_gtt() -> None:
    guarded = Guarded()
    guarded.kill()
    with pytest.raises(RiskRefused, match="kill switch"):
        await guarded.risk.admit_gtt(guarded.run, gtt("SELL", 10), SBIN)
    guarded.hold(SBIN, 10)
    await guarded.risk.admit_gtt(guarded.run, gtt("SELL", 10), SBIN)
    with pytest.raises(RiskRefused, match="kill switch"):
        await guarded.risk.admit_gtt(guarded.run, gtt("SELL", 11), SBIN)
