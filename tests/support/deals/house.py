"""A house for tests of the command path: the real use cases on a store in memory, a clock that is set, a waker that notes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.application.commands.answers import Answer
from dealflow.application.commands.handle import Deals
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import EventStore
from dealflow.application.processes.publishing import NOBODY, Concern
from dealflow.application.processes.registry import Processes
from dealflow.application.reading.as_of import ReadDeals
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Fact
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.people.actor import ByToken
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.refusal import CommandRefused, Reason
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import PEOPLE, START, money, short, usual_actor
from tests.support.stores.memory_store import MemoryStore

F = TypeVar("F", bound=Fact)
OPERATIONS = c.Who(actor="ops")


@dataclass
class StoppedClock:
    """Stands until it is set."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def passes(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass
class NotingWaker:
    """Notes every hint; it reaches nobody, as when Temporal is away."""

    woken: list[tuple[str, int, int, datetime | None]] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)

    def wake(self, row: Scheduled, about: str) -> bool:
        self.woken.append((row.deal_id, row.opening, row.version, row.next_due))
        return False

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        self.told.append(list(recipients))
        return False


def no_digest(_key_id: str, _text: str) -> None:
    """The store in memory keeps what was asked in the clear, and has no keys."""


class House:
    """Everything a command needs, with the small sale published."""

    def __init__(
        self,
        people: Organisation = PEOPLE,
        definition: ProcessDefinition | None = None,
        seen: Callable[[EventStore], EventStore] = lambda store: store,
    ) -> None:
        self.store = MemoryStore()
        self.clock, self.waker, self.people = StoppedClock(), NotingWaker(), people
        self.through = seen(self.store)
        self.processes = processes_on(self.through, self.clock, lambda: self.people)
        self.processes.publish(definition or process_of(), who=OPERATIONS, command_id="publish-1")
        self.deals = Deals(self.through, self.processes, lambda: self.people, self.clock, lambda: self.waker, no_digest)
        # Another process on the same store, which nobody stands in the way of.
        self.elsewhere = Deals(
            self.store, self.processes, lambda: self.people, self.clock, lambda: self.waker, no_digest
        )
        self.reading = ReadDeals(self.store, self.processes, lambda: self.people, self.clock, None)
        self._commands = 0

    def do(
        self,
        *commands: c.Command,
        deal: str = "d1",
        who: str | None = None,
        on_behalf_of: str | None = None,
        command_id: str | None = None,
        deals: Deals | None = None,
        by: ByToken | None = None,
    ) -> Answer:
        """Somebody asks for this, under an id of its own unless one is named."""
        self._commands += 1
        envelope = c.Envelope(
            command_id=command_id or f"c{self._commands}",
            deal_id=deal,
            who=c.Who(actor=who or usual_actor(commands), on_behalf_of=on_behalf_of, by=by),
            commands=commands,
        )
        return (deals or self.deals).handle(envelope).answer

    def refused(self, *commands: c.Command, deal: str = "d1", who: str | None = None, on_behalf_of: str | None = None,
                command_id: str | None = None) -> Reason:  # fmt: skip
        """Somebody asks and is refused for one reason."""
        with pytest.raises(CommandRefused) as refusal:
            self.do(*commands, deal=deal, who=who, on_behalf_of=on_behalf_of, command_id=command_id)
        (reason,) = refusal.value.reasons
        return reason

    def opening(self, owner: str | None = "anna") -> c.OpenDeal:
        ref = self.processes.published()[0]
        return c.OpenDeal(title="A sale", process=ref, owner=owner, amount=money("1000"))

    def opened(self, deal: str = "d1") -> "House":
        """The deal is opened by anna."""
        self.do(self.opening(), deal=deal)
        return self

    def deal(self, deal_id: str = "d1") -> Deal:
        deal = fold(self.store.load(f"deal/{deal_id}"))
        assert deal is not None
        return deal

    def topics(self, deal_id: str = "d1") -> list[str]:
        """The names of the deal's facts, without `deal.` and the version."""
        return [short(recorded.fact) for recorded in self.store.load(f"deal/{deal_id}")]


def processes_on(
    store: EventStore,
    clock: StoppedClock,
    people: Callable[[], Organisation] = lambda: PEOPLE,
    concern: Concern = NOBODY,
) -> Processes:
    """The published processes with the real rules and calendars."""
    return Processes(store, clock, people, rules_of=CelRules, calendar_of=BusinessCalendars().get, concern=concern)


def proof(evidence_id: str, kind: str, **fields: str) -> c.RecordEvidence:
    """Evidence observed now."""
    return c.RecordEvidence(evidence_id=evidence_id, kind=kind, fields=fields)
