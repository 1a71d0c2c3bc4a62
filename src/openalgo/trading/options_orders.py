"""Options named by their distance from the money: which they are now, and in which orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openalgo.domain.errors import InvalidOrder, InvalidRequest, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import OptionsMultiOrder, OptionsOrder, OptionTerms, PlaceOrder
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.domain.numbers import ZERO, plain_number, px, px_decimal
from openalgo.domain.orders import PositionKey
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.slices import Slices
from openalgo.instruments.symbols import compact_expiry
from openalgo.options.strikes import option_at
from openalgo.options.underlyings import OptionUnderlying
from openalgo.trading.baskets import MOST_PARTS, parts_of, phase_of
from openalgo.trading.checks import check
from openalgo.trading.markets import Market
from openalgo.trading.plans import JsonValue, Leg, Outcome, Plan
from openalgo.trading.run import Run


@dataclass(frozen=True, slots=True)
class _Chain:
    """The options of one underlying at the price it has now."""

    market: Market
    contracts: Contracts
    underlying: OptionUnderlying
    quote: Quote
    strike_step: Decimal | None

    def option(self, terms: OptionTerms, expiry: date) -> Instrument:
        return option_at(
            self.contracts,
            self.underlying.base,
            self.underlying.exchange,
            expiry,
            terms.option_type,
            terms.offset,
            px_decimal(px(self.quote.ltp)),
            self.strike_step,
        )


class OptionsOrders:
    """One option, in one order or in parts."""

    async def concerns(self, run: Run, intent: OptionsOrder) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: OptionsOrder) -> Plan:
        """The note says `underlying_ltp`, in rupees; see `_note` for those of the legs.

        Raises `InvalidRequest`, `StrikesNotFound`, `OptionNotFound`, `FutureNotFound`,
        `UnderlyingPriceUnknown` where no option is meant, and `InvalidOrder` for one that cannot
        be traded on these terms.
        """
        underlyings = run.market.underlyings
        underlying = underlyings.named(intent.underlying, intent.exchange)
        expiry = underlying.expiry_or(intent.expiry)
        quote = await underlyings.quote(underlying, expiry)
        chain = _Chain(run.market, underlyings.contracts, underlying, quote, intent.strike_step)
        option = chain.option(intent, expiry)
        order = _order(intent, option.key, intent.strategy)
        legs = _checked(run.market, order, intent.split_size, _note(intent, option))
        return Plan(legs=tuple(legs), note={"underlying_ltp": quote.ltp})


class OptionsMultiOrders:
    """Several options at one price of their underlying, one after the other: what buys goes first,
    so that what is sold then is covered."""

    async def concerns(self, run: Run, intent: OptionsMultiOrder) -> Sequence[PositionKey]:  # noqa: ARG002
        return ()

    async def plan(self, run: Run, intent: OptionsMultiOrder) -> Plan:
        """The note says `underlying_ltp`, in rupees; see `_note` for those of the legs.

        A leg for which there is no option, or none that can be traded on its terms, stays in the
        plan with the reason. Raises `InvalidRequest` when there are no legs or one has no expiry,
        `FutureNotFound`, `UnderlyingPriceUnknown`.
        """
        if not intent.legs:
            raise InvalidRequest("legs", "No legs provided in the request")
        underlyings = run.market.underlyings
        underlying = underlyings.named(intent.underlying, intent.exchange)
        expiries = [underlying.expiry_or(leg.expiry or intent.expiry) for leg in intent.legs]
        quote = await underlyings.quote(underlying, min(expiries))
        chain = _Chain(run.market, underlyings.contracts, underlying, quote, intent.strike_step)
        slices = Slices()
        legs: list[Leg] = []
        for number, (terms, expiry) in enumerate(zip(intent.legs, expiries, strict=True), 1):
            legs += self._legs(intent, number, terms, expiry, chain)
            if slices.over:
                await slices.pause()
        return Plan(legs=tuple(legs), atomic=intent.atomic, note={"underlying_ltp": quote.ltp})

    def _legs(
        self,
        intent: OptionsMultiOrder,
        number: int,
        terms: OptionTerms,
        expiry: date,
        chain: _Chain,
    ) -> list[Leg]:
        """The orders of one leg, or one order that says why there are none."""
        # Until the option is known, the order names what it is to be written on.
        order = _order(terms, InstrumentKey(intent.exchange, intent.underlying), intent.strategy)
        note: dict[str, JsonValue] = {"leg": number, **_note(terms)}
        try:
            option = chain.option(terms, expiry)
            order = _order(terms, option.key, intent.strategy)
            note |= _note(terms, option)
            if terms.quantity > terms.split_size * MOST_PARTS > 0:
                raise InvalidOrder(
                    "splitsize",
                    f"Split orders would exceed maximum limit of {MOST_PARTS} per leg",
                )
            return _checked(chain.market, order, terms.split_size, note)
        except OpenAlgoError as error:
            refused = Outcome.refused(error)
            return [Leg(order=order, phase=phase_of(order.action), refusal=refused, note=note)]


def _checked(
    market: Market, order: PlaceOrder, size: Decimal, note: Mapping[str, JsonValue]
) -> list[Leg]:
    """`order`, or with a `size` above 0 its parts, numbered in their notes. Raises `InvalidOrder`
    for too many parts and for what no exchange would take."""
    phase = phase_of(order.action)
    if not size:
        check(order, market.instruments)
        return [Leg(order=order, phase=phase, note=note)]
    return [
        Leg(order=part, phase=phase, note={**note, "part": number})
        for number, part in enumerate(parts_of(market, order, size), 1)
    ]


def _order(terms: OptionTerms, key: InstrumentKey, strategy: str) -> PlaceOrder:
    return PlaceOrder(
        strategy=strategy,
        exchange=key.exchange,
        symbol=key.symbol,
        action=terms.action,
        quantity=terms.quantity,
        price_type=terms.price_type,
        product=terms.product,
        price=terms.price,
        trigger_price=terms.trigger_price,
        disclosed_quantity=terms.disclosed_quantity,
    )


def _note(terms: OptionTerms, option: Instrument | None = None) -> dict[str, JsonValue]:
    """What was asked for, and with an `option` what that came to: `expiry`, and `strike` in
    rupees. Legs of several have a `leg` besides, parts of one a `part`, both from 1."""
    note: dict[str, JsonValue] = {"offset": terms.offset, "option_type": terms.option_type}
    if option is not None and option.expiry is not None:
        note["expiry"] = compact_expiry(option.expiry)
        note["strike"] = plain_number(option.strike or ZERO)
    return note
