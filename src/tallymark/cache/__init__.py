"""The answer to a question: stored where a refresh keeps it ready, else from rollups."""

from tallymark.cache.answer import Tier, answer

__all__ = ["Tier", "answer"]
