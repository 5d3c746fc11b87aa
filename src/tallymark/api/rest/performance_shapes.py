"""What the answers about performance look like, for the OpenAPI document."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tallymark.api.rest.shapes import Shape


class Times(Shape):
    """Requests since the server began; a percentile is told to within a quarter, null where there were none."""

    count: int
    errors: int = Field(description="Answered with 5xx.")
    refused: int = Field(description="Answered with 4xx.")
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float


class Endpoint(Times):
    method: str
    route: str


class MetricTiming(Shape):
    """Evaluations by refreshes over the last 30 days."""

    metric: str
    evaluations: int
    average_ms: float
    longest_ms: float
    slow: int = Field(description="Evaluations over the threshold.")


class Performance(Shape):
    uptime_seconds: float
    memory_bytes: int
    processes: int
    threshold_ms: int
    requests: Times
    endpoints: list[Endpoint]
    metrics: list[MetricTiming] = Field(description="The slowest first.")
    alerts: list[str] = Field(description="Metrics that took longer than the threshold.")


class PerformanceAnswer(Shape):
    success: Literal[True]
    data: Performance


class TierShare(Shape):
    tier: str
    result: str
    count: int
    share: float


class CachePerformance(Shape):
    requests: int
    hit_ratio: float | None = Field(description="Of the cached answers, those not worked out when asked for.")
    tiers: list[TierShare]
    memory_entries: int = Field(description="Answers of this shop, in the process that answers.")
    memory_bytes: int
    memory_limit_bytes: int
    shared: Literal["up", "away", "none"]


class CacheAnswer(Shape):
    success: Literal[True]
    data: CachePerformance


class SlowQuery(Shape):
    """Never with the values of its parameters."""

    at: datetime
    name: str
    statement: str
    metric: str | None
    milliseconds: float
    parameters: list[str]
    failed: bool


class PoolUsage(Shape):
    pool: str
    used: int
    idle: int
    most: int
    waiting: int


class DatabasePerformance(Shape):
    size_bytes: int
    connections: int
    most_connections: int
    dead_rows: int
    oldest_transaction_seconds: float
    longest_wait_seconds: float
    pools: list[PoolUsage] = Field(description="Of the process that answers.")
    threshold_ms: int
    slow_queries: list[SlowQuery] = Field(description="Of this shop, the newest first.")


class DatabaseAnswer(Shape):
    success: Literal[True]
    data: DatabasePerformance


class Cleared(Shape):
    success: Literal[True]
    pattern: str
    cleared: int = Field(description="Answers that were in the memory of the process that answers.")
