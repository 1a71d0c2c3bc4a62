"""Orders for options named by their distance from the money."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypedDict

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, Wanted
from openalgo.api.schemas.fields import (
    ActionWord,
    DisclosedQuantity,
    ExchangeCode,
    Price,
    PriceTypeWord,
    Switch,
    Symbol,
    TriggerPrice,
    number_schema,
    number_where,
    one_of,
    read_text,
    refuse,
    word_schema,
)
from openalgo.api.schemas.terms import Repeatable, StrategyRequest, limit_of, trigger_of
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.intents import OptionsMultiOrder, OptionsOrder, OptionTerms
from openalgo.domain.numbers import ZERO, Px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.instruments.symbols import parse_expiry
from openalgo.options.strikes import steps_out

MOST_LEGS = 20

_RIGHTS = (InstrumentType.CALL, InstrumentType.PUT)
_PRODUCTS = (Product.MIS, Product.NRML)


def _counts(number: Decimal) -> bool:
    return number >= 1 and number == int(number)


def _read_offset(value: object) -> str:
    offset = read_text(value).upper()
    if steps_out(offset) is None:
        raise refuse("Must be ATM, ITM1-ITM50 or OTM1-OTM50.")
    return offset


def _read_expiry(value: object) -> date:
    expiry = parse_expiry(value.strip()) if isinstance(value, str) else None
    if expiry is None:
        raise refuse("Invalid expiry_date format. Expected DDMMMYY")
    return expiry


def _read_legs(value: object) -> object:
    if isinstance(value, list) and len(value) > MOST_LEGS:
        raise refuse("Legs must contain 1 to {most} items.", most=MOST_LEGS)
    return value


Offset = Annotated[
    str,
    PlainValidator(_read_offset),
    WithJsonSchema({"type": "string", "examples": ["ATM", "ITM2", "OTM5"]}),
]
OptionType = Annotated[Literal["CE", "PE"], PlainValidator(one_of(_RIGHTS)), word_schema(_RIGHTS)]
DerivativeProduct = Annotated[Product, PlainValidator(one_of(_PRODUCTS)), word_schema(_PRODUCTS)]
ExpiryDate = Annotated[
    date,
    PlainValidator(_read_expiry),
    WithJsonSchema({"type": "string", "examples": ["30DEC25"]}),
]
Units = Annotated[
    Decimal,
    PlainValidator(number_where(_counts, "Quantity must be a positive integer.")),
    number_schema(minimum=1),
]
SplitSize = Annotated[
    Decimal,
    PlainValidator(
        number_where(lambda n: not n or _counts(n), "Split size must be a non-negative integer.")
    ),
    number_schema(minimum=0),
]
StrikeStep = Annotated[
    Decimal,
    PlainValidator(number_where(_counts, "Strike interval must be a positive integer.")),
    number_schema(minimum=1),
]


class _Terms(TypedDict):
    offset: str
    option_type: InstrumentType
    expiry: date | None
    action: Action
    quantity: Decimal
    split_size: Decimal
    price_type: PriceType
    product: Product
    price: Px
    trigger_price: Px
    disclosed_quantity: Decimal


class OptionLeg(Wanted):
    """One option, and how to trade it."""

    offset: Annotated[Offset, Field(description="In listed strikes from the money.")]
    option_type: OptionType
    expiry_date: Annotated[
        ExpiryDate | None, Field(description="DDMMMYY; wins over one in the underlying.")
    ] = None
    action: ActionWord
    quantity: Annotated[Units, Field(description="In units, not lots.")]
    splitsize: Annotated[
        SplitSize, Field(description="Units of one order, at most 100 orders; 0 sends one.")
    ] = ZERO
    pricetype: PriceTypeWord = PriceType.MARKET
    product: DerivativeProduct = Product.MIS
    price: Annotated[Price, Field(description="Rupees; for LIMIT and SL.")] = ZERO
    trigger_price: Annotated[TriggerPrice, Field(description="Rupees; for SL and SL-M.")] = ZERO
    disclosed_quantity: DisclosedQuantity = ZERO

    def terms(self) -> _Terms:
        """The leg in our words; prices its type does not use are dropped."""
        return _Terms(
            offset=self.offset,
            option_type=InstrumentType(self.option_type),
            expiry=self.expiry_date,
            action=self.action,
            quantity=self.quantity,
            split_size=self.splitsize,
            price_type=self.pricetype,
            product=self.product,
            price=limit_of(self.pricetype, self.price),
            trigger_price=trigger_of(self.pricetype, self.trigger_price),
            disclosed_quantity=self.disclosed_quantity,
        )


class _OnUnderlying(Repeatable, StrategyRequest):
    """What options orders have in common, of one leg or of many."""

    underlying: Annotated[
        Symbol, Field(description="NIFTY, RELIANCE, or with an expiry: NIFTY30DEC25FUT.")
    ]
    exchange: Annotated[
        ExchangeCode, Field(description="Of the underlying or of its options: NSE_INDEX, NFO, MCX.")
    ]
    strike_int: Annotated[
        StrikeStep | None,
        Field(description="Count in steps of so many rupees instead of listed strikes."),
    ] = None


_ORDER: JsonDict = {
    "apikey": EXAMPLE_KEY,
    "strategy": "Python",
    "underlying": "NIFTY",
    "exchange": "NSE_INDEX",
    "expiry_date": "30DEC25",
    "offset": "OTM2",
    "option_type": "CE",
    "action": "BUY",
    "quantity": "75",
    "pricetype": "MARKET",
    "product": "NRML",
}


class OptionsOrderRequest(OptionLeg, _OnUnderlying):
    model_config = ConfigDict(
        json_schema_extra={"examples": [_ORDER, _ORDER | {"quantity": "3000", "splitsize": "1800"}]}
    )

    def to_intent(self, client_order_id: str | None) -> OptionsOrder:
        return OptionsOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            underlying=self.underlying,
            exchange=self.exchange,
            strike_step=self.strike_int,
            **self.terms(),
        )


class OptionsMultiOrderRequest(_OnUnderlying):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "underlying": "NIFTY",
                    "exchange": "NSE_INDEX",
                    "expiry_date": "30DEC25",
                    "legs": [
                        {"offset": "OTM4", "option_type": "CE", "action": "SELL", "quantity": 75},
                        {"offset": "OTM6", "option_type": "CE", "action": "BUY", "quantity": 75},
                    ],
                }
            ]
        }
    )

    expiry_date: Annotated[
        ExpiryDate | None, Field(description="DDMMMYY; of the legs that have none of their own.")
    ] = None
    legs: Annotated[
        list[OptionLeg],
        BeforeValidator(_read_legs, json_schema_input_type=list[OptionLeg]),
        Field(
            description="1 to 20; what buys goes first.",
            json_schema_extra={"minItems": 1, "maxItems": MOST_LEGS},
        ),
    ]
    atomic: Annotated[
        Switch, Field(description="Sell nothing once something could not be bought.")
    ] = False

    def to_intent(self, client_order_id: str | None) -> OptionsMultiOrder:
        return OptionsMultiOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            underlying=self.underlying,
            exchange=self.exchange,
            strike_step=self.strike_int,
            expiry=self.expiry_date,
            legs=tuple(OptionTerms(strategy=self.strategy, **leg.terms()) for leg in self.legs),
            atomic=self.atomic,
        )
