"""From decided facts to what is written in one transaction: stamps, command, notices, schedule, and linked deals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dealflow.application.commands.load import LoadedDeal, loaded
from dealflow.application.ports.schedule import ScheduleChange
from dealflow.application.ports.store import Append, CommandRow, StoreReader
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.application.unique_values import OtherDeal, Settled
from dealflow.domain.clocks.due import next_due, wake_needed
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.events import Customer, Fact, Link, LinkedDealDue
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of, subject_of
from dealflow.domain.decide.checks import MAX_LINE
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.notices_of import notices_of
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.text.visible import is_text
from dealflow.domain.values.unreadable import is_unreadable

NOTHING_SETTLED = Settled()


@dataclass(frozen=True, slots=True)
class Built:
    """The appends of one decision, the deal's own first, and the deal after it."""

    appends: tuple[Append, ...]
    deal: Deal


class BuildAppends:
    """Builds appends; the only place where a linked deal is opened."""

    def __init__(self, processes: Processes, store: StoreReader) -> None:
        self._processes, self._store = processes, store

    def build(
        self,
        before: LoadedDeal,
        facts: Sequence[Fact],
        context: Context,
        origin: CommandOrigin,
        *,
        after: Deal | None = None,
        schedule: ScheduleChange | None = None,
        command: CommandRow | None = None,
        settled: Settled = NOTHING_SETTLED,
    ) -> Built:
        """The appends for these facts, and for what they mean for the unique values of other deals.

        `after` is the deal with them, recorded at the origin's instant, and `schedule` what they mean for its workflow;
        where the caller does not know these, the facts are folded and the schedule is found here.
        """
        version = before.version
        recorded = stamped(facts, version, origin)
        if after is None:
            after = before.deal
            for fact, stamp in recorded:
                after = evolve(after, fact, stamp)
            assert after is not None
        own = Append(
            stream=stream_of(before.id),
            version=version,
            facts=recorded,
            subject=subject_of(after),
            command=command,
            notices=self._notices(facts, after, context, origin),
            schedule=schedule or schedule_change(before.deal, after, is_progress=origin.is_progress),
            held=settled.held,
            about=about(after),
            head=before.stream.head,
        )
        due = (fact for fact in facts if isinstance(fact, LinkedDealDue))
        # A deal of that name may be there: somebody opened it by hand, and the evidence is to be kept all the same.
        found = ((fact, loaded(fact.linked_deal_id, self._store.load(stream_of(fact.linked_deal_id)))) for fact in due)
        besides = [self._linked(after, fact, linked, context, origin) for fact, linked in found if linked.deal is None]
        besides += [self._of_other(found, after, origin) for found in settled.others]
        return Built((own, *(append for built in besides for append in built.appends)), after)

    def taken_back(
        self,
        before: LoadedDeal,
        facts: Sequence[Fact],
        context: Context,
        origin: CommandOrigin,
        *,
        after: Deal | None,
        settled: Settled,
    ) -> tuple[Append, ...]:
        """The appends for a deal that is as it was before an import; `after` None where it is not there any more."""
        deal = before.deal
        assert deal is not None
        if after is not None:
            schedule = replace(schedule_change(deal, after), wake=deal.in_progress or after.in_progress)
        else:
            schedule = ScheduleChange(
                deal.opening, in_progress=False, next_due=None, wake=deal.in_progress, run=deal.run
            )
        own = Append(
            stream=stream_of(before.id),
            version=before.version,
            facts=stamped(facts, before.version, origin),
            subject=subject_of(deal),
            notices=self._notices(facts, after, context, origin) if after is not None else (),
            schedule=schedule,
            held=settled.held,
            about=about(deal),
            head=before.stream.head,
        )
        others = (self._of_other(found, deal, origin) for found in settled.others)
        return (own, *(append for built in others for append in built.appends))

    def _notices(
        self, facts: Sequence[Fact], deal: Deal, context: Context, origin: CommandOrigin
    ) -> tuple[Notice, ...]:
        told = notices_of(
            facts, deal, context.process, context.organisation, origin.recorded_at, origin.batch, origin.who.person
        )
        return _caused(told, origin)

    def _of_other(self, found: OtherDeal, deal: Deal, origin: CommandOrigin) -> Built:
        """What another deal hears of it, in the same transaction."""
        own = _caused_by(origin, f"value:{deal.id}", found.before.id, found.draft.at)
        before = LoadedDeal(found.before.id, found.stream, found.before)
        return self.build(before, found.draft.facts, found.context, own, after=found.draft.deal)

    def _linked(
        self, deal: Deal, due: LinkedDealDue, before: LoadedDeal, context: Context, origin: CommandOrigin
    ) -> Built:
        """The deal that follows from a node, opened in the same transaction for the same owner."""
        opens = context.process.nodes[due.node].opens
        process = self._process_of(opens.process if opens else None, deal)
        command = c.OpenDeal(
            title=f"{deal.title[: MAX_LINE - len(due.kind) - 3]} ({due.kind})",
            process=process.ref,
            owner=deal.owner,
            customer=_customer_of(deal, due, opens.customer_field if opens else None),
            linked_from=Link(deal_id=deal.id, kind=due.kind, node=due.node),
        )
        # Mode.PAST: whoever owned the first deal owns this one, even when people.yaml has changed since.
        at = max(origin.recorded_at, due.effective_at)
        opening = process.context(context.organisation, origin.who, at, Mode.PAST)
        decision = decide(before.draft(opening), [command])
        own = _caused_by(origin, f"linked:{deal.id}", due.node, origin.recorded_at)
        return self.build(before, decision.facts, opening, own)

    def _process_of(self, wanted: str | None, deal: Deal) -> ProcessInForce:
        """The latest of the process that the template names; of the deal's own where that was never published."""
        try:
            return self._processes.for_opening(wanted or deal.process.name)
        except CommandRefused:
            # A copied template may name the one that it was copied from: evidence must not be refused for it.
            return self._processes.for_opening(deal.process.name)


def schedule_change(before: Deal | None, after: Deal, *, is_progress: bool = False) -> ScheduleChange:
    """What an append means for the deal's workflow."""
    return ScheduleChange(
        run=after.run,
        opening=after.opening,
        in_progress=after.in_progress,
        next_due=next_due(after),
        wake=wake_needed(before, after),
        seen=is_progress,
    )


def about(deal: Deal) -> str:
    """What people read of a deal's workflow in a list."""
    return f"{deal.title} · {deal.process}"


def _caused_by(origin: CommandOrigin, cause: str, part: str, at: datetime) -> CommandOrigin:
    """Of what an act on one deal comes to in another."""
    return replace(
        origin,
        command_id=f"{origin.command_id}/{part}",
        recorded_at=at,
        correlation_id=origin.correlation_id or origin.command_id,
        cause=cause,
        is_progress=False,
    )


def _caused(notices: Iterable[Notice], origin: CommandOrigin) -> tuple[Notice, ...]:
    """The notices with the ids of the events that they tell of."""
    ids = {"command_id": origin.command_id, "correlation_id": origin.correlation_id or origin.command_id}
    return tuple(notice.model_copy(update=ids) for notice in notices)


def _customer_of(deal: Deal, due: LinkedDealDue, field: str | None) -> Customer | None:
    """The customer's own next deal, or that of the person whom the evidence names."""
    if field is None:
        known = deal.customer
        # A word that stands for the name is no name.
        return known.model_copy(update={"name": None}) if known and is_unreadable(known.name) else known
    reached = deal.node(due.node)
    found = (deal.evidence[e].fields.get(field) for e in reached.evidence if e in deal.evidence)
    values = [value for value in found if not is_unreadable(value)]
    # As a name may be: evidence that was accepted must not be refused for the deal that follows from it.
    name = next((" ".join(str(value).split())[:MAX_LINE] for value in values if is_text(str(value or ""))), None)
    return Customer(id=due.linked_deal_id, name=name)
