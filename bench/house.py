"""A system of ours with deals to move: one stage after another, each left by one piece of evidence."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

from bench.rig import Rig, environment_of
from dealflow.adapters.processes.reader import load_process
from dealflow.application.commands.answers import Answer
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c

STAGES = 6
WHO = c.Who(actor="anna")
PEOPLE = """
people:
  - {id: anna, name: Anna, manager: dora}
  - {id: dora, name: Dora, role: director}
  - {id: ops, name: Ops, role: operations}
"""
_HEAD = """
process: steps
title: {en: Steps}
calendar: plain
evidence:
"""
_EVIDENCE = "  proof_{n}: {{side: customer, title: {{en: Proof}}, fields: {{summary: {{type: text, title: {{en: Summary}}}}}}}}\n"
_STAGE = """
  - id: step_{n}
    title: {{en: Step {n}}}{wins}
    nodes: [{{id: node_{n}, title: {{en: Node}}, standard: {{evidence: proof_{n}, says: {{en: A proof.}}}}}}]
    clocks: {{stage_age: {{limit: 10 days}}}}"""
_TAIL = """
ladder:
  rungs: [{after: 0 days, to: [owner, director]}]
lost_reasons: [{id: price, title: {en: Price}}]
"""
# As long as what the plain store is given.
SUMMARY = "The customer has confirmed the need in writing: forty seats, from the first of next quarter."


class House:
    """Opens deals and proves the node of the stage that each is in, at most one fewer times than there are stages."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._process = system.processes.get("steps").ref
        self._proven: dict[str, int] = {}
        self._numbers = count(1)

    def open(self, deal_id: str) -> Answer:
        """A new deal in the first stage."""
        return self._execute(deal_id, c.OpenDeal(title=f"Deal {deal_id}", process=self._process, owner="anna"))

    def prove(self, deal_id: str) -> Answer:
        """The evidence that opens the gate of its present stage."""
        n = self._proven[deal_id] = self._proven.get(deal_id, 0) + 1
        proof = c.RecordEvidence(evidence_id=f"{deal_id}-{n}", kind=f"proof_{n}", fields={"summary": SUMMARY})
        return self._execute(deal_id, proof)

    def _execute(self, deal_id: str, command: c.Command) -> Answer:
        envelope = c.Envelope(command_id=f"bench-{next(self._numbers)}", deal_id=deal_id, who=WHO, commands=(command,))
        return self.system.deals.handle(envelope).answer


@contextmanager
def open_house(rig: Rig, database_url: str, *, queue: str = "ours", worker: bool = False) -> Iterator[House]:
    """On an empty database, with hints; `worker` starts `dealflow worker` beside it."""
    settings = rig.settings(database_url=database_url, queue=queue)
    (settings.home / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    template = settings.home / "steps.yaml"
    template.write_text(_template(), encoding="utf-8")
    with ExitStack() as kept:
        system = kept.enter_context(open_system(settings))
        definition, problems = load_process(template, calendars=system.calendars)
        assert definition is not None, problems
        system.processes.publish(definition, who=c.Who(actor="ops"), command_id="publish")
        if worker:
            kept.enter_context(rig.process("dealflow", "worker", environment=environment_of(settings)))
        yield House(system)


def _template() -> str:
    numbers = range(1, STAGES + 1)
    stages = [_STAGE.format(n=n, wins="\n    wins: true" if n == STAGES else "") for n in numbers]
    return _HEAD + "".join(_EVIDENCE.format(n=n) for n in numbers) + "stages:" + "".join(stages) + _TAIL
