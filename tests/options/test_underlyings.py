"""How requests name an underlying, and whose price is its price."""

from datetime import UTC, date, datetime

import pytest

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    BrokerUnavailable,
    FutureNotFound,
    InvalidRequest,
    OpenAlgoError,
    SymbolNotFound,
    UnderlyingPriceUnknown,
)
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.options.underlyings import Underlyings, named, priced_by
from tests.instruments.rows import contract, index, options, plain, share

TODAY = date(2026, 8, 18)
NOV = date(2026, 11, 28)
AUG, SEP, OCT = date(2026, 8, 19), date(2026, 9, 21), date(2026, 10, 19)
E = Exchange

MASTER = Master(
    [
        share("RELIANCE"),
        share("RELIANCE", exchange=E.BSE),
        share("M&M"),
        index("NIFTY"),
        index("NIFTYNXT50"),
        index("SENSEX", exchange=E.BSE_INDEX),
        index("GIFTNIFTY", exchange=E.GLOBAL_INDEX),
        *options("NIFTY", NOV, "25000"),
        *options("NIFTYNXT50", NOV, "68000"),
        *options("SENSEX", NOV, "80000", exchange=E.BFO),
        contract("NIFTY", NOV),
        contract("CRUDEOIL", date(2026, 7, 20), exchange=E.MCX),
        contract("CRUDEOIL", AUG, exchange=E.MCX),
        contract("CRUDEOIL", SEP, exchange=E.MCX),
        contract("CRUDEOIL", OCT, exchange=E.MCX),
        contract("CRUDEOILM", date(2026, 8, 18), exchange=E.MCX),
        *options("CRUDEOIL", date(2026, 9, 17), "5600", exchange=E.MCX),
        contract("USDINR", AUG, exchange=E.CDS),
        contract("726GS2033", AUG, exchange=E.CDS),
        plain("BTCUSDFUT", "BTC", E.CRYPTO, InstrumentType.PERPETUAL, "BTCUSD", ""),
        contract("ABC12JAN27", OCT),
    ]
)


def price_of(name: str, exchange: Exchange, expiry: date = NOV) -> str:
    return str(priced_by(MASTER, named(MASTER, name, exchange), expiry, TODAY))


# --- names


@pytest.mark.parametrize(
    ("name", "base", "expiry"),
    [
        ("NIFTY", "NIFTY", None),
        ("NIFTY28NOV26", "NIFTY", NOV),
        ("NIFTY28NOV26FUT", "NIFTY", NOV),
        ("NIFTY24DEC26FUT", "NIFTY", date(2026, 12, 24)),
        ("NIFTYNXT50", "NIFTYNXT50", None),
        ("NIFTYNXT5028NOV26FUT", "NIFTYNXT50", NOV),
        ("M&M", "M&M", None),
        ("M&M28NOV26", "M&M", NOV),
        ("BAJAJ-AUTO28NOV26FUT", "BAJAJ-AUTO", NOV),
        ("NIFTY31FEB26", "NIFTY31FEB26", None),
        ("WHATEVER", "WHATEVER", None),
        # Spelled like a base and a date, but a base of its own.
        ("ABC12JAN27", "ABC12JAN27", None),
    ],
)
def test_a_name_may_embed_an_expiry(name: str, base: str, expiry: date | None) -> None:
    found = named(MASTER, name, E.NFO)
    assert (found.base, found.expiry) == (base, expiry)


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        (E.NSE, E.NFO),
        (E.NSE_INDEX, E.NFO),
        (E.BSE, E.BFO),
        (E.BSE_INDEX, E.BFO),
        (E.NFO, E.NFO),
        (E.BFO, E.BFO),
        (E.MCX, E.MCX),
        (E.MCX_INDEX, E.MCX),
        (E.CDS, E.CDS),
        (E.BCD, E.BCD),
        (E.CRYPTO, E.CRYPTO),
    ],
)
def test_options_are_listed_where_derivatives_are(asked: Exchange, listed: Exchange) -> None:
    assert named(MASTER, "NIFTY", asked).exchange is listed


def test_the_expiry_given_wins_over_the_one_embedded() -> None:
    embedded = named(MASTER, "NIFTY28NOV26FUT", E.NFO)
    assert embedded.expiry_or(None) == NOV
    assert embedded.expiry_or(OCT) == OCT
    with pytest.raises(InvalidRequest, match=r"^Expiry date required\. ") as caught:
        named(MASTER, "NIFTY", E.NFO).expiry_or(None)
    assert (caught.value.status, caught.value.field) == (400, "expiry_date")


# --- whose price


@pytest.mark.parametrize(
    ("name", "exchange", "key"),
    [
        ("NIFTY", E.NSE_INDEX, "NSE_INDEX:NIFTY"),
        ("NIFTY", E.NFO, "NSE_INDEX:NIFTY"),
        ("NIFTY", E.NSE, "NSE_INDEX:NIFTY"),
        ("NIFTY28NOV26FUT", E.NFO, "NSE_INDEX:NIFTY"),
        ("NIFTYNXT50", E.NFO, "NSE_INDEX:NIFTYNXT50"),
        ("SENSEX", E.BFO, "BSE_INDEX:SENSEX"),
        ("SENSEX", E.BSE, "BSE_INDEX:SENSEX"),
        ("RELIANCE", E.NSE, "NSE:RELIANCE"),
        ("RELIANCE", E.NFO, "NSE:RELIANCE"),
        ("RELIANCE", E.NSE_INDEX, "NSE:RELIANCE"),
        ("RELIANCE", E.BFO, "BSE:RELIANCE"),
        ("M&M", E.NFO, "NSE:M&M"),
        ("BTC", E.CRYPTO, "CRYPTO:BTCUSDFUT"),
        ("NOBODY", E.NSE, "NSE:NOBODY"),
    ],
)
def test_an_index_or_a_share_is_its_own_price(name: str, exchange: Exchange, key: str) -> None:
    assert price_of(name, exchange) == key


@pytest.mark.parametrize(
    ("name", "exchange", "expiry", "key"),
    [
        ("CRUDEOIL", E.MCX, date(2026, 8, 18), "MCX:CRUDEOIL19AUG26FUT"),
        ("CRUDEOIL", E.MCX, date(2026, 9, 17), "MCX:CRUDEOIL21SEP26FUT"),
        ("CRUDEOIL", E.MCX, SEP, "MCX:CRUDEOIL21SEP26FUT"),
        ("CRUDEOIL", E.MCX, NOV, "MCX:CRUDEOIL19OCT26FUT"),
        ("CRUDEOIL19AUG26FUT", E.MCX, NOV, "MCX:CRUDEOIL19AUG26FUT"),
        # Options expire days before their future: this future does not exist.
        ("CRUDEOIL17SEP26FUT", E.MCX, date(2026, 9, 17), "MCX:CRUDEOIL21SEP26FUT"),
        ("CRUDEOIL17SEP26", E.MCX, date(2026, 9, 17), "MCX:CRUDEOIL21SEP26FUT"),
        ("CRUDEOILM", E.MCX, date(2026, 8, 18), "MCX:CRUDEOILM18AUG26FUT"),
        ("USDINR", E.CDS, AUG, "CDS:USDINR19AUG26FUT"),
        ("726GS203319AUG26FUT", E.CDS, AUG, "CDS:726GS203319AUG26FUT"),
    ],
)
def test_without_a_spot_market_it_is_the_future_the_options_settle_into(
    name: str, exchange: Exchange, expiry: date, key: str
) -> None:
    assert price_of(name, exchange, expiry) == key


@pytest.mark.parametrize(
    ("name", "exchange", "message"),
    [
        ("GOLD", E.MCX, "No unexpired futures found for GOLD on MCX"),
        ("ETH", E.CRYPTO, "No perpetual futures found for ETH on CRYPTO"),
    ],
)
def test_without_a_future_there_is_no_price(name: str, exchange: Exchange, message: str) -> None:
    with pytest.raises(FutureNotFound, match=message) as caught:
        price_of(name, exchange)
    assert caught.value.status == 404


# --- the price itself


class OneQuote:
    def __init__(self, ltp: float, failure: OpenAlgoError | None = None) -> None:
        self._ltp = ltp
        self._failure = failure
        self.asked: list[str] = []

    async def quote(self, key: InstrumentKey) -> Quote:
        self.asked.append(str(key))
        if self._failure is not None:
            raise self._failure
        return Quote(key=key, at_ms=0, ltp=self._ltp)


def underlyings(quotes: OneQuote) -> Underlyings:
    evening = datetime(2026, 8, 17, 19, 0, tzinfo=UTC)  # half past midnight in India
    return Underlyings(CurrentMaster(MASTER), quotes, ManualClock(evening))


async def test_the_price_is_that_of_its_quote() -> None:
    quotes = OneQuote(24980.4)
    market = underlyings(quotes)
    quote = await market.quote(market.named("NIFTY", E.NSE_INDEX), NOV)
    assert quote.ltp == 24980.4
    assert quotes.asked == ["NSE_INDEX:NIFTY"]


async def test_a_future_counts_on_the_day_it_expires_in_india() -> None:
    quotes = OneQuote(5600.0)
    market = underlyings(quotes)
    await market.quote(market.named("CRUDEOILM", E.MCX), date(2026, 8, 18))
    assert quotes.asked == ["MCX:CRUDEOILM18AUG26FUT"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (BrokerUnavailable("The broker does not answer"), 502),
        (SymbolNotFound("No such thing"), 400),
    ],
)
async def test_a_failing_quote_fails_with_its_own_status(
    failure: OpenAlgoError, status: int
) -> None:
    market = underlyings(OneQuote(0, failure))
    with pytest.raises(UnderlyingPriceUnknown) as caught:
        await market.quote(market.named("NIFTY", E.NSE_INDEX), NOV)
    assert caught.value.message == f"Failed to fetch LTP for NIFTY. {failure.message}"
    assert (caught.value.status, caught.value.code) == (status, failure.code)


@pytest.mark.parametrize("ltp", [0.0, -1.0, float("nan"), float("inf")])
async def test_a_quote_without_a_price_is_the_fault_of_the_broker(ltp: float) -> None:
    market = underlyings(OneQuote(ltp))
    with pytest.raises(UnderlyingPriceUnknown, match="Failed to fetch LTP for NIFTY") as caught:
        await market.quote(market.named("NIFTY", E.NSE_INDEX), NOV)
    assert caught.value.status == 502
