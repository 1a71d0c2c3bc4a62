"""What charts remember."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from openalgo.api.schemas.base import EXAMPLE_KEY, Reply

MAX_KEYS = 50
MAX_KEY_LENGTH = 50
MAX_VALUE_BYTES = 1024 * 1024


class ChartUpdateRequest(BaseModel):
    """Besides the key, every member is a preference: at most 50, each with a name of at most 50
    characters and a value of at most 1 MiB of JSON. Preferences not named stay as they are."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "theme": "dark", "panes": [{"indicator": "rsi"}]}]
        },
    )

    apikey: Annotated[
        Any,
        Field(repr=False, description="Your API key; not needed here when a header carries it."),
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 256}),
    ] = None


class ChartReply(Reply):
    data: Annotated[dict[str, Any], Field(examples=[{"theme": "dark"}])]


class ChartUpdateReply(Reply):
    message: Literal["Preferences updated successfully"] = "Preferences updated successfully"
