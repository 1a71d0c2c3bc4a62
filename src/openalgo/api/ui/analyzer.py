"""The switch between paper and live, as the web app turns it."""

from enum import Enum

from fastapi import APIRouter

from openalgo.api.ui.deps import Acting, Visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import (
    AnalyzerMode,
    AnalyzerModeChanged,
    AnalyzerModeReply,
    AnalyzerToggledReply,
    AnalyzeSetting,
    AnalyzeSettingReply,
)
from openalgo.api.v1.present import mode_word

router = APIRouter(tags=["Analyzer"])


class AnalyzeSwitch(Enum):
    LIVE = "0"
    ANALYZE = "1"


@router.get("/auth/analyzer-mode", summary="Paper or live?", responses=looking())
async def analyzer_mode(visit: Visitor) -> AnalyzerModeReply:
    now = await visit.services.analyzer.status(visit.account_id)
    return AnalyzerModeReply(
        data=AnalyzerMode(mode=mode_word(now.analyze_mode), analyze_mode=now.analyze_mode)
    )


@router.post(
    "/auth/analyzer-toggle", summary="Switch to the other of the two", responses=changing()
)
async def toggle_analyzer_mode(visit: Acting) -> AnalyzerToggledReply:
    before = await visit.services.analyzer.status(visit.account_id)
    now = await visit.services.analyzer.set_mode(
        visit.account_id, not before.analyze_mode, by_owner=True
    )
    return AnalyzerToggledReply(
        data=AnalyzerModeChanged(
            mode=mode_word(now.analyze_mode),
            analyze_mode=now.analyze_mode,
            message=_switched(now.analyze_mode),
        )
    )


@router.get("/settings/analyze-mode", summary="Is it paper?", responses=looking())
async def analyze_setting(visit: Visitor) -> AnalyzeSetting:
    now = await visit.services.analyzer.status(visit.account_id)
    return AnalyzeSetting(analyze_mode=now.analyze_mode)


@router.post(
    "/settings/analyze-mode/{switch}", summary="Switch to paper or to live", responses=changing()
)
async def set_analyze_mode(switch: AnalyzeSwitch, visit: Acting) -> AnalyzeSettingReply:
    """1 for paper, 0 for live; repeating it changes nothing."""
    wanted = switch is AnalyzeSwitch.ANALYZE
    now = await visit.services.analyzer.set_mode(visit.account_id, wanted, by_owner=True)
    return AnalyzeSettingReply(analyze_mode=now.analyze_mode, message=_switched(now.analyze_mode))


def _switched(analyze: bool) -> str:
    return f"Switched to {mode_word(analyze).capitalize()} mode"
