from datetime import date
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.instruments import InstrumentType
from openalgo.instruments import symbols
from openalgo.instruments.symbols import ParsedSymbol

FUTURE, CALL, PUT = InstrumentType.FUTURE, InstrumentType.CALL, InstrumentType.PUT

EXAMPLES = {
    "BANKNIFTY24APR24FUT": ("BANKNIFTY", date(2024, 4, 24), FUTURE, None),
    "USDINR10MAY24FUT": ("USDINR", date(2024, 5, 10), FUTURE, None),
    "CRUDEOILM20MAY24FUT": ("CRUDEOILM", date(2024, 5, 20), FUTURE, None),
    "726GS203325APR24FUT": ("726GS2033", date(2024, 4, 25), FUTURE, None),
    "NIFTY28MAR2420800CE": ("NIFTY", date(2024, 3, 28), CALL, "20800"),
    "VEDL25APR24292.5CE": ("VEDL", date(2024, 4, 25), CALL, "292.5"),
    "USDINR19APR2482CE": ("USDINR", date(2024, 4, 19), CALL, "82"),
    "726GS203225APR2497PE": ("726GS2032", date(2024, 4, 25), PUT, "97"),
    "BTC28FEB25FUT": ("BTC", date(2025, 2, 28), FUTURE, None),
    "BTC28FEB2562000CE": ("BTC", date(2025, 2, 28), CALL, "62000"),
    "M&M27NOV253600PE": ("M&M", date(2025, 11, 27), PUT, "3600"),
    "BAJAJ-AUTO27NOV25FUT": ("BAJAJ-AUTO", date(2025, 11, 27), FUTURE, None),
    "NIFTYNXT5025NOV2568000CE": ("NIFTYNXT50", date(2025, 11, 25), CALL, "68000"),
    "360ONE27NOV251100CE": ("360ONE", date(2025, 11, 27), CALL, "1100"),
    "EURUSD27NOV251.0875PE": ("EURUSD", date(2025, 11, 27), PUT, "1.0875"),
}


@pytest.mark.parametrize("symbol", EXAMPLES)
def test_contracts_are_read_and_written(symbol: str) -> None:
    base, expiry, kind, strike = EXAMPLES[symbol]
    parsed = symbols.parse(symbol)
    assert parsed == ParsedSymbol(base, expiry, kind, Decimal(strike) if strike else None)
    assert symbols.format(parsed) == symbol


@pytest.mark.parametrize(
    "symbol",
    [
        "INFY",
        "M&M",
        "BAJAJ-AUTO",
        "NIFTYBEES",
        "NIFTY",
        "BTCUSDFUT",
        "BTCINR",
        "31FEB24FUT",
        "NIFTY31FEB24FUT",
        "NIFTY28MAR24CE",
        "NIFTY28MAR240CE",
        "NIFTY28MAR24292.50CE",
        "nifty28mar24FUT",
        "NIFTY28MAR24FUT2",
        "28MAR24FUT",
        "NIFTY٢٨MAR24FUT",
    ],
)
def test_other_symbols_are_no_contracts(symbol: str) -> None:
    assert symbols.parse(symbol) is None


bases = st.from_regex(r"[A-Z0-9&-]{1,12}", fullmatch=True).filter(
    lambda base: not any(month in base for month in symbols.MONTHS)
)
expiries = st.dates(date(2000, 1, 1), date(2099, 12, 31))
strikes = st.decimals("0.0025", "999999", places=4)


@given(base=bases, expiry=expiries)
def test_every_future_survives_the_round_trip(base: str, expiry: date) -> None:
    future = ParsedSymbol(base, expiry, FUTURE)
    assert symbols.parse(symbols.format(future)) == future


@given(base=bases, expiry=expiries, strike=strikes, kind=st.sampled_from([CALL, PUT]))
def test_every_option_survives_the_round_trip(
    base: str, expiry: date, strike: Decimal, kind: InstrumentType
) -> None:
    option = ParsedSymbol(base, expiry, kind, strike)
    symbol = symbols.format(option)
    assert symbols.parse(symbol) == option
    assert "E+" not in symbol


@given(base=bases, expiry=expiries, strike=strikes, kind=st.sampled_from([CALL, PUT]))
def test_a_symbol_is_the_shortest_spelling_of_its_fields(
    base: str, expiry: date, strike: Decimal, kind: InstrumentType
) -> None:
    symbol = symbols.symbol_of(base, kind, expiry, strike)
    assert symbol == symbols.symbol_of(base, kind, expiry, strike * Decimal("1.000"))
    assert symbol.startswith(symbols.stem_of(base, expiry))
    assert not symbol.removesuffix(kind).endswith(".")


@given(expiry=expiries)
def test_expiries_are_read_as_they_are_written(expiry: date) -> None:
    assert symbols.parse_expiry(symbols.compact_expiry(expiry)) == expiry
    assert symbols.parse_expiry(symbols.expiry_text(expiry).lower()) == expiry


def test_expiries_have_two_spellings() -> None:
    assert symbols.compact_expiry(date(2024, 3, 7)) == "07MAR24"
    assert symbols.expiry_text(date(2024, 3, 7)) == "07-MAR-24"


@pytest.mark.parametrize("text", ["", "31FEB24", "7MAR24", "07-MAR24", "07MARCH24", "2024-03-07"])
def test_other_texts_are_no_expiries(text: str) -> None:
    assert symbols.parse_expiry(text) is None


@pytest.mark.parametrize(
    ("text", "base", "expiry"),
    [
        ("NIFTY", "NIFTY", None),
        ("NIFTY28NOV24", "NIFTY", date(2024, 11, 28)),
        ("NIFTY28NOV24FUT", "NIFTY", date(2024, 11, 28)),
        ("NIFTYNXT5028NOV24FUT", "NIFTYNXT50", date(2024, 11, 28)),
        ("M&M28NOV24", "M&M", date(2024, 11, 28)),
        ("NIFTY31FEB24", "NIFTY31FEB24", None),
        ("NIFTY28NOV2424000CE", "NIFTY28NOV2424000CE", None),
    ],
)
def test_an_underlying_may_carry_an_expiry(text: str, base: str, expiry: date | None) -> None:
    assert symbols.split_underlying(text) == (base, expiry)


@pytest.mark.parametrize(
    ("value", "text"),
    [("292.50", "292.5"), ("2.5E+4", "25000"), ("0.00", "0"), ("1.0875", "1.0875")],
)
def test_the_shortest_form_of_a_number(value: str, text: str) -> None:
    assert str(symbols.shortest(Decimal(value))) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_has_no_shortest_form(value: str) -> None:
    with pytest.raises(InvalidOperation):
        symbols.shortest(Decimal(value))
