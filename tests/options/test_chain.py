"""One snapshot for all who ask, and what it implies."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from openalgo.domain.clock import epoch_ms
from openalgo.domain.errors import BrokerUnavailable, StrikesNotFound, UnderlyingPriceUnknown
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.options.black76 import Flags
from openalgo.options.chain import Chains
from openalgo.options.forward import Forward, ForwardSource
from openalgo.options.normal import Floats
from openalgo.options.snapshot import ChainSnapshot
from openalgo.options.solving import Outcome, Solutions, solve_columns
from openalgo.options.synthetic import LegPriceUnknown, synthetic_future
from tests.options.board import ENDS, EXPIRY, NIFTY, WORKED, Board, option

# Call and put volatility in percent, call delta and gamma by strike, computed at 40 digits.
VOLATILITIES = {
    24750: (13.3784, 13.3362, 0.7350, 0.000752),
    24900: (12.3479, 12.3359, 0.6191, 0.000947),
    25000: (11.9032, 11.9032, 0.5220, 0.001027),
    25050: (11.7571, 11.7571, 0.4702, 0.001039),
    25250: (11.6662, 11.6294, 0.2746, 0.000877),
}


async def snapshot(board: Board, each_side: int | None = None) -> ChainSnapshot:
    named = board.chains.underlyings.named("NIFTY", Exchange.NSE_INDEX)
    return await board.chains.snapshot(named, EXPIRY, each_side)


async def test_the_worked_chain_comes_out_as_computed() -> None:
    board = Board()
    taken = await snapshot(board)
    assert float(taken.strike_at_the_money) == 25_000
    found = await board.chains.greeks(taken)
    assert found.forward.source is ForwardSource.PARITY
    assert found.forward.price == pytest.approx(25_018.4)
    assert found.years == pytest.approx(0.0169520547945)
    solutions = found.by_symbol()
    for strike, (call, put, delta, gamma) in VOLATILITIES.items():
        ce = solutions[option(strike, "CE").symbol]
        pe = solutions[option(strike, "PE").symbol]
        assert ce.volatility * 100 == pytest.approx(call, abs=5e-5), strike
        assert pe.volatility * 100 == pytest.approx(put, abs=5e-5), strike
        assert ce.delta == pytest.approx(delta, abs=5e-5)
        assert ce.gamma == pytest.approx(gamma, abs=5e-7)
    ce = solutions[option(25_000, "CE").symbol]
    assert ce.theta == pytest.approx(-12.4807, abs=5e-5)
    assert ce.vega == pytest.approx(12.9753, abs=5e-5)


async def test_callers_at_the_same_time_share_one_fetch() -> None:
    board = Board()
    board.held = asyncio.Event()
    asking = [asyncio.ensure_future(snapshot(board, width)) for width in (None, 3, 10, None, 1)]
    for _ in range(5):
        await asyncio.sleep(0)
    board.held.set()
    first, *others = await asyncio.gather(*asking)
    assert all(other is first for other in others)
    assert len(board.asked) == 1 + 2 * len(WORKED)
    assert len(set(board.asked)) == len(board.asked)


async def test_a_second_of_the_market_is_answered_by_one_fetch() -> None:
    board = Board()
    first = await snapshot(board)
    board.clock.advance(timedelta(seconds=0.9))
    assert await snapshot(board, 2) is first
    assert await board.chains.greeks(first, 0.065) is await board.chains.greeks(first, 0.065)
    board.clock.advance(timedelta(seconds=0.1))
    assert await snapshot(board) is not first
    assert board.asked.count(NIFTY) == 2


async def test_a_narrow_chain_asks_for_no_more_than_it_needs() -> None:
    board = Board()
    board.put(NIFTY, 24_750.0)
    narrow = await snapshot(board, 2)
    assert list(narrow.listing.strikes) == list(range(24_750, 25_001, 50))
    assert len(board.asked) == 1 + 2 * 6
    wide = await snapshot(board)
    assert wide is not narrow
    assert len(wide.listing.rows) == 11
    assert await snapshot(board, 2) is wide, "what is wider answers what is narrower"


async def test_a_window_is_cut_at_the_ends() -> None:
    taken = await snapshot(Board())
    near = taken.rows(2)
    strikes = [int(taken.line(row).strike) for row in near]
    assert strikes == [24900, 24950, 25000, 25050, 25100]
    assert near.start - taken.money == -2
    assert taken.rows(100) == taken.rows() == range(11)


async def test_a_leg_without_a_quote_is_stale_and_has_no_greeks() -> None:
    board = Board()
    board.known[option(25_100, "CE")] = BrokerUnavailable("Nothing")
    board.put(option(25_150, "PE"), 0.0)
    taken = await snapshot(board)
    line = taken.line(taken.money + 2)
    assert line.strike == 25_100
    assert line.call is not None
    assert line.call.quote is None
    solutions = (await board.chains.greeks(taken)).by_symbol()
    assert option(25_100, "CE").symbol not in solutions
    assert option(25_150, "PE").symbol not in solutions
    assert len(solutions) == 20


async def test_an_old_last_price_implies_nothing_but_a_fair_spread_does() -> None:
    board = Board()
    old = epoch_ms(board.clock.now()) - 61_000
    board.put(option(25_100, "CE"), 114.45, at_ms=old)
    board.put(option(25_150, "CE"), 80.0, at_ms=old, bid=94.5, ask=94.6)
    solutions = (await board.chains.greeks(await snapshot(board))).by_symbol()
    assert option(25_100, "CE").symbol not in solutions
    by_middle = solutions[option(25_150, "CE").symbol]
    assert by_middle.volatility * 100 == pytest.approx(11.6150, abs=5e-5)


async def test_after_the_close_last_prices_count_while_they_are_of_one_time() -> None:
    board = Board()
    board.clock.advance(timedelta(hours=5))
    found = await board.chains.greeks(await snapshot(board))
    assert len(found.by_symbol()) == 22


async def test_a_price_above_the_bound_is_told_apart() -> None:
    board = Board()
    board.put(option(24_750, "CE"), 30_000.0)
    solutions = (await board.chains.greeks(await snapshot(board))).by_symbol()
    assert solutions[option(24_750, "CE").symbol].outcome is Outcome.ABOVE_BOUND


async def test_without_parity_the_future_of_the_same_expiry_tells() -> None:
    board = Board(extra=[date(2025, 12, 30)])
    future = InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT")
    board.put(future, 25_031.5)
    for strike in WORKED:
        board.put(option(strike, "PE"), 0.0)
    found = await board.chains.greeks(await snapshot(board))
    assert found.forward == Forward(25_031.5, ForwardSource.FUTURE)
    assert board.asked[-1] == future


async def test_without_a_future_the_spot_price_is_carried() -> None:
    board = Board(extra=[date(2026, 1, 27)])
    for strike in WORKED:
        board.put(option(strike, "CE"), 0.0)
    taken = await snapshot(board)
    found = await board.chains.greeks(taken, 0.065)
    assert found.forward.source is ForwardSource.SPOT
    assert found.forward.price == pytest.approx(24_980.4 * 1.00110249, rel=1e-7)


async def test_an_expired_chain_has_prices_but_no_greeks() -> None:
    board = Board(ENDS)
    found = await board.chains.greeks(await snapshot(board))
    assert (found.years, found.by_symbol()) == (0.0, {})


def test_options_end_when_their_exchange_closes() -> None:
    ends = Board().chains.expires(Exchange.MCX, date(2026, 11, 24))
    assert ends == datetime(2026, 11, 24, 18, 25, tzinfo=UTC)


@pytest.mark.parametrize(("least", "years"), [(None, 0.0001), (0.0, 60 / 31_536_000)])
async def test_the_last_hour_stands_still_unless_told_otherwise(
    least: float | None, years: float
) -> None:
    board = Board(ENDS - timedelta(seconds=60))
    if least is not None:
        board.chains = Chains(board.chains.underlyings, board, board.clock, board.calendar, least)
    found = await board.chains.greeks(await snapshot(board))
    assert found.years == pytest.approx(years)


async def test_what_cannot_be_had_is_said() -> None:
    board = Board()
    named = board.chains.underlyings.named("NIFTY", Exchange.NFO)
    with pytest.raises(StrikesNotFound):
        await board.chains.snapshot(named, date(2026, 1, 1))
    for strike in WORKED:
        for right in ("CE", "PE"):
            board.known[option(strike, right)] = BrokerUnavailable("The broker does not answer")
    with pytest.raises(BrokerUnavailable):
        await snapshot(board)
    board.known[NIFTY] = BrokerUnavailable("The broker does not answer")
    with pytest.raises(UnderlyingPriceUnknown):
        await snapshot(board)
    board.put(NIFTY, 24_980.4)
    board.put(option(25_000, "CE"), 164.0)
    assert (await snapshot(board)).strike_at_the_money == 25_000, "a failure is not kept"


async def test_however_an_underlying_is_named_its_chain_is_one() -> None:
    board = Board()
    first = await snapshot(board)
    other = board.chains.underlyings.named("NIFTY30DEC25FUT", Exchange.NFO)
    assert await board.chains.snapshot(other, EXPIRY) is first


# --- the synthetic future


async def test_a_call_and_a_put_make_a_future() -> None:
    made = synthetic_future(await snapshot(Board()))
    assert made.price == pytest.approx(25_018.4)
    assert made.basis == pytest.approx(38.0)
    assert (made.strike, made.call, made.put) == (25_000.0, 164.0, 145.6)
    assert made.carry == pytest.approx(0.0896694, rel=1e-4)


async def test_a_leg_without_a_price_makes_none() -> None:
    board = Board()
    board.put(option(25_000, "PE"), 0.0)
    with pytest.raises(LegPriceUnknown, match="LTP not available for NIFTY30DEC2525000PE"):
        synthetic_future(await snapshot(board))


async def test_after_expiry_there_is_no_carry() -> None:
    made = synthetic_future(await snapshot(Board(datetime(2025, 12, 30, 11, 0, tzinfo=UTC))))
    assert made.carry is None


# --- what is made of a snapshot


async def test_what_many_ask_for_is_made_once() -> None:
    board = Board()
    taken = await snapshot(board)
    made: list[str] = []

    def making(name: str) -> Iterator[bytes]:
        made.append(name)
        yield b"a"
        yield b"b"

    answers = await asyncio.gather(
        *(board.chains.made_of(taken, "x", lambda: making("x")) for _ in range(5)),
        board.chains.made_of(taken, "y", lambda: making("y")),
    )
    assert answers == [b"ab"] * 6
    assert made == ["x", "y"]


async def test_what_fails_to_be_made_is_made_again() -> None:
    board = Board()
    taken = await snapshot(board)

    def failing() -> Iterator[bytes]:
        yield b"a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await board.chains.made_of(taken, "x", failing)
    assert await board.chains.made_of(taken, "x", lambda: iter([b"b"])) == b"b"


async def test_only_so_much_is_kept_of_a_snapshot() -> None:
    board = Board()
    taken = await snapshot(board)
    for number in range(100):
        await board.chains.made_of(taken, number, lambda: iter([b"a"]))
    assert len(taken.made) <= 8


async def test_volatilities_are_sought_once_for_all_who_ask_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = Board()
    taken = await snapshot(board)
    solved: list[int] = []

    def counted(call: Flags, *terms: Floats) -> Solutions:
        solved.append(len(call))
        return solve_columns(call, *terms)

    monkeypatch.setattr("openalgo.options.chain.solve_columns", counted)
    first, *others = await asyncio.gather(*(board.chains.greeks(taken) for _ in range(10)))
    assert all(other is first for other in others)
    assert solved == [22]


async def test_a_caller_who_goes_away_leaves_the_others_their_chain() -> None:
    board = Board()
    board.held = asyncio.Event()
    leaving = asyncio.ensure_future(snapshot(board))
    await asyncio.sleep(0)
    staying = asyncio.ensure_future(snapshot(board))
    await asyncio.sleep(0)
    leaving.cancel()
    board.held.set()
    assert (await staying).strike_at_the_money == 25_000
    with pytest.raises(asyncio.CancelledError):
        await leaving
