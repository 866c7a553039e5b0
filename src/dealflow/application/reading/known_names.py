"""Names that a question gives: one that exists nowhere is refused, with the nearest that does."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from dealflow.application.ports.store import EventUnreadable
from dealflow.application.reading.as_of import ReadDeals
from dealflow.application.reading.inventory import NONE
from dealflow.domain.clocks.stall import deal_of_stall
from dealflow.domain.decide import checks
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_id


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The deals, the stages and nodes of every published process, and the people.

    A question is checked where its list came out empty: an empty list for a slip of the pen would say something untrue.
    """

    deals: ReadDeals

    def check(
        self,
        *,
        deal: str | None = None,
        stall: str | None = None,
        process: str | None = None,
        stage: str | None = None,
        node: str | None = None,
        people: Iterable[str | None] = (),
    ) -> None:
        """Raise CommandRefused for the first name that is not known. None asks nothing, `none` for what has no such thing."""
        if deal is not None:
            self.deals.read(deal)
        if stall is not None:
            _check(Code.UNKNOWN_ESCALATION, stall, self.deals.read(deal_of_stall(stall)).deal.stalls)
        if process is not None:
            self.deals.processes.get(process)
        if stage is not None:
            _check(Code.UNKNOWN_STAGE, stage, (name for one in self._definitions() for name in one.stage_index))
        if node not in (None, NONE):
            _check(Code.UNKNOWN_NODE, node, (name for one in self._definitions() for name in one.nodes))
        for person in people:
            if person not in (None, NONE):
                self.check_person(person)

    def check_person(self, person: str) -> None:
        """The same for a person; where there is no people.yaml, anybody."""
        organisation = self.deals.people()
        if organisation.declared:
            _check(Code.UNKNOWN_PERSON, normal_id(person), organisation.people)

    @staticmethod
    def check_customer(customer: str, known: Collection[str]) -> None:
        """The same for a customer, whose deals are those that are known."""
        if customer not in known:
            raise refuse(Code.UNKNOWN_CUSTOMER, customer, given=customer, suggestion=nearest(customer, known))

    def _definitions(self) -> list[ProcessDefinition]:
        processes, found = self.deals.processes, list[ProcessDefinition]()
        for ref in processes.published():
            with suppress(EventUnreadable):
                found.append(processes.get(ref).definition)
        return found


def _check(code: Code, name: str, known: Iterable[str]) -> None:
    names = dict.fromkeys(known)
    if name not in names:
        raise checks.unknown(code, name, names)
