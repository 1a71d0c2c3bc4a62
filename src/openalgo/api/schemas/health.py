"""What probes read."""

from typing import Annotated

from pydantic import BaseModel, Field

from openalgo.observability.health import HealthWord


class Liveness(BaseModel):
    status: HealthWord = "pass"


class CheckRow(BaseModel):
    status: HealthWord
    detail: str


class Readiness(BaseModel):
    status: HealthWord
    checks: Annotated[dict[str, CheckRow], Field(description="By name of the check.")]


class ServiceStatus(BaseModel):
    status: HealthWord
    version: str
    service_id: Annotated[str, Field(serialization_alias="serviceId")] = "openalgo"
    description: str = "OpenAlgo trading platform"
