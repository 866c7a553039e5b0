"""The rows of the board with the place in the log that they stand for, always written together."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, inspect, select, update
from sqlalchemy.exc import DataError, IntegrityError

from dealflow.adapters.views.engine import ViewDatabase
from dealflow.adapters.views.rows import Row, ViewRows
from dealflow.adapters.views.tables import SCHEMA, deal_nodes, deals, faults, gaps, metadata, stalls, tracking
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import phrase

VIEW = "board"
Place = tuple[int, str]  # position in the log, and which event stands there
START: Place = (0, "")
_CHUNK = 500
_TABLES = (deals, deal_nodes, gaps, stalls, faults)


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

    def write(self, old: Place, new: Place, taken: Sequence[ViewRows], failed: Sequence[Row], at: datetime) -> bool:
        """Rows and position in one transaction; nothing when somebody else has moved on from the old position."""
        with self._database.writing() as connection:
            if not _move(connection, old, new):
                return False
            refused = _put(connection, taken, new[0], at)
            for fault in (*failed, *refused):
                same = and_(faults.c.deal_id == fault["deal_id"], faults.c.position == fault["position"])
                connection.execute(delete(faults).where(same))
                connection.execute(insert(faults), fault)
            return True


def fault(deal_id: str, position: int, event: str, error: Exception, at: datetime) -> Row:
    """What is noted of a deal that could not be taken in."""
    said = f"{type(error).__name__}: {error}"
    return {"deal_id": deal_id, "position": position, "event": event, "error": said, "at": at}


def _put(connection: Connection, taken: Sequence[ViewRows], position: int, at: datetime) -> list[Row]:
    """Put these deals in place of what was held of them; where the database refuses some, which."""
    try:
        with connection.begin_nested():
            _replace(connection, taken)
    except (DataError, IntegrityError) as error:
        if len(taken) == 1:
            deal_id = taken[0].deal["deal_id"]
            return [fault(deal_id, position, stream_of(deal_id), error, at)]
        return [refused for each in taken for refused in _put(connection, [each], position, at)]
    return []


def _replace(connection: Connection, taken: Sequence[ViewRows]) -> None:
    ids = [each.deal["deal_id"] for each in taken]
    for table in _TABLES:
        for some in _chunks(ids):
            connection.execute(delete(table).where(table.c.deal_id.in_(some)))
    for table, rows in (
        (deals, [each.deal for each in taken]),
        (deal_nodes, [row for each in taken for row in each.nodes]),
        (gaps, [row for each in taken for row in each.gaps]),
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
