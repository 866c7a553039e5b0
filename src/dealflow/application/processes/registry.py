"""Published processes: immutable versions with their rules and calendar, as deals are pinned to them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import Append, CommandRepeated, CommandRow, Conflict, EventStore
from dealflow.application.processes.published import PROCESS_STREAMS, Published
from dealflow.application.repeated import first_answer
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.events import ProcessPublished, Recorded, Stamp
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.calendar import Calendar
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.process.rules import Rules
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.observability.logs import Log, emit

_TRIES = 10


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


class Processes:
    """Publishes and finds versions; a version never changes, so it is read and compiled once."""

    def __init__(
        self,
        store: EventStore,
        clock: UtcClock,
        *,
        digest_of: Callable[[ProcessDefinition], str],
        rules_of: Callable[[ProcessDefinition], Rules],
        calendar_of: Callable[[str], Calendar],
    ) -> None:
        self._store, self._clock = store, clock
        self._digest_of, self._rules_of, self._calendar_of = digest_of, rules_of, calendar_of
        self._known: dict[str, ProcessInForce] = {}
        self._lock = Lock()

    def publish(self, definition: ProcessDefinition, *, who: Who, command_id: str) -> Published:
        """Make the next version; the same content as the latest is published already, and nothing happens.

        The same command sent again has the answer of the first time; its id with other content is refused.
        """
        digest = self._digest_of(definition)
        for _ in range(_TRIES):
            if earlier := first_answer(self._store, command_id, digest, Published):
                return earlier
            # Read once: the number of the version and the place in the stream must come from the same reading.
            before = self.publications(definition.name)
            versions = _versions(before)
            if versions and versions[-1].digest == digest:
                return self._published(versions[-1], new=False)
            ref = ProcessRef(name=definition.name, version=len(versions) + 1, digest=digest)
            try:
                self._store.append([self._append(before, ref, definition, who, command_id)])
            except (Conflict, CommandRepeated):
                continue
            emit(Log.PROCESS_PUBLISHED, process=str(ref), by=who.person)
            return self._published(ref, new=True)
        raise Conflict

    def get(self, reference: str | ProcessRef) -> ProcessInForce:
        """The version of a deal's reference, of `name@version`, or the latest of `name`; refused when there is none."""
        if isinstance(reference, ProcessRef):
            name, version = reference.name, reference.version
        else:
            name, at, number = reference.partition("@")
            if at and not (number.isdecimal() and int(number)):
                raise self._unknown(reference)
            version = int(number) if at else 0
        found = self._known.get(f"{name}@{version}") if version else None
        return found or self._load(name, version, str(reference))

    def published(self) -> list[ProcessRef]:
        """All versions, by name and number."""
        return [ref for stream in self._store.streams(PROCESS_STREAMS) for ref in _versions(self._store.load(stream))]

    def publications(self, name: str) -> list[Recorded]:
        """The events of one process, oldest first: who published what, when."""
        return self._store.load(PROCESS_STREAMS + name)

    def _load(self, name: str, version: int, asked: str) -> ProcessInForce:
        events = [r.fact for r in self._store.load(PROCESS_STREAMS + name) if isinstance(r.fact, ProcessPublished)]
        fact = next((f for f in reversed(events) if version in (0, f.process.version)), None)
        if fact is None:
            raise self._unknown(asked)
        with self._lock:
            key = str(fact.process)
            if key not in self._known:
                definition = ProcessDefinition.model_validate(fact.definition)
                self._known[key] = ProcessInForce(
                    fact.process, definition, self._rules_of(definition), self._calendar_of(definition.calendar)
                )
            return self._known[key]

    def _unknown(self, asked: str) -> Exception:
        known = [str(ref) for ref in self.published()]
        names = sorted({*known, *(name.partition("@")[0] for name in known)})
        return refuse(Code.UNKNOWN_PROCESS, asked, given=asked, known=known, suggestion=nearest(asked, names))

    def _append(
        self, before: Sequence[Recorded], ref: ProcessRef, definition: ProcessDefinition, who: Who, command_id: str
    ) -> Append:
        now = self._clock.now()
        at = max(now, before[-1].stamp.recorded_at) if before else now
        fact = ProcessPublished(
            effective_at=at,
            process=ref,
            definition=definition.model_dump(mode="json", exclude_defaults=True),
            title=definition.title,
        )
        stamp = Stamp(
            version=len(before) + 1,
            recorded_at=at,
            actor=who.actor,
            on_behalf_of=who.on_behalf_of,
            command_id=command_id,
            correlation_id=command_id,
            cause="command",
        )
        row = CommandRow(command_id, ref.digest, self._published(ref, new=True).model_dump_json())
        stream = PROCESS_STREAMS + ref.name
        return Append(stream, len(before), ((fact, stamp),), subject=stream, command=row)

    @staticmethod
    def _published(ref: ProcessRef, *, new: bool) -> Published:
        return Published(process=ref.name, version=ref.version, digest=ref.digest, new=new)


def _versions(recorded: Iterable[Recorded]) -> list[ProcessRef]:
    return [each.fact.process for each in recorded if isinstance(each.fact, ProcessPublished)]
