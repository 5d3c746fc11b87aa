"""How long questions take that were never asked before, of every metric, beside plain SQL over the base tables."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import errors
from tests.integration.plain_question import Asked, plain_arguments

from benchmarks.world import HERE, NOW, World, percentile, say, seconds
from tallymark.errors import BadQuestion
from tallymark.metrics import Metric, Parameter, Plan, accepted, evaluate, plan
from tallymark.model import Question

QUESTIONS = 200
PLAIN, PLAIN_QUESTIONS, PLAIN_SECONDS = HERE.parent / "tests" / "metrics", 3, 10
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)
DAYS = ("from", "to", "period")
Figures = dict[str, Any]


def asks(world: World) -> Figures:
    """For each metric, milliseconds of its questions and how many times as long plain SQL takes for some of them.

    Days, platform and every parameter are random; figures are worked out from the rollups even where they are kept.
    `cpu_p95` is what the database's process worked for them, which holds on a busy machine too. Plain SQL is stopped
    after 10 seconds, so that what is told of it is then the least it takes.
    """
    _add_plain_views(world)
    figures: Figures = {}
    for metric in world.catalog.values():
        asked = list(_questions(world, metric))
        taken, worked = zip(*(_evaluate(world, ready) for _, ready in asked), strict=True)
        ratios = [_plain(world, one) / mine for (one, _), mine in _some(metric, asked, taken)]
        figures[metric.name] = {
            "p50": round(percentile(taken, 0.5) * 1000, 1),
            "p95": round(percentile(taken, 0.95) * 1000, 1),
            "cpu_p95": round(percentile(worked, 0.95) * 1000, 1),
            "plain_ratio": round(median(ratios), 1) if ratios else None,
        }
        _tell(metric.name, figures[metric.name])
    return figures


def _add_plain_views(world: World) -> None:
    with world.database.owner() as conn:
        if conn.execute("SELECT to_regclass('tallymark.plain_orders')").fetchone() == (None,):
            conn.execute((PLAIN / "plain.sql").read_text("utf-8"))


def _tell(name: str, told: Figures) -> None:
    plain = f"   plain SQL: at least {told['plain_ratio']:,} times as long" if told["plain_ratio"] else ""
    say(f"  {name:<24} p50 {told['p50']:7.1f} ms   p95 {told['p95']:7.1f} ms   of CPU {told['cpu_p95']:7.1f} ms{plain}")


def _questions(world: World, metric: Metric) -> Any:
    chance = random.Random(metric.name)
    asked = 0
    while asked < QUESTIONS:
        platform = chance.choice(("all", "all", "shopify", "amazon"))
        params = _params(metric, chance, world.orders)
        if metric.ready == "daily" and params in metric.prewarm:
            continue  # Always kept: a day's work, and never done while somebody waits.
        question = Question(metric.name, platform, params, as_of=NOW)
        try:
            ready = plan(world.catalog, question, world.tenant)
        except BadQuestion:
            continue  # More than the metric tells at once; whoever asks is told so before anything is worked out.
        asked += 1
        yield Asked(metric, 0, platform, params, NOW), ready


def _params(metric: Metric, chance: random.Random, orders: int) -> dict[str, str]:
    """Any days of the two years, from one to all of them, and of half of the parameters any value."""
    params: dict[str, str] = {}
    if metric.has_window:
        length = chance.choice((1, 7, 30, 90, 365, chance.randint(1, 730)))
        first = FIRST + timedelta(days=chance.randint(0, (LAST - FIRST).days + 1 - length))
        params = {"from": first.isoformat(), "to": (first + timedelta(days=length - 1)).isoformat()}
    for name, parameter in accepted(metric).items():
        if name not in DAYS and chance.random() < 0.5:
            params[name] = _value(name, parameter, chance, orders)
    return params


def _value(name: str, parameter: Parameter, chance: random.Random, orders: int) -> str:
    if parameter.allowed:
        return str(chance.choice(parameter.allowed))
    if parameter.type == "text":
        return {"product_id": f"p{chance.randint(0, 5000)}", "customer_id": f"c{chance.randrange(orders // 10)}"}[name]
    least, most = parameter.min or 0, parameter.max or 1000
    return str(least - 1 + round((most - least + 1) ** chance.random()))


def _evaluate(world: World, ready: Plan) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    with world.database.connect(world.tenant.tenant_id, read_only=True, isolation="repeatable read") as conn:
        worked = _cpu_seconds(conn.info.backend_pid)
        took = seconds(lambda: evaluate(conn, ready))
        return took, _cpu_seconds(conn.info.backend_pid) - worked


def _cpu_seconds(process: int) -> float:
    """What a process has worked, as Linux counts it in nanoseconds; the server of a benchmark is on this machine."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _some(metric: Metric, asked: list[Any], taken: Sequence[float]) -> list[Any]:
    """A few of the questions, beside what they took; none of a metric that is no query but a model."""
    if not (PLAIN / metric.name / "plain.sql").exists():
        return []
    return list(zip(asked, taken, strict=True))[:: len(asked) // PLAIN_QUESTIONS][:PLAIN_QUESTIONS]


def _plain(world: World, asked: Asked) -> float:
    """Seconds of the plain query of the tests; no less than it was given, where it did not end."""
    query = (PLAIN / asked.metric.name / "plain.sql").read_text("utf-8")
    arguments = plain_arguments(asked, world.tenant)
    with world.database.connect(world.tenant.tenant_id, statement_timeout=PLAIN_SECONDS) as conn:
        try:
            return seconds(lambda: conn.execute(query, arguments).fetchall())
        except errors.QueryCanceled:
            return PLAIN_SECONDS
