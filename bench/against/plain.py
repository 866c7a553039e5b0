"""What ours is measured against: `eventsourcing` as its own documentation uses it, on the same PostgreSQL."""

from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

# About as long as the facts of one piece of evidence.
TEXT = "The customer has confirmed the need in writing: forty seats, from the first of next quarter. " * 3


class Entry(Aggregate):
    """Something that keeps what is said of it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.said = 0

    @event("Said")
    def say(self, text: str) -> None:  # noqa: ARG002  the package stores the argument as the event's field
        self.said += 1


class PlainStore:
    """Open it once per process; safe to use from several threads."""

    table = "public.application_events"  # named after the class

    def __init__(self, database_url: str) -> None:
        self._application: Application[UUID] = Application(env=_environment(database_url))

    def open(self, title: str) -> UUID:
        """One append: the first event of a new aggregate."""
        entry = Entry(title)
        self._application.save(entry)
        return entry.id

    def load_and_append(self, entry_id: UUID, text: str = TEXT) -> int:
        """One load, one append of one event; the version after it."""
        entry: Entry = self._application.repository.get(entry_id)
        entry.say(text)
        self._application.save(entry)
        return entry.version

    def close(self) -> None:
        """Let go of the connections."""
        self._application.close()


def address_of(database_url: str) -> dict[str, Any]:
    """An address in the words of the package's datastore."""
    known: dict[str, Any] = conninfo_to_dict(database_url)
    return {
        "dbname": known["dbname"],
        "host": known["host"],
        "port": str(known.get("port", 5432)),
        "user": known.get("user", "postgres"),
        "password": known.get("password") or "-",  # the package wants one
    }


def _environment(database_url: str) -> dict[str, str]:
    address = {f"POSTGRES_{name.upper()}": value for name, value in address_of(database_url).items()}
    pool = {"POSTGRES_POOL_SIZE": "8", "POSTGRES_MAX_OVERFLOW": "4"}
    return {"PERSISTENCE_MODULE": "eventsourcing.postgres", **address, **pool}
