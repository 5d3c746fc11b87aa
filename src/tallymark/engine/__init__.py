"""Does the work: hands runs to the queue in turn, takes them from it, and has each done in a process of its own."""

from tallymark.engine.beside import Beside
from tallymark.engine.upkeep import Pace
from tallymark.engine.worker import AT_ONCE, Worker, work

__all__ = ["AT_ONCE", "Beside", "Pace", "Worker", "work"]
