"""The connection, and the switch between paper and live."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply
from openalgo.api.schemas.fields import Switch


class Pong(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "pong", "broker": "simulator"}]}
    )

    message: Literal["pong"] = "pong"
    broker: str


class PingReply(Reply):
    data: Pong


class AnalyzerToggleRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"apikey": EXAMPLE_KEY, "mode": True}]}
    )

    mode: Annotated[Switch, Field(description="true for paper, false for live.")]


class AnalyzerState(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"mode": "analyze", "analyze_mode": True, "total_logs": 12}]
        }
    )

    mode: Literal["analyze", "live"]
    analyze_mode: bool
    total_logs: int


class AnalyzerReply(Reply):
    data: AnalyzerState


class AnalyzerToggled(AnalyzerState):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "mode": "analyze",
                    "analyze_mode": True,
                    "total_logs": 12,
                    "message": "Analyzer mode switched to analyze",
                }
            ]
        }
    )

    message: str


class AnalyzerToggleReply(Reply):
    data: AnalyzerToggled
