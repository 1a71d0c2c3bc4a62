"""Greeks of options by their symbols."""

from datetime import time, timedelta

import pytest

from openalgo.domain.errors import (
    BrokerUnavailable,
    InvalidRequest,
    OpenAlgoError,
    OptionNotFound,
)
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.options.forward import Forward, ForwardSource
from openalgo.options.greeks import (
    AboveBound,
    OptionExpired,
    OptionGreeks,
    OptionPriceUnknown,
    UnderlyingLtpUnknown,
    Wanted,
)
from openalgo.options.solving import Outcome
from tests.options.board import ENDS, NIFTY, Board, option

CALL = option(25_000, "CE")


async def test_the_forward_is_that_of_the_chain() -> None:
    found = await Board().desk.one(Wanted(key=CALL))
    assert found.forward is not None
    assert found.forward.source is ForwardSource.PARITY
    assert found.forward.price == pytest.approx(25_018.4)
    assert found.solution is not None
    assert found.solution.volatility * 100 == pytest.approx(11.9032, abs=5e-5)
    assert (found.price, found.strike) == (164.0, 25_000.0)
    assert found.days == pytest.approx(534_600 / 86_400)


@pytest.mark.parametrize(
    ("wanted", "forward"),
    [
        (Wanted(key=CALL, forward=24_990.0), Forward(24_990.0, ForwardSource.USER)),
        (Wanted(key=CALL, underlying="RELIANCE"), None),
        (
            Wanted(key=CALL, underlying="NIFTY30DEC25FUT"),
            Forward(25_031.5, ForwardSource.FUTURE),
        ),
    ],
)
async def test_the_forward_may_be_given_or_named(wanted: Wanted, forward: Forward | None) -> None:
    board = Board(extra=[ENDS.date()])
    board.put(InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT"), 25_031.5)
    (found,) = await board.desk.many([wanted])
    if forward is None:
        assert isinstance(found, UnderlyingLtpUnknown)
    else:
        assert isinstance(found, OptionGreeks)
        assert found.forward == forward
        assert NIFTY not in board.asked, "the chain is not needed"


async def test_the_base_itself_named_means_the_chain() -> None:
    found = await Board().desk.one(Wanted(key=CALL, underlying="NIFTY"))
    assert found.forward is not None
    assert found.forward.source is ForwardSource.PARITY


async def test_an_earlier_cut_off_leaves_less_time() -> None:
    found = await Board().desk.one(Wanted(key=CALL), expiry_time=time(14, 30))
    assert found.days == pytest.approx((534_600 - 3_600) / 86_400)


async def test_many_are_answered_in_order_from_one_chain() -> None:
    board = Board()
    board.put(option(24_750, "CE"), 26_000.0)
    board.put(option(24_800, "CE"), 0.0)
    board.known[option(24_850, "CE")] = BrokerUnavailable("The broker does not answer")
    nowhere = InstrumentKey(Exchange.NFO, "NIFTY30DEC2599000CE")
    keys = [CALL, InstrumentKey(Exchange.NFO, "NIFTY30DEC25FUT"), nowhere, CALL]
    keys += [option(strike, "CE") for strike in (24_750, 24_800, 24_850)]
    found = await board.desk.many([Wanted(key=key) for key in keys])
    kinds = [type(each) for each in found]
    assert kinds[:4] == [OptionGreeks, InvalidRequest, OptionNotFound, OptionGreeks]
    assert kinds[4:] == [AboveBound, OptionPriceUnknown, BrokerUnavailable]
    assert found[0] == found[3]
    assert board.asked.count(NIFTY) == 1


async def test_a_deep_option_at_its_intrinsic_value_has_none_but_its_delta() -> None:
    board = Board()
    board.put(option(24_750, "CE"), 268.4)
    found = await board.desk.one(Wanted(key=option(24_750, "CE"), forward=25_018.4))
    assert found.solution is not None
    assert found.solution.outcome is Outcome.NO_TIME_VALUE
    assert found.solution.delta == 1.0
    assert found.intrinsic == pytest.approx(268.4)


async def test_one_that_has_expired_is_refused_and_among_many_reported() -> None:
    board = Board(ENDS + timedelta(minutes=1))
    with pytest.raises(OptionExpired, match="Option has expired on 30-Dec-2025") as caught:
        await board.desk.one(Wanted(key=CALL))
    assert caught.value.status == 400
    call, gone = await board.desk.many(
        [
            Wanted(key=option(24_900, "CE")),
            Wanted(key=InstrumentKey(Exchange.NFO, "OTHER28NOV24100PE")),
        ]
    )
    assert isinstance(call, OptionGreeks)
    assert (call.days, call.years, call.solution, call.price) == (0.0, 0.0, None, 226.2)
    assert call.intrinsic == pytest.approx(80.4)
    assert isinstance(gone, OptionGreeks), "a symbol no longer listed"
    assert (gone.price, gone.forward, gone.intrinsic) == (None, None, None)


async def test_a_broker_that_does_not_answer_is_to_blame() -> None:
    board = Board()
    board.known[NIFTY] = BrokerUnavailable("The broker does not answer")
    with pytest.raises(OpenAlgoError) as caught:
        await board.desk.one(Wanted(key=CALL))
    assert caught.value.status == 502
