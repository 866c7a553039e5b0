"""The rows of the board with the place in the log that they stand for, always written together."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, inspect, select, update
from sqlalchemy.exc import DataError, IntegrityError

from dealflow.adapters.views.engine import ViewDatabase
from dealflow.adapters.views.rows import Row, ViewRows
from dealflow.adapters.views.tables import (
    SCHEMA,
    deal_nodes,
    deal_people,
    deals,
    faults,
    gaps,
    metadata,
    stalls,
    tracking,
)
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import phrase

VIEW = "board"
Place = tuple[int, str]  # position in the log, and which event stands there
START: Place = (0, "")
_CHUNK = 500
_TABLES = (deals, deal_nodes, gaps, deal_people, stalls, faults)


class Taken(NamedTuple):
    """What deals have come to: their rows, those that could not be taken in, and the ids of those that were taken back."""

    rows: Sequence[ViewRows] = ()
    failed: Sequence[Row] = ()
    gone: Sequence[str] = ()


class Checkpoint:
    """Exactly once: a write names the place that it goes on from, and does nothing when that is not the place any more."""

    def __init__(self, database: ViewDatabase) -> None:
        self._database = database
        self._is_prepared = False

    def prepare(self) -> None:
        """Make the tables where there are none, or those of an older version; refuse those of a newer one."""
        if self._is_prepared:
            return
        with self._database.reading() as connection:
            found = _schema_version(connection)
        if found != SCHEMA:
            with self._database.writing() as connection:
                self._database.hold_for_tables(connection)
                # Somebody else may have made them meanwhile.
                found = _schema_version(connection)
                if found > SCHEMA:
                    raise StoreUnreachable(
                        phrase(
                            "the board in {name} was written by a newer dealflow: its schema is {found}, this version "
                            "knows {known}; upgrade dealflow",
                            name=self._database.name,
                            found=found,
                            known=SCHEMA,
                        )
                    )
                if found < SCHEMA:
                    self._make_tables(connection)
        self._is_prepared = True

    def _make_tables(self, connection: Connection) -> None:
        self._database.hold_for_tables(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(insert(tracking).values(view=VIEW, schema_version=SCHEMA, position=0, tail=""))

    def remake(self) -> None:
        """Make all tables anew and begin again at the start of the log: whatever stood in them was not what was written."""
        # The error may still hold a reading of these tables.
        self._database.close()
        with self._database.writing() as connection:
            self._make_tables(connection)

    def place(self) -> Place:
        """How far the rows go."""
        self.prepare()
        with self._database.reading() as connection:
            return _place(connection)

    def look(self) -> Place | None:
        """The same without making any table; None where there is none yet, or none of this version."""
        with self._database.reading() as connection:
            return _place(connection) if _schema_version(connection) == SCHEMA else None

    def forget(self, old: Place) -> None:
        """Begin again at the start of the log."""
        with self._database.writing() as connection:
            if _move(connection, old, START):
                for table in _TABLES:
                    connection.execute(delete(table))

    def write(self, old: Place, new: Place, taken: Taken, at: datetime) -> bool:
        """Rows and position in one transaction; nothing when somebody else has moved on from the old position."""
        with self._database.writing() as connection:
            if not _move(connection, old, new):
                return False
            _take_away(connection, taken.gone)
            refused = _put(connection, taken.rows, new[0], at)
            for fault in (*taken.failed, *refused):
                _put_fault(connection, fault)
            return True


def fault(deal_id: str, position: int, event: str, error: str, at: datetime, deal: Deal | None = None) -> Row:
    """What is noted of a deal that could not be taken in; `deal` as far as it is known."""
    known = {"title": deal.title, "owner": deal.owner} if deal else {"title": "", "owner": None}
    return {"deal_id": deal_id, "position": position, "event": event, "error": error, "at": at, **known}


def _put(connection: Connection, taken: Sequence[ViewRows], position: int, at: datetime) -> list[Row]:
    """Put these deals in place of what was held of them; where the database refuses some, which."""
    try:
        with connection.begin_nested():
            _replace(connection, taken)
    except (DataError, IntegrityError) as error:
        if len(taken) == 1:
            row = taken[0].deal
            refused = fault(row["deal_id"], position, stream_of(row["deal_id"]), f"{type(error).__name__}: {error}", at)
            return [refused | {"title": row["title"], "owner": row["owner"]}]
        return [refused for each in taken for refused in _put(connection, [each], position, at)]
    return []


def _put_fault(connection: Connection, new: Row) -> None:
    """One fault a deal, and no row beside it: what was last known of it says nothing of today but whose it was."""
    deal_id = new["deal_id"]
    if not deal_id:
        connection.execute(delete(faults).where(faults.c.deal_id == "", faults.c.position == new["position"]))
    else:
        for table in (deals, faults):
            asked = select(table.c.title, table.c.owner).where(table.c.deal_id == deal_id)
            if not new["title"] and (known := connection.execute(asked).first()):
                new = new | {"title": known.title, "owner": known.owner}
        first = select(faults.c.event, faults.c.position).where(faults.c.deal_id == deal_id)
        if known := connection.execute(first).first():
            new = new | {"event": known.event, "position": known.position}
        for table in _TABLES:
            connection.execute(delete(table).where(table.c.deal_id == deal_id))
    connection.execute(insert(faults), new)


def _take_away(connection: Connection, ids: Sequence[str]) -> None:
    for table in _TABLES:
        for some in _chunks(ids):
            connection.execute(delete(table).where(table.c.deal_id.in_(some)))


def _replace(connection: Connection, taken: Sequence[ViewRows]) -> None:
    _take_away(connection, [each.deal["deal_id"] for each in taken])
    for table, rows in (
        (deals, [each.deal for each in taken]),
        (deal_nodes, [row for each in taken for row in each.nodes]),
        (gaps, [row for each in taken for row in each.gaps]),
        (deal_people, [row for each in taken for row in each.people]),
        (stalls, [row for each in taken for row in each.stalls]),
    ):
        if rows:
            connection.execute(insert(table), rows)


def _place(connection: Connection) -> Place:
    row = connection.execute(select(tracking.c.position, tracking.c.tail).where(tracking.c.view == VIEW)).one()
    return row.position, row.tail


def _schema_version(connection: Connection) -> int:
    if not inspect(connection).has_table(tracking.name, schema=_schema_of(connection)):
        return 0
    asked = select(tracking.c.schema_version).where(tracking.c.view == VIEW)
    return connection.execute(asked).scalar_one_or_none() or 0


def _schema_of(connection: Connection) -> str | None:
    translated = connection.get_execution_options().get("schema_translate_map") or {}
    return translated.get(None)


def _move(connection: Connection, old: Place, new: Place) -> bool:
    at_old = and_(tracking.c.view == VIEW, tracking.c.position == old[0], tracking.c.tail == old[1])
    moved = connection.execute(update(tracking).where(at_old).values(position=new[0], tail=new[1]))
    return moved.rowcount == 1


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
