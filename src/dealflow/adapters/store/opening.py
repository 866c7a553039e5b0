"""Opening a store by its address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.events.event_store import SqlEventStore
from dealflow.adapters.store.events.external_ids import SqlExternalIds
from dealflow.adapters.store.events.values import encrypted_values
from dealflow.adapters.store.instants import POSTGRES_NOW, SQLITE_NOW
from dealflow.adapters.store.keys.key import KeyStore, KeyTable
from dealflow.adapters.store.keys.key_file import SqliteKeyTable
from dealflow.adapters.store.keys.place import KeyPlace
from dealflow.adapters.store.keys.registry import KeyRegistry
from dealflow.adapters.store.keys.ring import Keys
from dealflow.adapters.store.parts.known_server import SqlKnownServer
from dealflow.adapters.store.parts.lease import SqlLease
from dealflow.adapters.store.parts.presence import SqlParts
from dealflow.adapters.store.rows.held import SqlHeldValues
from dealflow.adapters.store.rows.outbox import SqlOutbox
from dealflow.adapters.store.rows.schedule import SqlSchedule
from dealflow.adapters.store.rows.tables import IDENTITY, SCHEMA_VERSION
from dealflow.adapters.store.rows.tallies import SqlTallies
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.sealed.erasures import LoggedErasures
from dealflow.adapters.store.sealed.event import SqlEventSeals
from dealflow.adapters.store.sealed.key_rows import SqlKeyRows
from dealflow.adapters.store.sqlite.database import SqliteDatabase
from dealflow.adapters.store.store_clock import StoreClock
from dealflow.application.engine.parts import KnownServer, Lease, Parts
from dealflow.application.ports.event_seals import EventSeals
from dealflow.application.ports.external_ids import ExternalIds
from dealflow.application.ports.key_rows import KeyRows
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Schedule
from dealflow.application.ports.store import EventStore

if TYPE_CHECKING:
    from dealflow.adapters.store.upgrade import SqlUpgrade
    from dealflow.application.audit.rows import StoreRows
    from dealflow.application.audit.sealed import Sealing, SealRows

SEAL_KEYS = "seal.keys"
_SQLITE_VERSION = "SELECT 'SQLite ' || sqlite_version() AS version"
_POSTGRES_VERSION = "SELECT 'PostgreSQL ' || current_setting('server_version') AS version"


@dataclass(frozen=True, slots=True)
class StoreParts:
    """An open store by its ports; `place` says where it is, without password; `close` once, when nothing uses it any more.

    `store_id` is random and the store's for good: a copy has it too.
    """

    store: EventStore
    schedule: Schedule
    outbox: Outbox
    keys: KeyStore
    key_rows: KeyRows
    external_ids: ExternalIds
    running: Parts
    relay_lease: Lease
    known_server: KnownServer
    clock: StoreClock
    place: str
    store_id: str
    schema_version: int
    database_version: Callable[[], str]
    count_events: Callable[[], int]
    event_seals: EventSeals
    tallies: SqlTallies
    held_values: SqlHeldValues
    close: Callable[[], None]
    rarely: "_RarelyNeeded"

    @property
    def rows(self) -> "StoreRows":
        return self.rarely.rows

    @property
    def seals(self) -> "SealRows":
        return self.rarely.seals

    @property
    def sealing(self) -> "Sealing":
        return self.rarely.sealing

    @property
    def upgrade(self) -> "SqlUpgrade":
        return self.rarely.upgrade


@dataclass(frozen=True)
class _RarelyNeeded:
    """What audits, upgrades and looks after the seal: made, and loaded, when a command asks for it."""

    database: Database
    key_store: KeyStore
    seal_keys: SealKeys
    clock: str
    now: Callable[[], datetime]

    @cached_property
    def rows(self) -> "StoreRows":
        from dealflow.adapters.store.audit import SqlStoreRows  # noqa: PLC0415  few commands need it

        return SqlStoreRows(self.database, self.key_store, self.now)

    @cached_property
    def seals(self) -> "SealRows":
        from dealflow.adapters.store.sealed.rows import SqlSealRows  # noqa: PLC0415  few commands need it

        return SqlSealRows(self.database, self.seal_keys)

    @cached_property
    def sealing(self) -> "Sealing":
        from dealflow.adapters.store.sealed.sealing import SqlSealing  # noqa: PLC0415  few commands need it

        return SqlSealing(self.database, self.seal_keys, self.clock)

    @cached_property
    def upgrade(self) -> "SqlUpgrade":
        from dealflow.adapters.store.upgrade import SqlUpgrade  # noqa: PLC0415  few commands need it

        return SqlUpgrade(self.database, self.seal_keys, self.clock)


def open_store(
    database_url: str,
    home: Path,
    keys: Path,
    seal_keys: Path | None = None,
    *,
    upgrading: bool = False,
    reading: bool = False,
    holds_clock: bool = False,
) -> StoreParts:
    """The store at a PostgreSQL address, or with "" in a file of the home folder; raise StoreUnreachable.

    `keys` is the file of the keys of personal data; PostgreSQL has a schema of its own for them instead. `seal_keys` is the
    file of the keys of the seal, on both; by default in the home folder. `upgrading`: a store of an older version is opened as
    well, for what brings it up to date. `holds_clock`: instants from outside are held against the store's clock.
    """
    seals = SealKeys(seal_keys or home / SEAL_KEYS)
    database: Database
    key_table: KeyTable
    if database_url:
        database, key_table = _postgres(database_url, seals, upgrading=upgrading)
    else:
        database, key_table = SqliteDatabase(home, seals, upgrading=upgrading, reading=reading), SqliteKeyTable(keys)
    # A store without its row of identity was damaged: no key belongs to it.
    store_id = next((str(row["store_id"]) for row in database.select(IDENTITY)), "")
    registry = KeyRegistry(database)
    event_seals = SqlEventSeals(database, seals)
    erasures = LoggedErasures(database, event_seals)
    place = KeyPlace(key_table, registry, store_id, lambda: encrypted_values(database), erasures)
    key_store = Keys(place)
    clock, version = (POSTGRES_NOW, _POSTGRES_VERSION) if database_url else (SQLITE_NOW, _SQLITE_VERSION)

    running = SqlParts(database, clock)

    def close() -> None:
        key_store.close()
        database.close()

    store = SqlEventStore(database, key_store)
    store_clock = StoreClock(running.now, store.last_stamp, is_moved=not holds_clock)
    store.use_clock(store_clock)
    return StoreParts(
        store=store,
        clock=store_clock,
        schedule=SqlSchedule(database),
        outbox=SqlOutbox(database),
        keys=key_store,
        key_rows=SqlKeyRows(database, registry, place, erasures),
        external_ids=SqlExternalIds(database, key_store),
        running=running,
        relay_lease=SqlLease(database, clock, "relay"),
        known_server=SqlKnownServer(database, clock),
        place=database.place,
        store_id=store_id,
        schema_version=SCHEMA_VERSION,
        database_version=lambda: str(database.select(version)[0]["version"]),
        count_events=lambda: int(database.select("SELECT COUNT(*) AS number FROM stored_events")[0]["number"]),
        event_seals=event_seals,
        tallies=SqlTallies(database),
        held_values=SqlHeldValues(database),
        close=close,
        rarely=_RarelyNeeded(database, key_store, seals, clock, running.now),
    )


def _postgres(url: str, seals: SealKeys, *, upgrading: bool) -> tuple[Database, KeyTable]:
    # Its driver takes longer to load than a command on SQLite takes to run.
    from dealflow.adapters.store.postgres.database import PostgresDatabase  # noqa: PLC0415  only where the store is PostgreSQL
    from dealflow.adapters.store.postgres.keys import PostgresKeyTable  # noqa: PLC0415  only where the store is PostgreSQL

    database = PostgresDatabase(url, seals, upgrading=upgrading)
    return database, PostgresKeyTable(database)
