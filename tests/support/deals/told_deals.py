"""One deal told by commands at chosen instants, without a store: decided by the real rules, folded from the real events."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import load_process
from dealflow.application.processes.registry import ProcessInForce
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Customer, Fact, Recorded, Stamp
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.decide.progress import progress
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.money import Money
from tests.support.deals.plain_process import digest_of
from tests.support.paths import PROCESS_DEFS


@cache
def process_in_force(name: str = "standard-sale") -> ProcessInForce:
    """A shipped process as if it had just been published."""
    definition, problems = load_process(PROCESS_DEFS / f"{name}.yaml")
    assert definition is not None, problems
    ref = ProcessRef(name=definition.name, version=1, digest=digest_of(definition))
    return ProcessInForce(ref, definition, CelRules(definition), BusinessCalendars().get(definition.calendar))


PEOPLE = Organisation(
    people={
        person.id: person
        for person in (
            Person(id="chen", name="Chen Jie", role="director"),
            Person(id="boss", name="Boss Bao", role="director"),
            Person(id="li", name="Li Lei", manager="chen"),
            Person(id="wang", name="Wang Wei", manager="boss"),
            Person(id="ops", name="Ops", role="operations"),
        )
    }
)


def day(number: int, hour: int = 2) -> datetime:
    """Day `number` of January 2026 at `hour` UTC; from 5 to 9 and from 12 to 16 are working days in China."""
    return datetime(2026, 1, number, hour, tzinfo=UTC)


def _actor(deal: Deal | None, commands: Sequence[c.Command]) -> str:
    if deal is None:
        return next((each.owner for each in commands if isinstance(each, c.OpenDeal) and each.owner), "ops")
    if any(each.origin or isinstance(each, c.ClaimStage | c.ClaimOutcome | c.ClaimOpen) for each in commands):
        return "ops"
    return deal.owner or "chen"


class ToldDeal:
    """Commands and looks of the workflow in order; every act is one command with an id of its own."""

    def __init__(
        self,
        deal_id: str = "d1",
        process: ProcessInForce | None = None,
        *,
        owner: str | None = "li",
        customer: Customer | None = Customer(id="acme", name="ACME 有限公司"),  # noqa: B008  it is frozen
        amount: Money | None = Money(minor=10_000_00, currency="CNY"),  # noqa: B008  it is frozen
        opened: datetime = day(5),  # noqa: B008  a constant
        organisation: Organisation = PEOPLE,
    ) -> None:
        self.deal_id, self.organisation = deal_id, organisation
        self.process = process or process_in_force()
        self.recorded: list[Recorded] = []
        opening = c.OpenDeal(
            title="100 desks", process=self.process.ref, owner=owner, customer=customer, amount=amount, opened_at=opened
        )
        self.does(opened, opening)

    @property
    def deal(self) -> Deal:
        """Its state now."""
        deal = fold(self.recorded)
        assert deal is not None
        return deal

    def does(
        self, at: datetime, *commands: c.Command, who: str | None = None, recorded_at: datetime | None = None
    ) -> "ToldDeal":
        """Somebody asks for this: who, else the owner, and operations for what comes from elsewhere or nobody owns.

        `recorded_at` is later where the system learned of it late.
        """
        deal = fold(self.recorded)
        context = self._context(recorded_at or at, who or _actor(deal, commands))
        self._record(decide(Draft(deal, self.deal_id, context), commands).facts, context, "command")
        return self

    def evidence(self, at: datetime, evidence_id: str, kind: str, **fields: object) -> "ToldDeal":
        """The customer did something at this instant; it is recorded at once."""
        return self.does(at, c.RecordEvidence(evidence_id=evidence_id, kind=kind, fields=fields, observed_at=at))

    def looks(self, at: datetime) -> "ToldDeal":
        """The workflow does what is due by this instant."""
        context = self._context(at, "dealflow")
        self._record(progress(self.deal, context), context, "progress")
        return self

    def _context(self, at: datetime, who: str) -> Context:
        process = self.process
        return Context(
            process=process.definition,
            ref=process.ref,
            rules=process.rules,
            calendar=process.calendar,
            organisation=self.organisation,
            at=at,
            who=c.Who(actor=who),
            mode=Mode.LIVE,
        )

    def _record(self, facts: Sequence[Fact], context: Context, cause: str) -> None:
        command_id = f"{cause}-{len(self.recorded) + 1}"
        for fact in facts:
            stamp = Stamp(
                version=len(self.recorded) + 1,
                recorded_at=context.at,
                actor=context.who.actor,
                command_id=command_id,
                correlation_id=command_id,
                cause=cause,
            )
            self.recorded.append(Recorded(stream=f"deal/{self.deal_id}", stamp=stamp, fact=fact))


def contact(story: ToldDeal, at: datetime, evidence_id: str = "e1") -> ToldDeal:
    """Evidence that meets the first node of the standard sale."""
    fields = {"channel": "wechat", "phone": "+86 138 0000 0000", "added_on": f"{at:%Y-%m-%d}"}
    return story.evidence(at, evidence_id, "messenger_contact", **fields)


def meeting(story: ToldDeal, at: datetime, evidence_id: str, met: str = "decider") -> ToldDeal:
    """A talk that meets the second stage's node for whom it was with."""
    summary = "They want to decide before the spring festival."
    fields = {"with": met, "held_on": f"{at:%Y-%m-%d}", "summary": summary}
    return story.evidence(at, evidence_id, "meeting_note", **fields)


def payment(story: ToldDeal, at: datetime, evidence_id: str, amount: str) -> ToldDeal:
    """Money that came in."""
    fields = {"amount": amount, "paid_on": f"{at:%Y-%m-%d}", "receipt": f"R-{evidence_id}"}
    return story.evidence(at, evidence_id, "payment", **fields)
