"""The instruments of the account's broker: whether they are there, and downloading them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from openalgo.api.ports import MasterKeeper
from openalgo.api.ui.deps import Acting, Visit, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import Wanted
from openalgo.domain.market import Exchange
from openalgo.instruments.status import DownloadState, MasterStatus

router = APIRouter(prefix="/api/master-contract", tags=["Instruments"])


class MasterContractReply(BaseModel):
    """`status` is that of the last download; the counts are of the instruments in force."""

    broker: str
    status: DownloadState
    message: str
    last_updated: Annotated[datetime, Field(description="When the status changed.")]
    is_ready: Annotated[bool, Field(description="There are instruments, of whatever day.")]
    total_symbols: int
    exchange_stats: Mapping[Exchange, int]
    download_date: Annotated[
        date | None, Field(description="The trading date of the instruments in force.")
    ]
    last_download_time: datetime | None
    download_duration_seconds: float | None
    received_bytes: Annotated[int, Field(description="Of the download that is under way.")]
    total_bytes: Annotated[int | None, Field(description="Null where the broker does not say.")]
    rows: Annotated[int, Field(description="Instruments read so far.")]


class SmartDownload(BaseModel):
    should_download: bool
    reason: str
    cutoff_time: Annotated[
        str | None, Field(description="When new ones are there; null: never.", examples=["08:00"])
    ]
    cutoff_timezone: Literal["IST"] = "IST"


class SmartStatusReply(MasterContractReply):
    smart_download: SmartDownload


class ReadyReply(BaseModel):
    ready: bool
    message: str


class DownloadRequest(Wanted):
    force: Annotated[bool, Field(description="Even if the newest are in force.")] = False


class DownloadReply(BaseModel):
    status: Literal["success", "skipped"]
    message: str


@router.get(
    "/status",
    name="master_contract_status",
    summary="How are the instruments doing?",
    responses=looking(),
)
async def status(visit: Visitor, request: Request) -> MasterContractReply:
    return MasterContractReply.model_validate(_fields(_keeper(visit, request).status))


@router.get(
    "/ready",
    name="master_contract_ready",
    summary="Are there instruments?",
    responses=looking(),
)
async def ready(visit: Visitor, request: Request) -> ReadyReply:
    now = _keeper(visit, request).status
    return ReadyReply(ready=now.is_ready, message=now.message)


@router.get(
    "/smart-status",
    name="master_contract_smart_status",
    summary="Should the instruments be downloaded?",
    responses=looking(),
)
async def smart_status(visit: Visitor, request: Request) -> SmartStatusReply:
    keeper = _keeper(visit, request)
    due, listed_at = keeper.due(), keeper.listed_at
    smart = SmartDownload(
        should_download=due.should,
        reason=due.reason,
        cutoff_time=None if listed_at is None else f"{listed_at:%H:%M}",
    )
    return SmartStatusReply.model_validate({**_fields(keeper.status), "smart_download": smart})


@router.post(
    "/download",
    name="download_master_contract",
    summary="Download the instruments now",
    responses=changing(),
)
async def download(wanted: DownloadRequest, visit: Acting, request: Request) -> DownloadReply:
    """Begins the download, which the status then tells about; the instruments in force serve until
    it is done. It is skipped when the newest are in force, unless it is forced. 403
    `broker_session` when nobody is logged in at the broker."""
    due = _keeper(visit, request).request(force=wanted.force)
    if due.should:
        return DownloadReply(status="success", message=f"Download started. {due.reason}")
    return DownloadReply(status="skipped", message=due.reason)


def _keeper(visit: Visit, request: Request) -> MasterKeeper:
    return ui_of(request).masters(visit.account_id)


def _fields(status: MasterStatus) -> Mapping[str, object]:
    return {**asdict(status), "status": status.state, "is_ready": status.is_ready}
