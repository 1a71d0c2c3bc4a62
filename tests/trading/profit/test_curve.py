"""A session day, minute by minute."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.numbers import ZERO, px
from openalgo.domain.orders import Action
from openalgo.domain.profit import Curve, Height, Sample

DAY = date(2026, 7, 15)
# 09:15 in India.
OPENING = datetime(2026, 7, 15, 3, 45, tzinfo=UTC)


def at(minute: int, second: int = 59) -> datetime:
    """In the minute 09:15 + `minute`."""
    return OPENING + timedelta(minutes=minute, seconds=second)


def sample(minute: int, total: Decimal | int, second: int = 59) -> Sample:
    return Sample(at(minute, second), ZERO, Decimal(total))


def drawn(curve: Curve) -> list[tuple[int, float, float]]:
    """Minutes after 09:15, totals and drawdowns."""
    first = sample(0, 0).minute
    return [
        (point.sample.minute - first, float(point.sample.total), float(point.drawdown))
        for point in curve.drawn()
    ]


def test_the_vector_of_the_contract() -> None:
    """BUY 50 @200 at 09:16:30, SELL 80 @205 at 09:18:10, BUY 30 @203 at 09:20:05."""
    trades = {
        at(1, 30): (Action.BUY, 50, 200),
        at(3, 10): (Action.SELL, 80, 205),
        at(5, 5): (Action.BUY, 30, 203),
    }
    closes = ["199", "201.5", "204", "206", "207", "202", "203"]
    curve = Curve(DAY)
    for minute, close in enumerate(closes):
        cash = held = Decimal(0)
        for when, (action, quantity, price) in trades.items():
            if when <= at(minute):
                cash -= action.sign * quantity * px(price) / Decimal(1_000_000)
                held += action.sign * quantity
        curve.add(Sample(at(minute), ZERO, cash + held * Decimal(close)))
    assert drawn(curve) == [
        (0, 0, 0),
        (1, 75, 0),
        (2, 200, 0),
        (3, 220, 0),
        (4, 190, -30),
        (5, 310, 0),
        (6, 310, 0),
    ]
    close_ = curve.close
    assert close_ is not None
    assert close_.highest == Height(Decimal(310), at(5))
    assert close_.lowest == Height(ZERO, at(0, 0))
    assert (int(close_.max_drawdown), int(curve.drawdown)) == (-30, 0)


def test_a_day_without_profit_or_loss_is_blank() -> None:
    curve = Curve(DAY)
    assert curve.add(sample(0, 0))
    assert not curve.add(sample(200, 0))
    assert (curve.is_blank, curve.close, list(curve.drawn())) == (True, None, [])
    curve.add(sample(300, -5))
    assert drawn(curve) == [(299, 0, 0), (300, -5, -5)]


def test_where_nothing_moved_the_line_is_flat() -> None:
    curve = Curve(DAY)
    curve.add(sample(10, 100))
    assert not curve.add(sample(60, 100))
    curve.add(sample(90, 40))
    assert not curve.add(sample(95, 40))
    assert drawn(curve) == [(9, 0, 0), (10, 100, 0), (89, 100, 0), (90, 40, -60), (95, 40, -60)]


def test_a_minute_keeps_its_last_sample_and_the_day_its_heights() -> None:
    curve = Curve(DAY)
    for second, total in ((1, 10), (20, 500), (21, -300), (40, 7)):
        curve.add(sample(3, total, second))
    assert drawn(curve) == [(2, 0, 0), (3, 7, 0)]
    close = curve.close
    assert close is not None
    assert (close.highest, close.lowest) == (
        Height(Decimal(500), at(3, 20)),
        Height(Decimal(-300), at(3, 21)),
    )
    assert close.max_drawdown == -800


def test_it_goes_on_where_it_was_stored() -> None:
    curve = Curve(DAY)
    curve.add(sample(1, 50))
    curve.add(sample(2, 20))
    close = curve.close
    assert close is not None
    again = Curve.restored(close, curve.points)
    for each in (curve, again):
        each.add(sample(9, 60))
    assert drawn(again) == drawn(curve)
    assert again.close == curve.close
    assert [each.total for each in again.since(sample(8, 0).minute)] == [20, 60]


STEPS = st.lists(
    st.tuples(st.integers(min_value=0, max_value=400), st.integers(-1000, 1000)), max_size=60
)


@given(STEPS)
def test_points_are_a_minute_apart_and_the_heights_are_of_all_samples(
    steps: list[tuple[int, int]],
) -> None:
    curve, seconds, totals = Curve(DAY), 0, [0]
    for wait, total in steps:
        seconds += wait
        curve.add(Sample(OPENING + timedelta(seconds=seconds), ZERO, Decimal(total)))
        totals.append(total)
    minutes = [each.minute for each in curve.points]
    assert minutes == sorted(set(minutes))
    close = curve.close
    if close is None:
        assert not any(totals)
        return
    peak = worst = 0
    for total in totals:
        peak = max(peak, total)
        worst = min(worst, total - peak)
    assert (int(close.highest.total), int(close.lowest.total)) == (max(totals), min(totals))
    assert close.max_drawdown == worst
    assert close.last.total == totals[-1]
    *_, end = curve.drawn()
    assert end.sample.total == totals[-1]
    assert all(point.drawdown <= 0 for point in curve.drawn())
