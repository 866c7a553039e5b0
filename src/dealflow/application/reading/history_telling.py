"""One event as a sentence: the values of its fact, in the wording of the deal's process version and the reader's zone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from dealflow.application.reading.history_words import ENDS_BY_ITSELF, SAYINGS, WORDS
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, wording
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.money import Money
from dealflow.wording.phrases import length_text, word_text
from dealflow.wording.sentences import filled, one_line

_STAGES = ("stage", "from_stage", "to_stage")
_PEOPLE = ("owner", "previous", "author", "recipients")
_NODES = ("node", "reopened_nodes", "unproven", "missing")


@dataclass(frozen=True, slots=True)
class Telling:
    """For whom it is told: the wording of the deal's process version, the language, the zone, the people's names."""

    process: ProcessDefinition | None
    language: str
    zone: tzinfo
    organisation: Organisation

    def sentence(self, fact: e.Fact, deal: Deal | None) -> str:
        """What happened, on one line; `deal` is its state after the fact."""
        ends_by_itself = isinstance(fact, e.GateMet) and fact.how == "closes_after"
        saying = ENDS_BY_ITSELF if ends_by_itself else SAYINGS[fact.topic]
        values = {
            name: self._value(name, value, fact) for name, value in fact if name not in ("effective_at", "origin")
        }
        values.update(self._more(fact, deal))
        template = saying.zh if self.language == "zh" else saying.en
        return filled(template, {name: text for name, text in values.items() if text}).strip()

    def _value(self, name: str, value: Any, fact: e.Fact) -> str:
        if value is None or value in ("", (), {}):
            return ""
        if name in _STAGES:
            return self._stage(str(value))
        if name in _NODES:
            return self._listed(self._node(node) for node in ((value,) if isinstance(value, str) else value))
        if name in _PEOPLE:
            return self._listed(self._person(person) for person in ((value,) if isinstance(value, str) else value))
        if isinstance(value, bool):
            return self._word("flag", name) if value else ""
        if name == "how":
            return self._word(fact.topic, str(value))
        if name in WORDS:
            return self._word(name, str(value))
        return self._plain(value)

    def _more(self, fact: e.Fact, deal: Deal | None) -> dict[str, str]:
        """What needs more than one field to be said."""
        match fact:
            case e.DealAmended():
                named = {name: getattr(fact, name) for name in ("title", "customer", "amount", "attributes")}
                said = (f"{self._word('field', n)} {self._plain(v)}" for n, v in named.items() if v is not None)
                return {"changes": self._listed(said)}
            case e.StageClaimed() if deal and self.process:
                before = self.process.stages[: self.process.stage_index.get(fact.to_stage, 0)]
                nodes = (node for stage in before for node in open_nodes(deal, self.process, stage.id))
                return {"unproven": self._listed(self._node(node) for node in nodes)}
            case e.EvidenceRecorded():
                kind = self.process.evidence.get(fact.kind) if self.process else None
                return {"kind": one_line(wording(kind.title if kind else {}, self.language, fact.kind))}
            case e.DealWon() if deal and deal.amount:
                return {"amount": self._plain(fact.amount or deal.amount)}
            case e.DealLost():
                return {"reason": self._lost_reason(fact.reason)}
            case e.MilestoneRecorded():
                known = self.process.milestones.get(fact.milestone) if self.process else None
                return {"milestone": one_line(wording(known[1].title if known else {}, self.language, fact.milestone))}
            case e.StepDone():
                step = deal.steps.get(fact.step_id) if deal else None
                return {"step": one_line(step.what if step else fact.step_id)}
            case e.ClockStarted():
                # A deadline that a person set has nothing to do with the limit.
                limit = {"limit": ""} if fact.granted else {}
                provisional = self._word("flag", "provisional") if fact.due.provisional else ""
                return {**limit, "due": self._plain(fact.due.due_at), "provisional": provisional}
            case e.RungReached():
                return {"rung": str(fact.rung + 1)}
            case e.EscalationDecided():
                return {"details": self._details(fact)}
            case e.ProcessPublished():
                return {"title": one_line(wording(fact.title, self.language, ""))}
        return {}

    def _details(self, fact: e.EscalationDecided) -> str:
        shown: dict[str, Callable[[str], str]] = {
            "reassign": self._person,
            "waive": self._node,
            "back": self._stage,
            "lose": self._lost_reason,
        }
        said = (
            f"{self._word('field', name)} "
            + (
                self._plain(datetime.fromisoformat(value))
                if name == "until"
                else shown.get(fact.decision, one_line)(value)
            )
            for name, value in fact.details.items()
        )
        return self._listed(said)

    def _plain(self, value: Any) -> str:
        match value:
            case datetime():
                return value.astimezone(self.zone).isoformat(sep=" ", timespec="minutes")
            case e.Customer():
                return one_line(value.name or value.id)
            case e.Link():
                return one_line(value.deal_id)
            case Money() | int():
                return str(value)
            case dict():
                return self._listed(f"{key} = {item}" for key, item in value.items())
            case list() | tuple():
                return self._listed(one_line(str(item)) for item in value)
        return one_line(word_text(length_text(str(value), self.language), self.language))

    def _stage(self, stage: str) -> str:
        known = self.process is not None and stage in self.process.stage_index
        return one_line(
            wording(self.process.stage(stage).title if self.process and known else {}, self.language, stage)
        )

    def _node(self, node: str) -> str:
        known = self.process.nodes.get(node) if self.process else None
        return one_line(wording(known.title if known else {}, self.language, node))

    def _lost_reason(self, reason: str) -> str:
        reasons = self.process.lost_reasons if self.process else ()
        title = next((known.title for known in reasons if known.id == reason), {})
        return one_line(wording(title, self.language, reason))

    def _person(self, person: str) -> str:
        known = self.organisation.people.get(person)
        return one_line(known.name if known else person)

    def _word(self, kind: str, word: str) -> str:
        saying = WORDS[kind].get(word)
        return one_line(word) if saying is None else saying.zh if self.language == "zh" else saying.en

    def _listed(self, items: Iterable[str]) -> str:
        return one_line(("、" if self.language == "zh" else ", ").join(items))
