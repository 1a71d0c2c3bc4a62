"""What an account holds, whatever book it stands in."""

from decimal import Decimal

from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import PositionKey, Product
from openalgo.trading.venues import Venue


async def held_at(venue: Venue, account_id: int, key: PositionKey) -> Decimal:
    """The net position in units (short is negative), for delivery with the shares that are
    settled."""
    positions = await venue.positions(account_id)
    held = sum((p.position.quantity for p in positions if p.position.key == key), ZERO)
    if key.product is Product.CNC:
        holdings = await venue.holdings(account_id)
        held += sum((h.holding.quantity for h in holdings if h.holding.instrument == key[:2]), ZERO)
    return held
