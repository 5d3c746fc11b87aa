"""Whatever is written, in whatever order it commits: what is stored equals a recount of the base rows."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.properties.shop import ENOUGH, Shops

from tallymark.db import Database

PROGRAMS, STEPS = 60, 60
THOROUGH = 400


@pytest.mark.timeout(7200)
def test_stored_equals_recounted(database: Database, request: pytest.FixtureRequest) -> None:
    thorough = request.config.getoption("--thorough")
    programs = THOROUGH if thorough else PROGRAMS
    Shops.open(database)
    try:
        run_state_machine_as_test(
            Shops,
            settings=settings(
                max_examples=programs,
                stateful_step_count=STEPS,
                derandomize=not thorough,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Shops.close()
        print("".join(f"\n{number:8,} {what}" for what, number in sorted(Shops.seen.items())))
    rare = {what: Shops.seen[what] for what, least in ENOUGH.items() if Shops.seen[what] < least * programs}
    assert not rare, f"the programs hardly did these, so that they prove little: {rare}"
