"""Metrics: one SQL file each. `plan` a question, then `evaluate` it."""

from tallymark.metrics.catalogue import Catalog
from tallymark.metrics.evaluate import Result, evaluate, evaluate_each, printed_name
from tallymark.metrics.metric import Column, Metric, Parameter
from tallymark.metrics.parameters import accepted
from tallymark.metrics.plan import Plan, plan, prewarmed

__all__ = [
    "Catalog",
    "Column",
    "Metric",
    "Parameter",
    "Plan",
    "Result",
    "accepted",
    "evaluate",
    "evaluate_each",
    "plan",
    "prewarmed",
    "printed_name",
]
