"""The accounts of the user: at which broker, by what app, and logged in or not."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from openalgo.accounts.accounts import Account
from openalgo.accounts.routes import route_of
from openalgo.api.ui.account_rows import account_row, app_values, session_row
from openalgo.api.ui.account_schemas import (
    AccountReply,
    AccountRow,
    AccountsReply,
    AppReply,
    AppRequest,
    ChangeAccountRequest,
    ConnectReply,
    ConnectRequest,
    CreateAccountRequest,
    DisconnectReply,
    FundsTold,
    TestReply,
)
from openalgo.api.ui.deps import Acting, UiServices, Visit, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import Said
from openalgo.brokers.base import AuthKind

router = APIRouter(prefix="/ui/accounts", tags=["Accounts"])

AccountId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("", name="accounts", summary="Your accounts", responses=looking())
async def accounts(visit: Visitor, request: Request) -> AccountsReply:
    ui = ui_of(request)
    return AccountsReply(data=[_row(ui, each) for each in ui.accounts.of_user(visit.user_id)])


@router.post("", name="create_account", summary="Make one more account", responses=changing(404))
async def create_account(
    wanted: CreateAccountRequest, visit: Acting, request: Request
) -> AccountReply:
    """It begins on paper."""
    ui = ui_of(request)
    account = await ui.broker_desk.open_account(visit.user_id, wanted.name, wanted.broker)
    return AccountReply(data=_row(ui, account))


@router.get("/{account_id}", name="account", summary="One account", responses=looking(400, 404))
async def account(account_id: AccountId, visit: Visitor, request: Request) -> AccountReply:
    """Whether it is logged in, and until when."""
    ui = ui_of(request)
    return AccountReply(data=_row(ui, await _own(ui, visit, account_id)))


@router.patch(
    "/{account_id}", name="change_account", summary="Change an account", responses=changing(404)
)
async def change_account(
    account_id: AccountId, wanted: ChangeAccountRequest, visit: Acting, request: Request
) -> AccountReply:
    """A new route is for calls from now on; the session at the broker stays."""
    ui = ui_of(request)
    await _own(ui, visit, account_id)
    # What can be refused comes before what cannot.
    route = None if wanted.route is None else route_of(wanted.route.source_ip, wanted.route.proxy)
    if wanted.name is not None:
        await ui.accounts.rename(account_id, wanted.name)
    if wanted.rehearse_approvals is not None:
        await ui.accounts.set_rehearse_approvals(account_id, wanted.rehearse_approvals)
    if route is not None:
        await ui.broker_desk.set_route(account_id, route)
    return AccountReply(data=_row(ui, ui.accounts[account_id]))


@router.delete(
    "/{account_id}",
    name="archive_account",
    summary="Put an account away",
    responses=changing(404, 409),
)
async def archive_account(account_id: AccountId, visit: Acting, request: Request) -> Said:
    """What it did stays; what it logs in with is erased. Not while API keys go through it or
    orders of it wait for approval."""
    ui = ui_of(request)
    await _own(ui, visit, account_id)
    await ui.broker_desk.archive(account_id)
    return Said(message="Account put away")


@router.put(
    "/{account_id}/app",
    name="set_app",
    summary="Name your app at the broker",
    responses=changing(404),
)
async def set_app(
    account_id: AccountId, wanted: AppRequest, visit: Acting, request: Request
) -> AppReply:
    """Fields that are left out or blank stay as they were. Logs the account out when something
    changed."""
    ui = ui_of(request)
    account = await _own(ui, visit, account_id)
    await ui.broker_desk.set_app(account_id, wanted.values)
    info = ui.broker_desk.brokers.info(account.broker)
    return AppReply(data=app_values(info, ui.broker_desk, account_id))


@router.post(
    "/{account_id}/connect",
    name="connect_account",
    summary="Log an account in",
    responses=changing(404, 502, 504),
)
async def connect(
    account_id: AccountId, wanted: ConnectRequest, visit: Acting, request: Request
) -> ConnectReply:
    """At its broker: with `answers` to the broker's `login_fields`, or, where it has a page of its
    own, by going to `redirect`, good for ten minutes in this browser."""
    ui = ui_of(request)
    account = await _own(ui, visit, account_id)
    redirect: str | None = None
    if ui.broker_desk.brokers.info(account.broker).auth is AuthKind.FORM:
        ui.login_limit.take(visit.address)
        await ui.broker_desk.login(account_id, wanted.answers)
    else:
        redirect = ui.broker_desk.begin(account_id, visit.session_id)
    status = ui.broker_desk.sessions.status(account_id)
    return ConnectReply(redirect=redirect, session=session_row(status))


@router.post(
    "/{account_id}/disconnect",
    name="disconnect_account",
    summary="Log an account out",
    responses=changing(404),
)
async def disconnect(account_id: AccountId, visit: Acting, request: Request) -> DisconnectReply:
    """In any case here, and at the broker if it can be told."""
    ui = ui_of(request)
    await _own(ui, visit, account_id)
    told = await ui.broker_desk.logout(account_id)
    message = "Logged out" if told else "Logged out here; the broker could not be told"
    return DisconnectReply(message=message, told=told)


@router.post(
    "/{account_id}/test",
    name="test_account",
    summary="Does everything work?",
    responses=changing(404, 502, 504),
)
async def test(account_id: AccountId, visit: Acting, request: Request) -> TestReply:
    """Asks the broker for the account's funds; an error is in the broker's own words."""
    ui = ui_of(request)
    await _own(ui, visit, account_id)
    funds = await ui.broker_desk.test(account_id)
    return TestReply(
        data=FundsTold(
            available=f"{funds.available:.2f}",
            collateral=f"{funds.collateral:.2f}",
            utilised=f"{funds.utilised:.2f}",
        )
    )


async def _own(ui: UiServices, visit: Visit, account_id: int) -> Account:
    return await ui.accounts.owned(visit.user_id, account_id)


def _row(ui: UiServices, account: Account) -> AccountRow:
    return account_row(account, ui.accounts, ui.broker_desk)
