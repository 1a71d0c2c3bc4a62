"""What the web app sends and gets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from openalgo.accounts.accounts import OrderMode
from openalgo.api.schemas.base import Reply
from openalgo.identity.passwords import LONGEST
from openalgo.identity.principal import Scope
from openalgo.identity.users import LONGEST_USERNAME

Username = Annotated[str, Field(min_length=1, max_length=LONGEST_USERNAME, examples=["ravi"])]
# Longer than any password may be: what is too long is answered by the rule, not by the schema.
Password = Annotated[str, StringConstraints(max_length=8 * LONGEST)]
Secret = Field(repr=False, examples=["Nifty#25000x"])
Again = Field(repr=False, description="Yours, once more.", examples=["Nifty#25000x"])
Hours = Annotated[
    Literal[0, 1, 24], Field(description="How long the old key goes on: 0, 1 or 24 hours.")
]


class Wanted(BaseModel):
    """Fields nobody knows are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Said(Reply):
    message: str


class SetupState(Reply):
    needs_setup: bool


class SetupRequest(Wanted):
    username: Username
    email: Annotated[str | None, Field(max_length=120, examples=["ravi@example.com"])] = None
    password: Annotated[Password, Secret]
    setup_token: Annotated[
        str | None,
        Field(
            max_length=200,
            repr=False,
            description="Printed when the server starts; needed from another machine.",
        ),
    ] = None


class SetupReply(Said):
    username: str
    api_key: Annotated[str, Field(description="Also shown later, by GET /apikey.")]


class LoginRequest(Wanted):
    username: Annotated[str, Field(max_length=1024, examples=["ravi"])]
    password: Annotated[Password, Secret]


class LoginReply(Reply):
    csrf_token: Annotated[str, Field(description="For the header X-CSRFToken from now on.")]


class SessionStatus(Reply):
    """`logged_in` says that the broker is connected, too. The API key is not told here."""

    authenticated: bool
    logged_in: bool
    user: str | None = None
    broker: str | None = None
    broker_session_expired: bool = False
    active_sessions: int = 0


class CsrfToken(Reply):
    csrf_token: str


class AppInfo(Reply):
    name: Literal["OpenAlgo"] = "OpenAlgo"
    version: str
    build: Annotated[
        str | None,
        Field(description="The script the web app begins with now: an open page may be older."),
    ]


class ChangePasswordRequest(Wanted):
    old_password: Annotated[Password, Secret] = ""
    new_password: Annotated[Password, Secret] = ""
    confirm_password: Annotated[Password, Secret] = ""


class DeviceRow(BaseModel):
    session_id: str
    device_info: Annotated[str, Field(description="What the browser calls itself.")]
    ip_address: str
    broker: str | None
    login_time: datetime
    last_seen: datetime


class DevicesReply(Reply):
    count: int
    current_session_id: str
    sessions: list[DeviceRow]


class EndedReply(Said):
    ended: Annotated[int, Field(description="How many devices were logged out.")]


class DefaultKeyReply(Reply):
    login_username: str
    has_api_key: bool
    api_key: str | None
    order_mode: OrderMode


class RegenerateRequest(Wanted):
    """Whose key it is, is known from the session."""

    password: Annotated[Password | None, Again] = None
    grace_hours: Hours = 0


class RegenerateReply(Said):
    message: Literal["API key updated successfully."] = "API key updated successfully."
    api_key: str
    key_id: int


class OrderModeRequest(Wanted):
    mode: Annotated[str | None, Field(max_length=100, examples=["semi_auto"])] = None


class OrderModeReply(Said):
    mode: OrderMode


class KeyRow(BaseModel):
    id: int
    name: str
    prefix: Annotated[str, Field(description="The first six characters, as logs show them.")]
    scopes: list[Scope]
    account_id: int
    account: str
    allowed_networks: Annotated[list[str], Field(description="None: from everywhere.")]
    is_default: bool
    replaced: Annotated[bool, Field(description="Another key took its place; it runs out.")]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class KeysReply(Reply):
    data: list[KeyRow]


class CreateKeyRequest(Wanted):
    name: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$"
        ),
        Field(examples=["tradingview"]),
    ]
    scopes: Annotated[frozenset[Scope], Field(min_length=1, examples=[["read", "trade"]])]
    account_id: Annotated[int | None, Field(description="Yours by default.")] = None
    expires_at: Annotated[AwareDatetime | None, Field(examples=["2026-12-31T18:30:00Z"])] = None
    allowed_networks: Annotated[
        tuple[str, ...], Field(examples=[["203.0.113.7", "10.1.0.0/16"]])
    ] = ()


class RotateKeyRequest(Wanted):
    password: Annotated[Password, Again]
    grace_hours: Hours = 0


class NewKeyReply(Reply):
    api_key: Annotated[str, Field(description="Shown this once.")]
    key: KeyRow


class AnalyzerMode(BaseModel):
    mode: Literal["analyze", "live"]
    analyze_mode: bool


class AnalyzerModeReply(Reply):
    data: AnalyzerMode


class AnalyzerModeChanged(AnalyzerMode):
    message: str


class AnalyzerToggledReply(Reply):
    data: AnalyzerModeChanged


class AnalyzeSetting(BaseModel):
    analyze_mode: bool


class AnalyzeSettingReply(BaseModel):
    success: Literal[True] = True
    analyze_mode: bool
    message: str
