"""The paper exchange: how it is set up, and when it does what."""

from fastapi import APIRouter

from openalgo.api.ui.deps import Acting, Visit, Visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.sandbox_schemas import (
    ConfigGroup,
    ConfigsReply,
    ConfigValue,
    ModeWord,
    Schedule,
    ScheduleJob,
    ScheduleReloaded,
    ScheduleReply,
    UpdateConfigRequest,
)
from openalgo.api.ui.schemas import Said
from openalgo.api.v1.present import mode_word
from openalgo.domain.clock import IST
from openalgo.trading.paper.keys import SETTINGS, Group

router = APIRouter(prefix="/sandbox", tags=["Sandbox"])


@router.get(
    "/api/configs",
    name="sandbox_configs",
    summary="How is the paper exchange set up?",
    responses=looking(),
)
async def configs(visit: Visitor) -> ConfigsReply:
    settings = visit.services.paper.settings
    groups = {group: ConfigGroup(title=group.heading, configs={}) for group in Group}
    for setting in SETTINGS.values():
        groups[setting.group].configs[setting.key] = ConfigValue(
            value=settings.value(setting.key), description=setting.description
        )
    return ConfigsReply(configs=groups, editable=visit.is_admin)


@router.post(
    "/update",
    name="update_sandbox_config",
    summary="Set one value, in force at once",
    responses=changing(),
)
async def update(wanted: UpdateConfigRequest, visit: Acting) -> Said:
    """For all accounts of the installation, so only an administrator may. A key that nobody knows
    is refused, since its sender thinks it does something."""
    visit.check_admin()
    key = wanted.config_key
    await visit.services.paper.settings.update(
        key, wanted.text, by=visit.username, cause=visit.request_id
    )
    return Said(message=f"Configuration {key} updated successfully")


@router.post(
    "/reset",
    name="reset_sandbox",
    summary="Start the account anew",
    responses=changing(504),
)
async def reset(visit: Acting) -> Said:
    """Orders and GTTs are cancelled, positions, holdings and results put away, and the account has
    the starting capital again. An administrator's reset also sets up the paper exchange as it was
    at first, but for expiries, GTTs and rate limits."""
    paper = visit.services.paper
    if visit.is_admin:
        await paper.settings.restore_defaults(by=visit.username, cause=visit.request_id)
    await paper.reset(visit.account_id, cause=visit.request_id)
    return Said(message="Your paper account has been reset")


@router.get(
    "/squareoff-status",
    name="squareoff_status",
    summary="When are positions closed, and what else is due?",
    responses=looking(),
)
async def squareoff_status(visit: Visitor) -> ScheduleReply:
    return ScheduleReply(data=_schedule(visit), mode=await _mode(visit))


@router.post(
    "/reload-squareoff",
    name="reload_squareoff",
    summary="Read the times anew",
    responses=changing(),
)
async def reload_squareoff(visit: Acting) -> ScheduleReloaded:
    """Changes are in force at once; this is for what was changed in the database by hand."""
    await visit.services.paper.settings.load(cause=visit.request_id)
    return ScheduleReloaded(
        message="Square-off schedule reloaded successfully",
        scheduler_status=_schedule(visit),
        mode=await _mode(visit),
    )


def _schedule(visit: Visit) -> Schedule:
    paper = visit.services.paper
    jobs = [
        ScheduleJob(
            id=job.id, name=job.name, kind=job.kind.name.lower(), next_run=job.at.astimezone(IST)
        )
        for job in paper.upcoming(visit.account_id)
    ]
    return Schedule(running=paper.running(visit.account_id), jobs=jobs)


async def _mode(visit: Visit) -> ModeWord:
    return mode_word((await visit.services.analyzer.status(visit.account_id)).analyze_mode)
