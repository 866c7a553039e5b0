"""The store on SQLite or PostgreSQL: events, command ids, schedule and outbox written together, keys apart."""

from dealflow.adapters.store.events.fingerprint import fingerprint_of
from dealflow.adapters.store.found_schema import found_schema, place_of, seals_were_removed
from dealflow.adapters.store.keys.key import KeysFound, KeyStore
from dealflow.adapters.store.opening import StoreParts, open_store

__all__ = [
    "KeyStore",
    "KeysFound",
    "StoreParts",
    "fingerprint_of",
    "found_schema",
    "open_store",
    "place_of",
    "seals_were_removed",
]
