"""One deal told in order: given a process and people, when someone acts or the engine looks, then these facts."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import digest_of, load_process
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.events import Fact, Recorded, Stamp
from dealflow.domain.deal.evolve import evolve, fold
from dealflow.domain.deal.stalls import Decided, EndedStall, Raised
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.decide.progress import progress
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.track.position import Tracks, tracks
from dealflow.domain.values.money import Money, parse_money
from dealflow.domain.values.refusal import CommandRefused, Reason

PROCESS_DEFS = Path(__file__).parents[2] / "process_defs"
# A Monday morning in Shanghai; no public holiday for a month.
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ENGINE = c.Who(actor="dealflow")

# anna and bob sell, mei manages them, dora directs, sun stands above her; zhou sells for somebody else.
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
        )
    }
)

SMALL = """\
process: small
calendar: plain
currency: CNY
evidence:
  talk: {side: customer, fields: {whom: {one_of: [helper, decider]}}}
  need: {side: customer, fields: {budget: {integer: optional}}}
  question: {side: customer}
  offer: {side: customer, fields: {amount: money}}
  payment: {side: customer, fields: {amount: money}}
  referral: {side: customer, fields: {referred: {person: personal}}}
  order: {side: customer}
  reply: {side: customer}
stages:
  - id: meet
    milestones: [invited]
    nodes:
      - {id: helper_met, met_by: decider_met, standard: {evidence: talk, where: whom == "helper"}}
      - {id: decider_met, standard: {evidence: talk, where: whom == "decider", not_older_than: 30 days}}
    clocks: {stage_age: {limit: 10 days, warn: 8 days}}
  - id: learn
    milestones: [written_up]
    nodes:
      - {id: need_confirmed, standard: {evidence: need}}
      - {id: details_asked, optional: true, standard: {evidence: question, count: 2}}
    back_to: [meet]
    clocks: {stage_age: {limit: 5 days}}
  - id: haggle
    milestones: [quote_sent]
    nodes:
      - {id: price_named, standard: {evidence: offer, where: 'amount >= percent(deal.amount, 50)'}}
    back_to: [meet, learn]
    clocks: {stage_age: {limit: 5 days}}
  - id: sign
    wins: true
    milestones: [contract_sent]
    nodes:
      - {id: deposit_paid, standard: {evidence: payment, where: 'amount >= percent(deal.amount, 10)'}}
    back_to: [meet, learn, haggle]
    clocks: {stage_age: {limit: 5 days}}
  - id: collect
    nodes:
      - {id: paid_in_full, standard: {evidence: payment, sum: {field: amount, at_least: deal.amount}}}
    back_to: [learn, sign]
    clocks: {stage_age: {limit: 30 days}}
  - id: serve
    nodes:
      - {id: refers, optional: true, standard: {evidence: referral}, opens: {deal: referred, customer_field: referred}}
    back_to: [collect]
    closes_after: 20 days
  - id: again
    nodes:
      - {id: buys, optional: true, standard: {evidence: order}, opens: {deal: rebuy, process: small}}
    back_to: [serve]
    closes_after: 20 days
ladder:
  warning: [owner]
  rungs:
    - {after: 0 days, to: [owner, director]}
    - {after: 2 days, to: [director]}
    - {after: 4 days, to: [superior], high_risk: true}
decisions: {next_deadline: 3 days, cap: 20 days}
lost_reasons: [price, rival, refund]
"""

F = TypeVar("F", bound=Fact)


def day(number: float) -> datetime:
    """So many plain days after the start."""
    return START + timedelta(days=number)


def money(written: str) -> Money:
    """An amount in yuan unless it names its currency."""
    return parse_money(written, "CNY")


@cache
def process_of(text: str = SMALL) -> ProcessDefinition:
    """The definition that this template text gives; it must be without a fault."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.yaml"
        path.write_text(text, encoding="utf-8")
        definition, problems = load_process(path)
    assert definition is not None, problems
    return definition


def standard_sale() -> ProcessDefinition:
    """The shipped standard sale."""
    return process_of((PROCESS_DEFS / "standard-sale.yaml").read_text(encoding="utf-8"))


_CALENDARS = BusinessCalendars()


def context(definition: ProcessDefinition, at: datetime, who: c.Who = ENGINE, people: Organisation = PEOPLE) -> Context:
    """What a decision needs, with the real rules and the real calendar."""
    known = _known(definition)
    return Context(
        process=definition,
        ref=known[0],
        rules=known[1],
        calendar=_CALENDARS.get(definition.calendar),
        organisation=people,
        at=at,
        who=who,
    )


_KNOWN: dict[int, tuple[ProcessDefinition, ProcessRef, CelRules]] = {}


def _known(definition: ProcessDefinition) -> tuple[ProcessRef, CelRules]:
    # Definitions hold dicts and cannot be hashed; the entry keeps its definition alive, so that an id stays its own.
    if id(definition) not in _KNOWN:
        ref = ProcessRef(name=definition.name, version=1, digest=digest_of(definition))
        _KNOWN[id(definition)] = (definition, ref, CelRules(definition))
    _, ref, rules = _KNOWN[id(definition)]
    return ref, rules


class Story:
    """A deal with its stream, told in order; time stands at the last act until another is named."""

    def __init__(self, definition: ProcessDefinition | None = None, *, people: Organisation = PEOPLE) -> None:
        self.definition = definition or process_of()
        self.people = people
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
        return context(self.definition, at, c.Who(actor=who, on_behalf_of=on_behalf_of), self.people)

    def do(
        self, *commands: c.Command, at: datetime | None = None, who: str = "anna", on_behalf_of: str | None = None
    ) -> Decision:
        """Somebody acts, now or at a later instant."""
        self.now = at or self.now
        decision = decide(self._deal, "d1", commands, self.context(self.now, who, on_behalf_of))
        self.add(decision.facts, actor=who, on_behalf_of=on_behalf_of)
        return decision

    def refused(
        self, *commands: c.Command, at: datetime | None = None, who: str = "anna", on_behalf_of: str | None = None
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
        """Put facts on record as the store would."""
        for fact in facts:
            version = len(self.recorded) + 1
            stamp = Stamp(
                version=version,
                recorded_at=self.now,
                actor=actor,
                on_behalf_of=on_behalf_of,
                command_id=f"c{version}",
                correlation_id=f"c{version}",
                cause="test",
            )
            self.recorded.append(Recorded(stream="deal/d1", stamp=stamp, fact=fact))
            self._deal = evolve(self._deal, fact, stamp)

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


def opening(definition: ProcessDefinition, *, amount: str | None = "1000", owner: str | None = "anna") -> c.OpenDeal:
    """The command that opens a deal of this process."""
    ref, _ = _known(definition)
    return c.OpenDeal(title="A sale", process=ref, owner=owner, amount=money(amount) if amount else None)


def short(fact: Fact) -> str:
    """`deal.stage_advanced.v1` as `stage_advanced`."""
    return fact.topic.removeprefix("deal.").rpartition(".")[0]


def variant(*changes: tuple[str, str], text: str = SMALL) -> ProcessDefinition:
    """A template with some places written otherwise."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the template"
        text = text.replace(old, new)
    return process_of(text)
