from dataclasses import replace

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.instruments.indices import index_exchange
from openalgo.instruments.master import Master

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


def test_index_names_tell_their_exchange() -> None:
    assert index_exchange("BANKNIFTY") is Exchange.NSE_INDEX
    assert index_exchange("SENSEX") is Exchange.BSE_INDEX
    assert index_exchange("RELIANCE") is None
