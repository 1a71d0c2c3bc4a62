"""The bits that tell where a number may be."""

from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.market import Exchange
from openalgo.instruments.blocks import MOST_ROWS, Block
from openalgo.instruments.digits import Digits
from openalgo.instruments.slices import run_through

LINES = st.tuples(st.text("0127A:é", min_size=3, max_size=3), st.text("0127B\té", max_size=8))


def block(number: int, lines: list[tuple[str, str]]) -> Block:
    return Block(
        number=number,
        exchange=Exchange.NSE,
        rows=(None,) * len(lines),  # type: ignore[arg-type]
        length=3,
        symbols="".join(f"\n{symbol}" for symbol, _ in lines),
        others="\n".join(other for _, other in lines),
        letters="",
    )


@given(
    blocks=st.lists(st.lists(LINES, min_size=1, max_size=MOST_ROWS), min_size=1, max_size=3),
    number=st.text("0127", min_size=1, max_size=4),
)
def test_no_row_with_a_number_is_missed(blocks: list[list[tuple[str, str]]], number: str) -> None:
    digits = run_through(Digits.of([block(at, lines) for at, lines in enumerate(blocks)]))
    found = digits.rows_with(number)
    assert found is not None
    for lines, bits in zip(blocks, found, strict=True):
        holding = {at for at, line in enumerate(lines) if any(number in text for text in line)}
        told = {at for at in range(MOST_ROWS) if bits >> at & 1}
        assert holding <= told
        if len(number) <= 2:
            assert holding == told


def test_of_a_word_its_numbers_count() -> None:
    lines = [("A12", "7"), ("A71", "2"), ("A20", "")]
    digits = run_through(Digits.of([block(0, lines)]))
    assert digits.rows_with("A12B7") == [0b001]
    assert digits.rows_with("AB") is None
