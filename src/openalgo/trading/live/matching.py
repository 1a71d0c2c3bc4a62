"""Which of the broker's orders is one that was sent and not answered: pure functions.

Nothing here is a guess: where two orders could be meant, nothing is said.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openalgo.brokers.rows import GttRow, OrderRow
from openalgo.domain.calendar import session_date
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import SentOrder

NEVER_ARRIVED = timedelta(seconds=60)
"""After so long an order that was on its way is not under way any more: a call lasts 30 s."""

_CLOCKS_DIFFER = timedelta(seconds=5)
_ARRIVES_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Found:
    """`order` is the one the broker calls `order_id`."""

    order: SentOrder
    order_id: str


@dataclass(frozen=True, slots=True)
class Missing:
    """`order` never arrived."""

    order: SentOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """The broker's whole book of orders, asked for at `asked_at`.

    `claimed` are ids known to be other orders of ours. `tags_returned` says whether the book shows
    what orders were tagged with."""

    rows: Sequence[OrderRow]
    asked_at: datetime
    claimed: Collection[str]
    tags_returned: bool


def settled(
    undecided: Sequence[SentOrder], under_way: Iterable[SentOrder], book: OrderBook
) -> list[Found | Missing]:
    """What can be said of `undecided` orders by `book`. Those `under_way` are being sent at the
    moment: an order that could be one of them is nobody else's."""
    tagged = {row.tag.lower(): row for row in book.rows if row.tag} if book.tags_returned else {}
    unclaimed = [
        row
        for row in book.rows
        if row.order_id not in book.claimed and not (book.tags_returned and row.tag)
    ]
    rivals = Counter(_terms(each) for each in (*undecided, *under_way))
    verdicts: list[Found | Missing] = []
    for sent in undecided:
        if (row := tagged.get(sent.tag)) is not None:
            verdicts.append(Found(sent, row.order_id))
            continue
        alike = [row for row in unclaimed if _could_be(sent, row)]
        if len(alike) == 1 and rivals[_terms(sent)] == 1:
            verdicts.append(Found(sent, alike[0].order_id))
        elif not alike and book.tags_returned and _would_show(sent, book.asked_at):
            verdicts.append(Missing(sent))
    return verdicts


def found_gtts(
    undecided: Sequence[SentOrder],
    under_way: Iterable[SentOrder],
    rows: Iterable[GttRow],
    claimed: Collection[str],
) -> list[Found]:
    """The same for GTTs, which carry no tag: exactly one of equal terms."""
    unclaimed = [row for row in rows if row.trigger_id not in claimed]
    rivals = Counter(_terms(each) for each in (*undecided, *under_way))
    found = []
    for sent in undecided:
        alike = [row for row in unclaimed if _could_be_gtt(sent, row)]
        if len(alike) == 1 and rivals[_terms(sent)] == 1:
            found.append(Found(sent, alike[0].trigger_id))
    return found


def _would_show(sent: SentOrder, asked_at: datetime) -> bool:
    """Whether a book asked for then would have the order, had it arrived: books are of one day."""
    same_day = session_date(sent.sent_at) == session_date(asked_at)
    return same_day and asked_at >= sent.sent_at + NEVER_ARRIVED


def _could_be(sent: SentOrder, row: OrderRow) -> bool:
    order = sent.intent
    return (
        isinstance(order, PlaceOrder)
        and (row.exchange, row.symbol) == order.key
        and row.action is order.action
        and row.quantity == order.quantity
        and row.product == order.product
        and row.price_type is order.price_type
        and (not order.price_type.takes_price or row.price == order.price)
        and (not order.price_type.takes_trigger or row.trigger_price == order.trigger_price)
        and _in_time(sent, row.placed_at)
    )


def _could_be_gtt(sent: SentOrder, row: GttRow) -> bool:
    gtt = sent.intent
    return (
        isinstance(gtt, PlaceGtt)
        and (row.exchange, row.symbol) == gtt.key
        and row.trigger_type is gtt.trigger_type
        and [leg.trigger_price for leg in row.legs] == [each.trigger_price for each in gtt.triggers]
        and all(leg.action is gtt.action and leg.quantity == gtt.quantity for leg in row.legs)
        and _in_time(sent, row.created_at)
    )


def _in_time(sent: SentOrder, at: datetime) -> bool:
    return sent.sent_at - _CLOCKS_DIFFER <= at <= sent.sent_at + _ARRIVES_WITHIN


def _terms(sent: SentOrder) -> tuple[object, ...]:
    """Equal for two orders that could be taken for one another."""
    intent = sent.intent
    if isinstance(intent, PlaceGtt):
        prices = tuple(each.trigger_price for each in intent.triggers)
        return (intent.KIND, *intent.key, intent.action, intent.quantity, prices)
    return (
        intent.KIND,
        *intent.key,
        intent.action,
        intent.quantity,
        intent.product,
        intent.price_type,
        intent.price if intent.price_type.takes_price else 0,
        intent.trigger_price if intent.price_type.takes_trigger else 0,
    )
