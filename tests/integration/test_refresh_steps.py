"""The steps of a refresh, as others see them while it goes on and after."""

import time
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.properties.world import open_shop, place

from tallymark import results
from tallymark.db import Database
from tallymark.errors import RefreshFailed
from tallymark.metrics import Catalog
from tallymark.model import Tenant
from tallymark.tasks import STEPS, Outcome, refresh, runs
from tallymark.tasks.notes import TOGETHER

FEW = Catalog([Catalog.load()[name] for name in ("net_revenue", "top_products")])


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = open_shop(database)
    with database.connect(tenant.tenant_id) as conn:
        place(conn, range(3))
    return tenant


def run(database: Database, tenant: Tenant, **more: Any) -> Outcome:
    return refresh(database, FEW, tenant, triggered_by="test", **more)


def noted(database: Database, tenant: Tenant, status: str) -> list[str]:
    run_id = "(SELECT run_id FROM analytics_metadata WHERE status = %s)"
    query = f"SELECT step FROM analytics_progress WHERE run_id = {run_id} ORDER BY seq"
    with database.connect(tenant.tenant_id) as conn:
        return [step for (step,) in conn.execute(query, (status,))]


def test_steps_that_cannot_be_noted_are_logged_and_fail_no_run(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(runs, "note_progress", fail)
    with capture_logs() as logged:
        assert run(database, tenant, on_progress=lambda _: time.sleep(2 * TOGETHER)).status == "completed"
    lost = [line for line in logged if line["event"] == "progress not noted"]
    assert lost
    assert {(line["tenant"], line["error"]) for line in lost} == {(tenant.slug, "out of luck")}


def test_the_steps_of_a_run_that_fails_are_noted_to_the_last(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(database, tenant)
    monkeypatch.setattr(results, "publish", lambda *_, **__: 1 / 0)
    reached: list[str] = []
    with pytest.raises(RefreshFailed):
        run(database, tenant, force=True, on_progress=lambda progress: reached.append(progress.step))
    assert noted(database, tenant, "failed") == reached
    assert reached == list(STEPS)
