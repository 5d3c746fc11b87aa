"""Fits each platform's models once a local day and stores them. A platform too young or too small gets none."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from tallymark.db.queries import load
from tallymark.model import Tenant

if TYPE_CHECKING:
    from tallymark.lifetime.models import Purchases, Vector

SQL = load("tallymark.lifetime", "fit.sql")

FEWEST_REPEAT_CUSTOMERS = 200
SHORTEST_HISTORY = timedelta(days=182)
LARGEST_SAMPLE = 10_000
"""The parameters hardly move with more customers than these; the expected totals are of everybody."""
HORIZON_WEEKS = 365 / 7
"""How far ahead purchases are expected: twelve months."""
HOLDOUT = 4
"""The last quarter of the history is foretold from the rest, to see how well that goes."""

NO_FIT = dict.fromkeys(
    ("r", "alpha", "a", "b", "p", "q", "v", "correlation", "holdout_error",
     "expected_purchases", "expected_sales", "active_customers"),
)  # fmt: skip


def fit_lifetime(conn: Connection[Any], tenant: Tenant, now: datetime) -> int:
    """Fits the platforms whose fit is not of the local day of `now`; returns how many that were."""
    today = now.astimezone(tenant.zone).date()
    whose = {"tenant": tenant.tenant_id, "today": today}
    fitted = 0
    for platform, first_day, customers, repeat_customers, fitted_on in conn.execute(SQL.platforms, whose).fetchall():
        if fitted_on == today:
            continue
        enough = repeat_customers >= FEWEST_REPEAT_CUSTOMERS and today - first_day >= SHORTEST_HISTORY
        scope = whose | {"platform": platform, "now": now, "first_day": first_day, "customers": customers}
        fit = _fit(conn, scope) if enough else {}
        conn.execute(SQL.store, scope | {"repeat_customers": repeat_customers} | NO_FIT | fit)
        fitted += 1
    return fitted


def _fit(conn: Connection[Any], scope: dict[str, Any]) -> dict[str, float]:
    """The parameters of one platform and what follows from them; nothing where no parameters explain it."""
    import numpy as np

    from tallymark.lifetime.models import fit_purchases, fit_values

    today: date = scope["today"]
    cutoff = today - (today - scope["first_day"]) / HOLDOUT
    sampling = {"cutoff": cutoff, "shares": -(-scope["customers"] // LARGEST_SAMPLE)}
    sample = np.array(conn.execute(SQL.sample, scope | sampling, prepare=False).fetchall(), dtype=float).T
    x, recency, age, spent = sample[0], sample[1] / 7, sample[2] / 7, sample[3]
    # Those alike in their purchases weigh together, which leaves few rows of those who bought once.
    alike = np.unique(np.stack((x, recency, age)), axis=1, return_counts=True)
    paying = (x > 0) & (spent > 0)
    try:
        purchases = fit_purchases(*alike)
        values = fit_values(x[paying], spent[paying])
        error = _holdout_error(sample, (today - cutoff).days / 7)
    except ArithmeticError:
        return {}
    correlation = np.corrcoef(x[paying], spent[paying] / x[paying])[0, 1]
    groups = np.array(conn.execute(SQL.groups, scope, prepare=False).fetchall(), dtype=float).T
    totals = _totals(purchases, values.expected, groups)
    found = {**asdict(purchases), **asdict(values), "correlation": correlation, "holdout_error": error, **totals}
    known = {name: float(value) for name, value in found.items() if isfinite(value)}
    return known if totals.keys() <= known.keys() else {}


def _totals(purchases: "Purchases", value: Any, groups: "Vector") -> dict[str, float]:
    """What to expect of all customers in the coming twelve months.

    The mean value is linear in what was spent, so that of a group follows from the group's sum.
    """
    x, recency, age, customers, spent = groups[0], groups[1] / 7, groups[2] / 7, groups[3], groups[4]
    expected = purchases.expected(HORIZON_WEEKS, x, recency, age)
    return {
        "expected_purchases": float(customers @ expected),
        "expected_sales": float((customers * expected) @ value(x, spent / customers)),
        "active_customers": float(customers @ purchases.active(x, recency, age)),
    }


def _holdout_error(sample: "Vector", weeks: float) -> float:
    """Purchases foretold of the last weeks from those before, against what came: 0.1 is a tenth too many."""
    import numpy as np

    from tallymark.lifetime.models import fit_purchases

    known = sample[:, sample[4] >= 0]
    cut = np.stack((known[4], known[5] / 7, known[2] / 7 - weeks))
    foretold = fit_purchases(*np.unique(cut, axis=1, return_counts=True)).expected(weeks, *cut).sum()
    came = known[6].sum()
    return float(foretold / came - 1) if came else float("nan")
