"""What a command, or a look of a workflow, comes to on what a store holds; nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from dealflow.application.commands.answers import Answer, NodeVerdict, Progressed
from dealflow.application.commands.append import BuildAppends, CommandOrigin
from dealflow.application.commands.load import unknown_deal
from dealflow.application.commands.measuring import Due, due_of
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import ScheduleChange
from dealflow.application.ports.store import Append, Reading
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.decide.progress import progress
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.track.judge import Met
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.refusal import Code, CommandRefused, refuse

R = TypeVar("R", Answer, Progressed)
_SYSTEM = c.Who(actor="dealflow")


@dataclass(frozen=True, slots=True)
class Decided(Generic[R]):
    """The answer, true once the appends stand; without appends it is true already. `stage` is the deal's after them.

    `due` is what a look had to do, and since when.
    """

    answer: R
    appends: tuple[Append, ...] = ()
    stage: str = ""
    process: str = ""
    due: Due | None = None


class DecideCommands:
    """Load, fold, decide and build, on whatever is to be read."""

    def __init__(self, processes: Processes, people: Callable[[], Organisation], clock: UtcClock) -> None:
        self._processes, self._people, self._clock = processes, people, clock

    def command(self, envelope: c.Envelope, content: str, store: Reading) -> Decided[Answer]:
        """The stored answer of a command that was carried out before, else what it comes to; raise CommandRefused."""
        if earlier := _answered(store, envelope.command_id, content):
            return Decided(earlier)
        try:
            return self._carried_out(envelope, content, store)
        except CommandRefused:
            # The very same command may have been carried out since we looked, and that is why ours is refused.
            if earlier := _answered(store, envelope.command_id, content):
                return Decided(earlier)
            raise

    def look(self, deal_id: str, opening: int, now: datetime, store: Reading) -> Decided[Progressed]:
        """What is due by `now` for this opening of the deal; a closed or unknown one ends the run."""
        recorded = store.load(stream_of(deal_id))
        deal = fold(recorded)
        if deal is None or not deal.in_progress or deal.opening != opening:
            return Decided(Progressed(deal_id=deal_id, version=deal.version if deal else 0, closed=True))
        process = self._processes.get(deal.process)
        # What is on record has happened, whatever this worker's clock says.
        at = max(now, deal.recorded_at)
        appending = BuildAppends(self._processes, store)
        context = appending.context(process, self._people(), _SYSTEM, at)
        facts = progress(deal, context)
        if not facts:
            return Decided(_progressed(deal, process, ()))
        due, command_id = due_of(recorded, deal), f"progress/{deal_id}/{opening}/{deal.version}"
        # What a command made due belongs to it; what a deadline made due begins something of its own.
        correlation_id = due.by.correlation_id if due and not due.by_deadline else None
        origin = CommandOrigin(_SYSTEM, command_id, at, correlation_id, cause="progress", look=True)
        built = appending.build(deal, deal_id, facts, context, origin)
        topics = tuple(fact.topic for fact in facts)
        answer = _progressed(built.deal, process, topics)
        return Decided(answer, built.appends, built.deal.stage, deal.process.name, due)

    def _carried_out(self, envelope: c.Envelope, content: str, store: Reading) -> Decided[Answer]:
        before = fold(store.load(stream_of(envelope.deal_id)))
        process = self._process_for(envelope, before, store)
        now = self._clock.now()
        at = max(now, before.recorded_at) if before else now
        appending = BuildAppends(self._processes, store)
        context = appending.context(process, self._people(), envelope.who, at)
        decision = decide(before, envelope.deal_id, envelope.commands, context)
        origin = CommandOrigin(envelope.who, envelope.command_id, at, envelope.correlation_id, envelope.cause)
        answers: list[Answer] = []

        def answer(after: Deal, schedule: ScheduleChange) -> tuple[str, str]:
            answers.append(_answer(envelope, decision, after, schedule))
            return content, answers[0].model_dump_json()

        built = appending.build(before, envelope.deal_id, decision.facts, context, origin, answer, decision.deal)
        return Decided(answers[0], built.appends, built.deal.stage, built.deal.process.name)

    def _process_for(self, envelope: c.Envelope, deal: Deal | None, store: Reading) -> ProcessInForce:
        if deal is not None:
            return self._processes.get(deal.process)
        opening = next((command for command in envelope.commands if isinstance(command, c.OpenDeal)), None)
        if opening is None:
            raise unknown_deal(store, envelope.deal_id)
        return self._processes.get(opening.process)


def _answered(store: Reading, command_id: str, content: str) -> Answer | None:
    """The stored answer of a command; refused when its id was used for something else."""
    row = store.command(command_id)
    if row is None:
        return None
    if row.content != content:
        raise refuse(Code.COMMAND_ID_REUSED, command_id, given=command_id)
    return Answer.model_validate_json(row.answer).model_copy(update={"repeated": True})


def _answer(envelope: c.Envelope, decision: Decision, deal: Deal, schedule: ScheduleChange) -> Answer:
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
        next_due=schedule.next_due,
        wake=schedule.wake,
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
