import pytest

from tallymark.db.queries import Queries, load

TEXT = """
-- first --
-- The one that comes first.
SELECT 1;

-- second --
-- Another.
SELECT '-- not a name --';
"""


def test_queries_are_found_by_name() -> None:
    queries = Queries(TEXT, "some.sql")
    assert dict(queries) == {
        "first": "-- The one that comes first.\nSELECT 1;",
        "second": "-- Another.\nSELECT '-- not a name --';",
    }
    assert queries.first == queries["first"]


def test_an_unknown_name_tells_the_known_ones() -> None:
    queries = Queries(TEXT, "some.sql")
    with pytest.raises(AttributeError, match=r"some\.sql has no query third, only first, second"):
        _ = queries.third
    with pytest.raises(KeyError, match=r"some\.sql has no query third, only first, second"):
        _ = queries["third"]


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"some\.sql: there are two queries named first"):
        Queries(TEXT + "\n-- first --\n-- Again.\nSELECT 2;", "some.sql")


def test_a_query_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match=r"some\.sql: first does not say why it exists"):
        Queries("-- first --\nSELECT 1;", "some.sql")


def test_a_file_is_read_once() -> None:
    assert load("tallymark.db", "database.sql") is load("tallymark.db", "database.sql")
    assert "begin" in load("tallymark.db", "database.sql")
