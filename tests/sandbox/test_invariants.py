"""Random trading never breaks the books: I1-I4 after every command, and replay gives the same."""

from contextlib import suppress
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.orders import OrderStatus
from openalgo.sandbox.state import PaperExchange
from tests.support.market import INFY, NIFTY_CALL, NIFTY_FUT, SBIN
from tests.support.paper import Paper, check_invariants

PRODUCTS = {SBIN.symbol: ["MIS", "CNC"], INFY.symbol: ["MIS", "CNC"]}
instruments = st.sampled_from([SBIN, INFY, NIFTY_FUT, NIFTY_CALL])
prices = st.integers(min_value=1800, max_value=2200).map(lambda n: str(Decimal(n) / 20))


@st.composite
def place(draw: st.DrawFn) -> tuple[object, ...]:
    instrument = draw(instruments)
    return (
        "order",
        instrument,
        draw(st.sampled_from(["BUY", "SELL"])),
        draw(st.integers(min_value=1, max_value=40)) * instrument.lot_size,
        draw(st.none() | prices),
        draw(st.sampled_from(PRODUCTS.get(instrument.symbol, ["MIS", "NRML"]))),
        draw(st.integers(min_value=1, max_value=2)),
    )


commands = st.lists(
    st.one_of(
        place(),
        st.tuples(st.just("market"), instruments, prices),
        st.tuples(st.just("cancel"), st.integers(min_value=0, max_value=30)),
    ),
    max_size=40,
)


def play(paper: Paper, script: list[tuple[object, ...]]) -> None:
    for instrument in (SBIN, INFY, NIFTY_FUT, NIFTY_CALL):
        paper.market(instrument, "100")
    for step in script:
        with suppress(OpenAlgoError):  # a refusal, too, must leave the books in order
            _step(paper, step)
        check_invariants(paper)


def _step(paper: Paper, step: tuple[object, ...]) -> None:
    match step:
        case "order", Instrument() as instrument, str(action), int(size), price, product, int(who):
            assert price is None or isinstance(price, str)
            paper.order(instrument, action, size, price, str(product), account=who)
        case "market", Instrument() as instrument, str(price):
            paper.market(instrument, price)
        case "cancel", int(index):
            working = [
                order
                for account in paper.state.accounts.values()
                for order in account.orders.values()
                if order.status is OrderStatus.OPEN
            ]
            if working:
                order = working[index % len(working)]
                paper.cancel(order.order_id, account=order.account_id)


@settings(max_examples=150, deadline=None)
@given(
    script=commands,
    capital=st.sampled_from(["20000", "300000", "10000000"]),
)
def test_every_command_keeps_the_books_in_order(
    script: list[tuple[object, ...]], capital: str
) -> None:
    play(Paper(capital=capital), script)


@settings(max_examples=60, deadline=None)
@given(script=commands)
def test_replaying_the_events_gives_the_same_state(script: list[tuple[object, ...]]) -> None:
    paper = Paper(capital="300000")
    play(paper, script)
    replayed = PaperExchange()
    for instrument in (SBIN, INFY, NIFTY_FUT, NIFTY_CALL):
        replayed.book(instrument)
    for event in paper.events:
        replayed.apply(event)
    for account_id, account in paper.state.accounts.items():
        copy = replayed.accounts[account_id]
        assert (copy.funds, copy.seq) == (account.funds, account.seq)
        assert copy.orders == account.orders
        assert copy.trades == account.trades
        assert copy.positions == account.positions
    assert replayed.next_order_id(paper.now) == paper.state.next_order_id(paper.now)
