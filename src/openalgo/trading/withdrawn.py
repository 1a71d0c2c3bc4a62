"""Orders that take the place of others: what is left for them to do once those have ended."""

from msgspec.structs import replace

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.numbers import ZERO, plain_number
from openalgo.trading.plans import Leg, Outcome
from openalgo.trading.run import Run


async def what_is_left(run: Run, leg: Leg) -> PlaceOrder | Outcome:
    """The order of `leg`, less what the orders before it filled while they were withdrawn; or why
    it is not sent.

    A venue that takes a cancellation has not cancelled yet. A fill between the two readings of
    planning, of orders and of positions, counts twice: then too little is done rather than too
    much.
    """
    filled = -leg.filled_before
    for order_id in leg.after:
        try:
            before = await run.venue.ended(run.account_id, order_id)
        except OpenAlgoError as error:
            return _not_now(order_id, error.message)
        if before.status.is_working:
            return _not_now(order_id, "the broker has not confirmed that it is cancelled")
        filled += before.filled_quantity
    left = leg.order.quantity - max(filled, ZERO)
    if left <= 0:
        return Outcome(
            code="already_filled",
            status=409,
            message=f"Not sent, because {plain_number(filled)} were filled by orders that were to "
            f"be withdrawn: {', '.join(leg.after)}",
        )
    return leg.order if filled <= 0 else replace(leg.order, quantity=left)


def _not_now(order_id: str, why: str) -> Outcome:
    """A repeat asks again."""
    return Outcome(
        code="cancel_unconfirmed",
        status=424,
        message=f"Not sent, because order {order_id} may still fill: {why}",
    )
