"""The answer to a question: from memory, the shared cache, what a refresh has stored, or the rollups."""

from tallymark.cache.answer import answer
from tallymark.cache.answers import Answers, Asked
from tallymark.cache.bodies import Body
from tallymark.cache.entry import Given, Printed
from tallymark.cache.figures import Tier
from tallymark.cache.kept import Held, Kept
from tallymark.cache.memory import Memory
from tallymark.cache.shared import SharedCache
from tallymark.cache.turns import Turns
from tallymark.cache.warming import Warming

__all__ = [
    "Answers",
    "Asked",
    "Body",
    "Given",
    "Held",
    "Kept",
    "Memory",
    "Printed",
    "SharedCache",
    "Tier",
    "Turns",
    "Warming",
    "answer",
]
