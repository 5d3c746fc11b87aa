"""How long SQL takes: statements over a threshold are logged and kept for a while, never with the values they had."""

import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from tallymark.monitoring.meters import VALUES

EACH, MOST_TENANTS = 50, 200
LONGEST = 2_000
"""Characters of a statement that are kept."""
NONE = "none"

log = structlog.get_logger("tallymark.statements")


@dataclass(frozen=True, slots=True)
class About:
    """On whose behalf, and for which metric, statements are sent."""

    tenant_id: int | None = None
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Slow:
    """One slow statement. `ended`: when, by the monotonic clock of the machine; `parameters`: their names."""

    name: str
    statement: str
    metric: str | None
    tenant_id: int | None
    milliseconds: float
    parameters: tuple[str, ...]
    failed: bool
    ended: float

    def packed(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Slow":
        return cls(**{**packed, "parameters": tuple(packed["parameters"])})


_about: ContextVar[About] = ContextVar("about", default=About())  # noqa: B039  it cannot be changed


@contextmanager
def about(*, tenant_id: int | None = None, metric: str | None = None) -> Iterator[None]:
    """Says whom the statements within are for; what is left out stays as it is."""
    outer = _about.get()
    token = _about.set(About(tenant_id or outer.tenant_id, metric or outer.metric))
    try:
        yield
    finally:
        _about.reset(token)


def subject() -> About:
    return _about.get()


class Statements:
    """The slow statements of this process, the last few of each tenant. From any thread."""

    def __init__(self) -> None:
        self.threshold_ms: float | None = None
        self._slow: OrderedDict[int | None, deque[Slow]] = OrderedDict()

    def watch(self, threshold_ms: float | None) -> None:
        """From so many milliseconds on a statement is slow; None: nobody watches."""
        self.threshold_ms = threshold_ms

    def ran(self, name: str, statement: str, parameters: tuple[str, ...], seconds: float, failed: bool) -> None:
        """Notes one that was over the threshold."""
        whose = _about.get()
        slow = Slow(
            name, statement[:LONGEST], whose.metric, whose.tenant_id, round(seconds * 1000, 3), parameters, failed,
            time.monotonic(),
        )  # fmt: skip
        self._slow.setdefault(whose.tenant_id, deque(maxlen=EACH)).append(slow)
        self._slow.move_to_end(whose.tenant_id)
        while len(self._slow) > MOST_TENANTS:
            self._slow.popitem(last=False)
        VALUES.count("slow_statements_total", whose.metric or NONE)
        log.warning(
            "statement is slow", statement=name, metric=whose.metric, tenant_id=whose.tenant_id,
            milliseconds=slow.milliseconds, parameters=",".join(parameters), failed=failed,
        )  # fmt: skip

    def slow(self) -> list[Slow]:
        """Those there are, in no order."""
        return [slow for of in list(self._slow.values()) for slow in list(of)]


STATEMENTS = Statements()
"""Those of this process."""
