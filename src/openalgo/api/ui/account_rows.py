"""Brokers and accounts, as the web app gets them."""

from collections.abc import Iterable

from openalgo.accounts.accounts import Account, Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.routes import shown_proxy
from openalgo.accounts.session_status import SessionStatus
from openalgo.api.ui.account_schemas import (
    AccountRow,
    AppValue,
    BrokerRow,
    CallTime,
    FormField,
    RouteRow,
    SessionRow,
)
from openalgo.brokers.adapters import BrokerUnusable, UnknownBroker
from openalgo.brokers.base import AuthKind, BrokerInfo, LoginField
from openalgo.observability.call_times import CallStats


def broker_row(info: BrokerInfo, origin: str) -> BrokerRow:
    """`origin` is where browsers reach this server."""
    redirected = info.auth is AuthKind.OAUTH
    return BrokerRow(
        id=info.id,
        name=info.name,
        auth=info.auth,
        app_fields=_fields(info.app_fields),
        login_fields=_fields(info.login_fields),
        exchanges=sorted(info.exchanges),
        trading=info.trading,
        simulated=info.simulated,
        notes=list(info.notes),
        redirect_url=f"{origin}/{info.id}/callback" if redirected else None,
        session_ends_at=info.session_ends_at,
    )


def account_row(account: Account, accounts: Accounts, desk: BrokerDesk) -> AccountRow:
    route = desk.route(account.id)
    try:
        info: BrokerInfo | None = desk.brokers.info(account.broker)
    except (UnknownBroker, BrokerUnusable):
        info = None
    return AccountRow(
        id=account.id,
        name=account.name,
        broker=account.broker,
        broker_name=account.broker if info is None else info.name,
        simulated=info is not None and info.simulated,
        is_default=accounts.default_of(account.user_id) == account,
        analyze_mode=account.analyze_mode,
        order_mode=account.order_mode,
        rehearse_approvals=account.rehearse_approvals,
        route=RouteRow(source_ip=route.source_ip, proxy=shown_proxy(route)),
        app=[] if info is None else app_values(info, desk, account.id),
        session=session_row(desk.sessions.status(account.id)),
    )


def app_values(info: BrokerInfo, desk: BrokerDesk, account_id: int) -> list[AppValue]:
    return [
        AppValue(
            name=field.name,
            label=field.label,
            secret=field.secret,
            hint=field.hint,
            shown=value.shown,
            length=value.length,
        )
        for field, value in zip(info.app_fields, desk.app(account_id), strict=True)
    ]


def session_row(status: SessionStatus) -> SessionRow:
    return SessionRow(
        state=status.state,
        client_id=status.client_id,
        connected_at=status.issued_at,
        expires_at=status.expires_at,
        ended_at=status.ended_at,
        reason=status.reason,
    )


def _fields(fields: Iterable[LoginField]) -> list[FormField]:
    return [
        FormField(name=each.name, label=each.label, secret=each.secret, hint=each.hint)
        for each in fields
    ]


def call_time(stats: CallStats) -> CallTime:
    return CallTime(
        name=stats.name,
        count=stats.count,
        errors=dict(stats.errors),
        p50_ms=_shown(stats.p50),
        p90_ms=_shown(stats.p90),
        p99_ms=_shown(stats.p99),
        longest_ms=_shown(stats.longest),
        queued_p50_ms=_shown(stats.queued_p50),
        queued_p99_ms=_shown(stats.queued_p99),
    )


def _shown(ms: float) -> float:
    return round(ms, 2)
