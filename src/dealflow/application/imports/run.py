"""Imports: what another system says of deals goes through the same gate and clocks as everything else, with its own dates."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from time import monotonic

from dealflow.application.commands.append import BuildAppends, Built
from dealflow.application.commands.group_view import GroupView
from dealflow.application.commands.hint import hint_recipients
from dealflow.application.commands.load import loaded
from dealflow.application.imports.following.changes import Outstanding, outstanding
from dealflow.application.imports.following.gone import NOTHING_GONE, FullExport, Gone, find_gone, plans_of_gone
from dealflow.application.imports.following.otherwise import with_corrections
from dealflow.application.imports.plans import (
    FIVE_PERCENT,
    Dated,
    DealPlan,
    ImportReport,
    MostRejects,
    Plans,
    Reject,
    Shift,
    in_groups,
)
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.application.imports.record import NOTHING_GIVEN, ImportGiven, ImportRecords, RecordImport
from dealflow.application.imports.refused import Say, culprit_of, refused_plan, rejected_plan
from dealflow.application.imports.report import ReportBuilder, of_no_use
from dealflow.application.merged_customers import with_imported_customer
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import Append, Conflict, EventStore, EventUnreadable, HeldBy, KeyMissing
from dealflow.application.ports.wake_hint import ReachHint
from dealflow.application.processes.registry import Processes
from dealflow.application.stamps import CommandOrigin
from dealflow.application.unique_values import Settled, SettleValues
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Fact
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import deal_of, stream_of
from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.decide.replay import replay
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.suggest import one_budget
from dealflow.observability.logs import Log, emit

OnReject = Callable[[Reject], None]
Begin = Callable[[], None]
DEALS_PER_APPEND = 200
_TRIES = 5


def _nobody(_: Reject) -> None:
    """Nobody asked for the rejects."""


def _nothing() -> None:
    """Nothing is to be done before the first deal."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How an import is to run; `now` is its instant, at which everything is recorded.

    `organisation` is the one that the import would work with, where it adds people before it writes its first deal. More
    records that cannot be read or mapped than `most_rejects` stop it before it writes. `exported_at` is the latest export of
    the same file that was imported before, `given` is what is put on record of this one.
    """

    who: c.Who
    now: datetime
    dry_run: bool = False
    strict: bool = False
    most_rejects: MostRejects = FIVE_PERCENT
    shift: Shift | None = None
    organisation: Organisation | None = None
    exported_at: datetime | None = None
    full: FullExport | None = None
    given: ImportGiven = NOTHING_GIVEN


@dataclass(frozen=True, slots=True)
class _Taken:
    """One plan with the deal before it and what it comes to."""

    plan: DealPlan
    before: Deal | None
    built: Built | None
    new: Outstanding
    refused: tuple[Reject, ...] = ()  # facts of the plan that the deal cannot have

    @property
    def after(self) -> Deal:
        deal = self.built.deal if self.built else self.before
        assert deal is not None
        return deal

    @property
    def appends(self) -> tuple[Append, ...]:
        return self.built.appends if self.built else ()

    @property
    def facts(self) -> list[Fact]:
        """Those of the deal itself, whose append is the first."""
        return [fact for append in self.appends[:1] for fact, _ in append.facts]


class Imports:
    """The use case; every importer feeds it the same plans."""

    def __init__(
        self,
        store: EventStore,
        outbox: Outbox,
        processes: Processes,
        people: Callable[[], Organisation],
        reach_hint: ReachHint,
        say: Say,
        *,
        deals_per_append: int = DEALS_PER_APPEND,
    ) -> None:
        self._size = deals_per_append
        self._store, self._outbox, self._processes = store, outbox, processes
        self._people, self._reach_hint, self._say = people, reach_hint, say

    @property
    def records(self) -> ImportRecords:
        """What was imported before."""
        return ImportRecords(self._store, self._outbox)

    def has_deal(self, deal_id: str) -> bool:
        """Whether a deal with this very id is on record: what was imported before there was one form keeps its id."""
        return self._store.length(stream_of(deal_id)) > 0

    def on_record(self, deal_ids: Collection[str]) -> frozenset[str]:
        """Those of these deals that are on record, and were not taken back."""
        try:
            found = self._store.load_many([stream_of(deal_id) for deal_id in deal_ids])
        except EventUnreadable:
            return frozenset(deal_id for deal_id in deal_ids if self.has_deal(deal_id))
        streams = ((deal_id, found.get(stream_of(deal_id))) for deal_id in deal_ids)
        return frozenset(deal_id for deal_id, stream in streams if stream and loaded(deal_id, stream).deal is not None)

    def must_be_permitted(self, who: c.Who, *, adds_people: bool = False) -> None:
        """Refuse somebody who may not import, or not add people: before anything that was given is looked at."""
        must_be_permitted_in_store("import", who, self._people())
        if adds_people:
            must_be_permitted_in_store("people", who, self._people())

    def import_deals(
        self,
        plans: Plans,
        terms: Terms,
        *,
        begin: Begin = _nothing,
        rejected: OnReject = _nobody,
        progressed: OnProgress = nowhere,
    ) -> ImportReport:
        """Take in every plan and tell what came of it; again, nothing changes. A bad record is rejected, the rest goes on.

        With `strict` one reject stops it before anything is written. `begin` is called once before the first write. The
        digests of batches of this source that were interrupted are released as well.
        CommandRefused for somebody who may not import, or not add people.
        `rejected` hears of every reject once, `progressed` of the records done and about how many there are, in each walk.
        """
        self.must_be_permitted(terms.who, adds_people=terms.organisation is not None)
        started = monotonic()
        record = RecordImport(self._store, self._outbox, plans, terms.given, terms.who, terms.now)
        emit(Log.IMPORT_STARTED, source=plans.source, batch=record.batch, dry_run=terms.dry_run)
        tally, stopped = ReportBuilder(), False
        too_many = not terms.dry_run and not terms.most_rejects.allows(*of_no_use(plans, progressed))
        gone = find_gone(self._store, plans, terms.full) if terms.full else NOTHING_GONE
        if terms.dry_run or terms.strict or too_many or gone.told.too_many:
            organisation = terms.organisation or self._people()
            with one_budget():
                dry = replace(terms, dry_run=True)
                tally = self._through(plans, gone, dry, record, organisation, rejected, progressed)
            stopped = terms.strict and bool(tally.rejected_deals or tally.rejected_facts or tally.left_out)
            too_many = not terms.most_rejects.allows(tally.rejected_records, tally.records)
        if not (terms.dry_run or stopped or too_many or gone.told.too_many):
            begin()
            with one_budget():
                tally = self._through(plans, gone, terms, record, self._people(), rejected, progressed)
            record.finish(rejects=tally.rejected_deals + tally.rejected_facts, seconds=monotonic() - started)
            hint_recipients(self._reach_hint, tally.recipients)
        seconds = monotonic() - started
        emit(
            Log.IMPORT_FINISHED,
            source=plans.source,
            events=tally.events,
            seconds=round(seconds, 1),
            stopped=stopped or too_many or gone.told.too_many,
        )
        report = tally.report(plans, terms.now, seconds, shift=terms.shift, dry_run=terms.dry_run)
        return report.model_copy(
            update={
                "batch": record.batch,
                "strict_stop": stopped,
                "too_many_rejects": too_many,
                "gone": gone.told,
            }
        )

    def _through(
        self,
        plans: Plans,
        gone: Gone,
        terms: Terms,
        record: RecordImport,
        organisation: Organisation,
        rejected: OnReject,
        progressed: OnProgress,
    ) -> ReportBuilder:
        tally, so_far = ReportBuilder(), dict[str, HeldBy]()
        cancelled = plans_of_gone(gone, plans.source, terms.now)
        for group in in_groups(chain(plans, cancelled), self._size):
            refused = [item for item in group if isinstance(item, Reject)]
            for plan in (item for item in group if isinstance(item, DealPlan)):
                tally.read(plan)
                for reject in plan.rejects:
                    tally.reject(reject, of_reading=False)
                    rejected(reject)
            for reject in refused:
                tally.reject(reject)
                rejected(reject)

            def heard(decided: int, before: int = tally.rows) -> None:
                progressed(ImportWalk.TAKE_IN, before + decided, max(plans.total, before + decided))

            taken = self._take_in(
                [item for item in group if isinstance(item, DealPlan)], record, terms, organisation, so_far, heard
            )
            for item in taken:
                for reject in (item,) if isinstance(item, Reject) else item.refused:
                    tally.reject(reject, of_reading=False)
                    rejected(reject)
                if isinstance(item, Reject):
                    continue
                tally.deal(item.plan, item.before, item.after, organisation)
                tally.followed(item.plan, item.after, item.new)
                tally.claimed(item.after, item.facts)
                tally.look_alikes.add(item.after, item.facts)
                for append in item.appends:
                    tally.appended(deal_of(append.stream), [fact for fact, _ in append.facts], append.notices)
            heard(0, tally.rows)
        return tally

    def _take_in(
        self,
        plans: Sequence[DealPlan],
        record: RecordImport,
        terms: Terms,
        organisation: Organisation,
        so_far: dict[str, HeldBy],
        heard: Callable[[int], None],
    ) -> list[_Taken | Reject]:
        """Decide these plans and append what comes of them in one transaction, again when somebody else was faster.

        `so_far` are the holders of values as a dry run leaves them, for the plans that follow.
        Where that does not help, one deal cannot be read, or one customer's key is missing, each goes by itself, and what
        cannot be taken in is rejected.
        """
        for _ in range(_TRIES):
            try:
                view = GroupView(self._store, _streams(plans), changed=so_far)
            except EventUnreadable as error:
                if len(plans) == 1:
                    return [rejected_plan(plans[0], phrase_of(error))]
                break
            taken = list[_Taken | Reject]()
            for plan in plans:
                heard(len(taken))
                taken.append(self._decide(plan, view, record.batch, terms, organisation))
            if terms.dry_run:
                so_far |= view.changed
                return taken
            try:
                if view.appends:
                    self._store.append([*record.beginning(), *view.appends])
                    record.stands()
            except Conflict:
                emit(Log.STORE_CONFLICT, "debug", batch=record.batch)
                continue
            except KeyMissing as error:
                if len(plans) == 1:
                    return [rejected_plan(plans[0], phrase_of(error))]
                break
            return taken
        if len(plans) > 1:
            return [
                item for plan in plans for item in self._take_in([plan], record, terms, organisation, so_far, heard)
            ]
        changed = phrase("somebody else changed the deal, or one that follows from it")
        return [rejected_plan(plan, changed) for plan in plans]

    def _decide(
        self, plan: DealPlan, view: GroupView, batch: str, terms: Terms, organisation: Organisation
    ) -> _Taken | Reject:
        """What a plan comes to on what those before it have left in the view, to which its appends are added."""
        before = loaded(plan.deal_id, view.load(stream_of(plan.deal_id)))
        deal = before.deal
        now = before.not_before(terms.now)
        try:
            known = self._processes
            process = known.get(deal.process) if deal else known.for_opening(plan.opening.process)
            first_stage = process.definition.stages[0].id
            plan = _of_current_customers(plan, view)
            if terms.given.rereads_records:
                plan = replace(plan, export=plan.export.read_anew())
            new = outstanding(plan, deal, first_stage, now, recorded=before.counting, exported_at=terms.exported_at)
            if deal is not None and not new.is_older and not plan.is_gone:
                new = with_corrections(new, plan, deal, process.definition, now)
            if not (new.acts or new.first):
                return _Taken(plan, deal, None, new)
            context = process.context(organisation, terms.who, now, Mode.PAST)
        except CommandRefused as refused:
            return refused_plan(plan, refused.reasons, self._say)
        except EventUnreadable as error:
            return rejected_plan(plan, phrase_of(error))

        values = SettleValues(self._processes, view, organisation)

        def replayed(acts: Sequence[Dated]) -> tuple[Draft, Settled]:
            past = replay(before.draft(context), acts, now, first=new.first)
            settled = values.settle(deal, past.deal, past.facts, context)
            if settled.own:
                past = replay(before.draft(context), acts, now, settled.own, new.first)
            return past, settled

        acts, refusals = list(new.acts), list[Reject]()
        while True:
            try:
                past, settled = replayed(acts)
                break
            except CommandRefused as refused:
                culprit = culprit_of(acts, replayed, refused.reasons)
                reject = refused_plan(plan, refused.reasons, self._say, culprit, process.definition)
                if culprit is None or isinstance(culprit, c.OpenDeal):
                    return reject
                # One fact that the deal cannot have costs no more than itself.
                refusals.append(reject.model_copy(update={"costs": "fact"}))
                acts = [dated for dated in acts if dated[1] is not culprit]
        if not (acts or new.first):
            return _Taken(plan, deal, None, new, tuple(refusals))
        origin = CommandOrigin(
            terms.who, f"{batch}/{plan.deal_id}", now, correlation_id=batch, cause="import", batch=batch
        )
        appending = BuildAppends(self._processes, view)
        built = appending.build(before, past.facts, context, origin, after=past.deal, settled=settled)
        view.add(built.appends)
        return _Taken(plan, deal, built, new, tuple(refusals))


def _of_current_customers(plan: DealPlan, view: GroupView) -> DealPlan:
    """The plan with the customers who the given ones are now; mostly as it is."""
    acts = [(at, with_imported_customer(act, view)) for at, act in plan.acts]
    is_same = all(act is given for (_, act), (_, given) in zip(acts, plan.acts, strict=True))
    given = plan.opening.customer.id if not is_same and plan.opening.customer else None
    return plan if is_same else replace(plan, acts=tuple(acts), customer_given=given)


def _streams(plans: Sequence[DealPlan]) -> Iterator[str]:
    """What is read of the store for these plans: the deals, and whether their customers were merged."""
    for plan in plans:
        yield stream_of(plan.deal_id)
        if not plan.is_gone and plan.opening.customer is not None:
            yield customer_stream(plan.opening.customer.id)
