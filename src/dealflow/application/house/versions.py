"""The versions of people, or of calendars, on record: the last one counts."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime

from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import (
    Append,
    CommandRepeated,
    CommandRow,
    Conflict,
    EventStore,
    EventUnreadable,
    command_key,
)
from dealflow.application.repeated import first_answer
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.deal.events import CalendarsLoaded, PeopleLoaded, Recorded, Stamp
from dealflow.domain.people.actor import Who
from dealflow.domain.process.canonical import digest_of_content
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import ENGINE
from dealflow.domain.values.phrase import phrase

T = TypeVar("T")
Loaded = PeopleLoaded | CalendarsLoaded
_TRIES = 10
# The cause of what nobody gave a command for: a file was read, or deals were woken.
OF_FILE, OF_WAKES = "file:", "house:"
BY_THE_HOUSE = (OF_FILE, OF_WAKES)


@dataclass(frozen=True, slots=True)
class KeptForm(Generic[T]):
    """How people, or calendars, are kept: in which stream, as which event, in which form."""

    stream: str
    event: type[Loaded]
    content_of: Callable[[T], dict[str, Any]]
    value_of: Callable[[dict[str, Any]], T]
    # A home without a file has none of them: then nothing is put on record.
    is_nothing: Callable[[T], bool]
    # Refuses what no store may come to have.
    check: Callable[[T], None]
    # In a home whose file is gone the last version counts: without people everybody might do everything.
    outlives_file: bool = False
    # For so many seconds it may pass unnoticed that somebody else has loaded others.
    stale_seconds: float = 0.0

    def digest_of(self, value: T) -> str:
        """By which two versions are known to be the same."""
        return digest_of_content(self.content_of(value))


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """A version as it stands on record."""

    number: int
    digest: str
    value: T
    stamp: Stamp


class HouseLoaded(Frozen):
    """The answer to a load: the version that counts from now on, or that counted already (not `new`)."""

    stream: str
    version: int
    digest: str
    new: bool
    since: AwareDatetime


class Versions(Generic[T]):
    """Reads and records the versions of one kind; safe to use from several threads."""

    def __init__(self, kept: KeptForm[T], store: EventStore, clock: UtcClock) -> None:
        self.kept = kept
        self._store, self._clock = store, clock
        self._last: Version[T] | None = None
        self._number, self._asked_at = 0, -math.inf

    def number(self) -> int:
        """How many versions there are; 0 where none was ever loaded."""
        now = monotonic()
        if now - self._asked_at >= self.kept.stale_seconds:
            self._number, self._asked_at = self._store.length(self.kept.stream), now
        return self._number

    def last(self) -> Version[T] | None:
        """The version that counts; None where none was ever loaded. EventUnreadable where it cannot be read."""
        number = self.number()
        if number == 0:
            return None
        known = self._last
        if known is None or known.number != number:
            known = self._last = self.numbered(number)
        return known

    def numbered(self, number: int) -> Version[T]:
        """One version; EventUnreadable where it cannot be read."""
        found = self._store.event(self.kept.stream, number)
        if found is None:
            raise EventUnreadable(self.kept.stream, number, phrase("it is not there"))
        return self._version(found)

    def as_of(self, instant: datetime) -> Version[T] | None:
        """The version that counted at this instant; None where there was none."""
        found = [each for each in self._store.load(self.kept.stream) if each.stamp.recorded_at <= instant]
        return self._version(found[-1]) if found else None

    def load(self, value: T, who: Who, command_id: str) -> HouseLoaded:
        """Put it on record by somebody's command; the same command sent again has the answer of the first time."""
        return self._put(value, who, command_id, cause="command")

    def read_from(self, file: Path, value: T) -> HouseLoaded:
        """Put it on record as it stands in a file, which the engine has read."""
        return self._put(value, Who(actor=ENGINE), "", cause=f"{OF_FILE}{file.absolute()}")

    def _put(self, value: T, who: Who, command_id: str, *, cause: str) -> HouseLoaded:
        content = self.kept.content_of(value)
        digest, stream = digest_of_content(content), self.kept.stream
        for _ in range(_TRIES):
            is_same = partial(_is_of, digest)
            if command_id and (earlier := first_answer(self._store, who, command_id, is_same, HouseLoaded)):
                return earlier
            self._asked_at = -math.inf
            last = self.last()
            if last is not None and last.digest == digest:
                return HouseLoaded(
                    stream=stream, version=last.number, digest=digest, new=False, since=last.stamp.recorded_at
                )
            now, number = self._clock.now(), (last.number if last else 0) + 1
            at = max(now, last.stamp.recorded_at) if last else now
            done = HouseLoaded(stream=stream, version=number, digest=digest, new=True, since=at)
            origin = CommandOrigin(who, command_id or f"{stream}/{number}", at, cause=cause)
            fact = self.kept.event(effective_at=at, digest=digest, content=content)
            row = CommandRow(command_key(who.actor, command_id), digest, done.model_dump_json()) if command_id else None
            try:
                self._store.append(
                    [Append(stream, number - 1, stamped([fact], number - 1, origin), stream, command=row)]
                )
            except (Conflict, CommandRepeated):
                continue
            self._asked_at = -math.inf
            return done
        raise Conflict

    def _version(self, recorded: Recorded) -> Version[T]:
        fact, stamp = recorded.fact, recorded.stamp
        if not isinstance(fact, PeopleLoaded | CalendarsLoaded) or digest_of_content(fact.content) != fact.digest:
            raise EventUnreadable(recorded.stream, stamp.version, phrase("its contents are not those of its digest"))
        try:
            value = self.kept.value_of(fact.content)
        except (ValueError, KeyError, TypeError) as error:
            newer = phrase("its form is not known to this version of dealflow; a newer one wrote it")
            raise EventUnreadable(recorded.stream, stamp.version, newer) from error
        return Version(stamp.version, fact.digest, value, stamp)


def _is_of(digest: str, row: CommandRow) -> bool:
    return row.content == digest
