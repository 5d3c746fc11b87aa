"""The settings, declared once; the only module that reads the environment."""

import os
import re
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from tallymark.errors import SettingsError

SHORTEST_SECRET = 32


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must be an address that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return value

    return AfterValidator(check)


PostgresAddress = Annotated[str, _address("postgresql", "postgres")]
ValkeyAddress = Annotated[str, _address("redis", "rediss", "valkey", "valkeys", "unix")]
Count = Annotated[int, Field(ge=1)]


def _networks(value: str) -> str:
    for part in value.split(","):
        try:
            ip_network(part.strip())
        except ValueError:
            raise ValueError("must be addresses or networks, separated by commas: 10.0.0.0/8, 192.0.2.7") from None
    return value


Networks = Annotated[str, AfterValidator(_networks)]


class Settings(BaseModel):
    """What an operator can set; the alias of a field is its variable."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_default=True, hide_input_in_errors=True
    )

    home: Path = Field(
        Path(".tallymark"),
        validation_alias="TALLYMARK_HOME",
        description="Folder of the embedded database and of what this installation keeps for itself.",
    )
    database_url: PostgresAddress | None = Field(
        None,
        validation_alias="DATABASE_URL",
        repr=False,
        description="Your own PostgreSQL, 15 or newer; without it, Tallymark starts the embedded one.",
    )
    database_replica_url: PostgresAddress | None = Field(
        None,
        validation_alias="DATABASE_REPLICA_URL",
        repr=False,
        description="A streaming replica of DATABASE_URL: figures are read there while it keeps up.",
    )
    replica_lag: Count = Field(
        5,
        validation_alias="TALLYMARK_REPLICA_LAG",
        description="Seconds that the replica may be behind; DATABASE_URL answers while it is further.",
    )
    database_pool: int = Field(
        10,
        ge=4,
        validation_alias="TALLYMARK_DATABASE_POOL",
        description="Connections to DATABASE_URL that a process has at most; half of them are for refreshes.",
    )
    replica_pool: Count = Field(
        10,
        validation_alias="TALLYMARK_REPLICA_POOL",
        description="Connections to DATABASE_REPLICA_URL that a process has at most.",
    )
    statement_timeout: Count = Field(
        60,
        validation_alias="TALLYMARK_STATEMENT_TIMEOUT",
        description="Seconds that a statement may take for which somebody waits; imports and refreshes have no limit.",
    )
    lock_timeout: Count = Field(
        10,
        validation_alias="TALLYMARK_LOCK_TIMEOUT",
        description="Seconds that such a statement may wait for a lock.",
    )
    idle_timeout: Count = Field(
        600,
        validation_alias="TALLYMARK_IDLE_TIMEOUT",
        description="Seconds that any transaction may wait for its program before PostgreSQL ends it.",
    )
    redis_url: ValkeyAddress | None = Field(
        None,
        validation_alias="REDIS_URL",
        repr=False,
        description="Valkey or Redis, shared by several instances as second cache tier and for rate limits.",
    )
    secret_key: SecretStr | None = Field(
        None,
        validation_alias="TALLYMARK_SECRET_KEY",
        description=f"Signs sessions and tokens: {SHORTEST_SECRET} or more characters that nobody can guess.",
    )
    old_secret_keys: SecretStr | None = Field(
        None,
        validation_alias="TALLYMARK_OLD_SECRET_KEYS",
        description="Earlier values of TALLYMARK_SECRET_KEY, separated by commas: they still open the credentials that"
        " they have sealed, which are sealed anew when they are next used.",
    )
    host: str = Field("127.0.0.1", validation_alias="TALLYMARK_HOST", description="Address the server listens on.")
    port: int = Field(
        8000, ge=1, le=65535, validation_alias="TALLYMARK_PORT", description="Port the server listens on."
    )
    cache_ttl: Count = Field(
        3600,
        validation_alias="ANALYTICS_CACHE_TTL",
        description="Seconds for which an answer counts as fresh, of metrics whose file says nothing of it.",
    )
    cache_memory_mb: Count = Field(
        64,
        validation_alias="TALLYMARK_CACHE_MB",
        description="Megabytes of answers that each server process keeps in its own memory.",
    )
    upload_mb: Count = Field(
        512,
        validation_alias="TALLYMARK_UPLOAD_MB",
        description="Megabytes of files that a shop may have sent in for import by the browser; packed ones unpacked.",
    )
    stale_threshold_hours: Count = Field(
        24,
        validation_alias="ANALYTICS_STALE_THRESHOLD_HOURS",
        description="Hours after which an answer is called stale.",
    )
    refresh_cooldown_minutes: int = Field(
        5,
        ge=0,
        validation_alias="ANALYTICS_REFRESH_COOLDOWN_MINUTES",
        description="Minutes between two refreshes of a shop that one user starts by hand.",
    )
    rate_limit_requests: Count = Field(
        5,
        validation_alias="ANALYTICS_RATE_LIMIT_REQUESTS",
        description="Refreshes that one user may ask for within the window.",
    )
    rate_limit_window_minutes: Count = Field(
        15, validation_alias="ANALYTICS_RATE_LIMIT_WINDOW_MINUTES", description="Length of that window."
    )
    requests_per_address: Count = Field(
        100,
        validation_alias="TALLYMARK_REQUESTS_PER_ADDRESS",
        description="Requests to the interface that one address may make in a minute; of IPv6, one /64.",
    )
    requests_per_credential: Count = Field(
        100,
        validation_alias="TALLYMARK_REQUESTS_PER_CREDENTIAL",
        description="Requests that one signed-in user may make in a minute, from wherever.",
    )
    trusted_proxies: Networks = Field(
        "127.0.0.0/8,::1",
        validation_alias="TALLYMARK_TRUSTED_PROXIES",
        description="Addresses and networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    slow_query_threshold_ms: Count = Field(
        30_000,
        validation_alias="ANALYTICS_SLOW_QUERY_THRESHOLD_MS",
        description="Milliseconds after which a query is logged as slow.",
    )
    monitoring: bool = Field(
        True,
        validation_alias="ENABLE_ANALYTICS_MONITORING",
        description="Measure requests, queries, refreshes and the cache, and tell of it.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        validation_alias="TALLYMARK_METRICS_TOKEN",
        description=f"What whoever reads `/metrics` has to show: {SHORTEST_SECRET} or more characters.",
    )
    drain_seconds: int = Field(
        0,
        ge=0,
        le=300,
        validation_alias="TALLYMARK_DRAIN_SECONDS",
        description="Seconds for which a server that stops says so at `/readyz` and goes on answering.",
    )
    log_format: Literal["logfmt", "json"] = Field(
        "logfmt", validation_alias="TALLYMARK_LOG_FORMAT", description="How log lines look: logfmt or json."
    )
    otlp_endpoint: str | None = Field(
        None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Where traces are sent, by OTLP over HTTP; nothing is traced without.",
    )
    disable_auto_sync: bool = Field(
        False, validation_alias="DISABLE_AUTO_SYNC", description="Start no scheduled job by itself."
    )

    history_months: Count = Field(
        6, validation_alias="TALLYMARK_HISTORY_MONTHS", description="Months for which snapshots of figures are kept."
    )
    runs_months: Count = Field(
        1, validation_alias="TALLYMARK_RUNS_MONTHS", description="Months for which records of refreshes are kept."
    )
    audit_months: int = Field(
        24,
        ge=12,
        validation_alias="TALLYMARK_AUDIT_MONTHS",
        description="Months for which the audit log and attempts to sign in are kept; at least a year.",
    )
    debounce_seconds: float = Field(
        5.0,
        ge=0,
        le=3600,
        validation_alias="TALLYMARK_DEBOUNCE_SECONDS",
        description="Seconds from one refresh that changes wake to the next; what comes later is counted at once.",
    )
    debounce_longest_seconds: float = Field(
        30.0,
        ge=0,
        le=3600,
        validation_alias="TALLYMARK_DEBOUNCE_LONGEST_SECONDS",
        description="The most that this may become where refreshes take long: four times what publishing took last.",
    )
    job_memory_mb: int = Field(
        2048,
        ge=256,
        validation_alias="TALLYMARK_JOB_MEMORY_MB",
        description="Megabytes that one background job may use; one that needs more fails, and nothing else does.",
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("secret_key", "metrics_token")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return key

    @classmethod
    def from_environment(cls) -> Self:
        """The settings in force. An empty variable counts as one that is not there.

        Raises SettingsError, one line that names the variable, its value and what is allowed.
        """
        variables = [str(field.validation_alias) for field in cls.model_fields.values()]
        try:
            settings = cls.model_validate({name: os.environ[name] for name in variables if os.environ.get(name)})
        except ValidationError as wrong:
            raise SettingsError(_one_line(wrong)) from None
        if settings.database_replica_url and not settings.database_url:
            raise SettingsError("DATABASE_REPLICA_URL is set but DATABASE_URL is not: set both or neither")
        return settings

    @property
    def proxies(self) -> list[IPv4Network | IPv6Network]:
        """The networks of the trusted proxies."""
        return [ip_network(part.strip()) for part in self.trusted_proxies.split(",")]

    @property
    def archive_folder(self) -> Path:
        """Where order lines of long ago are put: the folder `archive` of `home`."""
        return self.home / "archive"

    @property
    def uploads_folder(self) -> Path:
        """Where files wait that were sent in for import: the folder `uploads` of `home`."""
        return self.home / "uploads"

    @property
    def metric_folders(self) -> list[Path]:
        """Where further metrics are looked for: the folder `metrics` of `home`, if there is one."""
        folder = self.home / "metrics"
        return [folder] if folder.is_dir() else []

    @property
    def earlier_secrets(self) -> list[str]:
        """The keys that came before."""
        keys = self.old_secret_keys.get_secret_value() if self.old_secret_keys else ""
        return [key.strip() for key in keys.split(",") if key.strip()]

    def require_secret(self) -> str:
        """The key that signs sessions. The embedded installation makes its own, once.

        Raises SettingsError when the database is external and no key is set: every instance in front of
        one database has to sign alike.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        if self.database_url is not None:
            raise SettingsError(
                "TALLYMARK_SECRET_KEY is not set: with DATABASE_URL the server needs a key of "
                f"{SHORTEST_SECRET} or more characters, the same on every instance",
                hint="openssl rand -hex 32",
            )
        return _own_secret(self.home)


def _one_line(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False)[0]
    variable = str(first["loc"][0])
    allowed = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{variable}={_shown(variable, os.environ.get(variable, ''))}: {_rule(first, allowed)}"


def _rule(error: Any, allowed: str) -> str:
    if allowed.startswith("must "):
        return allowed
    if error["type"].startswith("bool"):
        return "must be true or false"
    if error["type"].startswith("int"):
        return "must be a whole number"
    return f"must be {allowed}"


def _shown(variable: str, value: str) -> str:
    """A value as it may stand in a log: keys hidden, passwords in addresses too."""
    if variable.endswith(("_KEY", "_KEYS", "_TOKEN")):
        return "(hidden)"
    return re.sub(r"(?<=://).*(?=@)|(?<=password=)[^&]*", "***", value)


def _own_secret(home: Path) -> str:
    path = home / "secret_key"
    if not path.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = home / f"secret_key.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            # A link never replaces: of two processes that start at once, one key wins for both.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
