"""What an explanation is made of."""

from datetime import datetime

import msgspec

from openalgo.domain.numbers import Px, px_decimal
from openalgo.domain.orders import Order
from openalgo.domain.words import Word


class Stage(Word):
    REQUEST = "request"
    APPROVAL = "approval"
    PLAN = "plan"
    TIMING = "timing"
    SENT = "sent"
    ORDER = "order"
    TRADE = "trade"
    MONEY = "money"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `cause` is the id of the request (or task) behind it.

    Requests, timings and what was sent carry the time of this machine, the others that of the
    market.
    """

    at: datetime
    stage: Stage
    cause: str
    text: str
    detail: dict[str, str] = {}


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`steps` are grouped by what caused them, the first cause first. `order` is `None` where it
    went to a broker that cannot tell how it stands: it was not asked, or it was another day."""

    order: Order | None
    steps: tuple[Step, ...]


def price_text(price: Px) -> str:
    """`price` as a step says it, without zeros at its end."""
    return f"{px_decimal(price).normalize():f}"
