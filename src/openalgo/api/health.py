"""What load balancers and people watching ask; open to everybody."""

from fastapi import APIRouter, Request, Response, status

from openalgo.api.deps import services_of
from openalgo.api.schemas.health import CheckRow, Liveness, Readiness, ServiceStatus
from openalgo.observability.health import HealthReport

router = APIRouter(prefix="/health", tags=["Health"])


@router.get("/live", operation_id="health_live", summary="Does the process answer?")
async def live() -> Liveness:
    return Liveness()


@router.get(
    "/ready",
    operation_id="health_ready",
    summary="Can it do its work?",
    responses={503: {"model": Readiness, "description": "A check fails"}},
)
async def ready(request: Request, response: Response) -> Readiness:
    report = _report(request, response)
    return Readiness(
        status=report.status,
        checks={
            check.name: CheckRow(status=check.status, detail=check.detail)
            for check in report.checks
        },
    )


@router.get(
    "/status",
    operation_id="health_status",
    summary="Name, version and health",
    responses={503: {"model": ServiceStatus, "description": "A check fails"}},
)
async def service_status(request: Request, response: Response) -> ServiceStatus:
    report = _report(request, response)
    return ServiceStatus(status=report.status, version=request.app.version)


def _report(request: Request, response: Response) -> HealthReport:
    """The health now; sets the status code and keeps caches out of it."""
    report = services_of(request).health.ready()
    response.headers["Cache-Control"] = "no-store"
    if report.status == "fail":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return report
