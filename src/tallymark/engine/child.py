"""One process that does runs, one after the other: `python -m tallymark.engine.child`, started by a worker.

It is told what to do on standard input and tells how that ended on standard output, a line each. When the input ends,
its worker is gone, and so is it, whatever it was doing.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TextIO

import psycopg
import structlog

from tallymark.db import Database, timeouts_of
from tallymark.errors import DatabaseUnavailable, TallymarkError
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.monitoring import log_to_standard_error
from tallymark.settings import Settings
from tallymark.tasks import Interrupted, Work, find_job, ledger, records, schedules

MEGABYTE = 1 << 20
CONNECTIONS = 6
PROGRESS_EVERY = 0.5
LONGEST_ERROR = 4000
BUSY = 5.0

log = structlog.get_logger("tallymark.engine")


class Child:
    """The parts, opened once, and the run under way."""

    def __init__(self, conninfo: str, settings: Settings) -> None:
        self.database = Database(
            conninfo,
            min_size=0,
            max_size=CONNECTIONS,
            timeouts=timeouts_of(settings),
            archive_folder=settings.archive_folder,
        )
        self.settings = settings
        self.catalog = Catalog.load(*settings.metric_folders)
        self.stopping = threading.Event()

    def do(self, run: ledger.Started) -> ledger.Ended:
        """How the run ended; nothing is raised but what ends the process."""
        try:
            return self._locked(run)
        except Interrupted:
            return ledger.Ended("put off", counted=False)
        except DatabaseUnavailable as failed:
            return ledger.Ended("put off", error=failed.message[:LONGEST_ERROR], counted=False, lost=True, delay=1)
        except TallymarkError as failed:
            return ledger.Ended("failed", error=failed.message[:LONGEST_ERROR])
        except MemoryError:
            return ledger.Ended(
                "failed", error=f"It needed more memory than the {self.settings.job_memory_mb} MB that are allowed."
            )
        except Exception as failed:
            log.error("a job failed", job=run.job, run=run.run_id, exc_info=failed)
            return ledger.Ended("failed", error=f"{type(failed).__name__}: {failed}"[:LONGEST_ERROR])

    def _locked(self, run: ledger.Started) -> ledger.Ended:
        """Under a lock of the session's: should another worker hold this run for lost, it cannot begin it beside us."""
        with self.database.session(run.tenant_id) as session:
            if not ledger.lock(session.connection, run):
                return ledger.Ended("put off", error="Its last attempt has not ended yet.", counted=False, delay=BUSY)
            result = find_job(run.job).body(self._work(run))
        return ledger.Ended("completed", result=json.loads(json.dumps(dict(result), allow_nan=False)))

    def _work(self, run: ledger.Started) -> Work:
        with self.database.connect(None) as conn:
            tenant = ledger.tenant_of(conn, run)
        return Work(
            database=self.database,
            catalog=self.catalog,
            settings=self.settings,
            tenant=tenant,
            parameters=run.parameters,
            run_id=run.run_id,
            triggered_by=run.triggered_by,
            tenants=lambda: [tenant] if tenant else self._all(run.job),
            progress=_Progress(self.database, run),
            stopping=self.stopping.is_set,
            enqueue=self._enqueue,
        )

    def _all(self, job: str) -> list[Tenant]:
        with records.engine(self.database) as conn:
            return schedules.tenants_without_own(conn, job)

    def _enqueue(self, job: str, tenant: Tenant | None = None, **how: Any) -> str:
        with records.engine(self.database) as conn:
            number = tenant.tenant_id if tenant else records.EVERYBODY
            return ledger.enqueue(conn, job, number, trigger="event", triggered_by="a job", **how).run_id


class _Progress:
    """Written now and then, where anybody can see it; no run fails for want of this."""

    def __init__(self, database: Database, run: ledger.Started) -> None:
        self._database = database
        self._run = run
        self._written = 0.0

    def __call__(self, done: int | None = None, total: int | None = None, note: str = "") -> None:
        now = time.monotonic()
        if now - self._written < PROGRESS_EVERY:
            return
        self._written = now
        with suppress(DatabaseUnavailable, psycopg.Error), records.engine(self._database) as conn:
            ledger.note_progress(conn, self._run, {"done": done, "total": total, "note": note})


def main() -> None:
    told, answers = sys.stdin, _own_output()
    parts = json.loads(told.readline() or "null")
    if parts is None:
        return
    settings = Settings.model_validate(parts["settings"])
    log_to_standard_error("info", settings.log_format)
    _limit_memory(settings.job_memory_mb)
    orders: SimpleQueue[ledger.Started] = SimpleQueue()
    child = Child(parts["conninfo"], settings)
    threading.Thread(target=_listen, args=(told, orders, child.stopping), daemon=True).start()
    print("ready", file=answers, flush=True)
    while True:
        run = orders.get()
        print(json.dumps(child.do(run).told()), file=answers, flush=True)


def _listen(told: TextIO, orders: "SimpleQueue[ledger.Started]", stopping: threading.Event) -> None:
    for line in told:
        message = json.loads(line)
        if "stop" in message:
            stopping.set()
        else:
            stopping.clear()  # Here, where the lines come in their order: a stop right behind its run is not lost.
            orders.put(ledger.Started(**message["run"]))
    os._exit(0)


def _own_output() -> TextIO:
    """Answers go where nothing else is printed: what a library says on standard output goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _limit_memory(megabytes: int) -> None:
    """Where the system can: who asks for more is refused, which fails the run and nothing else."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * MEGABYTE, hard))


if __name__ == "__main__":
    main()
