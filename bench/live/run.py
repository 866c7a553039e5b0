"""Feeds a log live: one command for each deal and instant, in the order of the log's time, through the path of every command."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from bench.live.acts import must_be_moved_first, undated
from bench.live.report import LiveReport
from bench.live.scheduler import PATIENCE_SECONDS, LiveEntry, NoWorkflowMoves, Scheduler
from dealflow.adapters.imports.logs.plans import LogPlans
from dealflow.adapters.imports.logs.survey import survey
from dealflow.adapters.imports.logs.xes_file import XesFile
from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.application.imports.following.changes import outstanding
from dealflow.application.imports.plans import DealPlan
from dealflow.bootstrap import System
from dealflow.domain.deal import commands as c

_LOOK_SECONDS = 0.05
_MOVES_NOTHING = ("deal.activity_recorded.v1",)
_ENGINE = c.Who(actor="dealflow")


def plans_of(system: System, file: Path, mapping: Path) -> list[DealPlan]:
    """The deals of a log, as an import would take them in; a log with a record that cannot be used is not measured."""
    read, log = read_log_mapping(mapping, system.processes.get), XesFile(file)
    found = list(LogPlans(log, survey(log, read), read, system.clock.now(), None))
    plans = [item for item in found if isinstance(item, DealPlan)]
    if len(plans) < len(found):
        raise ValueError(f"{file}: {len(found) - len(plans)} records cannot be used")
    return plans


def events_of(plan: DealPlan) -> int:
    """How many events of a trace stand for something; the others cost nothing."""
    return len({act.origin.row for _, act in plan.acts if act.origin and act.act != "open"})


@dataclass
class LiveFeed:
    """One log fed to a system that has none of its deals; worker and relay of the system run elsewhere."""

    system: System
    who: c.Who
    patience_seconds: float = PATIENCE_SECONDS
    _woken: dict[str, int] = field(default_factory=dict, init=False)

    def run(self, plans: list[DealPlan]) -> LiveReport:
        """Give every command, and wait until the workflow of each deal has seen its last wake."""
        entries = [entry for _, entry in sorted(self._entries(plans), key=lambda each: each[0])]
        begun = monotonic()
        Scheduler(self._give, self._has_seen, patience_seconds=self.patience_seconds).run(entries)
        self._wait()
        seconds = monotonic() - begun
        return LiveReport(len(plans), sum(map(events_of, plans)), len(entries), seconds)

    def _entries(self, plans: Iterable[DealPlan]) -> Iterator[tuple[datetime, LiveEntry]]:
        now = self.system.clock.now()
        for plan in plans:
            process = self.system.processes.get(plan.opening.process)
            acts = outstanding(plan, None, process.definition.stages[0].id, now).acts
            instants = list(undated(acts))
            for number, (at, commands) in enumerate(instants, start=1):
                command_id = f"live/{plan.deal_id}/{number}"
                envelope = c.Envelope(command_id=command_id, deal_id=plan.deal_id, who=self.who, commands=commands)
                yield at, LiveEntry(envelope, last=number == len(instants))

    def _give(self, entry: LiveEntry) -> int | None:
        """Carry out one command; the version that the workflow must see before the next one. Called from several threads."""
        answer = self.system.deals.handle(entry.envelope).answer
        if answer.wake:
            self._woken[answer.deal_id] = answer.version
        due = answer.in_progress and answer.next_due is not None and answer.next_due <= self.system.clock.now()
        asks = due and not entry.last and any(fact not in _MOVES_NOTHING for fact in answer.facts)
        return self._to_be_seen(answer.deal_id) if asks else None

    def _to_be_seen(self, deal_id: str) -> int | None:
        read = self.system.reading.read(deal_id)
        deal, process = read.deal, read.process
        at = max(self.system.clock.now(), deal.recorded_at)
        context = process.context(self.system.people.current(), _ENGINE, at)
        return deal.version if deal.in_progress and must_be_moved_first(deal, context) else None

    def _has_seen(self, deal_id: str, version: int) -> bool:
        row = self.system.schedule.get(deal_id)
        return row is None or not row.in_progress or row.seen_version >= version

    def _wait(self) -> None:
        until = monotonic() + self.patience_seconds
        for deal_id, version in self._woken.items():
            while not self._has_seen(deal_id, version):
                if monotonic() > until:
                    raise NoWorkflowMoves(f"{deal_id}: no workflow has seen version {version}")
                sleep(_LOOK_SECONDS)
            until = monotonic() + self.patience_seconds
