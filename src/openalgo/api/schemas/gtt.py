"""Orders that wait, good till triggered, for a price. Times are IST, prices rupees."""

from contextlib import suppress
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, VenueReply
from openalgo.api.schemas.fields import (
    ActionWord,
    ExchangeCode,
    Price,
    Quantity,
    Symbol,
    TriggerPrice,
    if_any,
    one_of,
    one_word,
    read_day,
    read_text,
    refuse,
    text_of,
    text_schema,
    word_schema,
)
from openalgo.api.schemas.terms import Echo, MaybeText, Repeatable, StrategyRequest
from openalgo.domain.clock import IST
from openalgo.domain.errors import InvalidRequest
from openalgo.domain.gtt import GttTrigger, TriggerSide, TriggerType
from openalgo.domain.intents import CancelGtt, ModifyGtt, PlaceGtt
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Action, PriceType, Product

_PRODUCTS = (Product.NRML, Product.CNC)
_PRICE_TYPES = (PriceType.LIMIT, PriceType.MARKET)
_END_OF_DAY = time(23, 59, 59, tzinfo=IST)

_SINGLE: JsonDict = {
    "strategy": "Python",
    "trigger_type": "SINGLE",
    "exchange": "NSE",
    "symbol": "SBIN",
    "action": "BUY",
    "product": "CNC",
    "quantity": 10,
    "pricetype": "LIMIT",
    "price": 800,
    "triggerprice_sl": 801,
}
_OCO: JsonDict = {
    "strategy": "Python",
    "trigger_type": "OCO",
    "exchange": "NSE",
    "symbol": "SBIN",
    "action": "SELL",
    "product": "CNC",
    "quantity": 10,
    "pricetype": "LIMIT",
    "price": 0,
    "triggerprice_sl": 780,
    "stoploss": 779.5,
    "triggerprice_tg": 860,
    "target": 859.5,
}


def _read_expiry(value: object) -> datetime:
    """A time in any ISO form, IST unless it says otherwise; a date means the end of that day."""
    text = read_text(value) if isinstance(value, str) else ""
    with suppress(ValueError):
        return datetime.combine(read_day(text), _END_OF_DAY).astimezone(UTC)
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=IST)).astimezone(UTC)
    raise refuse("Not a valid time; use YYYY-MM-DD, YYYY-MM-DD HH:MM:SS in IST, or ISO 8601.")


TriggerTypeWord = Annotated[
    TriggerType, PlainValidator(one_of(TriggerType)), word_schema(TriggerType)
]
GttProduct = Annotated[
    Product,
    PlainValidator(
        one_of(
            _PRODUCTS,
            "GTT supports only CNC (delivery) or NRML (overnight F&O); MIS is intraday-only.",
        )
    ),
    word_schema(_PRODUCTS),
]
GttPriceType = Annotated[PriceType, PlainValidator(one_of(_PRICE_TYPES)), word_schema(_PRICE_TYPES)]
TriggerId = Annotated[str, PlainValidator(text_of(64)), text_schema(64)]
ExpiresAt = Annotated[
    datetime,
    PlainValidator(_read_expiry),
    WithJsonSchema({"type": "string", "examples": ["2026-11-21", "2026-11-21 15:30:00"]}),
]
GttFilter = Annotated[
    str,
    PlainValidator(one_word("active", "all")),
    WithJsonSchema({"type": "string", "enum": ["active", "all"]}),
]


class _GttTerms(TypedDict):
    trigger_type: TriggerType
    exchange: Exchange
    symbol: str
    action: Action
    product: Product
    quantity: Decimal
    price_type: PriceType
    triggers: tuple[GttTrigger, ...]


class GttFields(StrategyRequest):
    """When to trade, and how."""

    trigger_type: Annotated[
        TriggerTypeWord, Field(description="SINGLE has one trigger, OCO two of which one fires.")
    ]
    exchange: ExchangeCode
    symbol: Symbol
    action: ActionWord
    product: GttProduct
    quantity: Annotated[Quantity, Field(description="In units, not lots.")]
    pricetype: GttPriceType = PriceType.LIMIT
    price: Annotated[Price, Field(description="The limit of a SINGLE.")]
    triggerprice_sl: Annotated[
        TriggerPrice, Field(description="Fires at or below, whether you buy or sell.")
    ] = ZERO
    triggerprice_tg: Annotated[
        TriggerPrice, Field(description="Fires at or above, whether you buy or sell.")
    ] = ZERO
    stoploss: Annotated[
        Price | None, Field(description="The limit of what triggerprice_sl places in an OCO.")
    ] = None
    target: Annotated[
        Price | None, Field(description="The limit of what triggerprice_tg places in an OCO.")
    ] = None

    def terms(self) -> _GttTerms:
        """The GTT in our words. Raises `InvalidRequest` when its prices do not go together."""
        return _GttTerms(
            trigger_type=self.trigger_type,
            exchange=self.exchange,
            symbol=self.symbol,
            action=self.action,
            product=self.product,
            quantity=self.quantity,
            price_type=self.pricetype,
            triggers=self._oco() if self.trigger_type is TriggerType.OCO else (self._single(),),
        )

    def _single(self) -> GttTrigger:
        below, above = px(self.triggerprice_sl), px(self.triggerprice_tg)
        if bool(below) == bool(above):
            raise InvalidRequest(
                "triggerprice_tg" if below else "triggerprice_sl",
                "SINGLE needs exactly one of triggerprice_sl and triggerprice_tg above 0.",
            )
        limit = self._limit(self.price)
        if self.pricetype is PriceType.LIMIT and not limit:
            raise InvalidRequest("price", "LIMIT orders require price")
        side = TriggerSide.BELOW if below else TriggerSide.ABOVE
        return GttTrigger(side=side, trigger_price=below or above, price=limit)

    def _oco(self) -> tuple[GttTrigger, GttTrigger]:
        for name in ("triggerprice_sl", "stoploss", "triggerprice_tg", "target"):
            if not px(getattr(self, name) or 0):
                raise InvalidRequest(
                    name,
                    "OCO needs triggerprice_sl, stoploss, triggerprice_tg and target above 0.",
                )
        below, above = px(self.triggerprice_sl), px(self.triggerprice_tg)
        if below >= above:
            raise InvalidRequest(
                "triggerprice_sl", "triggerprice_sl must be below triggerprice_tg."
            )
        return (
            GttTrigger(
                side=TriggerSide.BELOW, trigger_price=below, price=self._limit(self.stoploss)
            ),
            GttTrigger(side=TriggerSide.ABOVE, trigger_price=above, price=self._limit(self.target)),
        )

    def _limit(self, price: Decimal | None) -> Px:
        return px(price or 0) if self.pricetype is PriceType.LIMIT else Px(0)


class PlaceGttRequest(Repeatable, GttFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, **_SINGLE}, {"apikey": EXAMPLE_KEY, **_OCO}]
        }
    )

    expires_at: Annotated[
        ExpiresAt | None,
        Field(description="In IST; a date is its end. A year from now if not given."),
    ] = None

    def to_intent(self, client_order_id: str | None, now: datetime) -> PlaceGtt:
        """Raises `InvalidRequest` for prices that do not go together, and for times past."""
        if self.expires_at is not None and self.expires_at <= now:
            raise InvalidRequest("expires_at", "expires_at must be in the future.")
        return PlaceGtt(
            strategy=self.strategy,
            client_order_id=client_order_id,
            expires_at=self.expires_at,
            **self.terms(),
        )


class ModifyGttRequest(GttFields):
    """The GTT as it shall be; its action, symbol, exchange and trigger type cannot change."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "trigger_id": "GTT-251121-1a2b3c4d", **_SINGLE}]
        }
    )

    trigger_id: TriggerId

    def to_intent(self) -> ModifyGtt:
        return ModifyGtt(strategy=self.strategy, trigger_id=self.trigger_id, **self.terms())


class CancelGttRequest(StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "trigger_id": "GTT-251121-1a2b3c4d",
                }
            ]
        }
    )

    trigger_id: TriggerId

    def to_intent(self) -> CancelGtt:
        return CancelGtt(strategy=self.strategy, trigger_id=self.trigger_id)


class GttBookRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "status": "all"}]}
    )

    status: Annotated[GttFilter, Field(description="`all` includes those that are final.")] = (
        "active"
    )


class GttReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"status": "success", "trigger_id": "GTT-251121-1a2b3c4d", "mode": "analyze"}
            ]
        }
    )

    trigger_id: str
    client_order_id: Echo = None


class GttLeg(BaseModel):
    """The order a trigger places; price 0 for MARKET."""

    action: Action
    quantity: int | float
    price: float
    pricetype: PriceType
    product: Product


class GttRow(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "trigger_id": "GTT-251121-1a2b3c4d",
                    "trigger_type": "single",
                    "status": "active",
                    "symbol": "SBIN",
                    "exchange": "NSE",
                    "trigger_prices": [801.0],
                    "last_price": 812.5,
                    "legs": [
                        {
                            "action": "BUY",
                            "quantity": 10,
                            "price": 800.0,
                            "pricetype": "LIMIT",
                            "product": "CNC",
                        }
                    ],
                    "created_at": "2025-11-21 10:30:00",
                    "updated_at": "2025-11-21 10:30:00",
                    "expires_at": "2026-11-21 10:30:00",
                    "strategy": "Python",
                    "margin_blocked": 8000.0,
                }
            ]
        }
    )

    trigger_id: str
    trigger_type: Literal["single", "two-leg"]
    status: str
    symbol: str
    exchange: Exchange
    trigger_prices: Annotated[list[float], Field(description="Ascending.")]
    last_price: Annotated[float, Field(description="The market when it was placed or modified.")]
    legs: Annotated[list[GttLeg], Field(description="In the order of trigger_prices.")]
    created_at: str
    updated_at: str
    expires_at: str
    strategy: MaybeText = None
    margin_blocked: Annotated[
        float | None,
        if_any("On paper only."),
    ] = None


class GttBookReply(VenueReply):
    data: Annotated[list[GttRow], Field(description="Newest first.")]
