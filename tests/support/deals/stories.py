"""One deal told in order: given a process and people, when someone acts or the engine looks, then these facts."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Fact, Recorded, Stamp
from dealflow.domain.deal.evolve import evolve, fold
from dealflow.domain.deal.stalls import Decided, EndedStall, Raised
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.decide.progress import progress
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.process.calendar import Calendar
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.process.rules import Rules
from dealflow.domain.track.gap import Tracks, tracks
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import CommandRefused, Reason
from dealflow.domain.values.written.amount import read_amount
from tests.support.deals.plain_process import PlainDays, PlainRules, process_of

# A Monday morning in Shanghai; no public holiday for a month.
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ENGINE = c.Who(actor="dealflow")

# anna and bob sell, mei manages them, dora directs, sun stands above her; zhou sells for somebody else, ops is operations.
PEOPLE = Organisation(
    people={
        person.id: person
        for person in (
            Person(id="anna", name="Anna", manager="mei"),
            Person(id="bob", name="Bob", manager="mei"),
            Person(id="mei", name="Mei", role="manager", manager="dora"),
            Person(id="dora", name="Dora", role="director", manager="sun"),
            Person(id="sun", name="Sun", role="director"),
            Person(id="zhou", name="Zhou", manager="lin"),
            Person(id="lin", name="Lin", role="director"),
            Person(id="ops", name="Ops", role="operations"),
        )
    }
)

F = TypeVar("F", bound=Fact)


def day(number: float) -> datetime:
    """So many plain days after the start."""
    return START + timedelta(days=number)


def money(written: str) -> Money:
    """An amount in yuan unless it names its currency."""
    return read_amount(written, "CNY")


def ref_of(definition: ProcessDefinition) -> ProcessRef:
    """The first version of this definition."""
    return ProcessRef(name=definition.name, version=1, digest="0" * 64)


def context(
    definition: ProcessDefinition,
    at: datetime,
    who: c.Who = ENGINE,
    people: Organisation = PEOPLE,
    *,
    rules: Rules | None = None,
    calendar: Calendar | None = None,
) -> Context:
    """What a decision needs, with rules that Python can say and a calendar of plain days unless others are given."""
    return Context(
        process=definition,
        ref=ref_of(definition),
        rules=rules or PlainRules(),
        calendar=calendar or PlainDays(),
        organisation=people,
        at=at,
        who=who,
    )


class Story:
    """A deal with its stream, told in order; time stands at the last act until another is named."""

    def __init__(
        self,
        definition: ProcessDefinition | None = None,
        *,
        people: Organisation = PEOPLE,
        rules: Rules | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        self.definition = definition or process_of()
        self.people = people
        self._rules, self._calendar = rules, calendar
        self.now = START
        self.recorded: list[Recorded] = []
        self._deal: Deal | None = None
        self._numbers: dict[str, int] = {}

    @property
    def deal(self) -> Deal:
        assert self._deal is not None
        return self._deal

    def ended(self, stall_id: str) -> EndedStall:
        """This stall, which has ended."""
        stall = self.deal.stalls[stall_id]
        assert isinstance(stall, EndedStall)
        return stall

    def decided(self, stall_id: str) -> Decided:
        """The answer that a person gave to this stall."""
        escalation = self.deal.stalls[stall_id].escalation
        assert isinstance(escalation, Decided)
        return escalation

    @property
    def raised(self) -> Raised:
        """The escalation of the only open stall."""
        (stall,) = self.deal.open_stalls
        assert isinstance(stall.escalation, Raised)
        return stall.escalation

    @property
    def tracks(self) -> Tracks:
        return tracks(self.deal, self.definition)

    def as_of(self, instant: datetime) -> Deal | None:
        """What was so at an instant, by all that is known."""
        return fold(r for r in self.recorded if r.fact.effective_at <= instant)

    def facts(self, kind: type[F]) -> list[F]:
        """All facts of a kind, oldest first."""
        return [r.fact for r in self.recorded if isinstance(r.fact, kind)]

    def last(self, kind: type[F]) -> F:
        """The latest fact of a kind."""
        return self.facts(kind)[-1]

    def topics(self, since: int = 0) -> list[str]:
        """The names of the facts, without `deal.` and the version."""
        return [short(r.fact) for r in self.recorded[since:]]

    def context(self, at: datetime, who: str = "dealflow", on_behalf_of: str | None = None) -> Context:
        by = c.Who(actor=who, on_behalf_of=on_behalf_of)
        return context(self.definition, at, by, self.people, rules=self._rules, calendar=self._calendar)

    def do(
        self, *commands: c.Command, at: datetime | None = None, who: str | None = None, on_behalf_of: str | None = None
    ) -> Decision:
        """Somebody acts, now or at a later instant: who, else anna, and for what comes from elsewhere operations."""
        self.now = at or self.now
        who = who or usual_actor(commands)
        decision = decide(Draft(self._deal, "d1", self.context(self.now, who, on_behalf_of)), commands)
        self.add(decision.facts, actor=who, on_behalf_of=on_behalf_of)
        return decision

    def refused(
        self, *commands: c.Command, at: datetime | None = None, who: str | None = None, on_behalf_of: str | None = None
    ) -> Reason:
        """Somebody acts and is refused for one reason; nothing has changed."""
        with pytest.raises(CommandRefused) as refusal:
            self.do(*commands, at=at, who=who, on_behalf_of=on_behalf_of)
        (reason,) = refusal.value.reasons
        return reason

    def progress(self, at: datetime | None = None) -> list[Fact]:
        """The engine looks, now or at a later instant."""
        self.now = at or self.now
        facts = progress(self.deal, self.context(self.now))
        self.add(facts)
        return facts

    def add(self, facts: Iterable[Fact], *, actor: str = "dealflow", on_behalf_of: str | None = None) -> None:
        """Put facts on record as the store would, in one command."""
        command_id = f"c{len(self.recorded) + 1}"
        for fact in facts:
            version = len(self.recorded) + 1
            stamp = Stamp(
                version=version,
                recorded_at=self.now,
                actor=actor,
                on_behalf_of=on_behalf_of,
                command_id=command_id,
                correlation_id=command_id,
                cause="test",
            )
            self.recorded.append(Recorded(stream="deal/d1", stamp=stamp, fact=fact))
            self._deal = evolve(self._deal, fact, stamp)

    def as_read(self, read: Callable[[Fact], Fact]) -> "Story":
        """The same deal, as a store reads its facts now."""
        self.recorded = [replace(each, fact=read(each.fact)) for each in self.recorded]
        self._deal = fold(self.recorded)
        return self

    # What people do most often, in few words.

    def opened(self, *, amount: str | None = "1000", owner: str | None = "anna", at: datetime = START) -> "Story":
        """The deal is opened by its owner."""
        self.do(opening(self.definition, amount=amount, owner=owner), at=at)
        return self

    def evidence(
        self,
        kind: str,
        at: datetime | None = None,
        *,
        observed: datetime | None = None,
        evidence_id: str | None = None,
        **fields: str | int,
    ) -> Decision:
        """Evidence is recorded; it was observed at the same instant unless another is named."""
        return self.do(self.evidence_of(kind, observed=observed, evidence_id=evidence_id, **fields), at=at)

    def evidence_of(
        self, kind: str, *, observed: datetime | None = None, evidence_id: str | None = None, **fields: str | int
    ) -> c.RecordEvidence:
        number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return c.RecordEvidence(
            evidence_id=evidence_id or f"{kind}{number}", kind=kind, observed_at=observed, fields=fields
        )

    def moved_to(self, stage: str) -> "Story":
        """The deal gets to this stage by evidence, at the present instant, and the engine moves it there."""
        for prove in _WAY:
            if self.deal.stage == stage:
                return self
            prove(self)
            self.progress()
        assert self.deal.stage == stage, self.deal.stage
        return self


_WAY: tuple[Callable[[Story], object], ...] = (
    lambda story: story.evidence("talk", whom="decider"),
    lambda story: story.evidence("need"),
    lambda story: story.evidence("offer", amount="600"),
    lambda story: story.evidence("payment", amount="100"),
    lambda story: story.evidence("payment", amount="900"),
    lambda story: story.evidence("referral", referred="Li"),
)


def usual_actor(commands: Iterable[c.Command]) -> str:
    """Who gives such commands where a test does not say."""
    for command in commands:
        if command.origin is not None or isinstance(command, c.ClaimStage | c.ClaimOutcome | c.ClaimOpen):
            return "ops"
        if isinstance(command, c.OpenDeal):
            return "anna" if command.owner == "anna" else "ops"
    return "anna"


def opening(definition: ProcessDefinition, *, amount: str | None = "1000", owner: str | None = "anna") -> c.OpenDeal:
    """The command that opens a deal of this process."""
    return c.OpenDeal(title="A sale", process=ref_of(definition), owner=owner, amount=money(amount) if amount else None)


def short(fact: Fact) -> str:
    """`deal.stage_advanced.v1` as `stage_advanced`."""
    return fact.topic.removeprefix("deal.").rpartition(".")[0]
