"""What the answers look like, for the OpenAPI document; a test holds every real answer to it.

Bodies are written elsewhere, once and with exact decimals: these models describe, they do not encode.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

PROBLEM = "application/problem+json"
Role = Literal["admin", "analyst", "viewer"]
Scope = Literal["read", "refresh", "events", "manage"]
STATED = {
    400: "A parameter has a value that is not allowed.",
    401: "Not signed in.",
    403: "Not allowed.",
    404: "There is no such thing, or it is another shop's.",
    409: "There is nothing to show yet, or what is there stands against it.",
    413: "The body is too large.",
    422: "The body is not what it should be.",
    429: "Too many requests: try again after `Retry-After` seconds.",
    500: "Something went wrong on our side.",
    502: "The source of the records cannot be read.",
    503: "The database cannot be reached, or is not up to date.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with; 500 and 503 are always among them."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": STATED[status], "content": {PROBLEM: {"schema": schema}}}
        for status in sorted({*statuses, 500, 503})
    }


def metric_data(name: str) -> Any:
    """A place where the data of one metric stands: filled in from the metric's own declaration."""
    return Annotated[Any, WithJsonSchema({"x-metric": name})]


def metric_row(name: str) -> Any:
    """A place where one row of a metric stands."""
    return Annotated[Any, WithJsonSchema({"x-metric": f"{name}/items"})]


class Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Problem(Shape):
    """RFC 9457 problem details; `code` is stable, `message` repeats `detail`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    success: Literal[False]
    message: str
    hint: str = Field("", description="What to do about it.")
    id: UUID | None = Field(None, description="Under this number an unexpected error stands in the log.")
    request_id: str = Field("", description="Under this number every log line of the request stands.")
    details: dict[str, Any] = Field(default_factory=dict)


class Account(Shape):
    id: int
    email: str


class Shop(Shape):
    slug: str
    name: str
    timezone: str
    currency: str
    role: Role


class Me(Shape):
    user: Account
    tenants: list[Shop]


class Tokens(Shape):
    access_token: str
    token_type: Literal["Bearer"]
    expires_at: datetime = Field(description="Of the access token.")
    refresh_token: str = Field(description="Good for one use at `/api/auth/token`.")


class SignedIn(Me, Tokens):
    pass


class Renewed(Tokens):
    pass


class Colleague(Shape):
    """A person who belongs to the shop."""

    id: int
    email: str
    role: Role
    created_at: datetime
    last_signed_in: datetime | None


class Colleagues(Shape):
    users: list[Colleague]


class Invited(Colleague):
    password: str | None = Field(description="Made for a new account and shown this once; null where it is known.")


class ApiKey(Shape):
    """A program's key, by its ending: its secret is shown once, when it is made."""

    id: int
    name: str
    ending: str
    role: Role
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used: datetime | None


class ApiKeys(Shape):
    keys: list[ApiKey]


class NewApiKey(ApiKey):
    key: str = Field(description="The key itself, shown this once.")


class AuditEntry(Shape):
    id: int = Field(description="No other entry has it; that of a sign-in is below zero.")
    at: datetime
    actor: str = Field(description="An email, `key NAME`, or `command line`.")
    action: str
    subject: str
    details: dict[str, Any]
    address: str


class AuditLog(Shape):
    entries: list[AuditEntry] = Field(description="Newest first.")
    next: str | None = Field(description="Ask `before` this for the entries further back.")


class LiveData(Shape):
    """Counted when asked."""

    total_products: int
    total_orders: int = Field(description="Not cancelled.")
    total_expenses: int
    last_updated: datetime = Field(description="When they were counted.")


class Live(LiveData):
    """Live counts, and how fresh the stored figures are."""

    version: int
    published_at: datetime | None
    checked_at: datetime | None = Field(description="When the figures were last found to be current.")
    data_through: datetime | None
    is_stale: bool
    stale_after_hours: int
    running_run: UUID | None
    platforms: list[str]
    refresh_in: int | None = Field(description="Seconds until you may start a refresh; null for who may not at all.")


class LiveAnswer(Shape):
    success: Literal[True]
    data: Live


class ClientSales(Shape):
    """Of the stored days, the last 30 when they were worked out."""

    from_: date = Field(alias="from")
    to: date
    computed_at: datetime
    net_sales: float
    orders: int
    growth: float | None = Field(description="Of net sales, against as many days before; null where those had none.")


class Client(Shop):
    """One of your shops."""

    version: int
    checked_at: datetime | None = Field(description="When its figures were last found to be current.")
    data_through: datetime | None
    is_stale: bool
    is_refreshing: bool
    last_run_failed: bool
    sales: ClientSales | None = Field(description="In its own currency; null where nothing is stored yet.")


class ClientList(Shape):
    clients: list[Client] = Field(description="By slug.")


class Clients(Shape):
    success: Literal[True]
    data: ClientList


class Failure(Shape):
    """A metric that keeps its last good figures because a later evaluation failed."""

    metric: str
    platform: str
    computed_at: datetime
    failed_at: datetime
    reason: str


class AnalyticsData(Shape):
    """The stored figures of one version. Before the first refresh each is null."""

    net_revenue: metric_data("net_revenue")  # type: ignore[valid-type]
    monthly_trends: metric_data("monthly_trends")  # type: ignore[valid-type]
    expense_breakdown: metric_data("expense_breakdown")  # type: ignore[valid-type]
    top_products: metric_data("top_products")  # type: ignore[valid-type]
    monthly_analytics: metric_data("monthly_analytics")  # type: ignore[valid-type]
    last_refreshed: datetime | None
    checked_at: datetime | None = Field(description="When the figures were last found to be current.")
    data_through: datetime | None
    version: int
    is_stale: bool
    is_refreshing: bool
    running_run: UUID | None
    platform: str
    platforms: list[str]
    failures: list[Failure]


class DashboardData(Shape):
    live_data: LiveData
    analytics_data: AnalyticsData


class Dashboard(Shape):
    success: Literal[True]
    data: DashboardData


class RefreshMetadata(Shape):
    run_id: UUID
    refreshed_at: datetime
    computation_time_ms: float
    version: int
    changes_applied: int
    joined: bool = Field(description="Served by a run that somebody else had started.")


class Refreshed(Shape):
    success: Literal[True]
    data: AnalyticsData
    metadata: RefreshMetadata


class Accepted(Shape):
    success: Literal[True]
    run_id: UUID
    location: str
    events: str


class Step(Shape):
    run_id: UUID
    step: str
    index: int
    of: int
    done: int | None
    total: int | None


class Run(Shape):
    run_id: UUID
    platform: str
    status: Literal["waiting", "processing", "completed", "failed"]
    triggered_by: str | None
    started_at: datetime | None
    snapshot_at: datetime | None
    ended_at: datetime | None
    duration_ms: float | None
    changes_applied: int
    orders_processed: int
    expenses_processed: int
    version: int | None
    phases: dict[str, float]
    metrics: dict[str, Any]
    error: str | None
    steps: list[Step]


class RunAnswer(Shape):
    success: Literal[True]
    data: Run


class RunSummary(Shape):
    run_id: UUID
    platform: str
    status: Literal["processing", "completed", "failed"]
    triggered_by: str
    started_at: datetime
    ended_at: datetime | None
    duration_ms: float | None
    changes_applied: int
    version: int | None
    error: str | None


class MetricState(Shape):
    metric: str
    platform: str
    computed_at: datetime
    data_through: datetime | None
    version: int
    computation_ms: float
    failed_at: datetime | None
    failure: str | None


class AlertShape(Shape):
    """Something that a person should look at."""

    kind: str
    subject: str
    message: str
    raised_at: datetime
    seen_at: datetime


class Status(Shape):
    version: int
    published_at: datetime | None
    checked_at: datetime | None
    data_through: datetime | None
    age: float | None
    is_stale: bool
    is_refreshing: bool
    running_run: UUID | None
    platform: str
    platforms: list[str]
    runs: list[RunSummary]
    metrics: list[MetricState]
    alerts: list[AlertShape]


class StatusAnswer(Shape):
    success: Literal[True]
    data: Status


class SnapshotShape(Shape):
    version: int
    day: date
    created_at: datetime
    data: metric_data("*")  # type: ignore[valid-type]


class History(Shape):
    metric: str
    platform: str
    snapshots: list[SnapshotShape]


class HistoryAnswer(Shape):
    success: Literal[True]
    data: History


class ParameterShape(Shape):
    name: str
    type: Literal["integer", "text", "date", "boolean"]
    description: str
    default: int | str | bool | None
    allowed: list[int | str | bool]
    minimum: int | None
    maximum: int | None


class ColumnShape(Shape):
    name: str
    kind: str
    unit: str | None = Field(description="A currency, `%`, or null for what has no unit.")
    description: str
    nullable: bool


class MetricShape(Shape):
    name: str
    title: str
    description: str
    formula: str
    shape: Literal["object", "rows"]
    ttl: int
    parameters: list[ParameterShape]
    columns: list[ColumnShape]


class Catalogue(Shape):
    currency: str
    platforms: list[str]
    metrics: list[MetricShape]


class NoticeShape(Shape):
    code: str
    message: str


class Rate(Shape):
    currency: str = Field(pattern="^[A-Z]{3}$")
    day: date = Field(description="The local day it holds from.")
    rate: Annotated[float, Field(gt=0, description="What one unit is worth in the shop's own currency.")]


class RateAnswer(Shape):
    success: Literal[True]
    data: Rate


class Rates(Shape):
    currency: str = Field(description="The shop's own, which the rates convert to.")
    rates: list[Rate]


class RatesAnswer(Shape):
    success: Literal[True]
    data: Rates


class AnswerShape(Shape):
    """One answer with its age. Figures have the digits they have."""

    metric: str
    params: dict[str, Any]
    platform: str
    data: metric_data("*")  # type: ignore[valid-type]
    computed_at: datetime
    checked_at: datetime
    data_through: datetime | None
    version: int
    age: float
    stale: bool
    warnings: list[NoticeShape]


class Health(Shape):
    status: Literal["ok", "unavailable"]
    version: str
    uptime_seconds: float
    database: Literal["reachable", "unreachable"]


class Ready(Shape):
    status: Literal["ready"]
    parts: dict[str, str] = Field(description="How each is: server, database, schema; sharedCache and replica, if any.")
    alerts: int = Field(description="How many things a person should look at, of all shops: no reason to wait.")


class Alive(Shape):
    status: Literal["alive"]
