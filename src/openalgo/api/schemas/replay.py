"""A replayed market: where it stands, and playing on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import IstTime, TickCount


class ReplayAdvanceRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, "until": "2025-11-21 09:30:00"},
                {"apikey": EXAMPLE_KEY, "ticks": 500},
            ]
        }
    )

    until: Annotated[IstTime | None, Field(description="Market time in IST to play to.")] = None
    ticks: Annotated[TickCount | None, Field(description="Play this many at most.")] = None


class ReplayState(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "now": "2025-11-21 09:30:00",
                    "next_at": "2025-11-21 09:30:01",
                    "position": 5120,
                    "total": 183422,
                    "finished": False,
                }
            ]
        }
    )

    now: Annotated[str, Field(description="Market time in IST.")]
    next_at: Annotated[str | None, Field(description="When the next tick is due, in IST.")]
    position: Annotated[int, Field(description="Ticks played so far.")]
    total: Annotated[int, Field(description="Ticks in the recording.")]
    finished: bool


class ReplayReply(Reply):
    data: ReplayState
