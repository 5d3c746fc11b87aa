"""All metrics there are: one file each."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Self

from tallymark.metrics.metric import Metric


class Catalog(Mapping[str, Metric]):
    """The metrics by name, in alphabetical order. An unknown name raises UnknownMetric."""

    @classmethod
    def load(cls, *folders: Path) -> Self:
        """The built-in metrics and those of further folders: one `.sql` file is one metric."""
        raise NotImplementedError

    def __getitem__(self, name: str) -> Metric:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def touched_by(self, sources: Collection[str]) -> list[Metric]:
        """The metrics that a change of these base tables can change."""
        raise NotImplementedError
