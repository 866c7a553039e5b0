"""How a version comes about: published at once, or proposed by one person and confirmed by a second one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

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
from dealflow.application.processes.published import PROCESS_STREAMS, Published
from dealflow.application.repeated import first_answer
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.deal.events import ProcessProposed, ProcessPublished, ProposalRejected, Recorded
from dealflow.domain.decide.checks import reason as checked_reason
from dealflow.domain.decide.permission import (
    must_be_permitted_in_store,
    must_be_second,
    must_have_a_say,
    must_leave_a_second,
)
from dealflow.domain.escalation.published import directors_concerned, notices_of_publication
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.second import takes_two
from dealflow.domain.process.canonical import content_of, definition_of, digest_of_content, form_of
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.observability.logs import Log, emit

_TRIES = 10
_LEAST_BEGINNING = 6
SealFault = Callable[[Recorded], Phrase]


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom a publication concerns: the owners of deals in progress of a process; and how directors who wait are woken."""

    owners: Callable[[str], Iterable[str | None]]
    wake: Callable[[Collection[str]], None]


NOBODY = Concern(owners=lambda _process: (), wake=lambda _people: None)


class Proposal(NamedTuple):
    """What is proposed and neither confirmed nor rejected, with its event."""

    event: Recorded
    fact: ProcessProposed

    @property
    def by(self) -> Who:
        """Who proposed it."""
        return Who(actor=self.event.stamp.actor, on_behalf_of=self.event.stamp.on_behalf_of)


class Publishing:
    """Publishes, proposes, confirms and rejects; safe to use from several threads and processes at once.

    The same command sent again has the answer of the first time; its id with other content is refused.
    """

    def __init__(
        self,
        store: EventStore,
        clock: UtcClock,
        people: Callable[[], Organisation],
        seal_fault: SealFault,
        concern: Concern,
    ) -> None:
        self._store, self._clock, self._people = store, clock, people
        self._seal_fault, self._concern = seal_fault, concern

    def publish(self, definition: ProcessDefinition, *, who: Who, command_id: str) -> Published:
        """Make the next version; the same content as the latest is published already, and nothing happens.

        Where people.yaml asks for a second person it is only proposed; the same twice is proposed once.
        CommandRefused for somebody who may not publish, and where nobody else could confirm.
        """
        people = self._people()
        alone = must_be_permitted_in_store("publish", who, people) == "alone"
        content = content_of(definition)
        digest = digest_of_content(content)
        for _ in range(_TRIES):
            # Read once: the number of the version and the place in the stream must come from the same reading.
            before = self._store.load(PROCESS_STREAMS + definition.name)
            publications = publications_in(before)
            same = [each for each in publications if _says_the_same(each, definition, digest)]
            # A command of before may have had the digest of the first form.
            known = same[-1].process.digest if same else digest
            if earlier := self._answered(who, command_id, known):
                return earlier
            if same and same[-1] is publications[-1] and not self._seal_fault(last := _last_publication(before)):
                return _published(same[-1].process, new=False, event=last.stamp.version)
            at = self._instant(before)
            fact: ProcessPublished | ProcessProposed
            if takes_two("publish", people):
                must_leave_a_second("publish", who, people)
                if proposal := _open_one(before, digest):
                    return _proposed(proposal.fact, len(publications), new=False)
                fact = ProcessProposed(
                    effective_at=at,
                    process=definition.name,
                    digest=digest,
                    definition=content,
                    title=definition.title,
                    latest=len(publications),
                    alone=alone,
                )
                done = _proposed(fact, len(publications), event=len(before) + 1)
            else:
                fact = ProcessPublished(
                    effective_at=at,
                    process=ProcessRef(name=definition.name, version=len(publications) + 1, digest=digest),
                    definition=content,
                    title=definition.title,
                    recipients=self._recipients(definition.name, publications, who),
                    alone=alone,
                )
                done = _published(fact.process, event=len(before) + 1, told=fact.recipients)
            if self._appended(before, fact, done, known, who, command_id):
                return done
        raise Conflict

    def confirm(self, digest: str, *, who: Who, command_id: str) -> Published:
        """Make what was proposed under this digest a version: by somebody else than who proposed it, for nobody of them.

        What is published already is answered so. CommandRefused for a digest that is not whole, or not proposed.
        """
        for _ in range(_TRIES):
            if earlier := self._answered(who, command_id, f"confirm {digest}"):
                return earlier
            found = self._meant(digest, who)
            if isinstance(found, Published):
                return found
            before, proposal = found
            must_be_second("publish", proposal.by, who, self._people())
            self._must_be_as_proposed(proposal)
            publications = publications_in(before)
            fact = ProcessPublished(
                effective_at=self._instant(before),
                process=ProcessRef(name=proposal.fact.process, version=len(publications) + 1, digest=digest),
                definition=proposal.fact.definition,
                title=proposal.fact.title,
                proposal=proposal.event.stamp.version,
                recipients=self._recipients(proposal.fact.process, publications, who),
            )
            was = proposal.fact.latest if proposal.fact.latest != len(publications) else None
            done = _published(fact.process, event=len(before) + 1, was=was, told=fact.recipients)
            if self._appended(before, fact, done, f"confirm {digest}", who, command_id, proposal.by):
                return done
        raise Conflict

    def reject(self, digest: str, reason: str, *, who: Who, command_id: str) -> Published:
        """Have it proposed no more: whoever proposed it takes it back, whoever could confirm it rejects it."""
        why = checked_reason(reason)
        for _ in range(_TRIES):
            if earlier := self._answered(who, command_id, f"reject {digest} {why}"):
                return earlier
            found = self._meant(digest, who)
            if isinstance(found, Published):
                raise self._unknown(digest)
            before, proposal = found
            latest = len(publications_in(before))
            fact = ProposalRejected(
                effective_at=self._instant(before), process=proposal.fact.process, digest=digest, reason=why
            )
            done = Published(
                process=fact.process,
                version=latest,
                digest=digest,
                new=True,
                standing="rejected",
                event=len(before) + 1,
            )
            if self._appended(before, fact, done, f"reject {digest} {why}", who, command_id):
                return done
        raise Conflict

    def proposals(self) -> list[Proposal]:
        """What is proposed and waits for a second person, by process, oldest first."""
        return [
            each for stream in self._store.streams(PROCESS_STREAMS) for each in open_proposals(self._store.load(stream))
        ]

    def _meant(self, digest: str, who: Who) -> Published | tuple[Sequence[Recorded], Proposal]:
        """The proposal with its stream, or what it has become; CommandRefused for who may neither propose nor confirm."""
        must_have_a_say("publish", who, self._people())
        published: Published | None = None
        for stream in self._store.streams(PROCESS_STREAMS):
            before = self._store.load(stream)
            if proposal := _open_one(before, digest):
                return before, proposal
            for each in publications_in(before):
                if each.process.digest == digest:
                    published = _published(each.process, new=False)
        if published is not None:
            return published
        raise self._unknown(digest)

    def proposed(self, digest: str) -> ProcessProposed:
        """What is proposed under this digest; refused, with the nearest, where nothing is."""
        found = next((each for each in self.proposals() if each.fact.digest == digest), None)
        if found is None:
            raise self._unknown(digest)
        self._must_be_as_proposed(found)
        return found.fact

    def _unknown(self, digest: str) -> CommandRefused:
        known = self._digests()
        begun = [each for each in known if len(digest) >= _LEAST_BEGINNING and each.startswith(digest.lower())]
        near = begun[0] if len(begun) == 1 else nearest(digest, known)
        return refuse(Code.UNKNOWN_PROPOSAL, digest, given=digest, known=known, suggestion=near)

    def _must_be_as_proposed(self, proposal: Proposal) -> None:
        """What somebody has altered since is confirmed by nobody."""
        is_altered = digest_of_content(proposal.fact.definition) != proposal.fact.digest
        if is_altered or self._seal_fault(proposal.event):
            altered = phrase(
                "what is proposed for {process} is not what its digest says; propose the right file again",
                process=proposal.fact.process,
            )
            raise EventUnreadable(proposal.event.stream, proposal.event.stamp.version, altered)

    def _digests(self) -> list[str]:
        return [proposal.fact.digest for proposal in self.proposals()]

    def _answered(self, who: Who, command_id: str, content: str) -> Published | None:
        return first_answer(self._store, who, command_id, lambda row: row.content == content, Published)

    def _instant(self, before: Sequence[Recorded]) -> datetime:
        now = self._clock.now()
        return max(now, before[-1].stamp.recorded_at) if before else now

    def _recipients(self, process: str, publications: Sequence[ProcessPublished], who: Who) -> tuple[str, ...]:
        """The directors who are told: every one of a first version, and where nobody is concerned; never who does it."""
        owners = self._concern.owners(process) if publications else ()
        found = directors_concerned(owners, self._people())
        return tuple(person for person in found if person not in (who.actor, who.on_behalf_of))

    def _appended(
        self,
        before: Sequence[Recorded],
        fact: ProcessPublished | ProcessProposed | ProposalRejected,
        done: Published,
        content: str,
        who: Who,
        command_id: str,
        proposed_by: Who | None = None,
    ) -> bool:
        """Whether it stands now; False where somebody was faster, and it is to be decided again."""
        [recorded] = stamped([fact], len(before), CommandOrigin(who, command_id, fact.effective_at))
        stream = PROCESS_STREAMS + done.process
        row = CommandRow(command_key(who.actor, command_id), content, done.model_dump_json())
        notices = notices_of_publication(fact, recorded[1], proposed_by) if isinstance(fact, ProcessPublished) else ()
        append = Append(stream, len(before), (recorded,), subject=stream, command=row, notices=notices)
        try:
            self._store.append([append])
        except (Conflict, CommandRepeated):
            return False
        if isinstance(fact, ProcessPublished):
            emit(Log.PROCESS_PUBLISHED, process=str(fact.process), by=who.person)
            self._concern.wake(fact.recipients)
        return True


def publications_in(recorded: Iterable[Recorded]) -> list[ProcessPublished]:
    """The versions among these events."""
    return [each.fact for each in recorded if isinstance(each.fact, ProcessPublished)]


def _last_publication(recorded: Sequence[Recorded]) -> Recorded:
    return next(each for each in reversed(recorded) if isinstance(each.fact, ProcessPublished))


def open_proposals(recorded: Iterable[Recorded]) -> list[Proposal]:
    """What of these events is proposed and waits; the same content published meanwhile waits no more."""
    found: dict[str, Proposal] = {}
    for each in recorded:
        match each.fact:
            case ProcessProposed() as fact:
                found[fact.digest] = Proposal(each, fact)
            case ProposalRejected() as fact:
                found.pop(fact.digest, None)
            case ProcessPublished() as fact:
                found.pop(fact.process.digest, None)
    return list(found.values())


def is_whole(publication: ProcessPublished) -> bool:
    """Whether it says what it was published with."""
    return digest_of_content(publication.definition) == publication.process.digest


def _open_one(recorded: Iterable[Recorded], digest: str) -> Proposal | None:
    return next((each for each in open_proposals(recorded) if each.fact.digest == digest), None)


def _says_the_same(publication: ProcessPublished, definition: ProcessDefinition, digest: str) -> bool:
    """The first form kept no order of kinds and fields: against a version in it, order is no difference."""
    if not is_whole(publication):
        return False
    if form_of(publication.definition) == 1:
        return definition_of(publication.definition) == definition
    return publication.process.digest == digest


def _published(
    ref: ProcessRef, *, new: bool = True, event: int | None = None, was: int | None = None, told: tuple[str, ...] = ()
) -> Published:
    return Published(process=ref.name, version=ref.version, digest=ref.digest, new=new, event=event, was=was, told=told)


def _proposed(fact: ProcessProposed, latest: int, *, new: bool = True, event: int | None = None) -> Published:
    return Published(
        process=fact.process, version=latest, digest=fact.digest, new=new, standing="proposed", event=event
    )
