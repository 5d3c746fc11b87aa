import stat
from pathlib import Path

import pytest

from tallymark.errors import SettingsError
from tallymark.settings import Settings

VARIABLES = [str(field.validation_alias) for field in Settings.model_fields.values()]
SECRET = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_the_variables_are_those_of_the_contract_and_of_the_request_path() -> None:
    assert sorted(VARIABLES) == [
        "ANALYTICS_CACHE_TTL",
        "ANALYTICS_RATE_LIMIT_REQUESTS",
        "ANALYTICS_RATE_LIMIT_WINDOW_MINUTES",
        "ANALYTICS_REFRESH_COOLDOWN_MINUTES",
        "ANALYTICS_SLOW_QUERY_THRESHOLD_MS",
        "ANALYTICS_STALE_THRESHOLD_HOURS",
        "DATABASE_REPLICA_URL",
        "DATABASE_URL",
        "DISABLE_AUTO_SYNC",
        "ENABLE_ANALYTICS_MONITORING",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "REDIS_URL",
        "TALLYMARK_AUDIT_MONTHS",
        "TALLYMARK_CACHE_MB",
        "TALLYMARK_DATABASE_POOL",
        "TALLYMARK_DEBOUNCE_LONGEST_SECONDS",
        "TALLYMARK_DEBOUNCE_SECONDS",
        "TALLYMARK_DRAIN_SECONDS",
        "TALLYMARK_HISTORY_MONTHS",
        "TALLYMARK_HOME",
        "TALLYMARK_HOST",
        "TALLYMARK_IDLE_TIMEOUT",
        "TALLYMARK_JOB_MEMORY_MB",
        "TALLYMARK_LOCK_TIMEOUT",
        "TALLYMARK_LOG_FORMAT",
        "TALLYMARK_METRICS_TOKEN",
        "TALLYMARK_OLD_SECRET_KEYS",
        "TALLYMARK_PORT",
        "TALLYMARK_REPLICA_LAG",
        "TALLYMARK_REPLICA_POOL",
        "TALLYMARK_REQUESTS_PER_ADDRESS",
        "TALLYMARK_REQUESTS_PER_CREDENTIAL",
        "TALLYMARK_RUNS_MONTHS",
        "TALLYMARK_SECRET_KEY",
        "TALLYMARK_STATEMENT_TIMEOUT",
        "TALLYMARK_TRUSTED_PROXIES",
        "TALLYMARK_UPLOAD_MB",
    ]


def test_the_defaults() -> None:
    assert Settings.from_environment().model_dump() == {
        "home": Path.cwd() / ".tallymark",
        "database_url": None,
        "database_replica_url": None,
        "replica_lag": 5,
        "database_pool": 10,
        "replica_pool": 10,
        "statement_timeout": 60,
        "lock_timeout": 10,
        "idle_timeout": 600,
        "redis_url": None,
        "secret_key": None,
        "old_secret_keys": None,
        "host": "127.0.0.1",
        "port": 8000,
        "cache_ttl": 3600,
        "cache_memory_mb": 64,
        "upload_mb": 512,
        "stale_threshold_hours": 24,
        "refresh_cooldown_minutes": 5,
        "rate_limit_requests": 5,
        "rate_limit_window_minutes": 15,
        "requests_per_address": 100,
        "requests_per_credential": 100,
        "trusted_proxies": "127.0.0.0/8,::1",
        "slow_query_threshold_ms": 30_000,
        "monitoring": True,
        "metrics_token": None,
        "drain_seconds": 0,
        "log_format": "logfmt",
        "otlp_endpoint": None,
        "disable_auto_sync": False,
        "job_memory_mb": 2048,
        "history_months": 6,
        "runs_months": 1,
        "audit_months": 24,
        "debounce_seconds": 5.0,
        "debounce_longest_seconds": 30.0,
    }


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYMARK_PORT", "9000")
    monkeypatch.setenv("DISABLE_AUTO_SYNC", "true")
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("HOST", "not.ours")
    settings = Settings.from_environment()
    assert (settings.port, settings.disable_auto_sync) == (9000, True)
    assert (settings.host, settings.database_url) == ("127.0.0.1", None)


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("TALLYMARK_PORT", "abc", "TALLYMARK_PORT=abc: must be a whole number"),
        ("TALLYMARK_PORT", "70000", "TALLYMARK_PORT=70000: must be less than or equal to 65535"),
        ("ANALYTICS_CACHE_TTL", "0", "ANALYTICS_CACHE_TTL=0: must be greater than or equal to 1"),
        ("DISABLE_AUTO_SYNC", "maybe", "DISABLE_AUTO_SYNC=maybe: must be true or false"),
        (
            "DATABASE_URL",
            "mysql://shop:p@ss@db/shop",
            "DATABASE_URL=mysql://***@db/shop: must be an address that starts with postgresql:// or postgres://",
        ),
        (
            "TALLYMARK_TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "TALLYMARK_TRUSTED_PROXIES=10.0.0.0/8,proxy: must be addresses or networks, separated by commas:"
            " 10.0.0.0/8, 192.0.2.7",
        ),
        (
            "TALLYMARK_SECRET_KEY",
            "hunter2",
            "TALLYMARK_SECRET_KEY=(hidden): must have at least 32 characters",
        ),
    ],
)
def test_a_wrong_value_is_one_line_that_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, line: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment()
    assert str(refused.value) == line


def test_a_replica_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_REPLICA_URL", "postgresql://db/shop")
    with pytest.raises(SettingsError, match="set both or neither"):
        Settings.from_environment()


def test_settings_do_not_show_what_is_secret() -> None:
    shown = repr(
        Settings(secret_key=SECRET, database_url="postgresql://me:hunter2@db/shop", redis_url="redis://:hunter2@db")
    )
    assert "hunter2" not in shown
    assert SECRET not in shown


def test_the_embedded_installation_makes_its_secret_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Settings(home=home).require_secret()
    assert Settings(home=home).require_secret() == first
    assert len(first) == 64
    assert [path.name for path in home.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((home / "secret_key").stat().st_mode) == 0o600


def test_an_external_database_needs_a_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://db/shop")
    with pytest.raises(SettingsError, match="TALLYMARK_SECRET_KEY is not set"):
        settings.require_secret()
    assert settings.model_copy(update={"database_url": None}).require_secret() != ""


def test_a_secret_that_is_set_is_used() -> None:
    assert Settings(secret_key=SECRET, database_url="postgresql://db/shop").require_secret() == SECRET
