import msgspec
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.market import Exchange, InstrumentKey, Level, Tick
from openalgo.streaming.latest import LatestPrices

KEY = InstrumentKey(Exchange.NSE, "SBIN")

prices = st.none() | st.floats(0.05, 1e5)
quantities = st.none() | st.integers(0, 10**9)
levels = st.just(()) | st.tuples(st.builds(Level, price=st.floats(0.05, 1e5), quantity=st.just(5)))
ticks = st.builds(
    Tick,
    exchange=st.just(KEY.exchange),
    symbol=st.just(KEY.symbol),
    received_ms=st.integers(0, 10**13),
    ltp=st.floats(0.05, 1e5),
    open=prices,
    bid=prices,
    volume=quantities,
    oi=quantities,
    buy_levels=levels,
    partial=st.booleans(),
)


def _fields(tick: Tick) -> dict[str, object]:
    fields = msgspec.structs.asdict(tick)
    del fields["partial"]
    return fields


@given(st.lists(ticks, min_size=1))
def test_each_field_is_the_newest_that_was_sent_since_the_last_full_tick(sent: list[Tick]) -> None:
    latest = LatestPrices()
    expected: dict[str, object] = {}
    for tick in sent:
        fields = _fields(tick)
        if tick.partial:
            fields = {k: v for k, v in fields.items() if v not in (None, ()) or k not in expected}
            expected |= fields
        else:
            expected = fields
        merged = latest.merge(tick)
        assert _fields(merged) == expected
        assert not merged.partial
    assert latest.get(KEY) == merged


def test_zero_is_a_value() -> None:
    latest = LatestPrices()
    latest.merge(Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=1, ltp=800.0, volume=500))
    update = Tick(
        exchange=Exchange.NSE, symbol="SBIN", received_ms=2, ltp=801.0, volume=0, partial=True
    )
    assert latest.merge(update).volume == 0


def test_instruments_are_kept_apart() -> None:
    latest = LatestPrices()
    latest.merge(Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=1, ltp=800.0))
    latest.merge(Tick(exchange=Exchange.BSE, symbol="SBIN", received_ms=1, ltp=799.0))
    nse = latest.get(KEY)
    assert nse is not None
    assert nse.ltp == 800.0
    assert latest.get(InstrumentKey(Exchange.NSE, "INFY")) is None
