"""An answer on its way into a file, as the table that it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, cast

from tallymark.metrics import Column, Metric, printed_name
from tallymark.model import ALL_PLATFORMS, Answer, Tenant


@dataclass(frozen=True, slots=True)
class Exported:
    """`tenant`: whose it is. `at`: when it is written."""

    answer: Answer
    metric: Metric
    tenant: Tenant
    at: datetime

    @property
    def name(self) -> str:
        """What the file is called, without its ending: harbour-top-products-2026-03-01-2026-03-31."""
        params, platform = self.answer.params, self.answer.platform
        days = [str(params[end]) for end in ("from", "to") if params.get(end)]
        only = [platform] if platform != ALL_PLATFORMS else []
        return "-".join([self.tenant.slug, self.metric.name.replace("_", "-"), *only, *days])

    @property
    def columns(self) -> Mapping[str, Column]:
        """What is told of each row, by the name it has in JSON; a dot nests."""
        return {".".join(map(printed_name, name.split("."))): column for name, column in self.metric.columns.items()}

    def rows(self) -> Iterator[list[Any]]:
        """The values of each row, in the order of the columns; of an answer that is no list, one."""
        data = [self.answer.data] if self.metric.shape == "object" else self.answer.data
        paths = [name.split(".") for name in self.columns]
        for row in cast("list[Mapping[str, Any]]", data):
            yield [_at(row, path) for path in paths]


def _at(row: Mapping[str, Any], path: list[str]) -> Any:
    """None within a group that is unknown as a whole."""
    return reduce(lambda within, part: None if within is None else within[part], path, cast(Any, row))
