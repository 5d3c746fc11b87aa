"""Does the work: hands runs to the queue in turn, takes them from it, and has each done in a process of its own."""

from tallymark.engine.worker import Worker, work

__all__ = ["Worker", "work"]
