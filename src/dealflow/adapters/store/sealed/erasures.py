"""Which keys the log says are destroyed: nothing else, no row and no file, may make dealflow destroy one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic_core import from_json

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.events.values import encrypted_values
from dealflow.application.ports.event_seals import EventSeals
from dealflow.domain.customer.stream import customer_of_stream, customer_stream
from dealflow.domain.deal.events import CustomerErased
from dealflow.domain.deal.stream import stream_of

_OF_DEALS = "deal:"


@dataclass(frozen=True, slots=True)
class _Erasure:
    """A sealed event: whose, and its place in the log."""

    customer: str
    position: int


class LoggedErasures:
    """Erasures over a database; safe to use from several threads."""

    def __init__(self, database: Database, seals: EventSeals) -> None:
        self._database, self._seals = database, seals
        self._erasures = f"""
            SELECT originator_id, originator_version, {database.position} AS position FROM stored_events WHERE topic = ?
            ORDER BY {database.position}"""  # noqa: S608  the database's own column

    def of(self, keys: Mapping[str, str]) -> frozenset[str]:
        """Those of these keys, given with their subjects, that the log says are destroyed.

        A key is when a sealed erasure of its customer stands behind a sealed value that names it. A deal's own key goes with
        the customer whom the deal named before the erasure.
        """
        if not keys:
            return frozenset()
        erasures = list(self._sealed())
        last = {key: self._last_for(subject, erasures) for key, subject in keys.items()}
        wanted = {key: until for key, until in last.items() if until}
        found: set[str] = set()
        for value in encrypted_values(self._database) if wanted else ():
            if value.key_id in found or value.position >= wanted.get(value.key_id, 0):
                continue
            if self._seals.of(value.stream, value.version) == "whole":
                found.add(value.key_id)
                if found == wanted.keys():
                    break
        return frozenset(found)

    def _sealed(self) -> Iterator[_Erasure]:
        for row in self._database.select(self._erasures, (CustomerErased.topic,)):
            stream, version = row["originator_id"], row["originator_version"]
            customer = customer_of_stream(stream)
            if stream == customer_stream(customer) and self._seals.of(stream, version) == "whole":
                yield _Erasure(customer, row["position"])

    def _last_for(self, subject: str, erasures: list[_Erasure]) -> int:
        """The place of the last erasure that destroys keys of this subject; 0 where there is none."""
        named = self._customers_of(subject.removeprefix(_OF_DEALS)) if subject.startswith(_OF_DEALS) else {subject: 0}
        reached = (one.position for one in erasures if named.get(one.customer, one.position) < one.position)
        return max(reached, default=0)

    def _customers_of(self, deal_id: str) -> dict[str, int]:
        """Whom a deal has named, each with the first place in the log where it did."""
        named: dict[str, int] = {}
        rows = self._database.select(
            f"SELECT originator_version, state, {self._database.position} AS position FROM stored_events"  # noqa: S608  the database's own column
            " WHERE originator_id = ? ORDER BY originator_version",
            (stream_of(deal_id),),
        )
        for row in rows:
            try:
                customer = from_json(row["state"])["fact"]["customer"]["id"]
            except (ValueError, KeyError, TypeError):
                continue
            if self._seals.of(stream_of(deal_id), row["originator_version"]) == "whole":
                named.setdefault(str(customer), row["position"])
        return named
