"""All metrics there are: one file each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Self

from tallymark import rollups
from tallymark.errors import BadQuestion, SettingsError, UnknownMetric
from tallymark.metrics import header, parameters
from tallymark.metrics.metric import Column, Metric
from tallymark.metrics.traced import SourcesOf, trace

BUILT_IN = resources.files("tallymark.metrics").joinpath("catalog")

CHECK, WARNING = "check ", "warning "

# What the planner works out from the question, and a metric's SQL may use.
DERIVED = frozenset(
    {
        "tenant",
        "platform",
        "from",
        "to",
        "months_from",
        "months_to",
        "all_time",
        "before_from",
        "before_to",
        "before_cut_from",
        "before_cut",
        "clock",
        "as_of",
        "timezone",
        "currency",
        "exponent",
    }
)


TTL = 3600
"""Seconds that an answer counts as fresh, of a metric that does not say."""


class Catalog(Mapping[str, Metric]):
    """The metrics by name, in alphabetical order. An unknown name raises UnknownMetric."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = {metric.name: metric for metric in sorted(metrics, key=lambda metric: metric.name)}

    @classmethod
    def load(cls, *folders: Path, ttl: int = TTL, sources_of: SourcesOf = rollups.sources_of) -> Self:
        """The built-in metrics and those of further folders: one `.sql` file is one metric.

        A later folder's metric takes the place of an earlier one of the same name. Raises SettingsError for
        a file that is not a proper metric, naming the file and the line. `ttl`: of metrics that name none.
        """
        metrics: dict[str, Metric] = {}
        for folder in (BUILT_IN, *folders):
            if not folder.is_dir():
                raise SettingsError(f"There is no folder of metrics at {folder}.")
            for file in folder.iterdir():
                name = file.name.removesuffix(".sql")
                if name != file.name:
                    metrics[name] = read(name, file.name, file.read_text("utf-8"), sources_of, ttl)
        return cls(metrics.values())

    def __getitem__(self, name: str) -> Metric:
        try:
            return self._metrics[name]
        except KeyError:
            known = ", ".join(self._metrics)
            raise UnknownMetric(f"There is no metric {name!r}.", hint=f"There are: {known}.") from None

    def __contains__(self, name: object) -> bool:
        return name in self._metrics

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)


def read(name: str, file: str, text: str, sources_of: SourcesOf, ttl: int = TTL) -> Metric:
    """One metric from its file's text. Raises SettingsError."""
    declared = header.parse(name, file, text, ttl)
    traced = trace(file, declared.sql, sources_of)
    metric = replace(
        declared,
        outputs=tuple(output.replace("%%", "%") for output in traced.columns),
        placeholders=traced.placeholders,
        tables=traced.tables,
        sources=traced.sources,
    )
    try:
        _check_placeholders(metric)
        parameters.check(metric)
        return replace(metric, columns=_columns(metric))
    except (ValueError, BadQuestion) as wrong:
        raise SettingsError(f"{file}: {wrong}") from None


def _check_placeholders(metric: Metric) -> None:
    unknown = metric.placeholders - DERIVED - metric.parameters.keys()
    if unknown:
        raise ValueError(f"its SQL uses %({min(unknown)})s, which is no parameter of it")
    unused = metric.parameters.keys() - metric.placeholders - {metric.window.count}
    if unused:
        raise ValueError(f"its SQL never uses the parameter {min(unused)}")
    clash = metric.parameters.keys() & (DERIVED | {"period", "compare"})
    if clash:
        raise ValueError(f"{min(clash)} is worked out for every metric and cannot be declared")
    uses_days = "to" in metric.placeholders
    if metric.has_window and not uses_days:
        raise ValueError("its window lets days be asked for, which its SQL ignores: use %(to)s, or say window none")
    if uses_days and not metric.has_window:
        raise ValueError("its SQL uses %(to)s, but its window is none")


def _columns(metric: Metric) -> dict[str, Column]:
    """What is declared of each column of the result, in the order of the SELECT."""
    codes = {output.removeprefix(WARNING) for output in metric.outputs if output.startswith(WARNING)}
    if codes != metric.warnings.keys():
        raise ValueError(f"its SQL gives the warnings {sorted(codes)}, its header {sorted(metric.warnings)}")
    figures = [output for output in metric.outputs if not output.startswith((CHECK, WARNING))]
    columns = {name: replace(_declared(metric, name), name=name) for name in figures}
    unused = metric.columns.keys() - columns.keys() - {_group(name) for name in figures}
    if unused:
        raise ValueError(f"its header describes {min(unused)}, which its SQL does not give")
    return columns


def _declared(metric: Metric, name: str) -> Column:
    column = metric.columns.get(name) or metric.columns.get(_group(name))
    if column is None:
        raise ValueError(f"its SQL gives {name}, which its header does not describe")
    return column


def _group(name: str) -> str:
    return name.rpartition(".")[0] + ".*"
