"""One event as a sentence: its values in the wording of the deal's process version, in the reader's language and zone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal, EvidenceStatus, NodeState, NodeStatus
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import Field, ProcessDefinition
from dealflow.domain.track.position import open_nodes
from dealflow.domain.values.language import Worded, in_language
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import phrase
from dealflow.wording.catalogue import Catalogue, catalogue
from dealflow.wording.history_sentences import (
    ALONE,
    AS_BEFORE,
    BEFORE,
    BEHIND_A_REASON,
    BEHIND_AN_END,
    BY_EVIDENCE,
    BY_THE_AMOUNT,
    ENDS_BY_ITSELF,
    FLAGS,
    PARTICULARS,
    SAID_OTHERWISE,
    SENTENCES,
    STILL_LOST,
)
from dealflow.wording.lengths import length
from dealflow.wording.terms import Kind, term

_MOST_OF_A_FIELD = 60
# Why another system has ended a deal, where no row of it says so.
_REASONS_OF_SOURCES = {"not_in_export": phrase("gone from the full export")}
_OF_HOUSE = (e.PeopleLoaded, e.CalendarsLoaded, e.ImportBegun)
# What a sentence ends with; a reason that somebody gave need not.
_ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
_STAGES = ("stage", "from_stage", "to_stage")
_PEOPLE = ("owner", "person", "previous", "author", "recipients", "released")
_NODES = ("node", "reopened_nodes", "unproven", "missing")
# Fields that hold an id with words of its own; how something came about is said by the kind of the fact.
_TERMS: Mapping[str, Kind] = {
    "side": "side",
    "clock": "clock",
    "basis": "basis",
    "outcome": "outcome",
    "decision": "decision",
    "deal.node_reversed.v1.why": "evidence",
    "deal.gate_met.v1.how": "gate_met",
    "deal.proof_lost.v1.why": "lost_why",
    "deal.proof_regained.v1.how": "regained",
    "deal.closed.v1.how": "closed",
    "deal.stall_ended.v1.how": "stall_ended",
}


@dataclass(frozen=True, slots=True)
class FactTeller:
    """For whom facts are told: the wording of the deal's process version, the language, the zone, the people's names."""

    process: ProcessDefinition | None
    language: str
    zone: tzinfo
    organisation: Organisation

    def __call__(self, fact: e.Fact, deal: Deal | None) -> str:
        """What happened, on one line; `deal` is its state after the fact."""
        sentence = self._says.text(_sentence(fact, deal))
        values = {
            name: self._value(name, value, fact) for name, value in fact if name not in ("effective_at", "origin")
        }
        more = _of_house(fact) if isinstance(fact, _OF_HOUSE) else self._more(fact, deal)
        said = self._says.shortened(sentence, {**values, **more})
        if not getattr(fact, "alone", False):
            return said
        behind = BEHIND_AN_END if said.endswith(_ENDS) else BEHIND_A_REASON
        return self._says.shortened(self._says.text(behind), {"said": said, "more": self._says.text(ALONE)})

    @property
    def _says(self) -> Catalogue:
        return catalogue(self.language, self.zone)

    def _value(self, name: str, value: Any, fact: e.Fact) -> Any:
        if value is None or value in ("", (), {}):
            return None
        if name in _STAGES:
            return self._stage(str(value))
        if name in _NODES:
            return [self._node(node) for node in _each(value)]
        if name in _PEOPLE:
            return [self._person(person) for person in _each(value)]
        if isinstance(value, bool):
            return FLAGS.get(name) if value else None
        kind = _TERMS.get(name) or _TERMS.get(f"{fact.topic}.{name}")
        if kind is not None:
            return term(kind, str(value))
        return length(value) if name == "limit" else self._plain(value)

    def _more(self, fact: e.Fact, deal: Deal | None) -> dict[str, Any]:
        """What needs more than one field to be said."""
        match fact:
            case e.DealAmended() | e.FieldsCleared():
                return {"changes": list(self._changes(fact))}
            case e.StageClaimed() if deal and self.process:
                before = self.process.stages[: self.process.stage_index.get(fact.to_stage, 0)]
                nodes = (node for stage in before for node in open_nodes(deal, self.process, stage.id))
                inferred = phrase("No row says so: it is inferred.") if fact.origin and fact.origin.inferred else None
                return {"unproven": [self._node(node) for node in nodes], "inferred": inferred}
            case (
                e.DealOpened()
                | e.ImportUndone()
                | e.DealReopened()
                | e.StageMovedBack()
                | e.ClaimAgrees()
                | e.ClaimNotApplied()
                | e.DatesCorrected()
            ):
                return self._of_another_system(fact, deal)
            case e.EvidenceRecorded():
                kind = self.process.evidence.get(fact.kind) if self.process else None
                return {"kind": in_language(kind.title if kind else {}, self.language, fact.kind)}
            case e.EvidenceCorrected():
                return {"changes": self._corrections(fact, deal), "unconfirmed": self._unconfirmed(fact)}
            case e.EvidenceWithdrawn() | e.EvidenceDisputed():
                return {"unconfirmed": self._unconfirmed(fact)}
            case e.EvidenceSetAside() | e.EvidenceCountsAgain():
                piece = deal.evidence.get(fact.evidence_id) if deal else None
                doubted = piece.status.value if piece and piece.status is not EvidenceStatus.VALID else None
                standing = term("evidence", doubted) if doubted else None
                return {"field": self._field_title(fact.evidence_id, fact.field, deal), "standing": standing}
            case e.DealWon() if deal and deal.amount:
                return {"amount": fact.amount or deal.amount}
            case e.DealLost() | e.DealCancelled() | e.DealClosed() if fact.reason:
                return {"reason": self._lost_reason(fact.reason)}
            case e.MilestoneRecorded() | e.MilestoneWithdrawn():
                known = self.process.milestones.get(fact.milestone) if self.process else None
                return {"milestone": in_language(known[1].title if known else {}, self.language, fact.milestone)}
            case e.StepDone():
                step = deal.steps.get(fact.step_id) if deal else None
                return {"step": step.what if step else fact.step_id}
            case e.ClockStarted():
                # A deadline that a person set has nothing to do with the limit.
                limit = {"limit": None} if fact.granted else {}
                provisional = FLAGS["provisional"] if fact.due.provisional else None
                return {**limit, "due": self._plain(fact.due.due_at), "provisional": provisional}
            case e.RungReached():
                return {"rung": fact.rung + 1}
            case e.EscalationDecided():
                return {"details": self._details(fact)}
            case e.ProcessPublished() | e.ProcessProposed():
                return {"title": in_language(fact.title, self.language, "")}
        return {}

    def _changes(self, fact: e.DealAmended | e.FieldsCleared) -> Iterator[str]:
        """Each field that changed, from what it was to what it is; of attributes only those that changed."""
        if isinstance(fact, e.FieldsCleared):
            was: dict[str, Any] = {
                "owner": fact.owner_was and self._person(fact.owner_was),
                "customer": fact.customer_was,
            }
            was |= {"amount": fact.amount_was and str(fact.amount_was), "attributes": fact.attributes_was}
            yield from (self._particular(name, value) for name, value in was.items() if value)
            return
        for name in ("title", "customer", "amount", "attributes"):
            value, was = getattr(fact, name), getattr(fact, f"{name}_was")
            if value in (None, {}):
                continue
            if isinstance(value, dict) and was:
                new = {key: each for key, each in value.items() if was.get(key) != each}
                value, was = new, {key: was[key] for key in new if key in was}
            if was:
                said = self._says.text(BEFORE[name])
                yield self._says.shortened(said, {"value": self._plain(value), "was": self._plain(was)})
            else:
                yield self._particular(name, value)

    @staticmethod
    def _unconfirmed(fact: e.EvidenceWithdrawn | e.EvidenceDisputed | e.EvidenceCorrected) -> str | None:
        return None if fact.confirmed else FLAGS["unconfirmed"]

    def _field_title(self, evidence_id: str, name: str, deal: Deal | None) -> str:
        piece = deal.evidence.get(evidence_id) if deal else None
        kind = self.process.evidence.get(piece.kind) if self.process and piece else None
        field = kind.fields.get(name) if kind else None
        return in_language(field.title if field else {}, self.language, name)

    def _corrections(self, fact: e.EvidenceCorrected, deal: Deal | None) -> list[str]:
        """What each field and the observed time were, and what they are. Personal values are not repeated."""
        piece = deal.evidence.get(fact.evidence_id) if deal else None
        if piece is None or not piece.earlier:
            return []
        before, kind = piece.earlier[-1], self.process.evidence.get(fact.kind) if self.process else None
        spec = kind.fields if kind else {}
        said: list[str] = []
        for name in dict.fromkeys([*spec, *before.fields, *fact.fields]):
            was, now = before.fields.get(name), fact.fields.get(name)
            if was == now:
                continue
            field = spec.get(name)
            title = in_language(field.title if field else {}, self.language, name)
            if field and field.personal:
                said.append(phrase("{field}: another value", field=title))
            else:
                said.append(self._changed(title, self._field(was, field), self._field(now, field)))
        if before.observed_at != fact.observed_at:
            observed = self._says.text(phrase("observed"))
            said.append(self._changed(observed, *self._apart(before.observed_at, fact.observed_at)))
        return said

    def _apart(self, was: datetime, now: datetime) -> tuple[str, str]:
        """Both, as exactly as it takes to tell them apart."""
        for exactly in ("minutes", "seconds", "microseconds"):
            one, other = (at.astimezone(self.zone).isoformat(sep=" ", timespec=exactly) for at in (was, now))
            if one != other:
                break
        return one, other

    @staticmethod
    def _changed(what: str, was: object, now: object) -> str:
        return phrase("{what}: {was} → {now}", what=what, was=was, now=now)

    def _field(self, value: object, field: Field | None) -> object:
        if value is None:
            return phrase("nothing")
        shown = field.shown(value) if field else str(value)
        return shown if isinstance(shown, Worded) else one_line(shown, _MOST_OF_A_FIELD)

    def _of_another_system(
        self,
        fact: e.DealOpened
        | e.ImportUndone
        | e.DealReopened
        | e.StageMovedBack
        | e.ClaimAgrees
        | e.ClaimNotApplied
        | e.DatesCorrected,
        deal: Deal | None,
    ) -> dict[str, Any]:
        match fact:
            case e.DatesCorrected():
                told_from = self._plain(fact.effective_at) if fact.to_visit is not None else None
                return {"dates": [self._date(one) for one in fact.dates], "told_from": told_from}
            case e.DealOpened():
                return {"run": fact.run if fact.run > 1 else None}
            case e.ImportUndone(back_to=0):
                return {"as_before": phrase("there is no such deal any more")}
            case e.ImportUndone(back_to=last):
                return {"as_before": phrase("the deal is as it was after event {version}", version=last)}
            case e.ClaimNotApplied():
                return self._not_applied(fact, deal)
            case e.ClaimAgrees():
                return {"claim": self._claim(fact.claim)}
        return {"claimed": term("basis", "claimed")} if fact.origin else {}

    def _not_applied(self, fact: e.ClaimNotApplied, deal: Deal | None) -> dict[str, Any]:
        """The deal itself says why the claim changed nothing."""
        kind, claim = fact.claim.partition(" ")[0], self._claim(fact.claim)
        if deal is None:
            return {"claim": claim}
        if kind in ("owner", "amount"):
            return {"claim": claim, "why": phrase("it is so")}
        if deal.in_progress and kind == "stage":
            return {"claim": claim, "why": phrase("the deal stands in {stage}", stage=self._stage(deal.stage))}
        return {"claim": claim, "why": phrase("the deal is {outcome}", outcome=term("outcome", deal.outcome.value))}

    def _claim(self, said: str) -> str:
        """A claim, which is stored as its kind and what was claimed."""
        kind, _, claimed = said.partition(" ")
        match kind:
            case "stage":
                return phrase("stage {stage}", stage=self._stage(claimed))
            case "owner":
                return phrase("owner {owner}", owner=self._person(claimed))
            case "amount":
                return phrase("amount {amount}", amount=claimed)
            case "fields":
                return phrase("fields {fields}", fields=claimed)
        return phrase("outcome {outcome}", outcome=term("outcome", claimed))

    def _date(self, corrected: e.DateCorrected) -> str:
        what = phrase("opened") if corrected.claim == "opened" else self._claim(corrected.claim)
        return self._changed(self._says.text(what), *self._apart(corrected.was, corrected.now))

    def _details(self, fact: e.EscalationDecided) -> list[str]:
        shown = {
            "reassign": self._person,
            "waive": self._node,
            "back": self._stage,
            "lose": self._lost_reason,
        }.get(fact.decision, str)
        return [
            self._particular(name, datetime.fromisoformat(value) if name == "until" else shown(value))
            for name, value in fact.details.items()
        ]

    def _particular(self, name: str, value: Any) -> str:
        said = self._says.text(PARTICULARS[name]) if name in PARTICULARS else name + " {value}"
        return self._says.shortened(said, {"value": self._plain(value)})

    def _plain(self, value: Any) -> Any:
        match value:
            case datetime():
                return value.astimezone(self.zone).isoformat(sep=" ", timespec="minutes")
            case e.Customer():
                return value.name or value.id
            case e.Link():
                return value.deal_id
            case dict():
                return [f"{key} = {item}" for key, item in value.items()]
        return value

    def _stage(self, stage: str) -> str:
        known = self.process is not None and stage in self.process.stage_index
        return in_language(self.process.stage(stage).title if self.process and known else {}, self.language, stage)

    def _node(self, node: str) -> str:
        known = self.process.nodes.get(node) if self.process else None
        return in_language(known.title if known else {}, self.language, node)

    def _lost_reason(self, reason: str) -> str:
        if reason in _REASONS_OF_SOURCES:
            return self._says.text(_REASONS_OF_SOURCES[reason])
        reasons = self.process.lost_reasons if self.process else ()
        title = next((known.title for known in reasons if known.id == reason), {})
        return in_language(title, self.language, reason)

    def _person(self, person: str) -> str:
        known = self.organisation.people.get(person)
        return known.name if known else person


def _sentence(fact: e.Fact, deal: Deal | None) -> str:
    if isinstance(fact, e.NodeReversed) and deal and _was_not_reached(deal.node(fact.node)):
        return AS_BEFORE
    match fact:
        case e.DatesCorrected(dates=()):
            return SAID_OTHERWISE
        case e.GateMet(how="closes_after"):
            return ENDS_BY_ITSELF
        case e.NodeReversed(evidence=()):
            return BY_THE_AMOUNT
        case e.StallRecorded(node=str()):
            return STILL_LOST
        case e.NodeReversed(why="recorded" | "confirmed" | "corrected"):
            return BY_EVIDENCE
    return SENTENCES[fact.topic]


def _was_not_reached(node: NodeState) -> bool:
    """Whether the reversal that is the node's last change found it open, or waived."""
    return node.status is NodeStatus.WAIVED or [status for _, status in node.changes[-2:-1]] != [NodeStatus.REACHED]


def _each(value: Any) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _of_house(fact: e.PeopleLoaded | e.CalendarsLoaded | e.ImportBegun) -> dict[str, Any]:
    """Whom, or which calendars, a version holds, by their names; which files an import was given."""
    if isinstance(fact, e.ImportBegun):
        moved = phrase("every date moved by {days} days", days=fact.shift.days) if fact.shift else None
        return {"files": [file.name for file in fact.files], "shift": moved}
    what = "people" if isinstance(fact, e.PeopleLoaded) else "calendars"
    names = [str(entry.get("name") or entry.get("id")) for entry in fact.content.get(what, ())]
    return {what: names, "digest": fact.digest[:12]}
