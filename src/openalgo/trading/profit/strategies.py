"""Whose profit it was: what the trades of each strategy have made by now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from openalgo.domain.numbers import ONE, ZERO, px_decimal
from openalgo.domain.orders import PositionKey, Trade
from openalgo.domain.portfolio import MarkedPosition
from openalgo.instruments.slices import Slices


class StrategyProfit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`total` in rupees: what was received, less what was paid, and what is left of it at the last
    prices; `None` where one of these prices is not known."""

    strategy: str
    trades: int
    total: Decimal | None


async def by_strategy(
    trades: Sequence[Trade], rows: Sequence[MarkedPosition]
) -> tuple[list[StrategyProfit], Decimal | None]:
    """What each strategy made with the `trades` of the day, and what the rest is of what `rows`
    come to: that of positions carried into the day. `None` where a strategy's is not known."""
    marked = {row.position.key: row for row in rows}
    paid: dict[tuple[str, PositionKey], Decimal] = defaultdict(Decimal)
    left: dict[tuple[str, PositionKey], Decimal] = defaultdict(Decimal)
    count: dict[str, int] = defaultdict(int)
    slices = Slices()
    for trade in trades:
        key = PositionKey(trade.exchange, trade.symbol, trade.product)
        signed = trade.action.sign * trade.quantity
        paid[trade.strategy, key] += signed * px_decimal(trade.price)
        left[trade.strategy, key] += signed
        count[trade.strategy] += 1
        if slices.over:
            await slices.pause()
    made: dict[str, Decimal | None] = dict.fromkeys(count, ZERO)
    for (strategy, key), cost in paid.items():
        quantity, row, before = left[strategy, key], marked.get(key), made[strategy]
        if before is None or (row is None and quantity):
            made[strategy] = None
        else:
            worth = quantity * row.ltp if row is not None else ZERO
            made[strategy] = before + (worth - cost) * (row.multiplier if row is not None else ONE)
    profits = [
        StrategyProfit(strategy=name, trades=count[name], total=total)
        for name, total in made.items()
    ]
    return profits, _rest(rows, made.values())


def _rest(rows: Sequence[MarkedPosition], made: Iterable[Decimal | None]) -> Decimal | None:
    rest = sum((row.total for row in rows), ZERO)
    for total in made:
        if total is None:
            return None
        rest -= total
    return rest
