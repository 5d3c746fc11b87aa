"""Everything that can go wrong, by name.

    TallymarkError
    ├── SettingsError           a setting is wrong; nothing was started
    ├── DatabaseUnavailable     PostgreSQL cannot be reached
    ├── Draining                the server is stopping
    ├── UnsafeRole              tenants would not be kept apart
    ├── MigrationError          the schema cannot be brought up to date
    ├── BadQuestion             a parameter is not one we can answer
    │   └── QueryTooLarge       … or more is asked for at once than may be
    ├── ImportRefused           rows that cannot be taken; nothing was
    ├── MetricFailed            one metric could not be computed
    │   └── InvalidResult       … or what it gave cannot be true
    ├── SourceFailed            records could not be fetched from where they are
    ├── ArchiveUnreadable       archived order lines are needed and not to be had
    ├── RefreshFailed           a refresh published nothing
    ├── NotBuilt                there is no result to give yet
    ├── NotSignedIn             we do not know who asks
    ├── NotAllowed              we know, and they may not
    ├── TooManyRequests         not now
    ├── NotFound                there is no such thing
    │   ├── UnknownTenant
    │   ├── UnknownMetric
    │   └── UnknownJob
    └── Conflict                the thing has changed, or is there already

A class's first docstring line is the message when none is given. Its `code` is stable: programs and the
table of HTTP problems rely on it. How an error is shown is decided where it is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

SHOWN_PROBLEMS = 20


class TallymarkError(Exception):
    """Something went wrong in Tallymark.

    `hint` says what to do about it, `details` holds the figures a program may want.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str | None = None,
        *,
        hint: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").partition("\n")[0]
        self.hint = hint
        self.details: dict[str, object] = dict(details or {})
        super().__init__(self.message)


class SettingsError(TallymarkError):
    """A setting has a value that is not allowed."""

    code = "settings_invalid"


class DatabaseUnavailable(TallymarkError):
    """The database cannot be reached."""

    code = "database_unavailable"


class Draining(TallymarkError):
    """This server is stopping: send requests to another."""

    code = "draining"


class UnsafeRole(TallymarkError):
    """The database role in force would not keep tenants apart."""

    code = "role_unsafe"


class MigrationError(TallymarkError):
    """The database schema cannot be brought up to date."""

    code = "migration_failed"


class BadQuestion(TallymarkError):
    """A parameter of the question has a value that is not allowed."""

    code = "question_invalid"


class QueryTooLarge(BadQuestion):
    """The query asks for more than one query may.

    `details` names the limit, what it allows, and the query's own figure.
    """

    code = "query_too_large"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row of an imported file; `line` counts from 1, `column` may not be known."""

    file: str
    line: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason}"


class ImportRefused(TallymarkError):
    """The import was refused: rows could not be taken, and nothing was stored.

    `total` counts every bad row, `problems` holds the first of them.
    """

    code = "import_refused"

    def __init__(
        self,
        problems: Sequence[Problem],
        total: int | None = None,
        *,
        message: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.problems = tuple(problems[:SHOWN_PROBLEMS])
        self.total = len(problems) if total is None else total
        rows = "1 row" if self.total == 1 else f"{self.total} rows"
        super().__init__(
            message or f"The import was refused: {rows} could not be taken, and nothing was stored.",
            hint=hint,
            details={"total": self.total, "problems": [asdict(problem) for problem in self.problems]},
        )


class MetricFailed(TallymarkError):
    """A metric could not be computed."""

    code = "metric_failed"


class InvalidResult(MetricFailed):
    """A metric gave a result that cannot be true."""

    code = "result_invalid"


class SourceFailed(TallymarkError):
    """The source of the records cannot be read.

    What was fetched before stays; the next sync goes on from there.
    """

    code = "source_failed"


class ArchiveUnreadable(TallymarkError):
    """Archived order lines cannot be read.

    Put the file back from a copy; until then nothing is lost, and whatever needs those lines waits.
    """

    code = "archive_unreadable"


class RefreshFailed(TallymarkError):
    """The refresh failed; the last good figures stay."""

    code = "refresh_failed"


class NotBuilt(TallymarkError):
    """The figures asked for have not been built yet."""

    code = "not_built"


class NotSignedIn(TallymarkError):
    """Sign in first."""

    code = "not_signed_in"


class NotAllowed(TallymarkError):
    """You are not allowed to do this."""

    code = "not_allowed"


class TooManyRequests(TallymarkError):
    """Too many requests; try again later.

    `retry_after` is the number of seconds after which the same request will be taken.
    """

    code = "too_many_requests"

    def __init__(self, message: str | None = None, *, retry_after: float, hint: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, hint=hint, details={"retry_after": retry_after})


class NotFound(TallymarkError):
    """There is no such thing."""

    code = "not_found"


class UnknownTenant(NotFound):
    """There is no such tenant."""

    code = "unknown_tenant"


class UnknownMetric(NotFound):
    """There is no such metric."""

    code = "unknown_metric"


class UnknownJob(NotFound):
    """There is no such job."""

    code = "unknown_job"


class Conflict(TallymarkError):
    """This has been changed by somebody else, or exists already."""

    code = "conflict"
