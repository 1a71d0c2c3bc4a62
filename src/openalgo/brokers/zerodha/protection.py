"""MARKET where only LIMIT is taken: a limit so far off that it fills as one.

The distances are those of Zerodha's own market protection.
"""

from decimal import Decimal

from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action

_OPTIONS = (
    (px(10), Decimal("0.05")),
    (px(100), Decimal("0.03")),
    (px(500), Decimal("0.02")),
)
_OPTIONS_ABOVE = Decimal("0.01")
_OTHERS = ((px(100), Decimal("0.02")), (px(500), Decimal("0.01")))
_OTHERS_ABOVE = Decimal("0.005")


def protected_price(base: Px, action: Action, instrument: Instrument) -> Px:
    """The limit for a trade around `base`, on the instrument's tick."""
    slabs, above = (_OPTIONS, _OPTIONS_ABOVE) if instrument.is_option else (_OTHERS, _OTHERS_ABOVE)
    share = next((share for below, share in slabs if base < below), above)
    limit = base * (1 + action.sign * share)
    tick = instrument.tick_size or 1
    return Px(max(tick, int(limit + tick // 2) // tick * tick))
