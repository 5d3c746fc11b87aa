"""Where records come from: one package or module per source, each turning what it reads into batches for ingest.

`connector` says what a source has to be able to do, `connections` which ones a shop has, `sync` fetches what is new.
"""

from tallymark.connectors.connections import Connection, connect, connections, disconnect, find_connection
from tallymark.connectors.connector import Connector, Page, Pause, Source, Trouble
from tallymark.connectors.folder import folder_settings
from tallymark.connectors.push import require_signature, signature, signing_secret
from tallymark.connectors.records import as_batch
from tallymark.connectors.sync import Synced, connector_of, nothing_new, sync
from tallymark.connectors.vault import Vault

__all__ = [
    "Connection",
    "Connector",
    "Page",
    "Pause",
    "Source",
    "Synced",
    "Trouble",
    "Vault",
    "as_batch",
    "connect",
    "connections",
    "connector_of",
    "disconnect",
    "find_connection",
    "folder_settings",
    "nothing_new",
    "require_signature",
    "signature",
    "signing_secret",
    "sync",
]
