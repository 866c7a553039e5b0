"""Whether one event stands as it was sealed: its own seal is found by its place in the log, without the rest of the chain."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from dealflow.adapters.store.database import Database, Row
from dealflow.adapters.store.events.codec import StoredBytes, digest, previous_of
from dealflow.adapters.store.events.event_store import EVENTS_OF, bytes_of
from dealflow.adapters.store.seal.chain import seal_of
from dealflow.adapters.store.seal.digests import positions_digest
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.application.ports.event_seals import EventVerdict

_LAST = "SELECT MAX(number) AS number FROM seals"
_SEAL = "SELECT number, key_id, content, seal FROM seals WHERE number = ?"
_BEFORE = "SELECT number, key_id, content, seal FROM seals WHERE number <= ? ORDER BY number DESC LIMIT 200"
_FROM = "SELECT number, key_id, content, seal FROM seals WHERE number > ? ORDER BY number LIMIT 200"
_BEGUN = "SELECT MAX(number) AS number FROM seals WHERE content LIKE ?"
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


class SqlEventSeals:
    """EventSeals over a database; safe to use from several threads."""

    def __init__(self, database: Database, keys: SealKeys) -> None:
        self._database, self._keys = database, keys
        self._place = f"""
            SELECT {database.position} AS position FROM stored_events
            WHERE originator_id = ? AND originator_version = ?"""  # noqa: S608  the database's own column
        self._places = f"""
            SELECT {database.position} AS position FROM stored_events
            WHERE originator_id = ? AND originator_version <= ? ORDER BY originator_version"""  # noqa: S608  the same

    def of(self, stream: str, version: int) -> EventVerdict:
        try:
            return self._verdict(stream, version)
        except _DAMAGED:
            return "altered"

    def _verdict(self, stream: str, version: int) -> EventVerdict:
        found = self._database.select(self._place, (stream, version))
        if not found:
            return "altered"
        seal = self._seal_at(found[0]["position"])
        if seal is None:
            return self._as_it_stood(stream, version)
        number, said = seal
        named, first, position, *digests = said["events"]
        verdict = self._of_seal(number)
        if verdict == "unknown":
            return self._as_it_stood(stream, version)
        event = self._events(stream)[version]
        is_it = (named, first + found[0]["position"] - position) == (stream, version)
        is_same = is_it and digests[version - first] == digest(event.state)
        return verdict if is_same else "altered"

    def _seal_at(self, position: int) -> tuple[int, Mapping[str, Any]] | None:
        """The seal of the append that has this place in the log: both only rise, so it is halved down to."""
        low, high = 1, int(self._database.select(_LAST)[0]["number"] or 0)
        while low <= high:
            middle = (low + high) // 2
            number, said = self._with_events(middle, low)
            if number is None:
                low = middle + 1
                continue
            _, _, first, *digests = said["events"]
            if position < first:
                high = number - 1
            elif position < first + len(digests):
                return number, said
            else:
                low = middle + 1
        return None

    def _with_events(self, number: int, least: int) -> tuple[int | None, Mapping[str, Any]]:
        """The last seal up to this one that covers events."""
        while number >= least:
            page = self._database.select(_BEFORE, (number,))
            for row in page:
                if row["number"] < least:
                    return None, {}
                if "events" in (said := from_json(row["content"])):
                    return int(row["number"]), said
            if not page:
                break
            number = page[-1]["number"] - 1
        return None, {}

    def _as_it_stood(self, stream: str, version: int) -> EventVerdict:
        """Of an event of before the store was sealed, last of all: it is covered by its stream as it stood then."""
        begun = self._database.select(_BEGUN, ('{"begun":%',))[0]["number"]
        for row in self._from(begun) if begun else ():
            said = from_json(row["content"])
            if "streams" not in said:
                break
            for named, length, last, places in said["streams"]:
                if named == stream and version <= length:
                    verdict = self._of_seal(row["number"])
                    stands = self._stands(stream, length, last, places)
                    return verdict if stands else "altered"
        # Its own seal has a key that is not here, or there is none.
        return "unknown" if self._has_lost_keys() else "altered"

    def _stands(self, stream: str, length: int, last: str, places: str) -> bool:
        events = self._events(stream)
        if length not in events or digest(events[length].state) != last:
            return False
        chained = all(previous_of(events[n]) == digest(events[n - 1].state) for n in range(2, length + 1))
        at = [row["position"] for row in self._database.select(self._places, (stream, length))]
        return chained and positions_digest(at) == places

    def _of_seal(self, number: int) -> EventVerdict:
        """Whether this seal is of its key, and of the seal before."""
        row = self._database.select(_SEAL, (number,))[0]
        secret = self._keys.find(row["key_id"])
        if secret is None:
            return "unknown"
        before = self._database.select(_SEAL, (number - 1,))
        previous = before[0]["seal"] if before else ""
        right = seal_of(secret, number, row["key_id"], previous, row["content"])
        return "whole" if row["seal"] == right else "altered"

    def _has_lost_keys(self) -> bool:
        rows = self._database.select("SELECT DISTINCT key_id FROM seals")
        return any(self._keys.find(row["key_id"]) is None for row in rows)

    def _from(self, number: int) -> Iterator[Row]:
        while page := self._database.select(_FROM, (number,)):
            yield from page
            number = page[-1]["number"]

    def _events(self, stream: str) -> dict[int, StoredBytes]:
        rows = self._database.select_among(EVENTS_OF, [stream])
        return {event.version: event for event in map(bytes_of, rows)}
