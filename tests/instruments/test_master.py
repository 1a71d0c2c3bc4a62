from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.instruments.indices import index_exchange
from openalgo.instruments.master import Master
from openalgo.instruments.symbols import ParsedSymbol

SBIN = Instrument(
    exchange=Exchange.NSE,
    symbol="SBIN",
    name="State Bank of India",
    type=InstrumentType.EQUITY,
    broker_symbol="SBIN-EQ",
    broker_exchange="NSE",
    token="3045",
    tick_size=px("0.05"),
)
SBIN_BSE = replace(SBIN, exchange=Exchange.BSE, token="500112")


def test_finds_by_exchange_and_symbol() -> None:
    master = Master([SBIN, SBIN_BSE])
    assert master.find(InstrumentKey(Exchange.BSE, "SBIN")) is SBIN_BSE
    assert master.find(InstrumentKey(Exchange.NFO, "SBIN")) is None


def test_finds_by_token() -> None:
    master = Master([SBIN, SBIN_BSE])
    assert master.by_token("3045") is SBIN
    assert master.by_token("SBIN") is None


def test_lists_all_in_the_order_given() -> None:
    master = Master(iter([SBIN_BSE, SBIN]))
    assert len(master) == 2
    assert list(master) == [SBIN_BSE, SBIN]


def test_a_second_row_does_not_displace_the_first() -> None:
    master = Master([SBIN, replace(SBIN, token="9", name="Oddity")])
    assert len(master) == 1
    found = master.find(SBIN.key)
    assert found is SBIN


def test_the_first_of_two_rows_with_one_token_counts() -> None:
    master = Master([SBIN, replace(SBIN, symbol="SBIN2")])
    assert master.by_token("3045") is SBIN


def test_lists_one_exchange() -> None:
    master = Master([SBIN, SBIN_BSE, FUTURE])
    assert list(master.on(Exchange.BSE)) == [SBIN_BSE]
    assert list(master.on(Exchange.MCX)) == []
    assert master.count(Exchange.NSE) == 1
    assert master.count(Exchange.MCX) == 0
    assert master.exchanges == {Exchange.NSE, Exchange.BSE, Exchange.NFO}


def test_index_names_tell_their_exchange() -> None:
    assert index_exchange("BANKNIFTY") is Exchange.NSE_INDEX
    assert index_exchange("SENSEX") is Exchange.BSE_INDEX
    assert index_exchange("RELIANCE") is None


def index(name: str, exchange: Exchange) -> Instrument:
    return replace(
        SBIN, symbol=name, exchange=exchange, type=InstrumentType.INDEX, token=f"{exchange}:{name}"
    )


NIFTY = index("NIFTY", Exchange.NSE_INDEX)
SENSEX = index("SENSEX", Exchange.BSE_INDEX)
GIFT = index("GIFTNIFTY", Exchange.GLOBAL_INDEX)
FUTURE = replace(
    SBIN,
    exchange=Exchange.NFO,
    symbol="SBIN28JUL26FUT",
    name="SBIN",
    type=InstrumentType.FUTURE,
    token="1",
    expiry=date(2026, 7, 28),
)


def test_finds_an_index_on_whatever_exchange_publishes_it() -> None:
    master = Master([NIFTY, SENSEX, GIFT, SBIN])
    assert master.index("SENSEX") is SENSEX
    assert master.index("GIFTNIFTY") is GIFT
    assert master.index("SBIN") is None


def test_an_underlying_is_an_index_or_a_share() -> None:
    master = Master([NIFTY, SENSEX, SBIN, SBIN_BSE])
    assert master.underlying("NIFTY", Exchange.NFO) is NIFTY
    assert master.underlying("SENSEX", Exchange.BFO) is SENSEX
    assert master.underlying("SBIN", Exchange.NFO) is SBIN
    assert master.underlying("SBIN", Exchange.BFO) is SBIN_BSE
    assert master.underlying("TCS", Exchange.NFO) is None


def test_the_exchange_of_the_contract_decides_between_indices_of_one_name() -> None:
    twin = index("NIFTY", Exchange.BSE_INDEX)
    master = Master([NIFTY, twin])
    assert master.underlying("NIFTY", Exchange.BFO) is twin
    assert master.underlying("NIFTY", Exchange.NFO) is NIFTY


def test_commodities_have_no_underlying_and_crypto_the_perpetual() -> None:
    perpetual = replace(
        SBIN, exchange=Exchange.CRYPTO, symbol="BTCUSDFUT", type=InstrumentType.PERPETUAL
    )
    gold = replace(SBIN, exchange=Exchange.MCX, symbol="GOLD")
    master = Master([perpetual, gold])
    assert master.underlying("GOLD", Exchange.MCX) is None
    assert master.underlying("BTC", Exchange.CRYPTO) is perpetual


def test_the_record_tells_the_parts_of_a_contract_and_the_spelling_where_there_is_none() -> None:
    odd = replace(
        FUTURE,
        symbol="NIFTY28JUL2625000CE",
        name="N",
        type=InstrumentType.CALL,
        strike=Decimal(5),
    )
    master = Master([odd, SBIN])
    said = master.parts(odd.key)
    assert said == ParsedSymbol("N", date(2026, 7, 28), InstrumentType.CALL, Decimal(5))
    assert master.parts(SBIN.key) is None
    unlisted = master.parts(InstrumentKey(Exchange.NFO, "TCS28JUL26FUT"))
    assert unlisted == ParsedSymbol("TCS", date(2026, 7, 28), InstrumentType.FUTURE)
