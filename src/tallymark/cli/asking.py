"""`tallymark ask`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tallymark import cache
from tallymark.cli import terminal
from tallymark.cli.installation import Installation, installation
from tallymark.cli.refreshing import refresh_tenant, say_failures
from tallymark.cli.tables import ago, show_data
from tallymark.errors import BadQuestion
from tallymark.metrics import Catalog
from tallymark.model import Answer, Question, Tenant
from tallymark.results import platforms_of, publication, require_platform


def run(
    metric: str, slug: str | None, platform: str, params: Sequence[str], max_age: float | None, *, as_json: bool
) -> int:
    chosen = parameters(params)
    with installation() as here:
        tenant = here.tenant(slug)
        catalog = Catalog.load(*here.settings.metric_folders)
        title = catalog[metric].title
        answer = _answer(
            here, catalog, tenant, Question(metric, platform, chosen, as_of=datetime.now(UTC), max_age=max_age)
        )
    if as_json:
        terminal.result(answer.to_json().decode())
    else:
        _show(title, answer, tenant)
    return 0


def parameters(pairs: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` words as a mapping. Raises BadQuestion."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise BadQuestion(f"--param {pair!r} is not KEY=VALUE.", hint="--param from=2026-01-01")
        if name in found:
            raise BadQuestion(f"--param {name} is given twice.")
        found[name] = value
    return found


def _answer(here: Installation, catalog: Catalog, tenant: Tenant, question: Question) -> Answer:
    """The answer; figures older than the question accepts are refreshed first, for nobody else would do it later."""
    found, _ = cache.answer(
        here.database,
        catalog,
        tenant,
        question,
        now=question.as_of,
        stale_after=timedelta(hours=here.settings.stale_threshold_hours),
        refresh=lambda: say_failures(refresh_tenant(here, catalog, tenant)),
    )
    with here.database.connect(tenant.tenant_id, read_only=True) as conn:
        require_platform(question.platform, platforms_of(publication(conn, tenant.tenant_id)))
    return found


def _show(title: str, answer: Answer, tenant: Tenant) -> None:
    terminal.result(title)
    about = [f"{tenant.name} ({tenant.currency})", f"platform {answer.platform}"]
    about += [f"{name} {value}" for name, value in _asked(answer.params).items()]
    terminal.result(", ".join(about))
    terminal.result("")
    show_data(answer.data)
    terminal.result("")
    age = f"Current {ago(answer.age)} ago, version {answer.version}"
    through = answer.data_through
    if through is not None:
        age += f", data through {through.astimezone(tenant.zone):%Y-%m-%d %H:%M}"
    terminal.result(age + (" (stale)." if answer.stale else "."))
    for warning in answer.warnings:
        terminal.result(f"Note: {warning.message}")


def _asked(params: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in params.items() if value is not None}
