"""What clients may write, and what we make of it."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from openalgo.api.schemas.account import AnalyzerToggleRequest
from openalgo.api.schemas.fields import LARGEST, SMALLEST, read_number, read_text
from openalgo.api.schemas.orders import CancelOrderRequest, PlaceOrderRequest
from openalgo.domain.intents import CancelOrder, PlaceOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from tests.api.fakes import order_body


def order(**changes: object) -> PlaceOrderRequest:
    return PlaceOrderRequest.model_validate(order_body(**changes))


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        order(**changes)
    [problem] = caught.value.errors()
    assert problem["loc"] == tuple(changes)
    return problem["msg"]


# --- numbers

decimals = st.decimals(
    min_value=-LARGEST + 1, max_value=LARGEST - 1, places=6, allow_nan=False, allow_infinity=False
)


@given(decimals, st.sampled_from(["{}", " {} ", "\t{}\n"]))
def test_a_number_as_text_is_that_number(number: Decimal, form: str) -> None:
    assert read_number(form.format(format(number, "f"))) == number


@given(st.floats(float(SMALLEST), 1e11) | st.floats(-1e11, -float(SMALLEST)) | st.just(0.0))
def test_a_json_float_keeps_the_digits_it_was_written_with(number: float) -> None:
    assert float(read_number(number)) == number
    assert read_number(repr(number)) == read_number(number)


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_a_json_integer_is_exact(number: int) -> None:
    assert read_number(number) == number


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
)
def test_whatever_is_sent_becomes_a_finite_number_within_bounds_or_a_refusal(value: Any) -> None:
    try:
        number = read_number(value)
    except PydanticCustomError:
        return
    assert number.is_finite()
    assert abs(number) < LARGEST
    assert number == 0 or abs(number) >= SMALLEST
    assert not isinstance(value, bool)


@pytest.mark.parametrize(
    "value",
    ["1,000", "1_000", "", " ", "ten", "0x10", "1e", "١٢", "1 2", True, False, [], {}, "--1"],
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError, match="Not a valid number"):
        read_number(value)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "NaN", "nan", "-inf", "Infinity", "sNaN"]
)
def test_nan_and_infinity_are_refused_in_words_of_their_own(value: object) -> None:
    with pytest.raises(PydanticCustomError, match="Special numeric values"):
        read_number(value)


@pytest.mark.parametrize("value", [10**12, "1e12", "1e99", "1e-99", 1e300, "9" * 41])
def test_numbers_no_market_uses_are_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        read_number(value)


@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0", " 1 ", "+1", "1e0", "75.0"])
def test_quantities_in_every_usual_form(value: object) -> None:
    assert order(quantity=value).quantity == (75 if value == "75.0" else 1)


@pytest.mark.parametrize("value", [0, -1, "0", "0.0", "-75", -0.0])
def test_a_quantity_is_positive(value: object) -> None:
    assert refusal(quantity=value) == "Quantity must be a positive number."


def test_prices_are_not_negative() -> None:
    assert refusal(price="-0.05") == "Price must be a non-negative number."
    assert refusal(trigger_price=-1) == "Trigger price must be a non-negative number."


@pytest.mark.parametrize("value", [75.9, "75.9", -1])
def test_disclosed_quantity_is_a_whole_number(value: object) -> None:
    assert refusal(disclosed_quantity=value) == "Disclosed quantity must be a non-negative integer."


@pytest.mark.parametrize("blank", [None, "", "   "])
def test_blank_optional_fields_mean_their_default(blank: object) -> None:
    given_blank = order(
        pricetype=blank,
        product=blank,
        price=blank,
        trigger_price=blank,
        disclosed_quantity=blank,
        client_order_id=blank,
    )
    assert given_blank == order(pricetype=..., product=...)
    assert (given_blank.pricetype, given_blank.product) == (PriceType.MARKET, Product.MIS)


@pytest.mark.parametrize("blank", [None, "", "  "])
@pytest.mark.parametrize("field", ["symbol", "exchange", "action", "quantity"])
def test_blank_required_fields_are_refused(field: str, blank: object) -> None:
    assert refusal(**{field: blank})


# --- words


@pytest.mark.parametrize(
    ("field", "given_word", "meant"),
    [
        ("exchange", " nse ", Exchange.NSE),
        ("exchange", "Nse_Index", Exchange.NSE_INDEX),
        ("action", "Buy", Action.BUY),
        ("action", "sell", Action.SELL),
        ("product", "cnc", Product.CNC),
        ("pricetype", "sl-m", PriceType.SL_M),
        ("pricetype", "Limit", PriceType.LIMIT),
        ("symbol", " reliance ", "RELIANCE"),
        ("symbol", "m&m", "M&M"),
    ],
)
def test_words_come_in_any_case(field: str, given_word: str, meant: object) -> None:
    assert getattr(order(**{field: given_word}), field) == meant


@pytest.mark.parametrize("word", ["HOLD", 1, True, ["BUY"]])
def test_an_unknown_word_is_answered_with_the_known_ones(word: object) -> None:
    assert refusal(action=word) == "Must be one of: BUY, SELL."


def test_exchanges_are_listed_in_their_usual_order() -> None:
    assert refusal(exchange="NYSE") == (
        "Must be one of: NSE, NFO, CDS, BSE, BFO, BCD, MCX, NCDEX, NCO, NSE_INDEX, BSE_INDEX, "
        "MCX_INDEX, GLOBAL_INDEX, CRYPTO."
    )


# --- text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (250408000989443, "250408000989443"),
        (250408000989443.0, "250408000989443"),
        (1e20, "100000000000000000000"),
        (1.5, "1.5"),
        (1e-7, "0.0000001"),
        (-3, "-3"),
    ],
)
def test_a_number_in_a_text_field_is_written_out_in_full(number: float, text: str) -> None:
    assert read_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_no_number_ever_turns_into_an_exponent(number: float) -> None:
    text = read_text(number)
    assert "e" not in text.lower()
    assert Decimal(text) == Decimal(repr(number))


@pytest.mark.parametrize("value", [True, None, [], {}, "a\x00b", "\ud800"])
def test_what_no_database_stores_is_refused(value: object) -> None:
    assert refusal(strategy=value) == "Not a valid string."


def test_text_has_a_greatest_length() -> None:
    assert refusal(symbol="X" * 65) == "Length must be between 1 and 64."
    assert refusal(client_order_id="x" * 65) == "Length must be between 1 and 64."
    assert refusal(strategy="x" * 256) == "Length must be between 0 and 255."
    assert order(strategy="").strategy == ""


# --- switches


@pytest.mark.parametrize("value", [True, 1, "1", "true", "Yes", " ON ", "t", "Y"])
def test_on_in_every_usual_form(value: object) -> None:
    assert AnalyzerToggleRequest.model_validate({"mode": value}).mode is True


@pytest.mark.parametrize("value", [False, 0, "0", "False", "no", "Off", "F", "n"])
def test_off_in_every_usual_form(value: object) -> None:
    assert AnalyzerToggleRequest.model_validate({"mode": value}).mode is False


@pytest.mark.parametrize("value", [None, "", "analyze", 2, 1.0, []])
def test_other_words_are_no_switch(value: object) -> None:
    with pytest.raises(ValidationError):
        AnalyzerToggleRequest.model_validate({"mode": value})


# --- the whole request


def test_unknown_fields_are_ignored() -> None:
    assert order(stoploss="10", target="20", trailing_sl="1") == order()


def test_a_request_does_not_show_its_key() -> None:
    request = order(apikey="secret-key")
    assert "secret-key" not in repr(request)
    assert "secret-key" not in str(request.model_dump())


def test_an_order_becomes_an_intent() -> None:
    body = order(
        quantity="75.0",
        pricetype="sl",
        price="100.05",
        trigger_price=100,
        disclosed_quantity="10",
        product="nrml",
        exchange="nfo",
        action="sell",
    )
    assert body.to_intent("mine-1") == PlaceOrder(
        strategy="Python",
        exchange=Exchange.NFO,
        symbol="RELIANCE",
        action=Action.SELL,
        quantity=Decimal(75),
        price_type=PriceType.SL,
        product=Product.NRML,
        price=px("100.05"),
        trigger_price=px(100),
        disclosed_quantity=Decimal(10),
        client_order_id="mine-1",
    )


@pytest.mark.parametrize(
    ("price_type", "price", "trigger"),
    [
        ("MARKET", 0, 0),
        ("LIMIT", px(10), 0),
        ("SL", px(10), px(9)),
        ("SL-M", 0, px(9)),
    ],
)
def test_prices_an_order_type_does_not_use_are_dropped(
    price_type: str, price: int, trigger: int
) -> None:
    intent = order(pricetype=price_type, price=10, trigger_price=9).to_intent(None)
    assert (intent.price, intent.trigger_price) == (price, trigger)


def test_two_spellings_of_one_order_are_the_same_request() -> None:
    loud = order(quantity=1, action="buy", price="", exchange=" nse").to_intent("a")
    assert loud.fingerprint() == order().to_intent("a").fingerprint()


def test_an_order_id_may_come_as_a_number() -> None:
    body = {"strategy": "s", "orderid": 25112100000001}
    assert CancelOrderRequest.model_validate(body).to_intent() == CancelOrder(
        strategy="s", order_id="25112100000001"
    )
