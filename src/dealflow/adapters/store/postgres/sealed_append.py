"""Appending on PostgreSQL: one transaction at a time, each append sealed behind the last seal."""

from collections.abc import Sequence

from eventsourcing.persistence import OperationalError, StoredEvent
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from dealflow.adapters.store.postgres.statements import columns
from dealflow.adapters.store.seal.begin import StoreSeal
from dealflow.adapters.store.seal.chain import UnsealedAppend, sealed_appends

SCHEMA = "dealflow"
EVENTS = Identifier(SCHEMA, "stored_events")
# One appends at a time, so that whoever follows the log never passes a gap; and whoever listens is told, in one message.
ALONE = SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(EVENTS)
_SEQUENCE = f"{SCHEMA}.stored_events_notification_id_seq"
# With it the last seal is read, behind which the next are made, and the place in the log up to which it is taken.
_HEAD = SQL(
    "{}; SELECT pg_sequence_last_value({}::regclass) AS position, number, key_id, seal FROM {}"
    " ORDER BY number DESC LIMIT 1"
).format(ALONE, _SEQUENCE, Identifier(SCHEMA, "seals"))
_HEAD_AND_TELL = SQL("NOTIFY stored_events; {}").format(_HEAD)
# Events and their seals in one word to the server.
_INSERT = SQL(
    "WITH put AS (INSERT INTO {} (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id),"
    " sealed AS (INSERT INTO {} (number, key_id, content, seal)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[]))"
    " SELECT min(notification_id) AS first FROM put"
).format(EVENTS, Identifier(SCHEMA, "seals"))


def append_sealed(
    connection: Connection[DictRow],
    seal: StoreSeal,
    events: Sequence[StoredEvent],
    unsealed: Sequence[UnsealedAppend],
) -> None:
    """Within the caller's transaction; raise StoreUnreachable where nothing can be sealed."""
    cursor = connection.execute(_HEAD_AND_TELL if events else _HEAD, prepare=False)
    while cursor.nextset():
        pass
    last = cursor.fetchone()
    head, secret = seal.chain_at(last, has_events=lambda: _has_events(connection))
    first = ((last["position"] if last else _position(connection)) or 0) + 1
    positions = range(first, first + len(events))
    rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in events]
    seals = sealed_appends(secret, head, unsealed, positions)
    put = connection.execute(_INSERT, [*columns(rows, 4), *columns(seals, 4)]).fetchone()
    if put and put["first"] not in (None, first):
        raise OperationalError(f"the log goes on at {put['first']}, and not at {first}")


def _has_events(connection: Connection[DictRow]) -> bool:
    return connection.execute(SQL("SELECT 1 AS one FROM {} LIMIT 1").format(EVENTS)).fetchone() is not None


def _position(connection: Connection[DictRow]) -> int | None:
    """How far the log's positions are taken, where no seal says so."""
    found = connection.execute(SQL("SELECT pg_sequence_last_value({}::regclass) AS last").format(_SEQUENCE)).fetchone()
    return found["last"] if found else None
