"""Runs every measure and prints the ratios that ARCHITECTURE.md names, beside what was promised."""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import freshness, measures, questions
from benchmarks.world import World, empty, fill, say
from tallymark.db import Database
from tallymark.metrics import Catalog

RESULTS = Path(__file__).parent / "results"
PARTS = ("all", "refresh", "questions", "http", "build")
Row = tuple[str, float, str, float]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--small", type=int, default=200_000, help="orders of the small shop")
    options.add_argument("--large", type=int, default=2_000_000, help="orders of the large shop")
    options.add_argument("--http", type=int, default=1_000_000, help="orders of the shop that is asked over HTTP")
    options.add_argument("--out", type=Path, default=RESULTS / "latest.json", help="where the figures go")
    options.add_argument("--only", choices=PARTS, default="all", help="a part of it")
    asked = options.parse_args()
    figures: dict[str, object] = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "orders": {"small": asked.small, "large": asked.large, "http": asked.http},
    }
    with tempfile.TemporaryDirectory(prefix="tallymark-bench-") as folder:
        rows = _run(asked, Path(folder), figures)
    figures["ratios"] = {
        name: {"measured": measured, "promised": f"{sign} {promised}"} for name, measured, sign, promised in rows
    }
    say("\nratio                                                        measured   promised")
    for name, measured, sign, promised in rows:
        kept = measured <= promised if sign == "<=" else measured >= promised
        say(f"{name:<60} {measured:8.2f}   {sign} {promised:<6g} {'kept' if kept else 'NOT KEPT'}")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    say(f"\nAll figures: {asked.out}")


def _run(asked: argparse.Namespace, home: Path, figures: dict[str, object]) -> list[Row]:
    rows: list[Row] = []
    catalog = measures.catalog()
    if asked.only in ("all", "refresh"):
        with empty(home / "small") as small, empty(home / "large") as large:
            few, many = _filled(catalog, small, "small", asked.small), _filled(catalog, large, "large", asked.large)
            rows += _shops(figures, few, many)
    if asked.only == "questions":
        with empty(home / "large") as large:
            rows += _questions(figures, _filled(catalog, large, "large", asked.large))
    with empty(home / "http") as http:
        if asked.only in ("all", "http"):
            say(f"\nCommit to first right answer over HTTP, {asked.http:,} orders")
            figures["http_s"] = fresh = freshness.commit_to_answer(http, catalog, asked.http, home / "http")
            rows.append(("commit to answer, 1,000 orders of one month, s", fresh["recent"], "<=", 0.2))
            rows.append(("commit to answer, 1,000 orders of all months, s", fresh["spread"], "<=", 0.3))
        if asked.only in ("all", "build"):
            say("\nFirst build")
            figures["first_build"] = build = measures.first_build(http, asked.large)
            rows.append(("first build / COPY of the same rows", build["ratio"], "<=", 1.0))
    return rows


def _filled(catalog: Catalog, database: Database, name: str, orders: int) -> World:
    say(f"\nA shop of {orders:,} orders ({name})")
    began = time.perf_counter()
    world = World(database, catalog, fill(database, name, orders), orders)
    took = time.perf_counter() - began
    say(f"  written in {took:.1f} s; first refresh, with its build, in {world.refresh():.1f} s")
    return world


def _shops(figures: dict[str, object], small: World, large: World) -> list[Row]:
    for name, world in (("small", small), ("large", large)):
        say(f"\nRefresh, {world.orders:,} orders of history")
        figures[f"refresh_ms_{name}"] = measures.refreshes(world)
        figures[f"plain_sql_ms_{name}"] = measures.plain_sql(world)
    rows = _refresh_ratios(figures)
    say("\nWrites")
    figures["writes_ms"] = written = measures.writes(small.database, small.tenant)
    rows.append(("write of 1,000 orders, with triggers / without", written["ratio"], "<=", 1.5))
    rows += _questions(figures, large)
    say("\nReaders while all months change")
    figures["readers"] = read = measures.readers(small)
    rows.append(("answers of no committed state", read["mixed"], "<=", 0))
    return rows


def _questions(figures: dict[str, object], large: World) -> list[Row]:
    say(f"\nQuestions never asked before, {large.orders:,} orders")
    figures["ask_ms"] = asks = questions.asks(large)
    ratios = [ask["plain_ratio"] for ask in asks.values() if ask["plain_ratio"]]
    figures["plain_ratio"] = plain = round(median(ratios), 1)
    say(f"  plain SQL takes at least {plain:,} times as long, at the middle metric")
    slowest = max(ask["p95"] for ask in asks.values())
    return [("slowest metric's p95 over any days, ms", slowest, "<=", 50)]


def _refresh_ratios(figures: dict[str, object]) -> list[Row]:
    """How refreshes compare between the shops; and publications with plain SQL for their figures."""
    small, large, plain = (figures[name] for name in ("refresh_ms_small", "refresh_ms_large", "plain_sql_ms_large"))
    assert isinstance(small, dict)
    assert isinstance(large, dict)
    assert isinstance(plain, float)
    rows: list[Row] = []
    for case in small:
        ratio = round(large[case]["whole"] / small[case]["whole"], 2)
        rows.append((f"refresh, {case} orders changed: large / small", ratio, "<=", 1.3))
    for case in ("spread 1", "spread 100", "spread 1000"):
        rows.append(
            (f"plain SQL / published after {case}, large", round(plain / large[case]["published"], 1), ">=", 50)
        )
    return rows


if __name__ == "__main__":
    main()
