"""What every request and every reply has in common."""

from typing import Annotated, Any, ClassVar, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, model_validator

from openalgo.api.schemas.fields import PaperMode

logger = structlog.get_logger(__name__)

EXAMPLE_KEY = "<your API key>"


class Wanted(BaseModel):
    """What a caller asks for, in a JSON body or a query. On optional fields `null` and blank text
    mean the default; fields nobody knows are ignored, because clients pass on whatever their user
    gave them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    known: ClassVar[frozenset[str]]
    optional: ClassVar[tuple[str, ...]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        cls.known = frozenset({*fields, "apikey"})
        cls.optional = tuple(name for name, field in fields.items() if not field.is_required())

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, body: object) -> object:
        if not isinstance(body, dict):
            return body
        if unknown := body.keys() - cls.known:
            logger.debug("unknown fields ignored", fields=sorted(unknown))
        blank = [name for name in cls.optional if name in body and _is_blank(body[name])]
        return {k: v for k, v in body.items() if k not in blank} if blank else body


class ApiRequest(Wanted):
    """A JSON body."""

    apikey: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=256,
            repr=False,
            exclude=True,
            description="Your API key; not needed here when a header carries it.",
        ),
    ] = None


class KeyOnly(ApiRequest):
    """A request that needs nothing but the key."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY}]})


class Reply(BaseModel):
    """A success: always HTTP 200."""

    status: Literal["success"] = "success"


class VenueReply(Reply):
    """A success of the paper exchange or of a broker."""

    mode: PaperMode


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
