"""Long arrays as PostgreSQL reads them."""

import pytest

from tallymark.db import Database, text_array


@pytest.mark.parametrize(
    "values", [[], [""], ["", ""], ["a"], ['"', "\\", '\\"', "{,}", "NULL", " a ", "é ☃", "a\nb", '","']]
)
def test_postgres_reads_what_was_written(database: Database, values: list[str]) -> None:
    with database.owner() as conn:
        row = conn.execute("SELECT %s::text[]", (text_array(iter(values)),)).fetchone()
    assert row == (values,)
