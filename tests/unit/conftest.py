"""The server without a database: nothing it does in these tests needs one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from tallymark.api import Instance, build
from tallymark.db import Database
from tallymark.metrics import Catalog
from tallymark.settings import Settings
from tallymark.tasks import Flights

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def client() -> Iterator[TestClient]:
    database, catalog = Database(NOWHERE), Catalog.load()
    with ThreadPoolExecutor(1) as executor:
        flights = Flights(database, catalog, executor)
        instance = Instance(Settings(), "k" * 32, database, catalog, flights)
        with TestClient(build(instance, database.close), raise_server_exceptions=True) as client:
            yield client
