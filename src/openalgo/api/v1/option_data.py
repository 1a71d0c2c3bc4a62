"""Options of an underlying: one by its distance from the money, the chain, the synthetic future."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from openalgo.api import streams
from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.option_data import (
    OnUnderlyingRequest,
    OptionChainReply,
    OptionChainRequest,
    OptionSymbolReply,
    OptionSymbolRequest,
    SyntheticFutureReply,
    SyntheticFutureRequest,
)
from openalgo.api.v1 import PREFIX
from openalgo.api.v1.chain_lines import chain_lines
from openalgo.api.v1.rows import finite
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px, px_decimal, px_float
from openalgo.identity.principal import Scope
from openalgo.instruments.symbols import compact_expiry
from openalgo.options.snapshot import NEAR_THE_MONEY, ChainGreeks, ChainSnapshot
from openalgo.options.strikes import option_at
from openalgo.options.synthetic import synthetic_future
from openalgo.options.underlyings import OptionUnderlying

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

router = APIRouter(prefix=PREFIX, tags=["Options"], route_class=DirectRoute)

_EXPIRED = "Options have expired - Greeks are no longer applicable"
_encode = msgspec.json.Encoder().encode


@router.post(
    "/optionsymbol",
    summary="An option by its distance from the money",
    responses=error_responses(404, 502),
)
async def optionsymbol(wanted: OptionSymbolRequest, call: Reader) -> OptionSymbolReply:
    """The call or put whose strike is so many listed strikes from the money at the price its
    underlying has now."""
    underlying, expiry = _named(wanted, call)
    quote = await call.market.chains.underlyings.quote(underlying, expiry)
    option = option_at(
        call.market.chains.underlyings.contracts,
        underlying.base,
        underlying.exchange,
        expiry,
        InstrumentType(wanted.option_type),
        wanted.offset,
        px_decimal(px(quote.ltp)),
        wanted.strike_int,
    )
    return OptionSymbolReply(
        symbol=option.symbol,
        exchange=option.exchange,
        lotsize=option.lot_size,
        tick_size=px_float(option.tick_size),
        freeze_qty=call.services.freeze.of(option, call.today).quantity,
        underlying_ltp=quote.ltp,
    )


@router.post(
    "/optionchain",
    summary="The option chain",
    responses=error_responses(404, 502),
    response_model=OptionChainReply,
)
async def optionchain(wanted: OptionChainRequest, call: Reader) -> Response:
    """Calls and puts of one expiry by strike, with prices, and with implied volatility and greeks
    if wanted. Volatility is that of the middle of bid and ask where they are near each other, else
    of the last price."""
    underlying, expiry = _named(wanted, call)
    chains = call.market.chains
    each_side = None if wanted.strike_count is None else int(wanted.strike_count)
    snapshot = await chains.snapshot(underlying, expiry, each_side)
    greeks = None
    if wanted.with_greeks:
        greeks = await chains.greeks(snapshot, float(wanted.interest_rate) / 100.0)
    asked = (each_side, None if greeks is None else wanted.interest_rate)
    reply = await chains.made_of(snapshot, asked, lambda: chain_pieces(snapshot, each_side, greeks))
    return Response(reply, media_type="application/json")


@router.post(
    "/syntheticfuture",
    summary="The future that call and put make together",
    responses=error_responses(404, 502),
)
async def syntheticfuture(wanted: SyntheticFutureRequest, call: Reader) -> SyntheticFutureReply:
    """What buying the call and selling the put at the money comes to, by last prices."""
    underlying, expiry = _named(wanted, call)
    snapshot = await call.market.chains.snapshot(underlying, expiry, NEAR_THE_MONEY)
    made = synthetic_future(snapshot)
    return SyntheticFutureReply(
        underlying=underlying.base,
        underlying_ltp=snapshot.spot.ltp,
        expiry=compact_expiry(expiry),
        atm_strike=made.strike,
        synthetic_future_price=round(made.price, 2),
        basis=round(made.basis, 2),
        annualised_carry_pct=None if made.carry is None else round(made.carry * 100.0, 2),
        call_ltp=made.call,
        put_ltp=made.put,
    )


def _named(wanted: OnUnderlyingRequest, call: Call) -> tuple[OptionUnderlying, date]:
    """Whose options are meant, of which expiry. Raises `BrokerSessionExpired`,
    `InvalidRequest`."""
    call.check_session()
    underlying = call.market.chains.underlyings.named(wanted.underlying, wanted.exchange)
    return underlying, underlying.expiry_or(wanted.expiry_date)


def chain_pieces(
    snapshot: ChainSnapshot, each_side: int | None, greeks: ChainGreeks | None
) -> Iterator[bytes]:
    """The reply with `each_side` strikes around the money in compact JSON, piece by piece."""
    spot = snapshot.spot
    head: dict[str, object] = {
        "status": "success",
        "underlying": snapshot.underlying.base,
        "underlying_symbol": spot.key.symbol,
        "underlying_exchange": spot.key.exchange,
        "underlying_ltp": spot.ltp,
        "underlying_prev_close": finite(spot.prev_close),
        "expiry_date": compact_expiry(snapshot.expiry),
        "expiry_ts": int(snapshot.expires.timestamp()),
        "server_ts": int(snapshot.at.timestamp()),
        "atm_strike": float(snapshot.strike_at_the_money),
        "quotes_included": True,
        "greeks_included": greeks is not None,
        "forward_price": None if greeks is None else round(greeks.forward.price, 4),
        "forward_source": None if greeks is None else greeks.forward.source,
    }
    if greeks is not None and not greeks.years:
        head["note"] = _EXPIRED
    yield _encode(head)[:-1] + b',"chain":'
    yield from streams.line_list(chain_lines(snapshot, each_side, greeks))
    yield b"}"
