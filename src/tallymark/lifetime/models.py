"""The BG/NBD model of purchases and the Gamma-Gamma model of their value, fitted by maximum likelihood.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way (2005); Fader and Hardie, The Gamma-Gamma Model of
Monetary Value (2013). A purchase is a day on which a customer bought; `x` counts those after the first, `recency` is
the time from the first to the last, `age` from the first to now, both in weeks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

Vector = npt.NDArray[np.float64]

LARGEST_EXPONENT = 700.0
"""exp() of more is beyond a double; the chance that such a customer is still one is nil either way."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """Customers buy at rates that are gamma distributed (r, alpha) and leave after a purchase by chances that are beta
    distributed (a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def active(self, x: Vector, recency: Vector, age: Vector) -> Vector:
        """The probability that a customer still is one; that of who bought once is 1 by this model."""
        gone = np.log(self.a / (self.b + np.maximum(x, 1) - 1))
        gone = gone + (self.r + x) * np.log((self.alpha + age) / (self.alpha + recency))
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(gone, LARGEST_EXPONENT))), 1.0)

    def expected(self, weeks: float, x: Vector, recency: Vector, age: Vector) -> Vector:
        """How many purchases to expect of a customer within the coming weeks.

        In Euler's form of the hypergeometric function, whose terms stay small however often somebody bought.
        """
        z = weeks / (self.alpha + age + weeks)
        c = self.a + self.b + x - 1
        series = hyp2f1(self.a + self.b - 1 - self.r, self.a - 1, c, z)
        grown: Vector = c / (self.a - 1) * (1 - (1 - z) ** (self.a - 1) * series)
        return grown * self.active(x, recency, age)


@dataclass(frozen=True, slots=True)
class Values:
    """What a customer spends varies around a mean by a gamma (p), and that mean among customers by another (q, v)."""

    p: float
    q: float
    v: float

    def expected(self, x: Vector, spent: Vector) -> Vector:
        """The mean value of a purchase of a customer who spent so much on x repeat purchases."""
        return self.p * (self.v + spent) / (self.p * x + self.q - 1)


def fit_purchases(alike: Vector, customers: npt.NDArray[np.int_]) -> Purchases:
    """The likeliest parameters for so many customers of each x, recency and age. Raises ArithmeticError without any."""
    x, recency, age = alike

    def likelihood(logs: Vector) -> float:
        r, alpha, a, b = np.exp(logs)
        alive = -(r + x) * np.log(alpha + age)
        left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency)
        each = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) + gammaln(b + x) - gammaln(b)
        each = each - gammaln(a + b + x) + np.where(x > 0, np.logaddexp(alive, left), alive)
        return float(customers @ each)

    unit = float(np.average(age, weights=customers))  # Somewhere to begin, whatever the pace of the trade.
    starts = [(1.0, unit / 4, 1.0, 1.0), (0.3, unit / 8, 0.8, 2.5), (3.0, unit, 0.3, 3.0)]
    return Purchases(*np.exp(_likeliest(likelihood, float(customers.sum()), starts)).tolist())


def fit_values(x: Vector, spent: Vector) -> Values:
    """The likeliest parameters for repeat customers who spent something. Raises ArithmeticError without any."""
    mean = spent / x

    def likelihood(logs: Vector) -> float:
        p, q, v = _finite(logs)
        each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        each = each + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(spent + v)
        return float(each.sum())

    unit = float(mean.mean())
    starts = [(5.0, 3.0, unit / 2), (1.0, 1.0, unit), (10.0, 8.0, unit)]
    return Values(*_finite(_likeliest(likelihood, len(x), starts)).tolist())


def _finite(logs: Vector) -> Vector:
    """p, q and v; the mean of all customers is finite only for q > 1."""
    return np.add(np.exp(logs), (0.0, 1.0, 0.0))


def _likeliest(likelihood: Callable[[Vector], float], customers: float, starts: Sequence[tuple[float, ...]]) -> Vector:
    """The logarithms of the parameters that several starts climb to, the best of them."""

    def unlikeliness(logs: Vector) -> float:
        return -likelihood(logs) / customers

    bounds = [(-12, 12)] * len(starts[0])
    with np.errstate(all="ignore"):  # What is not finite is not taken.
        found = [minimize(unlikeliness, np.log(start), method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min((each for each in found if np.isfinite(each.fun)), key=lambda each: float(each.fun), default=None)
    if best is None:
        raise ArithmeticError("no parameters explain these customers")
    parameters: Vector = best.x
    return parameters
