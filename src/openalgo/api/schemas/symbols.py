"""Instruments: one, those a search finds, expiries, and all."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply, Wanted
from openalgo.api.schemas.fields import (
    DerivativeExchangeCode,
    ExchangeCode,
    Symbol,
    one_word,
    text_of,
    text_schema,
)

MAX_QUERY = 100

_EXAMPLE: JsonDict = {
    "symbol": "NIFTY30DEC2526000CE",
    "brsymbol": "NIFTY25DEC26000CE",
    "name": "NIFTY",
    "exchange": "NFO",
    "brexchange": "NFO",
    "token": "13067010",
    "expiry": "30-DEC-25",
    "strike": 26000.0,
    "lotsize": 75,
    "instrumenttype": "CE",
    "tick_size": 0.05,
}
_MORE: JsonDict = {
    "contract_value": 1.0,
    "freeze_qty": 1800,
    "freeze_qty_known": True,
}

ContractKindWord = Annotated[
    Literal["futures", "options"],
    PlainValidator(one_word("futures", "options")),
    WithJsonSchema({"type": "string", "enum": ["futures", "options"]}),
]
ListFormat = Annotated[
    Literal["json", "csv"],
    PlainValidator(one_word("json", "csv")),
    WithJsonSchema({"type": "string", "enum": ["json", "csv"]}),
]


class InstrumentRow(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    symbol: str
    brsymbol: Annotated[str, Field(description="The broker's own symbol.")]
    name: Annotated[str, Field(description="Base of a derivative, company of a share.")]
    exchange: str
    brexchange: str
    token: Annotated[str, Field(description="The broker's own identifier.")]
    expiry: Annotated[str, Field(description="DD-MMM-YY, or empty.")]
    strike: Annotated[float, Field(description="In rupees; 0 but for options.")]
    lotsize: Annotated[int, Field(description="In units.")]
    instrumenttype: str
    tick_size: Annotated[float, Field(description="In rupees; 0 where prices have no grid.")]


class FoundRow(InstrumentRow):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | _MORE]})

    contract_value: Annotated[float, Field(description="Multiplies profit; 1 but for crypto.")]
    freeze_qty: Annotated[int, Field(description="Most units of one order; 1 where unknown.")]
    freeze_qty_known: bool


class SymbolRow(FoundRow):
    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 4711} | _EXAMPLE | _MORE]})

    id: Annotated[int, Field(description="A number of ours that stays the same.")]


class SymbolRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "symbol": "RELIANCE", "exchange": "NSE"}]
        }
    )

    symbol: Symbol
    exchange: ExchangeCode


class SymbolReply(Reply):
    data: SymbolRow


class SearchRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "query": "nifty 26000 ce dec", "exchange": "NFO"}]
        }
    )

    query: Annotated[str, PlainValidator(text_of(MAX_QUERY)), text_schema(MAX_QUERY)]
    exchange: Annotated[
        ExchangeCode | None, Field(description="Leave it out to search everywhere.")
    ] = None


class SearchReply(Reply):
    message: str
    data: Annotated[list[FoundRow], Field(description="Best first, at most 500.")]


class ExpiryRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "symbol": "NIFTY",
                    "exchange": "NFO",
                    "instrumenttype": "options",
                }
            ]
        }
    )

    symbol: Annotated[Symbol, Field(description="The underlying.")]
    exchange: DerivativeExchangeCode
    instrumenttype: ContractKindWord


class ExpiryReply(Reply):
    message: str
    data: Annotated[
        list[str],
        Field(description="DD-MMM-YY, ascending, without those past.", examples=[["30-DEC-25"]]),
    ]


class InstrumentsQuery(Wanted):
    exchange: Annotated[ExchangeCode | None, Field(description="Leave it out for all.")] = None
    format: ListFormat = "json"


class InstrumentsReply(Reply):
    message: str
    data: list[InstrumentRow]
