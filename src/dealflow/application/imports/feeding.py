"""Live feeds: what another system's log says goes in as commands, one for each deal and instant, as if it happened now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Event
from time import monotonic, sleep

from dealflow.application.commands.append import BuildAppends
from dealflow.application.commands.handle import Deals
from dealflow.application.imports.changes import Outstanding, outstanding
from dealflow.application.imports.feeding_course import Course, FeedReport, Timeline, entries_of, rejected_as
from dealflow.application.imports.feeding_lanes import PATIENCE_SECONDS, FeedEntry, Given, Lanes
from dealflow.application.imports.plans import DealPlan, Plans, Reject
from dealflow.application.imports.report import ReportBuilder
from dealflow.application.imports.run import DEALS_PER_APPEND, OnProgress, OnReject, nowhere
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import Schedule
from dealflow.application.ports.store import EventStore, StoreUnreachable
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.feeding import must_be_moved_first
from dealflow.domain.decide.replay import replay
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability.logs import Log, emit

# How long the end of a feed waits for workflows while none of them does anything.
SETTLE_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_OLDEST = 100
_MOVES_NOTHING = ("deal.activity_recorded.v1",)
_ENGINE = c.Who(actor="dealflow")


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """How a feed is to run; `rate` is facts a second (None: as fast as it goes)."""

    who: c.Who
    now: datetime
    rate: float | None = None
    strict: bool = False


class Feeding:
    """The use case; it is given the same plans as an import, and goes the way of every other command."""

    def __init__(
        self,
        deals: Deals,
        store: EventStore,
        schedule: Schedule,
        processes: Processes,
        people: Callable[[], Organisation],
        clock: UtcClock,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._deals, self._store, self._schedule, self._processes = deals, store, schedule, processes
        self._people, self._clock = people, clock
        self._appending = BuildAppends(processes, store)
        self._patience, self._settle = patience_seconds, settle_seconds

    def feed(
        self,
        plans: Plans,
        terms: FeedTerms,
        timeline: Timeline,
        stop: Event,
        *,
        rejected: OnReject,
        read: OnProgress = nowhere,
        given: OnProgress = nowhere,
    ) -> FeedReport:
        """Go through the plans, then give what is new in the order of their time; `stop` ends it between two commands.

        What an import would reject is rejected before anything is given. `rejected` hears of every reject and refusal,
        `read` of the records gone through, `given` of the commands; all in the caller's thread.
        """
        started = monotonic()
        emit(Log.IMPORT_STARTED, source=plans.source, batch=plans.batch, live=True)
        tally = ReportBuilder()
        course = Course(timeline, tally, rejected, given)
        self._lay_out(plans, terms, course, stop, read)
        stopped = terms.strict and tally.rejected > 0
        if not stopped:
            self._tell(course, terms, stop)
        self._count(course)
        seconds = monotonic() - started
        emit(Log.IMPORT_FINISHED, source=plans.source, events=tally.events, seconds=round(seconds, 1), stopped=stopped)
        report = tally.report(plans, terms.now, seconds, shift=None, dry_run=False)
        return course.report(report, strict_stop=stopped, interrupted=stop.is_set())

    def _tell(self, course: Course, terms: FeedTerms, stop: Event) -> None:
        """Give every command, and wait for the workflows."""
        begun = monotonic()
        lanes = Lanes(
            self._give,
            self._has_seen,
            lambda: self._is_moving(course),
            course.took,
            patience_seconds=self._patience,
        )
        try:
            lanes.run(course.timeline.entries(), terms.rate, stop)
        except StoreUnreachable as error:
            raise StoreUnreachable(f"{error}; {course.so_far}, and the same feed goes on from there") from error
        course.left = lanes.left
        course.giving_seconds = monotonic() - begun
        seen_at = self._wait_for_workflows(course, stop)
        course.giving_seconds = max(course.giving_seconds, seen_at - begun)

    def _lay_out(self, plans: Plans, terms: FeedTerms, course: Course, stop: Event, read: OnProgress) -> None:
        records, organisation = iter(plans), self._people()
        done = 0
        while not stop.is_set() and (group := list(islice(records, DEALS_PER_APPEND))):
            found = [item for item in group if isinstance(item, DealPlan)]
            loaded = self._store.load_many([f"deal/{plan.deal_id}" for plan in found])
            for item in group:
                if isinstance(item, Reject):
                    course.reject(item)
                    continue
                deal = fold(loaded.get(f"deal/{item.deal_id}", ()))
                try:
                    new = self._examine(item, deal, terms, organisation)
                except CommandRefused as refused:
                    course.reject(rejected_as(item.file, item.row, item.deal_id, refused.reasons))
                else:
                    course.lay_out(item, deal, new, entries_of(item, new, plans.batch, terms.who))
            done += len(group)
            read(done, max(plans.total, done))

    def _examine(self, plan: DealPlan, deal: Deal | None, terms: FeedTerms, organisation: Organisation) -> Outstanding:
        """What the deal has not heard; CommandRefused where an import of it would be."""
        now = max(terms.now, deal.recorded_at) if deal else terms.now
        process = self._processes.get(deal.process if deal else plan.opening.process)
        new = outstanding(plan, deal, process.definition.stages[0].id, now)
        if new.acts:
            context = self._appending.context(process, organisation, terms.who, now, Mode.PAST)
            replay(deal, plan.deal_id, new.acts, context, now)
        return new

    def _give(self, entry: FeedEntry) -> Given:
        """Carry out one command; called from several threads."""
        try:
            answer = self._deals.execute(entry.envelope)
        except CommandRefused as refused:
            return Given(entry, reasons=refused.reasons)
        due = answer.in_progress and answer.next_due is not None and answer.next_due <= self._clock.now()
        asks = due and not entry.last and any(fact not in _MOVES_NOTHING for fact in answer.facts)
        return Given(entry, answer, waits_for=self._to_be_seen(answer.deal_id) if asks else None)

    def _to_be_seen(self, deal_id: str) -> int | None:
        deal, process = self._deals.load(deal_id)
        at = max(self._clock.now(), deal.recorded_at)
        context = self._appending.context(process, self._people(), _ENGINE, at)
        return deal.version if deal.in_progress and must_be_moved_first(deal, context) else None

    def _has_seen(self, deal_id: str, version: int) -> bool:
        row = self._schedule.get(deal_id)
        return row is None or not row.in_progress or row.seen_version >= version

    def _is_moving(self, course: Course, of: int = _OLDEST) -> bool:
        """Whether a workflow has seen one of the deals that were woken longest ago, since this was last asked."""
        seen = [
            deal_id
            for deal_id, version in islice(course.woken.items(), of)
            if (row := self._schedule.get(deal_id)) is None or row.seen_version >= version
        ]
        for deal_id in seen:
            del course.woken[deal_id]
        return bool(seen)

    def _wait_for_workflows(self, course: Course, stop: Event) -> float:
        """Until every wake has been seen, or nothing has happened for a while; when the last one was, 0 if none."""
        seen_at, quiet = 0.0, 0.0 if course.left.deals else self._settle
        quiet_until = monotonic() + quiet
        while course.woken and not stop.is_set():
            late = monotonic() > quiet_until
            if self._is_moving(course, len(course.woken) if late else _OLDEST):
                seen_at = monotonic()
                quiet_until = seen_at + self._settle
            elif late:
                break
            else:
                sleep(_LOOK_SECONDS)
        return seen_at

    def _count(self, course: Course) -> None:
        """The deals as they stand now, and what was appended to them since, by commands and by workflows."""
        organisation, deals = self._people(), course.timeline.deals()
        while group := list(islice(deals, DEALS_PER_APPEND)):
            loaded = self._store.load_many([f"deal/{deal_id}" for deal_id, _ in group])
            for deal_id, version in group:
                recorded = loaded.get(f"deal/{deal_id}", [])
                if deal := fold(recorded):
                    course.tally.stands(version, deal, organisation)
                    course.tally.appended([each.fact for each in recorded[version:]], ())
