"""What differs between SQLite and PostgreSQL, behind one face; statements are written once, with `?` for a value."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from eventsourcing.persistence import (
    ApplicationRecorder,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
)

from dealflow.adapters.store.seal.marks import MarkedTable
from dealflow.adapters.store.seal.standing import Execute
from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase

Row = Mapping[str, Any]
# Below what either database takes as parameters of one statement.
_CHUNK = 400
_NO_RIGHTS = "42501"


class Database(Protocol):
    """One open database with the recorder of its events."""

    place: str  # for messages, without password
    position: str  # the column of an event's place in the log
    damaged_events: str  # the statement that finds events with values of another kind, told column by column
    stamped: str  # whether the stamp of an event, which begins so, has these bytes in it: two values

    @property
    def recorder(self) -> ApplicationRecorder:
        """Writes events and, given `rows=`, ours with them."""
        ...

    def select(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Rows of one consistent reading."""
        ...

    def select_among(self, statement: str, values: Sequence[Any]) -> list[Row]:
        """The same, where the statement says `IN ({list})` and means these values; no more than a chunk of them."""
        ...

    def select_at(self, statement: str, places: Sequence[tuple[str, int]]) -> list[Row]:
        """The same, where it says `IN (VALUES {list})` and means these streams and versions."""
        ...

    def change(self, *statements: tuple[str, Sequence[Any]]) -> None:
        """All statements in one transaction of their own."""
        ...

    def alone(self) -> AbstractContextManager[Execute]:
        """One transaction in which nobody else appends."""
        ...

    def change_marked(self, table: MarkedTable, *statements: tuple[str, Sequence[Any]]) -> None:
        """The same, where all of them change rows of this table; each row is marked as it stands then."""
        ...

    def violated(self, error: IntegrityError) -> str:
        """The table that did not take a row."""
        ...

    def close(self) -> None:
        """Let go of all connections; again: no change."""
        ...


class CommitLost(OperationalError):
    """The answer to a COMMIT was lost.

    `refusal` is what a later try met: the rows of the lost one, or somebody else's. `is_over`: no server is still at it, so
    that what is there now tells what came of it; one that is slow may yet finish what nobody can see.
    """

    def __init__(self, error: Exception, refusal: IntegrityError | None = None, *, is_over: bool = False) -> None:
        super().__init__(*error.args)
        self.refusal, self.is_over = refusal, is_over or refusal is not None


@contextmanager
def reachable(place: str) -> Iterator[None]:
    """A database that is away, full, locked or closed to us becomes StoreUnreachable; our own mistakes stay what they are."""
    try:
        yield
    except (IntegrityError, DataError, NotSupportedError):
        raise
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != _NO_RIGHTS:
            raise
        raise unusable(phrase("the store ({place})", place=place), error) from error
    except PersistenceError as error:
        raise unusable(phrase("the store ({place})", place=place), error) from error


def listed(statement: str, count: int, mark: str = "?") -> str:
    """The statement with as many marks as there are values, where it says `{list}`."""
    return statement.replace("{list}", ", ".join([mark] * count))


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Pieces that fit into one statement."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def newer_schema(place: str, found: int, known: int) -> StoreUnreachable:
    """An older process meets a newer store."""
    return StoreUnreachable(
        phrase(
            "the store ({place}) was written by a newer dealflow: its schema is {found}, this version "
            "knows {known}; upgrade dealflow",
            place=place,
            found=found,
            known=known,
        )
    )


def older_schema(place: str, found: int, known: int) -> StoreUnreachable:
    """A newer process meets a store that nobody has upgraded."""
    return StoreUnreachable(
        phrase(
            "the store ({place}) was written by an older dealflow: its schema is {found}, this version works with {known}; "
            "stop all parts and run `dealflow store upgrade`",
            place=place,
            found=found,
            known=known,
        )
    )
