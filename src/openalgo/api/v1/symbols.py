"""What can be traded: one instrument, a search, expiries, and all there is."""

import csv
import io
import secrets
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from openalgo.api import streams
from openalgo.api.deps import Call, caller, may_be_kept
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.symbols import (
    ExpiryReply,
    ExpiryRequest,
    InstrumentsQuery,
    InstrumentsReply,
    SearchReply,
    SearchRequest,
    SymbolReply,
    SymbolRequest,
    SymbolRow,
)
from openalgo.api.v1 import PREFIX
from openalgo.api.v1.rows import FoundLine, InstrumentLine
from openalgo.domain.errors import NotFound
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey
from openalgo.identity.principal import Scope
from openalgo.instruments.master import Master
from openalgo.instruments.symbols import expiry_text

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]

direct = APIRouter(prefix=PREFIX, tags=["Symbols"], route_class=DirectRoute)
router = APIRouter(prefix=PREFIX, tags=["Symbols"])

# A master never changes, so one name for each tells whether a client's copy is still current.
_names: WeakKeyDictionary[Master, str] = WeakKeyDictionary()


class NoSuchSymbol(NotFound):
    """Nothing in the master has this name."""

    code = "symbol_not_found"

    def __init__(self, key: InstrumentKey) -> None:
        super().__init__(f"Symbol {key.symbol} not found in exchange {key.exchange}")


@direct.post("/symbol", summary="One instrument", responses=error_responses(404))
async def symbol(wanted: SymbolRequest, call: Reader) -> SymbolReply:
    """Lot size, tick size, expiry and what else the symbol master says."""
    key = InstrumentKey(wanted.exchange, wanted.symbol)
    found = call.market.instruments.find(key)
    if found is None:
        raise NoSuchSymbol(key)
    number = int.from_bytes(blake2b(str(key).encode(), digest_size=6).digest())
    return SymbolReply(data=SymbolRow(id=number, **msgspec.structs.asdict(_found(found, call))))


@direct.post(
    "/search",
    summary="Search instruments",
    responses=error_responses(),
    response_model=SearchReply,
)
async def search(wanted: SearchRequest, call: Reader) -> Response:
    """All words must match the symbol, the name, the broker's symbol, the token or the strike, in
    any case: `nifty 26000 ce dec`."""
    found = await call.market.instruments.master.search(wanted.query, wanted.exchange)
    message = f"Found {len(found)} matching symbols" if found else "No matching symbols found"
    pieces = streams.json_list((_found(row, call) for row in found), message)
    return StreamingResponse(streams.paced(pieces), media_type="application/json")


@direct.post("/expiry", summary="Expiry dates", responses=error_responses())
async def expiry(wanted: ExpiryRequest, call: Reader) -> ExpiryReply:
    """The days on which futures or options of an underlying expire."""
    days = call.market.instruments.master.contracts.expiries(
        wanted.symbol, wanted.exchange, wanted.instrumenttype, call.today
    )
    of_what = f"for {wanted.symbol} {wanted.instrumenttype} in {wanted.exchange}"
    count = f"Found {len(days)} expiry dates" if days else "No expiry dates found"
    return ExpiryReply(message=f"{count} {of_what}", data=[expiry_text(day) for day in days])


@router.get(
    "/instruments",
    summary="All instruments",
    response_model=InstrumentsReply,
    responses={
        **error_responses(),
        200: {"content": {"text/csv": {"example": ",".join(InstrumentLine.__struct_fields__)}}},
        304: {"description": "The copy that If-None-Match names is current."},
    },
)
async def instruments(
    wanted: Annotated[InstrumentsQuery, Query()], call: Reader, request: Request
) -> Response:
    """The symbol master, of one exchange or of all, as JSON or CSV."""
    master = call.market.instruments.master
    exchange = wanted.exchange
    etag = f'W/"{_name_of(master)}-{exchange or "all"}-{wanted.format}"'
    headers = {"ETag": etag, "Vary": "Accept-Encoding"}
    if _is_current(request.headers.get("if-none-match", ""), etag):
        may_be_kept(request)
        return Response(status_code=304, headers=headers)
    lines = map(InstrumentLine.of, master if exchange is None else master.on(exchange))
    if wanted.format == "csv":
        headers["Content-Disposition"] = (
            f'attachment; filename="instruments_{exchange or "all"}.csv"'
        )
        chunks = streams.paced(_csv(lines))
    else:
        count = len(master) if exchange is None else master.count(exchange)
        message = f"Found {count} instruments" if count else "No instruments found"
        chunks = streams.paced(streams.json_list(lines, message))
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        chunks = streams.gzipped(chunks)
    may_be_kept(request)
    media_type = "text/csv" if wanted.format == "csv" else "application/json"
    return StreamingResponse(chunks, headers=headers, media_type=media_type)


def _found(instrument: Instrument, call: Call) -> FoundLine:
    return FoundLine.found(instrument, call.services.freeze.of(instrument, call.today))


def _csv(lines: Iterable[InstrumentLine]) -> Iterator[bytes]:
    yield ",".join(InstrumentLine.__struct_fields__).encode() + b"\r\n"
    for batch in streams.batches(lines):
        text = io.StringIO()
        csv.writer(text).writerows(map(msgspec.structs.astuple, batch))
        yield text.getvalue().encode()


def _name_of(master: Master) -> str:
    name = _names.get(master)
    if name is None:
        name = _names[master] = secrets.token_hex(8)
    return name


def _is_current(if_none_match: str, etag: str) -> bool:
    """Whether the header names `etag`; compared weakly, as the rules for GET are."""
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in named or etag.removeprefix("W/") in named


def _takes_gzip(accept_encoding: str) -> bool:
    for choice in accept_encoding.lower().split(","):
        name, _, weight = choice.replace(" ", "").partition(";q=")
        if name in {"gzip", "*"}:
            return weight.strip("0.") != "" or not weight
    return False
