"""Pure values: who asks, what is asked, about which days, and what is answered."""

from tallymark.model.answer import Answer, Notice
from tallymark.model.period import Period
from tallymark.model.question import ALL_PLATFORMS, Question
from tallymark.model.tenant import Tenant

__all__ = ["ALL_PLATFORMS", "Answer", "Notice", "Period", "Question", "Tenant"]
