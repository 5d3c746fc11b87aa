"""HTTP: the REST routes, the dashboard's pages, and who may use them."""

from tallymark.api.instance import Instance
from tallymark.api.server import build

__all__ = ["Instance", "build"]
