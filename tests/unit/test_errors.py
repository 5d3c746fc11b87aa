import inspect

import pytest

from tallymark import errors
from tallymark.errors import ImportRefused, Problem, TallymarkError, TooManyRequests, UnknownTenant

ALL = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, TallymarkError)]


def test_every_code_is_used_once() -> None:
    codes = [error.__dict__["code"] for error in ALL]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", ALL)
def test_the_tree_in_the_docstring_names_every_class(error: type[TallymarkError]) -> None:
    assert error.__name__ in str(errors.__doc__)


@pytest.mark.parametrize("error", ALL)
def test_every_class_has_a_message_of_its_own(error: type[TallymarkError]) -> None:
    assert str(error.__doc__).endswith((".", "\n    "))
    assert "message" not in str(error.__doc__)


def test_the_docstring_is_the_message() -> None:
    error = UnknownTenant()
    assert (str(error), error.message, error.hint, error.details) == (
        "There is no such tenant.",
        "There is no such tenant.",
        None,
        {},
    )


def test_message_hint_and_details_are_kept() -> None:
    error = UnknownTenant("There is no tenant acme.", hint="tallymark tenant list", details={"tenant": "acme"})
    assert (str(error), error.hint, error.details) == (
        "There is no tenant acme.",
        "tallymark tenant list",
        {"tenant": "acme"},
    )


def test_a_refused_import_counts_all_problems_and_shows_the_first() -> None:
    problems = [Problem("orders.csv", line, "placed_at", "is not an instant") for line in range(2, 27)]
    error = ImportRefused(problems)
    assert (error.total, len(error.problems)) == (25, 20)
    assert str(error) == "The import was refused: 25 rows could not be taken, and nothing was stored."
    assert error.details["total"] == 25
    assert str(error.problems[0]) == "orders.csv, line 2, column placed_at: is not an instant"


def test_too_many_requests_says_when_to_come_back() -> None:
    error = TooManyRequests(retry_after=90)
    assert (error.retry_after, error.details) == (90, {"retry_after": 90})
