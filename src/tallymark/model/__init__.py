"""Pure values: who asks, what is asked, about which days, and what is answered."""

from tallymark.model import exact_json, money
from tallymark.model.answer import Answer, Notice
from tallymark.model.exact_json import instant
from tallymark.model.period import Period
from tallymark.model.question import ALL_PLATFORMS, Question
from tallymark.model.tenant import Tenant

__all__ = ["ALL_PLATFORMS", "Answer", "Notice", "Period", "Question", "Tenant", "exact_json", "instant", "money"]
