"""Published processes: immutable versions with their rules and calendar, as deals are pinned to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.event_seals import EventSeals
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.application.processes.published import PROCESS_STREAMS, Published
from dealflow.application.processes.publishing import NOBODY, Concern, Publishing, is_whole, publications_in
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.events import ProcessPublished, Recorded
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.calendar import Calendar
from dealflow.domain.process.canonical import definition_of
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.process.rules import Rules
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.phrase import NOTHING, Phrase, as_phrase, phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest

_TRIES = 10
_MOST_DIGITS = 9
_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
_NO_TIME = Duration(count=0, unit=Unit.SECONDS)


@dataclass(frozen=True, slots=True)
class ProcessInForce:
    """A version with everything that a decision by it needs."""

    ref: ProcessRef
    definition: ProcessDefinition
    rules: Rules
    calendar: Calendar

    def context(self, organisation: Organisation, who: Who, at: datetime, mode: Mode = Mode.LIVE) -> Context:
        """What a decision by this process needs."""
        return Context(
            process=self.definition,
            ref=self.ref,
            rules=self.rules,
            calendar=self.calendar,
            organisation=organisation,
            at=at,
            who=who,
            mode=mode,
        )

    @property
    def calendar_fault(self) -> Phrase:
        """Why no deadline of a deal of this process can be computed now; nothing when they can."""
        try:
            self.calendar.after(_ANY_INSTANT, _NO_TIME)
        except CommandRefused as refused:
            return as_phrase(refused.reasons[0].data["wrong"])
        return NOTHING


class Processes:
    """Publishes and finds versions; a version never changes, so it is read and compiled once."""

    def __init__(
        self,
        store: EventStore,
        clock: UtcClock,
        people: Callable[[], Organisation],
        *,
        rules_of: Callable[[ProcessDefinition], Rules],
        calendar_of: Callable[[str], Calendar],
        seals: EventSeals | None = None,
        concern: Concern = NOBODY,
    ) -> None:
        self._store, self._clock, self._people, self._seals = store, clock, people, seals
        self._rules_of, self._calendar_of = rules_of, calendar_of
        self._known: dict[str, ProcessInForce] = {}
        self._sealed: set[ProcessRef] = set()
        self._lock = Lock()
        self.publishing = Publishing(store, clock, people, self.seal_fault, concern)

    def publish(self, definition: ProcessDefinition, *, who: Who, command_id: str) -> Published:
        """Make the next version, or propose it; see `Publishing`."""
        return self.publishing.publish(definition, who=who, command_id=command_id)

    def get(self, reference: str | ProcessRef) -> ProcessInForce:
        """The version of a deal's reference, of `name@version`, or the latest of `name`; refused when there is none.

        A deal's reference means its digest: where the store says something else under its number, the same content published
        again counts, and EventUnreadable is raised while there is none.
        """
        if isinstance(reference, ProcessRef):
            key = f"{reference}/{reference.digest}"
            return self._known.get(key) or self._in_force(key, reference, *self._pinned(reference))
        name, at, number = reference.partition("@")
        if at and not (number.isdecimal() and len(number) <= _MOST_DIGITS and int(number)):
            raise self._unknown(reference)
        version = int(number) if at else 0
        found = self._known.get(f"{name}@{version}") if version else None
        return found or self._load(name, version, reference)

    def for_opening(self, reference: str | ProcessRef) -> ProcessInForce:
        """The same, for a deal that is opened by it; EventUnreadable where its publication does not stand as it was sealed.

        Whoever can write to the database can give another definition its own digest, and no deal has it yet.
        """
        found = self.get(reference)
        if found.ref not in self._sealed:
            where, _ = self._pinned(found.ref)
            if fault := self.seal_fault(where):
                raise EventUnreadable(where.stream, where.stamp.version, fault)
            self._sealed.add(found.ref)
        return found

    def fault_of(self, process: ProcessInForce) -> Phrase:
        """Why no deal can be opened by this version; nothing where one can."""
        return self.seal_fault(self._pinned(process.ref)[0])

    def seal_fault(self, publication: Recorded) -> Phrase:
        """Why no deal can be opened by this version; nothing where it stands as it was sealed."""
        process = str(getattr(publication.fact, "process", publication.stream))
        match self._seals.of(publication.stream, publication.stamp.version) if self._seals else "whole":
            case "whole":
                return NOTHING
            case "altered":
                return phrase(
                    "the definition of {process} is not as it was sealed; publish the right file again", process=process
                )
            case "unknown":
                return phrase(
                    "whether {process} is as it was sealed cannot be checked: the key of its seal is not here",
                    process=process,
                )

    def proposed(self, digest: str) -> ProcessInForce:
        """What is proposed under this digest, as the version that it would become; refused where nothing is."""
        fact = self.publishing.proposed(digest)
        definition = definition_of(fact.definition)
        ref = ProcessRef(name=fact.process, version=fact.latest + 1, digest=fact.digest)
        return ProcessInForce(ref, definition, self._rules_of(definition), self._calendar_of(definition.calendar))

    def published(self) -> list[ProcessRef]:
        """All versions that can be read, by name and number."""
        return [
            each.process
            for stream in self._store.streams(PROCESS_STREAMS)
            for each in publications_in(self._readable(stream))
        ]

    def _readable(self, stream: str) -> Sequence[Recorded]:
        """One process that is damaged takes away no other."""
        try:
            return self._store.load(stream)
        except EventUnreadable:
            return ()

    def publications(self, name: str) -> list[Recorded]:
        """The events of one process, oldest first: who published what, when."""
        return self._store.load(PROCESS_STREAMS + name)

    def _load(self, name: str, version: int, asked: str) -> ProcessInForce:
        found = reversed(self._published_in(name))
        where, fact = next((f for f in found if version in (0, f[1].process.version)), (None, None))
        if where is None or fact is None:
            raise self._unknown(asked)
        return self._in_force(str(fact.process), fact.process, where, fact)

    def _pinned(self, ref: ProcessRef) -> tuple[Recorded, ProcessPublished]:
        """The publication whose content has this digest: of this number, else the latest."""
        found = self._published_in(ref.name)
        right = [each for each in found if is_whole(each[1]) and each[1].process.digest == ref.digest]
        if right:
            return next((each for each in right if each[1].process.version == ref.version), right[-1])
        for where, fact in found:
            if fact.process.version == ref.version:
                altered = phrase(
                    "the definition of {process} is not the one of its digest; publish the right file again",
                    process=str(ref),
                )
                raise EventUnreadable(where.stream, where.stamp.version, altered)
        raise self._unknown(str(ref))

    def _published_in(self, name: str) -> list[tuple[Recorded, ProcessPublished]]:
        recorded = self._store.load(PROCESS_STREAMS + name)
        return [(each, each.fact) for each in recorded if isinstance(each.fact, ProcessPublished)]

    def _in_force(self, key: str, ref: ProcessRef, where: Recorded, fact: ProcessPublished) -> ProcessInForce:
        with self._lock:
            if key not in self._known:
                definition = _definition(where, fact)
                self._known[key] = ProcessInForce(
                    ref, definition, self._rules_of(definition), self._calendar_of(definition.calendar)
                )
            return self._known[key]

    def _unknown(self, asked: str) -> Exception:
        known = [str(ref) for ref in self.published()]
        names = sorted({*known, *(name.partition("@")[0] for name in known)})
        return refuse(Code.UNKNOWN_PROCESS, asked, given=asked, known=known, suggestion=nearest(asked, names))


def _definition(where: Recorded, fact: ProcessPublished) -> ProcessDefinition:
    """The definition as it was published; EventUnreadable where its digest or its form is not known."""
    if not is_whole(fact):
        altered = phrase(
            "the definition of {process} is not the one of its digest; publish the right file again",
            process=str(fact.process),
        )
        raise EventUnreadable(where.stream, where.stamp.version, altered)
    try:
        return definition_of(fact.definition)
    except ValueError as error:
        newer = phrase(
            "the definition of {process} is not known to this version of dealflow; a newer one wrote it",
            process=str(fact.process),
        )
        raise EventUnreadable(where.stream, where.stamp.version, newer) from error
