"""Jobs that go wrong in every way there is, in processes of a worker that knows them."""

import os
import time
from collections.abc import Mapping
from typing import cast

from tallymark.engine import child
from tallymark.tasks import JOBS, Interrupted, Job, Work


def exception(work: Work) -> Mapping[str, object]:
    raise ValueError("out of luck")


def leave(work: Work) -> Mapping[str, object]:
    os._exit(3)


def loop(work: Work) -> Mapping[str, object]:
    while True:
        pass


def memory(work: Work) -> Mapping[str, object]:
    return {"size": len(bytearray(4 << 30))}


def strange(work: Work) -> Mapping[str, object]:
    return {"self": work}


def patient(work: Work) -> Mapping[str, object]:
    """Leaves a line where it begins, works as long as it is told, and stops when it is asked to."""
    note(work, "begun")
    ends = time.monotonic() + float(str(work.parameters["seconds"]))
    while time.monotonic() < ends:
        work.check()
        time.sleep(0.02)
    note(work, "done")
    return {"pid": os.getpid()}


def stubborn(work: Work) -> Mapping[str, object]:
    """The same, but does not listen."""
    try:
        return patient(Work(work.database, work.catalog, work.settings, work.tenant, work.parameters))
    except Interrupted:
        raise AssertionError("it was never asked") from None


def note(work: Work, line: str) -> None:
    with work.database.connect(work.tenant.tenant_id if work.tenant else None) as conn:
        conn.execute("INSERT INTO tallymark.noted (line) VALUES (%s)", (line,))


POISON = (
    Job("exception", exception, "It raises.", attempts=2),
    Job("leave", leave, "It exits.", attempts=1),
    Job("loop", loop, "It never ends.", attempts=1, time_limit=1),
    Job("memory", memory, "It wants too much.", attempts=1),
    Job("strange", strange, "It returns what nobody can write down.", attempts=1),
    Job("patient", patient, "It takes its time.", attempts=1),
    Job("stubborn", stubborn, "It takes its time and does not listen.", attempts=1),
)
cast("dict[str, Job]", JOBS).update({job.name: job for job in POISON})

if __name__ == "__main__":
    child.main()
