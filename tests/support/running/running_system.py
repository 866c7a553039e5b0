"""A real system in a temporary folder, with its worker and relay run inside the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper

from dealflow.adapters.processes.reader import load_process
from dealflow.adapters.temporal.client import connect
from dealflow.application.commands.answers import Answer
from dealflow.application.engine.relay import Pace
from dealflow.application.ports.schedule import Scheduled
from dealflow.bootstrap import System, open_system
from dealflow.cli.user import os_user
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal
from dealflow.settings import Settings
from dealflow.worker import run_relay, run_worker
from dealflow_workflows.contracts import deal_workflow_id
from tests.support.waiting import LONGEST_SECONDS
from tests.support.workers.silent_waker import SilentWaker

PEOPLE = """
people:
  - {{id: {seller}, name: Anna, manager: {director}, users: [{user}]}}
  - {{id: {director}, name: Dora, role: director}}
  - {{id: ops, name: Ops, role: operations}}
"""
TWO_STEPS = """
process: two-steps
title: {{en: Two steps}}
calendar: plain
evidence:
  note:
    title: {{en: Note}}
    side: customer
    fields: {{summary: {{type: text, title: {{en: Summary}}}}}}
  order:
    title: {{en: Order}}
    side: customer
    fields: {{number: {{type: text, title: {{en: Number}}}}}}
stages:
  - id: learn
    title: {{en: Learn}}
    nodes: [{{id: need_confirmed, title: {{en: Need confirmed}}, standard: {{evidence: note, says: {{en: A note.}}}}}}]
    clocks: {{stage_age: {{limit: {learn}}}}}
  - id: sign
    title: {{en: Sign}}
    wins: true
    nodes: [{{id: order_signed, title: {{en: Order signed}}, standard: {{evidence: order, says: {{en: An order.}}}}}}]
    clocks: {{stage_age: {{limit: {sign}}}}}
ladder:
  rungs: [{{after: 0 days, to: [owner, director]}}]
lost_reasons: [{{id: price, title: {{en: Price}}}}]
"""
QUICK = Pace(every=0.1, grace=0.3, check_server_every=0.5)
# For stories in which what was woken once is to be woken again.
IMPATIENT = Pace(every=0.1, grace=0.3, check_server_every=0.5, patience=2)
_numbers = count(1)


@dataclass
class RunningSystem:
    """A system with a process of two steps and two people; commands go through its own command path."""

    system: System
    seller: str
    director: str
    _client: Client | None = field(default=None)

    @property
    def settings(self) -> Settings:
        return self.system.settings

    def execute(self, deal_id: str, *commands: Any, by: str = "") -> Answer:
        """One command line's worth of commands, as Anna or as somebody else."""
        who = c.Who(actor=by or self.seller)
        envelope = c.Envelope(command_id=f"test-{next(_numbers)}", deal_id=deal_id, who=who, commands=commands)
        return self.system.deals.handle(envelope).answer

    def open(self, deal_id: str) -> Answer:
        """A new deal of Anna's in the first step."""
        process = self.system.processes.get("two-steps").ref
        return self.execute(deal_id, c.OpenDeal(title=f"Deal {deal_id}", process=process, owner=self.seller))

    def prove_need(self, deal_id: str) -> Answer:
        """The evidence that lets the deal leave the first step."""
        return self.execute(
            deal_id, c.RecordEvidence(evidence_id=f"{deal_id}-need", kind="note", fields={"summary": "needs it"})
        )

    def sign(self, deal_id: str) -> Answer:
        """The evidence that wins the deal and, since it was the last step, ends its life."""
        return self.execute(
            deal_id, c.RecordEvidence(evidence_id=f"{deal_id}-order", kind="order", fields={"number": "7"})
        )

    def deal(self, deal_id: str) -> Deal:
        """The deal as it stands."""
        return self.system.reading.read(deal_id).deal

    def row(self, deal_id: str) -> Scheduled:
        """Its row in the schedule."""
        row = self.system.schedule.get(deal_id)
        assert row is not None
        return row

    def facts(self, deal_id: str) -> list[str]:
        """The topics of its events in order."""
        return [recorded.fact.topic for recorded in self.system.store.load(f"deal/{deal_id}")]

    async def client(self) -> Client:
        """A client of its own, which moves workflows' clocks."""
        if self._client is None:
            self._client = await connect(self.settings)
        return self._client

    async def handle(self, deal_id: str, opening: int = 1) -> WorkflowHandle[Any, Any]:
        """The deal's workflow."""
        return (await self.client()).get_workflow_handle(deal_workflow_id(deal_id, opening))

    async def pass_time(self, deal_id: str, length: timedelta, opening: int = 1) -> None:
        """Move the clock of the deal's workflow."""
        await TimeSkipper(await self.client()).fast_forward(await self.handle(deal_id, opening), length)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """The worker runs inside the block."""
        async with _until_left(lambda stop: run_worker(self.system, stop)):
            yield

    @asynccontextmanager
    async def relay(self, pace: Pace = QUICK) -> AsyncIterator[None]:
        """The relay runs inside the block."""
        async with _until_left(lambda stop: run_relay(self.system, stop, pace)):
            yield


# Opens a system by the options of `running_system`; where it is kept, the fixture knows.
House = Callable[..., AbstractContextManager[RunningSystem]]


@contextmanager
def running_system(
    home: Path,
    address: str,
    *,
    learn: str = "10 days",
    sign: str = "20 days",
    hints: bool = False,
    database: str = "",
    channel: str = "file:",
) -> Iterator[RunningSystem]:
    """Open it with a task queue and people of its own; without `hints` only the relay wakes anybody."""
    home.mkdir(parents=True, exist_ok=True)
    # Workflow ids are made of people's ids, and many tests share one server.
    seller, director = f"anna-{home.name}", f"dora-{home.name}"
    template = home / "two-steps.yaml"
    template.write_text(TWO_STEPS.format(learn=learn, sign=sign))
    settings = Settings.load(
        home=home,
        temporal_address=address,
        temporal_queue=f"test-{home.name}",
        zone="UTC",
        database_url=database,
        default_channels=[channel],
    )
    with open_system(settings, None if hints else SilentWaker()) as system:
        definition, problems = load_process(template, calendars=system.calendars)
        assert definition is not None, problems
        system.processes.publish(definition, who=c.Who(actor="ops"), command_id="publish")
        # Only now, so that no director is told of the publication: what tests count is told of deals.
        (home / "people.yaml").write_text(PEOPLE.format(seller=seller, director=director, user=os_user()))
        yield RunningSystem(system, seller, director)


@asynccontextmanager
async def _until_left(run: Callable[[asyncio.Event], Any]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, LONGEST_SECONDS)
