"""From a question to SQL and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tallymark.metrics.catalogue import Catalog
from tallymark.metrics.metric import Metric
from tallymark.model import Period, Question, Tenant


@dataclass(frozen=True, slots=True)
class Plan:
    """A question made ready to run.

    `parameters` is the question as asked (defaults left out), `resolved` the same with every default and
    its days worked out: both canonical JSON. Equal `resolved` means the same figures from the same data.
    """

    metric: Metric
    platform: str
    parameters: str
    resolved: str
    arguments: Mapping[str, object]
    period: Period
    currency: str

    @property
    def name(self) -> str:
        return self.metric.name

    @property
    def sql(self) -> str:
        return self.metric.sql


def plan(catalog: Catalog, question: Question, tenant: Tenant) -> Plan:
    """What to run for the question. Raises UnknownMetric, and BadQuestion for a parameter we cannot take."""
    raise NotImplementedError


def prewarmed(catalog: Catalog, metric: str, platform: str, tenant: Tenant, as_of: datetime) -> list[Plan]:
    """The plans of the parameter sets that a refresh keeps ready; the first is the one history is kept of."""
    raise NotImplementedError
