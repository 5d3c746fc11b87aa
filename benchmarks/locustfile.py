"""People at their dashboards, as a load for Locust: `make load` installs it, and says how it is run.

Each person opens the dashboard and comes back to it; now and then they look at another metric, at the sales overview
over GraphQL, or at days that nobody has asked for. TALLYMARK_EMAIL and TALLYMARK_PASSWORD say who they are. The server
must be told to take so many from one: TALLYMARK_REQUESTS_PER_ADDRESS and TALLYMARK_REQUESTS_PER_CREDENTIAL.
"""

import itertools
import os
from datetime import date, timedelta
from random import choice, randrange
from typing import Any

import requests
from locust import FastHttpUser, between, events, task

ACCOUNT = {
    "email": os.environ.get("TALLYMARK_EMAIL", "admin@example.com"),
    "password": os.environ.get("TALLYMARK_PASSWORD", ""),
}
OVERVIEW = {"documentId": "overview", "variables": {"days": {"startDate": "2026-10-01", "endDate": "2026-10-31"}}}
SHORTEST, LONGEST = 1.0, 5.0
"""Seconds for which somebody looks at what they see."""
FIRST = date(2024, 1, 1)

shared: dict[str, Any] = {}
days = itertools.count(randrange(60_000))


@events.test_start.add_listener
def sign_in(environment: Any, **_: Any) -> None:
    """As a browser does, which keeps its session."""
    answer = requests.post(f"{environment.host}/api/auth/login", json=ACCOUNT, timeout=30)
    answer.raise_for_status()
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    shared["headers"] = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    catalogue = requests.get(f"{environment.host}/api/metrics", headers=shared["headers"], timeout=30).json()
    shared["metrics"] = [metric["name"] for metric in catalogue["metrics"]]


class Person(FastHttpUser):
    """One of those who come at nine o'clock. They are one account: what people carry is measured, not signing in."""

    wait_time = between(SHORTEST, LONGEST)

    def on_start(self) -> None:
        self.tag = ""

    @task(80)
    def dashboard(self) -> None:
        """Whoever comes back brings the tag of what they have."""
        headers = {**shared["headers"], "If-None-Match": self.tag} if self.tag else shared["headers"]
        answer = self.client.get("/api/admin/dashboard", headers=headers)
        self.tag = (answer.headers or {}).get("ETag", "")

    @task(10)
    def metric(self) -> None:
        self._look(f"/api/metrics/{choice(shared['metrics'])}", "/api/metrics/[metric]")

    @task(5)
    def overview(self) -> None:
        self.client.post("/graphql", json=OVERVIEW, headers=shared["headers"], name="/graphql overview")

    @task(5)
    def other_days(self) -> None:
        number = next(days)
        first = FIRST + timedelta(days=number % 600)
        last = first + timedelta(days=number // 600 % 100)
        self._look(f"/api/metrics/sales_overview?from={first}&to={last}", "/api/metrics/sales_overview [other days]")

    def _look(self, path: str, name: str) -> None:
        self.client.get(path, headers=shared["headers"], name=name)


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    """Ends with 1 where one request in a hundred failed, or the dashboard took longer than 200 ms for one in twenty."""
    total, dashboard = environment.stats.total, environment.stats.get("/api/admin/dashboard", "GET")
    if total.fail_ratio > 0.01 or dashboard.get_response_time_percentile(0.95) > 200:
        environment.process_exit_code = 1
