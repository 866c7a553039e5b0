"""The command path: load, fold, decide, append, answer; and the look of a workflow at its deal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from dealflow.application.commands.answers import Answer, Progressed
from dealflow.application.commands.decide import DecideCommands, Decided
from dealflow.application.commands.gathering import Gathered
from dealflow.application.commands.group_commit import GroupCommit, GroupMember
from dealflow.application.commands.load import KnownDeals
from dealflow.application.commands.measuring import accepted, commanded, looked
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import ScheduleChange, Scheduled
from dealflow.application.ports.store import Append, CommandRepeated, Conflict, EventStore, OutcomeUnknown, Reading
from dealflow.application.ports.wake_hint import WakeHint
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import deal_of, stream_of
from dealflow.domain.decide.checks import unknown
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.observability import metrics as m
from dealflow.observability.logs import Log, emit, emit_facts
from dealflow.observability.traces import Span, begun_ns, span

R = TypeVar("R", Answer, Progressed)
# Many writers on one deal: each loses at most one race per append of another.
_TRIES = 100
# Somebody in another process is faster on one of its deals: then a group tries again as such, since its members, were they
# all alone, would be in one another's way on a deal that they share.
_TRIES_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class _Act(Generic[R]):
    """A command or a look, to be decided on whatever is to be read."""

    deal_id: str
    command_id: str | None
    decide: Callable[[Reading], Decided[R]]


_Turn = GroupMember[_Act[Any], Decided[Any]]


class Deals:
    """Commands for deals; safe to use from several threads and processes at once, and threads share transactions."""

    def __init__(
        self,
        store: EventStore,
        processes: Processes,
        people: Callable[[], Organisation],
        clock: UtcClock,
        waker: WakeHint,
        fingerprint: Callable[[str], str],
    ) -> None:
        self._store, self._processes, self._people = store, processes, people
        self._waker, self._fingerprint = waker, fingerprint
        self._known = KnownDeals(store, processes)
        self._deciding = DecideCommands(processes, people, clock)
        self._grouping: GroupCommit[_Act[Any], Decided[Any]] = GroupCommit(self._together, self._alone)

    def load(self, deal_id: str) -> tuple[Deal, ProcessInForce]:
        """The deal now with the process it is pinned to; refused when there is none."""
        return self._known.load(deal_id)

    def execute(self, envelope: c.Envelope) -> Answer:
        """Carry out a command once; sent again it gives the same answer. Raise CommandRefused, and nothing has changed."""
        with commanded(envelope) as step:
            return self._execute(envelope, step)

    def _execute(self, envelope: c.Envelope, step: Span) -> Answer:
        self._check_actor(envelope.who)
        content = self._fingerprint(_asked(envelope))
        command_id, deal_id = envelope.command_id, envelope.deal_id
        act: _Act[Answer] = _Act(deal_id, command_id, lambda store: self._deciding.command(envelope, content, store))
        since_ns = begun_ns()
        try:
            decided = self._done(act)
        except CommandRefused as refused:
            codes = [reason.code.value for reason in refused.reasons]
            emit(Log.COMMAND_REFUSED, command=command_id, deal=deal_id, reasons=codes)
            raise
        answer = decided.answer
        if answer.repeated:
            m.count(m.REPEATED)
            step.note(outcome="repeated", version=answer.version)
            emit(Log.COMMAND_REPEATED, command=command_id, deal=deal_id)
            return answer
        accepted(step, envelope, decided.appends[0], decided.process, since_ns)
        emit(Log.COMMAND_ACCEPTED, command=command_id, deal=deal_id, facts=list(answer.facts))
        emit_facts(answer.facts, deal=deal_id, stage=decided.stage)
        self._hint(decided.appends)
        self._tell(decided.appends)
        return answer

    def progress(self, deal_id: str, opening: int, now: datetime) -> Progressed:
        """Do what is due by `now` for this opening of the deal; again, nothing. A closed or unknown one ends the run."""
        act: _Act[Progressed] = _Act(deal_id, None, lambda store: self._deciding.look(deal_id, opening, now, store))
        since_ns = begun_ns()
        decided = self._done(act)
        if decided.appends:
            topics = decided.answer.facts
            with looked(decided.appends[0], decided.process, decided.due, since_ns):
                emit(Log.DEAL_PROGRESSED, deal=deal_id, facts=list(topics), stage=decided.stage)
                emit_facts(topics, deal=deal_id, stage=decided.stage)
                self._hint(decided.appends[1:])
                self._tell(decided.appends)
        return decided.answer

    def _done(self, act: _Act[R]) -> Decided[R]:
        """Decided and written, again as often as somebody else is faster."""
        for _ in range(_TRIES):
            try:
                decided: Decided[R] = self._grouping.do(act)
                return decided
            except (Conflict, CommandRepeated):
                m.count(m.CONFLICTS)
                emit(Log.STORE_CONFLICT, "debug", deal=act.deal_id, command=act.command_id)
        raise Conflict(f"{act.deal_id} changed {_TRIES} times meanwhile")

    def _together(self, turns: Sequence[_Turn]) -> None:
        """One reading and one transaction for all; whoever is refused or fails in it is left to do it alone."""
        for tries_left in reversed(range(_TRIES_TOGETHER)):
            try:
                decided = self._at_once(turns)
            except OutcomeUnknown as away:
                for turn in turns:
                    turn.fail(OutcomeUnknown(str(away)))
                return
            except Exception as error:  # noqa: BLE001 - one of them is at fault, and alone it will say so to its own caller
                emit(Log.STORE_GROUP_SPLIT, "debug", size=len(turns), error=type(error).__name__)
                if tries_left and isinstance(error, (Conflict, CommandRepeated)):
                    continue
                return
            for turn, each in decided:
                turn.settle(each)
            return

    def _at_once(self, turns: Sequence[_Turn]) -> list[tuple[_Turn, Decided[Any]]]:
        acts = [turn.asked for turn in turns]
        ids = (act.command_id for act in acts if act.command_id)
        gathered = Gathered(self._store, (stream_of(act.deal_id) for act in acts), ids)
        decided = [(turn, each) for turn in turns if (each := _decided(turn.asked, gathered))]
        if gathered.appends:
            self._store.append(gathered.appends)
            m.observe(m.GROUP_SIZE, len(decided))
        return decided

    def _alone(self, act: _Act[R]) -> Decided[R]:
        """A transaction of its own; raise what became of it."""
        decided = act.decide(self._store)
        if decided.appends:
            self._store.append(decided.appends)
            m.observe(m.GROUP_SIZE, 1)
        return decided

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

    def _hint(self, appends: tuple[Append, ...]) -> None:
        for append in appends:
            if append.schedule and append.schedule.wake:
                row = _scheduled(append, append.schedule)
                with span("wake") as step:
                    taken = self._waker.wake(row, append.about)
                    step.note(by="hint", deal=row.deal_id, version=row.version, outcome=_of_hint(taken))
                m.count(m.WAKES, "hint", _of_hint(taken))

    def _tell(self, appends: tuple[Append, ...]) -> None:
        if people := {notice.recipient for append in appends for notice in append.notices}:
            m.count(m.TELLINGS, "hint", _of_hint(self._waker.tell(sorted(people))), by=len(people))


def _decided(act: _Act[R], gathered: Gathered) -> Decided[R] | None:
    try:
        decided = act.decide(gathered)
    except Exception:  # noqa: BLE001 - alone it says so to its own caller, and the others go on
        return None
    gathered.add(decided.appends)
    return decided


def _scheduled(append: Append, change: ScheduleChange) -> Scheduled:
    """The schedule of the deal as this append has left it, which nobody has been told yet."""
    version = append.version + len(append.facts)
    return Scheduled(
        deal_id=deal_of(append.stream),
        opening=change.opening,
        in_progress=change.in_progress,
        version=version,
        next_due=change.next_due,
        wake_version=version,
        wake_at=append.facts[-1][1].recorded_at,
        signalled_version=0,
        signalled_at=None,
        seen_version=0,
        armed_at=None,
    )


def _of_hint(taken: bool) -> str:
    """Whether Temporal took it; what a hint has missed the relay sends."""
    return "sent" if taken else "missed"


def _asked(envelope: c.Envelope) -> str:
    """What was asked, without what may differ when it is sent again: the id may be used for this and nothing else."""
    return envelope.model_dump_json(exclude={"command_id", "correlation_id", "cause"})
