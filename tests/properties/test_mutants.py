"""The random test is worth its time: it catches mistakes that were made on purpose. All of them: mutants.py."""

import pytest
from tests.conftest import Server
from tests.properties.mutants import MUTANTS, PACKAGE, QUICK, Mutant, caught_by


@pytest.mark.parametrize("name", QUICK)
def test_a_mistake_is_caught(postgres: Server, name: str) -> None:
    conninfo = postgres.create()
    try:
        [mutant] = [mutant for mutant in MUTANTS if mutant.name == name]
        assert caught_by(mutant, conninfo) is not None
    finally:
        postgres.drop(conninfo)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mistake_can_still_be_made(mutant: Mutant) -> None:
    assert mutant.right in (PACKAGE / mutant.file).read_text("utf-8")
