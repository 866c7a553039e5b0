"""Compares the store, which is right, with the workflows of Temporal, and mends these: the way back from any loss of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple, Protocol, TypeVar

from dealflow.application.engine.bounded import for_each
from dealflow.application.engine.relay import record
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Schedule, Scheduled
from dealflow.application.ports.workflow_starter import Woken, WorkflowStarter
from dealflow.domain.values.frozen import Frozen
from dealflow.observability.logs import Log, emit

T = TypeVar("T")
AT_ONCE = 16
PAGE = 1000
MOST_RECIPIENTS = 100_000
A_MOMENT = timedelta(minutes=1)
# The counts are complete; the list is for people.
MOST_LISTED = 1000

Kind = Literal["run_missing", "run_without_deal", "armed_late", "recipient_missing"]


class WorkflowRun(NamedTuple):
    """A running DealProgression: one opening of one run of one deal."""

    deal_id: str
    opening: int
    run: int = 1

    @classmethod
    def of(cls, row: Scheduled) -> "WorkflowRun":
        """The one that the schedule asks for."""
        return cls(row.deal_id, row.opening, row.run)


class RunningWorkflows(NamedTuple):
    """What a run does: it waits for `begins_at`, the end of its start delay (None: it has begun), or `looks` at its deal."""

    begins_at: datetime | None = None
    looks: bool = False  # or will, as soon as a worker has time


class Runs(Protocol):
    """The workflows that run now; every call raises TemporalUnreachable while the server is away."""

    def deals(self) -> AsyncIterator[WorkflowRun]:
        """All running DealProgressions; one that began a moment ago may be absent."""
        ...

    def people(self) -> AsyncIterator[str]:
        """All recipients whose PersonNotices runs; as above."""
        ...

    async def deal(self, run: WorkflowRun) -> RunningWorkflows | None:
        """This one, exactly; None when it does not run."""
        ...

    async def has_person(self, person_id: str) -> bool:
        """Whether this one runs, exactly."""
        ...

    async def end(self, run: WorkflowRun, reason: str) -> None:
        """Terminate it; one that has ended already is fine."""
        ...


class Difference(Frozen):
    """One thing in which Temporal differs from the store."""

    kind: Kind
    deal_id: str | None = None
    opening: int | None = None
    person: str | None = None


class Reconciled(Frozen):
    """What was compared, how often each kind of difference was found, and what became of it; a dry run mends nothing."""

    dry_run: bool
    deals: int
    runs: int
    recipients: int
    row_wrong: int = 0
    views_wrong: int = 0
    run_missing: int = 0
    run_without_deal: int = 0
    armed_late: int = 0
    recipient_missing: int = 0
    mended: int = 0
    failed: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing differed."""
        in_store = self.row_wrong or self.views_wrong
        in_temporal = self.run_missing or self.run_without_deal or self.armed_late or self.recipient_missing
        return not (in_store or in_temporal)


class Reconcile:
    """Reads the whole schedule and all running workflows; safe beside a running worker and relay."""

    def __init__(self, schedule: Schedule, outbox: Outbox, clock: UtcClock, wakes: WorkflowStarter, runs: Runs) -> None:
        self.schedule, self.outbox, self.clock, self.wakes, self.runs = schedule, outbox, clock, wakes, runs

    async def run(
        self, *, dry_run: bool = False, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> Reconciled:
        """Compare everything, and mend what differs unless it is a dry run; `progress` hears how many of how many."""
        emit(Log.RECONCILE_STARTED, dry_run=dry_run)
        with ThreadPoolExecutor(4, "reconcile") as threads:
            look = _Look(self, threads, dry_run=dry_run, progress=progress)
            done = await look.compare()
        emit(Log.RECONCILE_FINISHED, **done.model_dump(exclude={"differences"}))
        return done


class _Look:
    """One comparison under way, with what it has found so far."""

    def __init__(
        self, parts: Reconcile, threads: ThreadPoolExecutor, *, dry_run: bool, progress: Callable[[int, int], None]
    ) -> None:
        self._schedule, self._outbox, self._clock = parts.schedule, parts.outbox, parts.clock
        self._wakes, self._runs = parts.wakes, parts.runs
        self._threads, self._dry_run, self._progress = threads, dry_run, progress
        self._found: dict[Kind, int] = {}
        self._listed: list[Difference] = []
        self._mended = self._failed = self._done = self._total = 0

    async def compare(self) -> Reconciled:
        """Deals, runs that no deal needs, recipients."""
        running = {run async for run in self._runs.deals()}
        rows = [row async for row in self._in_progress()]
        awake = {person async for person in self._runs.people()}
        waiting = await self._blocking(lambda: self._outbox.recipients(MOST_RECIPIENTS))
        recipients = [person for person, _ in waiting]
        needless = running - {WorkflowRun.of(row) for row in rows}
        self._total = len(rows) + len(needless) + len(recipients)

        async def recipient(person_id: str) -> None:
            await self._recipient(person_id, awake)

        await self._each(rows, self._deal)
        await self._each(sorted(needless), self._needless)
        await self._each(recipients, recipient)
        return Reconciled(
            dry_run=self._dry_run,
            deals=len(rows),
            runs=len(running),
            recipients=len(recipients),
            mended=self._mended,
            failed=self._failed,
            differences=tuple(self._listed),
            **self._found,
        )

    async def _deal(self, row: Scheduled) -> None:
        # Not by the list, which shows for a moment what has ended, and not what a run that has not begun waits for.
        running = await self._runs.deal(WorkflowRun.of(row))
        if running and not is_armed_late(row, running, self._clock.now()):
            return
        # Read again: it may have moved, or ended, since the schedule was read.
        now_row = await self._blocking(lambda: self._schedule.get(row.deal_id))
        if now_row is None or not now_row.in_progress or not now_row.is_of(row.run, row.opening):
            return
        if running is None:
            await self._differs("run_missing", now_row)
        elif is_armed_late(now_row, running, self._clock.now()):
            await self._differs("armed_late", now_row)

    async def _differs(self, kind: Kind, row: Scheduled) -> None:
        self._note(Difference(kind=kind, deal_id=row.deal_id, opening=row.opening))
        if not self._dry_run:
            woken = await self._wakes.wake(row)
            await self._blocking(lambda: record(self._schedule, row, woken, self._clock.now()))
            self._mended += 1

    async def _needless(self, run: WorkflowRun) -> None:
        row = await self._blocking(lambda: self._schedule.get(run.deal_id))
        # Read again: it may have been opened since the schedule was read.
        if row is not None and row.in_progress and row.is_of(run.run, run.opening):
            return
        # And it may have ended: the list is a little behind.
        if await self._runs.deal(run) is None:
            return
        self._note(Difference(kind="run_without_deal", deal_id=run.deal_id, opening=run.opening))
        if not self._dry_run:
            await self._runs.end(run, "dealflow reconcile: no deal in progress has this opening")
            if row is not None and row.is_of(run.run, run.opening):
                # Nobody is left to see the wake of the closing.
                await self._blocking(lambda: record(self._schedule, row, Woken.ENDED, self._clock.now()))
            self._mended += 1

    async def _recipient(self, person_id: str, awake: set[str]) -> None:
        if person_id in awake or await self._runs.has_person(person_id):
            return
        self._note(Difference(kind="recipient_missing", person=person_id))
        if not self._dry_run:
            await self._wakes.wake_recipient(person_id)
            self._mended += 1

    def _note(self, difference: Difference) -> None:
        self._found[difference.kind] = self._found.get(difference.kind, 0) + 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append(difference)
        if not self._dry_run:
            emit(Log.RECONCILE_MENDED, "debug", **difference.model_dump(exclude_none=True))

    async def _each(self, items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
        async def one(item: T) -> None:
            try:
                await act(item)
            finally:
                self._done += 1
                self._progress(self._done, self._total)

        await for_each(items, one, at_once=AT_ONCE, failed=self._one_failed)

    def _one_failed(self, item: object, error: Exception) -> None:
        self._failed += 1
        emit(Log.RECONCILE_FAILED, "error", item=str(item), error=str(error), exc_info=error)

    async def _in_progress(self) -> AsyncIterator[Scheduled]:
        page = await self._blocking(lambda: self._schedule.in_progress("", PAGE))
        while page:
            for row in page:
                yield row
            after = page[-1].deal_id
            page = await self._blocking(partial(self._schedule.in_progress, after, PAGE))

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def is_armed_late(row: Scheduled, running: RunningWorkflows, now: datetime) -> bool:
    """Whether the deal is looked at later than it needs.

    A run waits for the end of its start delay, later for what it told when it last looked: that is what the row has, and
    what the relay goes by. An instant that has passed while nobody looked is none.
    """
    if row.next_due is None or running.looks:
        return False
    if row.armed_at is not None and row.armed_at > row.next_due:
        return True
    if running.begins_at is not None:
        # By the server's clock, and a moment after the delay was computed.
        return running.begins_at > row.next_due + A_MOMENT
    return row.armed_at is None or row.armed_at <= now - A_MOMENT
