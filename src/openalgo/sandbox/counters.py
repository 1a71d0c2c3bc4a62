"""What the ids of orders, trades and GTTs are made from."""

from dataclasses import dataclass
from datetime import date


@dataclass(slots=True)
class Counters:
    """The last numbers given out. All engines of a process draw from one, so that no id comes
    twice. They never go back: what was numbered and then not stored leaves a gap.

    The number of an order starts over each day, the others never do.
    """

    order_day: date | None = None
    order_number: int = 0
    trade_number: int = 0
    gtt_number: int = 0

    def next_order(self, day: date) -> tuple[date, int]:
        """What comes late, for an earlier day, is numbered with the latest: no number twice."""
        if self.order_day is None or day > self.order_day:
            return day, 1
        return self.order_day, self.order_number + 1

    def count_order(self, day: date) -> None:
        self.order_day, self.order_number = self.next_order(day)

    def go_on_from(
        self, order_day: date | None, order_number: int, trade_number: int, gtt_number: int
    ) -> None:
        """Give out nothing up to these."""
        if order_day is not None:
            mine = (self.order_day or date.min, self.order_number)
            self.order_day, self.order_number = max(mine, (order_day, order_number))
        self.trade_number = max(self.trade_number, trade_number)
        self.gtt_number = max(self.gtt_number, gtt_number)
