"""Metrics: one SQL file each. `plan` a question, then `evaluate` it."""

from tallymark.metrics.catalogue import Catalog
from tallymark.metrics.evaluate import Result, evaluate, printed_name
from tallymark.metrics.metric import Metric
from tallymark.metrics.plan import Plan, plan, prewarmed

__all__ = ["Catalog", "Metric", "Plan", "Result", "evaluate", "plan", "prewarmed", "printed_name"]
