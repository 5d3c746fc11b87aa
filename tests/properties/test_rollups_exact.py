"""Whatever is written, in whatever order it commits: what is stored equals a recount of the base rows."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.properties.shop import ENOUGH, Shops

from tallymark.db import Database

PROGRAMS, STEPS = 60, 60
THOROUGH = 400
RUNS = 4
"""How often as many programs are run, until all that matters has happened often enough."""


@pytest.mark.timeout(7200)
def test_stored_equals_recounted(database: Database, request: pytest.FixtureRequest) -> None:
    thorough = request.config.getoption("--thorough")
    programs = THOROUGH if thorough else PROGRAMS
    Shops.open(database)
    try:
        for number in range(RUNS):
            _run(programs, derandomize=not thorough and number == 0)
            least = {what: share * programs for what, share in ENOUGH.items()}
            rare = {what: Shops.seen[what] for what in least if Shops.seen[what] < least[what]}
            if not rare:
                break
    finally:
        Shops.close()
        print("".join(f"\n{number:8,} {what}" for what, number in sorted(Shops.seen.items())))
    assert not rare, f"the programs hardly did these, so that they prove little: {rare}"


def _run(programs: int, *, derandomize: bool) -> None:
    """The same programs each time, or others: what was drawn at random is told with what it shows."""
    run_state_machine_as_test(
        Shops,
        settings=settings(
            max_examples=programs,
            stateful_step_count=STEPS,
            derandomize=derandomize,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
