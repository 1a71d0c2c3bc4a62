"""What the pages of the paper exchange send and get."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from openalgo.api.schemas.base import Reply
from openalgo.api.ui.schemas import Said
from openalgo.trading.paper.keys import Group

ModeWord = Literal["analyze", "live"]
Text = Annotated[str, StringConstraints(max_length=100)]


class ConfigValue(BaseModel):
    value: str
    description: str


class ConfigGroup(BaseModel):
    title: str
    configs: dict[str, ConfigValue]


class ConfigsReply(Reply):
    """Settings of the whole installation. `editable` tells whether this user may change them."""

    configs: dict[Group, ConfigGroup]
    editable: bool


class UpdateConfigRequest(BaseModel):
    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "examples": [{"config_key": "nse_bse_square_off_time", "config_value": "15:20"}]
        },
    )

    config_key: Text
    config_value: Annotated[
        Text | bool | int | float, Field(description="As text; numbers are taken as well.")
    ]

    @property
    def text(self) -> str:
        value = self.config_value
        return str(value).lower() if isinstance(value, bool) else str(value)


class ScheduleJob(BaseModel):
    id: Annotated[str, Field(examples=["squareoff_NSE_BSE"])]
    name: str
    kind: Annotated[str, Field(examples=["square_off"])]
    next_run: datetime


class Schedule(BaseModel):
    """`running` tells whether somebody waits for these times; they are those of the market."""

    running: bool
    timezone: Literal["Asia/Kolkata"] = "Asia/Kolkata"
    jobs: list[ScheduleJob]


class ScheduleReply(Reply):
    data: Schedule
    mode: ModeWord


class ScheduleReloaded(Said):
    scheduler_status: Schedule
    mode: ModeWord
