"""What the web app sends and gets about brokers and accounts."""

from datetime import datetime, time
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema

from openalgo.accounts.accounts import LONGEST_NAME, OrderMode
from openalgo.accounts.app_values import LONGEST_VALUE
from openalgo.accounts.session_status import SessionState
from openalgo.api.schemas.base import Reply
from openalgo.api.ui.schemas import Said, Wanted
from openalgo.brokers.base import AuthKind
from openalgo.domain.market import Exchange

Name = Annotated[str, Field(min_length=1, max_length=4 * LONGEST_NAME, examples=["Zerodha"])]
FieldName = Annotated[str, StringConstraints(max_length=64)]
# A little longer than values may be: what is too long is answered by the rule.
FieldValue = Annotated[str, StringConstraints(max_length=2 * LONGEST_VALUE)]
FieldValues = Annotated[dict[FieldName, FieldValue], Field(max_length=20, repr=False)]

# The format `time` of JSON Schema is a time with its distance from UTC, which this has none of.
WallTime = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}$", "examples": ["06:00:00"]}),
]


class FormField(BaseModel):
    """What is `secret` is never shown again."""

    name: str
    label: str
    secret: bool
    hint: str


class BrokerRow(BaseModel):
    id: str
    name: str
    auth: AuthKind
    app_fields: Annotated[list[FormField], Field(description="What an account needs once.")]
    login_fields: Annotated[list[FormField], Field(description="What each login asks.")]
    exchanges: list[Exchange]
    trading: Annotated[bool, Field(description="False for those that only carry prices.")]
    simulated: bool
    notes: list[str]
    redirect_url: Annotated[
        str | None, Field(description="To be registered with the broker; for logins by redirect.")
    ]
    session_ends_at: Annotated[WallTime | None, Field(description="IST, every day.")]


class BrokenBroker(BaseModel):
    """A broker this installation cannot use."""

    id: str
    error: str


class BrokersReply(Reply):
    data: list[BrokerRow]
    broken: list[BrokenBroker]


class AppValue(FormField):
    shown: Annotated[str, Field(description="How it begins; empty before there is a value.")]
    length: int


class RouteRow(BaseModel):
    """How calls leave: from an address of this machine, through a proxy, or the usual way."""

    source_ip: str | None
    proxy: Annotated[str | None, Field(description="Without user and password.")]


class SessionRow(BaseModel):
    """How the account stands with its broker. The times are those of the last session."""

    state: SessionState
    client_id: Annotated[str | None, Field(description="What the broker calls the user.")]
    connected_at: datetime | None
    expires_at: Annotated[datetime | None, Field(description="When it ends, where known.")]
    ended_at: datetime | None
    reason: Annotated[str | None, Field(description="Why it ended.")]


class AccountRow(BaseModel):
    id: int
    name: str
    broker: str
    broker_name: str
    simulated: bool
    is_default: bool
    analyze_mode: bool
    order_mode: OrderMode
    rehearse_approvals: Annotated[
        bool, Field(description="Whether paper orders wait for approval as live ones would.")
    ]
    route: RouteRow
    app: list[AppValue]
    session: SessionRow


class AccountReply(Reply):
    data: AccountRow


class AccountsReply(Reply):
    data: list[AccountRow]


class CreateAccountRequest(Wanted):
    name: Name
    broker: Annotated[str, Field(max_length=64, examples=["zerodha"])]


class RouteRequest(Wanted):
    """At most one of them."""

    source_ip: Annotated[str | None, Field(max_length=64, examples=["203.0.113.7"])] = None
    proxy: Annotated[
        str | None,
        Field(max_length=1024, repr=False, examples=["http://user:password@proxy.example:3128"]),
    ] = None


class ChangeAccountRequest(Wanted):
    """What is left out stays as it is."""

    name: Name | None = None
    rehearse_approvals: bool | None = None
    route: RouteRequest | None = None


class AppRequest(Wanted):
    values: FieldValues


class AppReply(Reply):
    data: list[AppValue]


class ConnectRequest(Wanted):
    """`answers` are the filled-in `login_fields`, where the broker has some."""

    answers: FieldValues = Field(default_factory=dict)


class ConnectReply(Reply):
    redirect: Annotated[
        str | None, Field(description="Where the user logs in; null when it is done.")
    ]
    session: SessionRow


class DisconnectReply(Said):
    told: Annotated[bool, Field(description="False when the broker could not be told.")]


class FundsTold(BaseModel):
    """Rupees."""

    available: Annotated[str, Field(examples=["125000.50"])]
    collateral: str
    utilised: str


class TestReply(Reply):
    data: FundsTold


class CallTime(BaseModel):
    """Milliseconds. `errors` counts calls by what was wrong: `timeout`, `connect`, `http 429` and
    so on; `queued_` is how long calls waited for our own rate limits."""

    name: str
    count: int
    errors: dict[str, int]
    p50_ms: float
    p90_ms: float
    p99_ms: float
    longest_ms: float
    queued_p50_ms: float
    queued_p99_ms: float


class CallTimesReply(Reply):
    data: list[CallTime]


class Capabilities(BaseModel):
    broker_name: str
    broker_type: Literal["IN_stock"] = "IN_stock"
    supported_exchanges: list[Exchange]
    leverage_config: bool = False


class CapabilitiesReply(Reply):
    data: Capabilities
