"""The models of lifetime value against what their authors published for the CDNOW customers.

The customers' file is part of the package `lifetimes`, which is installed for this test only, without what it needs.
"""

import csv
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tallymark.lifetime.models import Purchases, Values, fit_purchases, fit_values

PUBLISHED = Purchases(0.243, 4.414, 0.793, 2.426)


def customers() -> list[np.ndarray]:
    """x, recency, age and the mean value of a purchase of 2,357 customers, in weeks and dollars."""
    package = find_spec("lifetimes")
    if package is None or package.submodule_search_locations is None:
        assert "CI" not in os.environ, "requirements/golden.lock is not installed"
        pytest.skip("the package lifetimes, which holds the CDNOW customers, is not installed")
    file = Path(package.submodule_search_locations[0], "datasets/cdnow_customers_summary_with_transactions.csv")
    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    return [np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar")]


def test_purchases_are_fitted_as_published():
    x, recency, age, _ = customers()
    alike, number = np.unique(np.stack((x, recency, age)), axis=1, return_counts=True)
    assert number.sum() == 2357
    found = fit_purchases(alike, number)
    assert [round(value, 3) for value in (found.r, found.alpha, found.a)] == [0.243, 4.414, 0.793]
    assert found.b == pytest.approx(2.426, abs=0.002)


def test_values_are_fitted_as_published():
    x, _, _, mean = customers()
    paying = (x > 0) & (mean > 0)
    found = fit_values(x[paying], (x * mean)[paying])
    assert [found.p, found.q, found.v] == pytest.approx([6.25, 3.74, 15.44], abs=0.01)


def test_expectation_is_the_published_one():
    x, recency, age = (np.array([value]) for value in (2.0, 30.43, 38.86))
    assert PUBLISHED.expected(39, x, recency, age) == pytest.approx([1.226], abs=0.0005)


@pytest.mark.parametrize(
    ("x", "recency", "age"), [(0, 0, 0), (0, 0, 300), (1, 0.2, 0.3), (900, 300, 301), (900, 3, 300)]
)
def test_expectation_is_finite_however_often_somebody_bought(x: float, recency: float, age: float):
    figures = [np.array([float(value)]) for value in (x, recency, age)]
    [expected], [active] = PUBLISHED.expected(52, *figures), PUBLISHED.active(*figures)
    assert 0 <= expected < 900
    assert 0 <= active <= 1


def test_value_lies_between_that_of_all_and_ones_own():
    values = Values(6.25, 3.74, 15.44)
    everybody = 6.25 * 15.44 / 2.74
    assert values.expected(np.array([0.0]), np.array([0.0])) == pytest.approx([everybody])
    few, many = values.expected(np.array([1.0, 50.0]), np.array([100.0, 5000.0]))
    assert everybody < few < many < 100


def test_nobody_is_no_fit():
    with pytest.raises(ArithmeticError):
        fit_purchases(np.array([[1.0], [np.nan], [2.0]]), np.array([1]))
