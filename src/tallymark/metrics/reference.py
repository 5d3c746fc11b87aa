"""The reference page of all metrics, printed: `python -m tallymark.metrics.reference > docs/metrics.md`."""

import sys
from collections.abc import Iterable, Iterator, Mapping

from tallymark.metrics.catalogue import Catalog
from tallymark.metrics.evaluate import printed_name
from tallymark.metrics.metric import Column, Metric, Parameter, Ready, as_asked
from tallymark.metrics.parameters import accepted, allowed_values

INTRODUCTION = """\
# Metrics

Generated from the metrics' own files by `python -m tallymark.metrics.reference`; to change it, change them.
How to add one: [adding-a-metric.md](adding-a-metric.md).

## What holds for all of them

- **Days** are the store's local days. `from` and `to` are inclusive and may be given alone: `from` runs to today, `to`
  begins with the first sale. `period=today|week|month|quarter|year` is the running one; weeks start on Monday.
- **What counts**: orders placed in those days, neither cancelled nor test. Orders in another currency are
  converted at the last exchange rate up to their local day, and their refunds at the same rate; those that no rate was
  known for by then are left out, and the answer warns `excluded_currency`.
- **Returns** count on the day they happen (`clock=event`) or on their order's day (`clock=order`).
- **Comparison**: growth is (now − before) ÷ |before|, unknown where before is 0. Before is as many local days just
  earlier (`compare=previous`) or the same dates a year earlier (`compare=year`). A range that has not ended ends
  today, and is compared with the same elapsed part: of the days before, all but the last are whole, and the last one
  is cut at the local time the question is asked. That one day is read from the facts of its orders and refunds, the
  whole days from rollups; with `clock=order` its returns are cut at the full hour. A stored comparison of a running
  range is told again each hour.
- **Money** is exact: every digit it has, at least those of its currency. Averages are rounded half even to the
  currency's minor unit, percentages to 2 places, ratios to 4; nothing else is rounded.
- **Unknown** is `null`, never 0; a group of which nothing is known is `null` itself.
- **Customers** are known per platform; guests are in no customer count.
- **Platform** is `all`, or the name of one.
"""


_READY: Mapping[Ready, str] = {
    "published": ", published with each refresh",
    "after": ", right after each refresh",
    "daily": ", once a local day",
}


def reference(catalog: Catalog) -> str:
    """The page, in Markdown."""
    return "\n".join([INTRODUCTION, *(line for metric in catalog.values() for line in _metric(metric))]) + "\n"


def _metric(metric: Metric) -> Iterator[str]:
    yield f"## {metric.name}"
    yield ""
    yield f"**{metric.title}.** {metric.description}"
    yield ""
    yield f"- Formula: {metric.formula}"
    yield f"- Source: {metric.source}"
    yield f"- Gives: {'one object' if metric.shape == 'object' else 'rows'}, about {_window(metric)}"
    yield f"- Fresh for {metric.ttl} s; changes with: {', '.join(sorted(metric.sources))}"
    if metric.schedule:
        yield f"- Schedule: `{metric.schedule}`"
    yield f"- Kept ready: {'; '.join(_asked(chosen) for chosen in metric.prewarm) or 'nothing'}{_READY[metric.ready]}"
    yield f"- For: {', '.join(metric.roles)}"
    yield ""
    yield from _table(("parameter", "values", "default", "meaning"), map(_parameter, accepted(metric).values()))
    yield from _table(("field", "kind", "meaning"), map(_column, metric.columns.values()))
    yield from _table(("warning", "meaning"), ((f"`{code}`", doc) for code, doc in metric.warnings.items()))


def _window(metric: Metric) -> str:
    window = metric.window
    if window.kind == "none":
        return "the present"
    if window.kind == "all":
        return "all time where no days are asked for"
    count = f"`{window.count}`" if isinstance(window.count, str) else window.count
    whole = "; days asked for are widened to whole months" if window.whole_months else ""
    return f"the last {count} {window.unit} where no days are asked for{whole}"


def _asked(chosen: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in chosen.items()) or "without parameters"


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    default = "" if parameter.default is None else as_asked(parameter.default)
    return f"`{parameter.name}`", allowed_values(parameter), default, parameter.doc


def _column(column: Column) -> tuple[str, ...]:
    name = ".".join(printed_name(part) for part in column.name.split("."))
    return f"`{name}`", column.kind + (" or null" if column.nullable else ""), column.doc


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    body = ["| " + " | ".join(row) + " |" for row in rows]
    if body:
        yield "| " + " | ".join(head) + " |"
        yield "| " + " | ".join("---" for _ in head) + " |"
        yield from body
        yield ""


if __name__ == "__main__":
    sys.stdout.write(reference(Catalog.load()))
