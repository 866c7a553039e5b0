"""What a command, or the progress that a workflow asks for, comes to on what a store holds; nothing is written here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from dealflow.application.commands.answers import (
    Answer,
    DealAfter,
    NodeByAmount,
    NodeVerdict,
    Note,
    Progressed,
    ValueTwice,
    twice_in,
)
from dealflow.application.commands.append import BuildAppends, schedule_change
from dealflow.application.commands.causes import Due, due_of
from dealflow.application.commands.load import LoadedDeal, loaded, spelled, unknown_deal
from dealflow.application.merged_customers import HidesCustomer, is_erased, must_be_theirs_to_name, of_current_customers
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import ScheduleChange
from dealflow.application.ports.store import Append, StoreReader
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.application.repeated import Asked, KeyedDigest, first_answer, keys_of
from dealflow.application.stamps import CommandOrigin
from dealflow.application.unique_values import Settled, SettleValues
from dealflow.application.viewer import Viewer, without_names
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.events import DealAmended, DealOpened, Fact
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.decide.permission import must_act_as
from dealflow.domain.decide.progress import progress
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.track.amounts import judged_by, largest
from dealflow.domain.track.judge import Met, fails_for
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.ids import ENGINE
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.domain.values.text.spelling import Respelled

R = TypeVar("R", Answer, Progressed)
_SYSTEM = c.Who(actor=ENGINE)


@dataclass(frozen=True, slots=True)
class DecidedAct(Generic[R]):
    """The answer, true once the appends stand; without appends it is true already, and nothing was read beside it.

    `stage` and `process` are the deal's after them. `due` is what the progress had to do, and since when.
    """

    answer: R
    appends: tuple[Append, ...] = ()
    after: DealAfter | None = None
    stage: str = ""
    process: str = ""
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class UndecidedAct(Generic[R]):
    """A command or a progress, to be decided on what is read from a store or from a group's view of it."""

    deal_id: str
    command_id: str | None
    decide: Callable[[StoreReader], DecidedAct[R]]
    command_keys: tuple[str, ...] = ()


class DecideCommands:
    """Load, fold, decide and build, on whatever is to be read."""

    def __init__(
        self,
        processes: Processes,
        people: Callable[[], Organisation],
        clock: UtcClock,
        fingerprint: KeyedDigest,
        hides_customer: HidesCustomer,
    ) -> None:
        self._processes, self._people, self._clock, self._fingerprint = processes, people, clock, fingerprint
        self._hides_customer = hides_customer

    def command_act(self, given: c.Envelope, store: StoreReader) -> UndecidedAct[Answer]:
        """This command, to be decided. The same command is one that is given the same again, letter for letter."""
        envelope, respelled = spelled(given, store)
        decide_it = partial(self.command, envelope, Asked(given), respelled)
        keys = keys_of(envelope.who.actor, envelope.command_id)
        return UndecidedAct(envelope.deal_id, envelope.command_id, decide_it, keys)

    def progress_act(self, deal_id: str, opening: int, now: datetime, run: int) -> UndecidedAct[Progressed]:
        """What is due by `now` for this opening of this run of the deal, to be decided."""
        return UndecidedAct(deal_id, None, partial(self.progress, deal_id, opening, now, run))

    def command(
        self, envelope: c.Envelope, asked: Asked, respelled: tuple[Respelled, ...], store: StoreReader
    ) -> DecidedAct[Answer]:
        """The stored answer of a command that was carried out before, else what it comes to; raise CommandRefused."""
        organisation = self._people()
        must_act_as(envelope.who, organisation)
        if earlier := self._answered(store, envelope, asked):
            return earlier
        viewer = Viewer(envelope.who.person, organisation, self._clock.now())
        before = loaded(envelope.deal_id, store.load(stream_of(envelope.deal_id)))
        try:
            envelope, merged = of_current_customers(envelope, store)
            context = self._context(envelope, before, organisation, store)
            decision = decide(before.draft(context), envelope.commands)
            must_be_theirs_to_name(decision.facts, envelope.who.person, store, self._hides_customer)
            return self._carried_out(envelope, asked, respelled + merged, before, decision, context, store)
        except CommandRefused as refused:
            # The very same command may have been carried out since we looked, and that is why ours is refused.
            if earlier := self._answered(store, envelope, asked):
                return earlier
            if before.deal is None or viewer.sees(before.deal):
                raise viewer.told(refused, store) from None
            if any(reason.code is Code.UNKNOWN_DEAL for reason in refused.reasons):
                raise viewer.not_there(store, envelope.deal_id) from None
            raise without_names(refused) from None

    def _answered(self, store: StoreReader, envelope: c.Envelope, asked: Asked) -> DecidedAct[Answer] | None:
        who, command_id = envelope.who, envelope.command_id
        earlier = first_answer(store, who, command_id, lambda row: asked.is_of(row, self._fingerprint), Answer)
        return DecidedAct(earlier.model_copy(update={"repeated": True})) if earlier else None

    def progress(
        self, deal_id: str, opening: int, now: datetime, run: int, store: StoreReader
    ) -> DecidedAct[Progressed]:
        """What is due by `now` for this opening of the deal; one that is closed, or not there, ends its workflow."""
        before = loaded(deal_id, store.load(stream_of(deal_id)))
        deal = before.deal
        if deal is None or not deal.in_progress or (deal.run, deal.opening) != (run, opening):
            return DecidedAct(Progressed(deal_id=deal_id, version=before.version, closed=True))
        process = self._processes.get(deal.process)
        # What is on record has happened, whatever this worker's clock says.
        at = max(now, deal.recorded_at)
        context = process.context(self._people(), _SYSTEM, at)
        facts = progress(deal, context)
        if not facts:
            return DecidedAct(_progressed(deal, process, ()))
        due, command_id = due_of(before.stream, deal), f"progress/{deal_id}/{opening}/{deal.version}"
        # What a command made due belongs to it; what a deadline made due begins something of its own.
        correlation_id = due.by.correlation_id if due and not due.by_deadline else None
        origin = CommandOrigin(_SYSTEM, command_id, at, correlation_id, cause="progress", is_progress=True)
        built = BuildAppends(self._processes, store).build(before, facts, context, origin)
        answer = _progressed(built.deal, process, tuple(fact.topic for fact in facts))
        return _decided(answer, before, built.deal, built.appends, due)

    def _context(
        self, envelope: c.Envelope, before: LoadedDeal, organisation: Organisation, store: StoreReader
    ) -> Context:
        at = before.not_before(self._clock.now())
        viewer = Viewer(envelope.who.person, organisation, at)
        return self._process_for(envelope, before, store, viewer).context(organisation, envelope.who, at)

    def _process_for(
        self, envelope: c.Envelope, before: LoadedDeal, store: StoreReader, viewer: Viewer
    ) -> ProcessInForce:
        if before.deal is not None:
            return self._processes.get(before.deal.process)
        opening = next((command for command in envelope.commands if isinstance(command, c.OpenDeal)), None)
        if opening is None:
            raise unknown_deal(store, before, viewer)
        return self._processes.for_opening(opening.process)

    def _carried_out(
        self,
        envelope: c.Envelope,
        asked: Asked,
        respelled: tuple[Respelled, ...],
        before: LoadedDeal,
        decision: Decision,
        context: Context,
        store: StoreReader,
    ) -> DecidedAct[Answer]:
        """The appends of a decision with the command's row, and the answer that the row keeps."""
        values = SettleValues(self._processes, store, context.organisation)
        settled = values.settle(before.deal, decision.deal, decision.facts, context)
        if settled.own:
            decision = decide(before.draft(context), envelope.commands, settled.own)
        command_id, deal = envelope.command_id, decision.deal
        schedule = schedule_change(before.deal, deal)
        notes: tuple[Note, ...] = ("customer_erased",) if _names_erased(decision.facts, store) else ()
        answer = _answer(envelope, decision, notes, schedule, respelled, settled)
        built = BuildAppends(self._processes, store).build(
            before,
            decision.facts,
            context,
            CommandOrigin(envelope.who, command_id, context.at, envelope.correlation_id, envelope.cause),
            after=deal,
            schedule=schedule,
            command=asked.row(answer.model_dump_json(), decision.facts),
            settled=settled,
        )
        return _decided(answer, before, deal, built.appends)


def _decided(
    answer: R, before: LoadedDeal, deal: Deal, appends: tuple[Append, ...], due: Due | None = None
) -> DecidedAct[R]:
    after = DealAfter(deal, before.stream, appends[0])
    return DecidedAct(answer, appends, after, deal.stage, deal.process.name, due)


def _answer(
    envelope: c.Envelope,
    decision: Decision,
    notes: tuple[Note, ...],
    schedule: ScheduleChange,
    respelled: tuple[Respelled, ...],
    settled: Settled,
) -> Answer:
    ids: dict[str, str] = {}
    for command in decision.commands:
        for name in ("evidence_id", "step_id"):
            if value := getattr(command, name, None):
                ids[name] = value
    deal = decision.deal
    return Answer(
        command_id=envelope.command_id,
        deal_id=deal.id,
        version=deal.version,
        facts=tuple(fact.topic for fact in decision.facts),
        verdicts=tuple(
            NodeVerdict(node=node, met=isinstance(found, Met), reasons=() if isinstance(found, Met) else found.reasons)
            for node, found in decision.verdicts
        ),
        by_amount=_by_amount(deal, decision.draft.context) if decision.says_amount else None,
        notes=(*decision.notes, *notes),
        values_twice=tuple(values_twice(decision, settled)),
        ids=ids,
        respelled=respelled + decision.respelled,
        read_as=envelope.read_as + decision.read_as,
        look_alikes=decision.look_alikes,
        stage=deal.stage,
        outcome=deal.outcome.value,
        in_progress=deal.in_progress,
        next_due=schedule.next_due,
        wake=schedule.wake,
    )


def _names_erased(facts: Iterable[Fact], store: StoreReader) -> bool:
    named = (fact.customer for fact in facts if isinstance(fact, DealOpened | DealAmended))
    return any(customer is not None and is_erased(store, customer.id) for customer in named)


def values_twice(decision: Decision, settled: Settled) -> Iterator[ValueTwice]:
    """What counts no more because another piece has its value, and what counts again, in this deal and in others."""
    drafts = (decision.draft, *(found.draft for found in settled.others))
    return (twice for draft in drafts for twice in twice_in(draft.deal.id, draft.facts))


def _by_amount(deal: Deal, context: Context) -> tuple[NodeByAmount, ...]:
    return tuple(
        NodeByAmount(
            node=node.id,
            status=deal.node(node.id).status.value,
            amounts=amounts,
            largest=largest(amounts),
            as_won=as_won,
            fails_for=fails_for(node, deal, context.process, context.rules),
        )
        for node, amounts, as_won in judged_by(deal, context.process)
    )


def _progressed(deal: Deal, process: ProcessInForce, facts: tuple[str, ...]) -> Progressed:
    missing = open_nodes(deal, process.definition, deal.stage)
    waits_for = f"{deal.stage}: {', '.join(missing)}" if missing else f"{deal.stage}: the next act or deadline"
    if deal.lost:
        waits_for = f"lost proof: {', '.join(deal.lost)}; {waits_for}"
    return Progressed(
        deal_id=deal.id,
        version=deal.version,
        closed=not deal.in_progress,
        next_due=next_due(deal),
        waits_for=waits_for if deal.in_progress else "",
        facts=facts,
    )
