"""Pure values: who asks, what is asked, about which days, and what is answered."""

from tallymark.model import exact_json, money
from tallymark.model.answer import Answer, Notice
from tallymark.model.exact_json import instant
from tallymark.model.period import Period
from tallymark.model.platform import ALL_PLATFORMS, PLATFORM_NAMES, is_platform
from tallymark.model.question import Question
from tallymark.model.tenant import Tenant

__all__ = [
    "ALL_PLATFORMS",
    "PLATFORM_NAMES",
    "Answer",
    "Notice",
    "Period",
    "Question",
    "Tenant",
    "exact_json",
    "instant",
    "is_platform",
    "money",
]
