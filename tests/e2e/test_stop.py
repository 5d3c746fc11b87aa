"""A server that is told to stop does, also while somebody watches a run."""

import threading
import time
from typing import Any

import httpx

from tallymark.app import GRACE
from tallymark.tasks import LOCK_CLASS

RUN = "00000000-0000-4000-8000-000000000001"


def test_an_open_event_stream_does_not_keep_the_server_from_stopping(make_shop: Any) -> None:
    shop = make_shop()
    tenant, told = shop.tenant.tenant_id, []
    client = httpx.Client(base_url=shop.address, timeout=60)
    account = {"email": "admin@example.com", "password": "a long password"}
    token = client.post("/api/auth/login", json=account).json()["accessToken"]
    shop.own(f"INSERT INTO analytics_metadata (tenant_id, run_id, triggered_by) VALUES ({tenant}, '{RUN}', 'clock')")

    def watch() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with client.stream("GET", f"/api/admin/analytics/runs/{RUN}/events", headers=headers) as stream:
            for line in stream.iter_lines():
                told.append(line)

    with shop.database.session(tenant) as session:
        session.connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, tenant))
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        deadline = time.monotonic() + 60
        while not told:
            assert time.monotonic() < deadline, "the stream never began"
            time.sleep(0.02)
        began = time.monotonic()
        shop.stop()
        assert time.monotonic() - began < GRACE
    watcher.join(60)
    assert told == ["retry: 1000", ""]
    assert shop.process.returncode == 0
