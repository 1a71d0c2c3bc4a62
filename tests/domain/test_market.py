from openalgo.domain.market import Depth, Exchange, Level, Mode, Quote, Tick

TICK = Tick(
    exchange=Exchange.NSE,
    symbol="SBIN",
    received_ms=2_000,
    exchange_ms=1_000,
    ltp=100.0,
    open=99.0,
    high=101.0,
    low=98.0,
    prev_close=99.5,
    volume=5_000,
    last_quantity=7,
    bid=99.95,
    ask=100.0,
    total_buy_quantity=700,
    total_sell_quantity=800,
    buy_levels=tuple(Level(99.95 - n / 20, 10 + n, 1) for n in range(20)),
    sell_levels=tuple(Level(100 + n / 20, 20 + n, 2) for n in range(3)),
)


def test_a_depth_is_a_quote_with_the_book() -> None:
    depth, quote = Depth.of(TICK), Quote.of(TICK)
    assert isinstance(depth, Quote)
    for name in Quote.__struct_fields__:
        assert getattr(depth, name) == getattr(quote, name)
    assert (depth.last_quantity, depth.total_buy_quantity, depth.total_sell_quantity) == (
        7,
        700,
        800,
    )
    assert depth.buy_levels == TICK.buy_levels[:5]
    assert depth.sell_levels == TICK.sell_levels
    assert Depth.of(TICK, 20).buy_levels == TICK.buy_levels


def test_what_a_feed_does_not_send_is_0_in_a_depth() -> None:
    depth = Depth.of(Tick(exchange=Exchange.NSE, symbol="SBIN", received_ms=2_000, ltp=100.0))
    assert (depth.at_ms, depth.oi, depth.last_quantity, depth.total_buy_quantity) == (
        2_000,
        0,
        0,
        0,
    )
    assert depth.buy_levels == depth.sell_levels == ()


def test_modes_are_ordered_by_what_they_carry() -> None:
    assert list(Mode) == [1, 2, 3] == sorted(Mode)
    assert max(Mode.LTP, Mode.DEPTH, Mode.QUOTE) is Mode.DEPTH
