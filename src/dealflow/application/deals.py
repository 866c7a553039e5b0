"""The command path: load, fold, decide, append, answer; and the look of a workflow at its deal."""

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches

from dealflow.application.answers import Answer, NodeVerdict, Progressed
from dealflow.application.appending import Appending, Origin
from dealflow.application.ports import Append, Clock, CommandRepeated, Conflict, EventStore, Waker
from dealflow.application.processes import Processes, ProcessInForce
from dealflow.domain import commands as c
from dealflow.domain.deal import Deal
from dealflow.domain.decide import Decision, decide
from dealflow.domain.due import next_due, wake_needed
from dealflow.domain.evolve import fold
from dealflow.domain.given import unknown
from dealflow.domain.judge import Met
from dealflow.domain.people import Organisation
from dealflow.domain.progress import progress
from dealflow.domain.refusal import Code, CommandRefused, refuse
from dealflow.domain.tracks import open_nodes
from dealflow.telemetry import Log, emit, emit_facts

# Many writers on one deal: each loses at most one race per append of another.
_TRIES = 100
_SYSTEM = c.Who(actor="dealflow")


class Deals:
    """Commands for deals; safe to use from several threads and processes at once."""

    def __init__(
        self,
        store: EventStore,
        processes: Processes,
        people: Callable[[], Organisation],
        clock: Clock,
        waker: Waker,
        fingerprint: Callable[[str], str],
    ) -> None:
        self._store, self._processes, self._people = store, processes, people
        self._clock, self._waker, self._fingerprint = clock, waker, fingerprint
        self._appending = Appending(processes, store)

    def load(self, deal_id: str) -> tuple[Deal, ProcessInForce]:
        """The deal now with the process it is pinned to; refused when there is none."""
        deal = fold(self._store.load(f"deal/{deal_id}"))
        if deal is None:
            known = [stream.removeprefix("deal/") for stream in self._store.streams("deal/")]
            near = get_close_matches(deal_id, known, n=1)
            raise refuse(Code.UNKNOWN_DEAL, deal_id, given=deal_id, suggestion=near[0] if near else None)
        return deal, self._processes.get(deal.process)

    def execute(self, envelope: c.Envelope) -> Answer:
        """Carry out a command once; sent again it gives the same answer. Raise CommandRefused, and nothing has changed."""
        self._check_actor(envelope.who)
        content = self._fingerprint(_asked(envelope))
        for _ in range(_TRIES):
            if earlier := self._answered(envelope.command_id, content):
                emit(Log.COMMAND_REPEATED, command=envelope.command_id, deal=envelope.deal_id)
                return earlier
            try:
                return self._decide_and_append(envelope, content)
            except Conflict:
                emit(Log.STORE_CONFLICT, "debug", deal=envelope.deal_id, command=envelope.command_id)
            except CommandRepeated:
                continue
            except CommandRefused as refused:
                # The very same command may have been carried out since we looked, and that is why ours is refused.
                if self._store.command(envelope.command_id) is None:
                    codes = [reason.code.value for reason in refused.reasons]
                    emit(Log.COMMAND_REFUSED, command=envelope.command_id, deal=envelope.deal_id, reasons=codes)
                    raise
        raise Conflict(f"{envelope.deal_id} changed {_TRIES} times meanwhile")

    def progress(self, deal_id: str, opening: int, now: datetime) -> Progressed:
        """Do what is due by `now` for this opening of the deal; again, nothing. A closed or unknown one ends the run."""
        for _ in range(_TRIES):
            deal = fold(self._store.load(f"deal/{deal_id}"))
            if deal is None or not deal.in_progress or deal.opening != opening:
                return Progressed(deal_id=deal_id, version=deal.version if deal else 0, closed=True)
            process = self._processes.get(deal.process)
            # What is on record has happened, whatever this worker's clock says.
            at = max(now, deal.recorded_at)
            context = self._appending.context(process, self._people(), _SYSTEM, at)
            facts = progress(deal, context)
            if not facts:
                return _progressed(deal, process, ())
            command_id = f"progress/{deal_id}/{opening}/{deal.version}"
            built = self._appending.build(
                deal, deal_id, facts, context, Origin(_SYSTEM, command_id, at, cause="progress")
            )
            try:
                self._store.append(built.appends)
            except Conflict:
                continue
            topics = [fact.topic for fact in facts]
            emit(Log.DEAL_PROGRESSED, deal=deal_id, facts=topics, stage=built.deal.stage)
            emit_facts(topics, deal=deal_id, stage=built.deal.stage)
            self._hint(built.appends[1:])
            self._tell(built.appends)
            return _progressed(built.deal, process, tuple(fact.topic for fact in facts))
        raise Conflict(f"{deal_id} changed {_TRIES} times meanwhile")

    def _check_actor(self, who: c.Who) -> None:
        people = self._people()
        if not people.declared:
            if who.on_behalf_of:
                raise unknown(Code.UNKNOWN_PERSON, who.on_behalf_of, people.people)
            return
        for person in (who.actor, who.on_behalf_of):
            if person is not None and person not in people.people:
                raise unknown(Code.UNKNOWN_PERSON, person, people.people)
        if who.on_behalf_of and not people.may_act_for(who.actor, who.on_behalf_of):
            may = [person.id for person in people.people.values() if people.may_act_for(person.id, who.on_behalf_of)]
            raise refuse(Code.NOT_PERMITTED, f"on behalf of {who.on_behalf_of}", actor=who.actor, who_may=may)

    def _answered(self, command_id: str, content: str) -> Answer | None:
        row = self._store.command(command_id)
        if row is None:
            return None
        if row.content != content:
            raise refuse(Code.COMMAND_ID_REUSED, command_id, given=command_id)
        return Answer.model_validate_json(row.answer).model_copy(update={"repeated": True})

    def _decide_and_append(self, envelope: c.Envelope, content: str) -> Answer:
        deal_id = envelope.deal_id
        recorded = self._store.load(f"deal/{deal_id}")
        before = fold(recorded)
        process = self._process_for(envelope, before)
        now = self._clock.now()
        at = max(now, before.recorded_at) if before else now
        context = self._appending.context(process, self._people(), envelope.who, at)
        decision = decide(before, deal_id, envelope.commands, context)
        origin = Origin(envelope.who, envelope.command_id, at, envelope.correlation_id, envelope.cause)
        answers: list[Answer] = []

        def answered(after: Deal) -> tuple[str, str]:
            answers.append(_answer(envelope, decision, before, after))
            return content, answers[0].model_dump_json()

        built = self._appending.build(before, deal_id, decision.facts, context, origin, answered)
        self._store.append(built.appends)
        emit(Log.COMMAND_ACCEPTED, command=envelope.command_id, deal=deal_id, facts=list(answers[0].facts))
        emit_facts(answers[0].facts, deal=deal_id, stage=built.deal.stage)
        self._hint(built.appends)
        self._tell(built.appends)
        return answers[0]

    def _process_for(self, envelope: c.Envelope, deal: Deal | None) -> ProcessInForce:
        if deal is not None:
            return self._processes.get(deal.process)
        opening = next((command for command in envelope.commands if isinstance(command, c.OpenDeal)), None)
        if opening is None:
            self.load(envelope.deal_id)  # refuses, with the nearest id
            raise Conflict(envelope.deal_id)  # opened meanwhile
        return self._processes.get(opening.process)

    def _hint(self, appends: tuple[Append, ...]) -> None:
        for append in appends:
            if append.schedule and append.schedule.wake:
                version = append.version + len(append.facts)
                deal_id = append.stream.removeprefix("deal/")
                self._waker.wake(deal_id, append.schedule.opening, version, append.schedule.next_due)

    def _tell(self, appends: tuple[Append, ...]) -> None:
        if people := {notice.recipient for append in appends for notice in append.notices}:
            self._waker.tell(sorted(people))


def _asked(envelope: c.Envelope) -> str:
    """What was asked, without what may differ when it is sent again: the id may be used for this and nothing else."""
    return envelope.model_dump_json(exclude={"command_id", "correlation_id", "cause"})


def _answer(envelope: c.Envelope, decision: Decision, before: Deal | None, deal: Deal) -> Answer:
    ids: dict[str, str] = {}
    for command in envelope.commands:
        for name in ("evidence_id", "step_id"):
            if value := getattr(command, name, None):
                ids[name] = value
    return Answer(
        command_id=envelope.command_id,
        deal_id=deal.id,
        version=deal.version,
        facts=tuple(fact.topic for fact in decision.facts),
        verdicts=tuple(
            NodeVerdict(node=node, met=isinstance(found, Met), reasons=() if isinstance(found, Met) else found.reasons)
            for node, found in decision.verdicts
        ),
        notes=decision.notes,
        ids=ids,
        stage=deal.stage,
        outcome=deal.outcome.value,
        in_progress=deal.in_progress,
        next_due=next_due(deal),
        wake=wake_needed(before, deal),
    )


def _progressed(deal: Deal, process: ProcessInForce, facts: tuple[str, ...]) -> Progressed:
    missing = open_nodes(deal, process.definition, deal.stage)
    waits_for = f"{deal.stage}: {', '.join(missing)}" if missing else f"{deal.stage}: the next act or deadline"
    return Progressed(
        deal_id=deal.id,
        version=deal.version,
        closed=not deal.in_progress,
        next_due=next_due(deal),
        waits_for=waits_for if deal.in_progress else "",
        facts=facts,
    )
