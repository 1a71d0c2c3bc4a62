"""API keys: the one the web app shows, and further ones by name."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from openalgo.accounts.accounts import OrderMode
from openalgo.api.deps import MISSING
from openalgo.api.ui.deps import Acting, UiServices, Visitor, ui_of
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.schemas import (
    CreateKeyRequest,
    DefaultKeyReply,
    KeyRow,
    KeysReply,
    NewKeyReply,
    OrderModeReply,
    OrderModeRequest,
    RegenerateReply,
    RegenerateRequest,
    RotateKeyRequest,
    Said,
)
from openalgo.domain.errors import InvalidRequest
from openalgo.identity.key_desk import KeyWish, NewKey
from openalgo.identity.logins import WrongPassword
from openalgo.identity.principal import Scope
from openalgo.persistence.main.api_keys import ApiKeyRow

router = APIRouter(tags=["API keys"])

KeyId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class KeyRequestRefused(InvalidRequest):
    """`error` is where the pages of before look for the text."""

    def extra(self) -> dict[str, object]:
        return {**super().extra(), "error": self.message}


@router.get("/apikey", summary="Your API key", responses=looking())
async def api_key(visit: Visitor, request: Request) -> DefaultKeyReply:
    """The default key, in full, and whether orders sent with a key wait for approval."""
    ui = ui_of(request)
    row = await ui.keys.default_of(visit.user_id)
    return DefaultKeyReply(
        login_username=visit.username,
        has_api_key=row is not None,
        api_key=None if row is None else ui.keys.value_of(row),
        order_mode=ui.accounts[visit.account_id].order_mode,
    )


@router.post("/apikey", summary="Replace your API key", responses=changing(409))
async def regenerate_api_key(
    wanted: RegenerateRequest, visit: Acting, request: Request
) -> RegenerateReply:
    """Makes a new default key; the old one goes on for `grace_hours`, so that what runs with it
    can be moved."""
    ui = ui_of(request)
    if not wanted.password:
        raise KeyRequestRefused("password", f"password: {MISSING}")
    try:
        await ui.logins.confirm(visit.user_id, wanted.password)
    except WrongPassword as wrong:
        raise KeyRequestRefused("password", wrong.message) from None
    made = await ui.keys.regenerate(visit.user_id, visit.account_id, grace_hours=wanted.grace_hours)
    return RegenerateReply(api_key=made.value, key_id=made.row.id)


@router.post("/apikey/mode", summary="Let orders run, or wait for approval", responses=changing())
async def set_order_mode(
    wanted: OrderModeRequest, visit: Acting, request: Request
) -> OrderModeReply:
    """For your account, whichever key sends the order."""
    if wanted.mode not in set(OrderMode):
        raise KeyRequestRefused("mode", 'Invalid mode. Must be "auto" or "semi_auto"')
    mode = OrderMode(wanted.mode)
    await ui_of(request).accounts.set_order_mode(visit.account_id, mode)
    return OrderModeReply(message=f"Order mode updated to {mode}", mode=mode)


@router.get("/ui/api-keys", summary="All your API keys", responses=looking())
async def api_keys(visit: Visitor, request: Request) -> KeysReply:
    ui = ui_of(request)
    return KeysReply(data=[_row(ui, row) for row in await ui.keys.of_user(visit.user_id)])


@router.post("/ui/api-keys", summary="Make one more API key", responses=changing(404))
async def create_api_key(wanted: CreateKeyRequest, visit: Acting, request: Request) -> NewKeyReply:
    ui = ui_of(request)
    wish = KeyWish(
        name=wanted.name,
        scopes=wanted.scopes,
        account_id=wanted.account_id or visit.account_id,
        expires_at=wanted.expires_at,
        networks=wanted.allowed_networks,
    )
    return _new(ui, await ui.keys.create(visit.user_id, wish, is_admin=visit.is_admin))


@router.post(
    "/ui/api-keys/{key_id}/rotate", summary="Replace one API key", responses=changing(404, 409)
)
async def rotate_api_key(
    key_id: KeyId, wanted: RotateKeyRequest, visit: Acting, request: Request
) -> NewKeyReply:
    """A new key of the same kind; the old one goes on for `grace_hours`."""
    ui = ui_of(request)
    await ui.logins.confirm(visit.user_id, wanted.password)
    return _new(ui, await ui.keys.replace(visit.user_id, key_id, grace_hours=wanted.grace_hours))


@router.delete("/ui/api-keys/{key_id}", summary="Revoke one API key", responses=changing(404))
async def revoke_api_key(key_id: KeyId, visit: Acting, request: Request) -> Said:
    """At once: whatever uses it is refused from the next call on."""
    await ui_of(request).keys.revoke(visit.user_id, key_id)
    return Said(message="API key revoked")


def _new(ui: UiServices, made: NewKey) -> NewKeyReply:
    return NewKeyReply(api_key=made.value, key=_row(ui, made.row))


def _row(ui: UiServices, row: ApiKeyRow) -> KeyRow:
    return KeyRow(
        id=row.id,
        name=row.name,
        prefix=(ui.keys.value_of(row) or "")[:6],
        scopes=[scope for scope in Scope if scope in row.scopes],
        account_id=row.account_id,
        account=row.account_name,
        allowed_networks=list(row.allowed_networks),
        is_default=row.is_default,
        replaced=row.superseded_at is not None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
