"""The words for the ids and states that models carry: one table for views, history, refusals and notices."""

from collections.abc import Mapping
from typing import Literal

from dealflow.domain.values.phrase import Phrase, phrase, phrase_in
from dealflow.domain.values.unreadable import ERASED, LOST

Kind = Literal[
    "clock", "outcome", "node", "evidence", "side", "basis", "decision", "role", "escalation", "gate_met", "closed",
    "stall_ended", "part", "difference", "lost_why", "regained", "unreadable",
]  # fmt: skip

TERMS: Mapping[Kind, Mapping[str, Phrase]] = {
    "clock": {
        "stage_age": phrase("time in stage"),
        "customer_silence": phrase("customer's silence"),
        "seller_silence": phrase("seller's silence"),
        "next_step": phrase("next step"),
        "gap": phrase("gap"),
        "proof_lost": phrase("proof lost"),
    },
    "outcome": {
        "open": phrase_in("outcome", "open"),
        "won": phrase("won"),
        "lost": phrase("lost"),
        "cancelled": phrase("cancelled"),
    },
    "node": {
        "open": phrase_in("node", "open"),
        "reached": phrase("reached"),
        "waived": phrase("waived"),
        "met_by_later": phrase("met by a later one"),
    },
    "evidence": {
        "valid": phrase("valid"),
        "disputed": phrase("disputed"),
        "withdrawn": phrase("withdrawn"),
        "corrected": phrase("corrected"),
        "amended": phrase("amended"),
        "recorded": phrase("recorded"),
        "confirmed": phrase("confirmed"),
        "set_aside": phrase("its value counts elsewhere"),
    },
    "side": {
        "customer": phrase("customer"),
        "seller": phrase("seller"),
        "third": phrase("third party"),
    },
    "basis": {
        "gate": phrase("the gate was met"),
        "override": phrase("the gate was overridden"),
        "claimed": phrase("as another system says"),
        "person": phrase("decided by a person"),
    },
    "decision": {
        "extend": phrase("extend"),
        "reassign": phrase("reassign"),
        "waive": phrase("waive"),
        "back": phrase("back"),
        "lose": phrase("lose"),
    },
    "role": {
        "seller": phrase("seller"),
        "owner": phrase("owner"),
        "manager": phrase("manager"),
        "director": phrase("director"),
        "superior": phrase("superior"),
        "operations": phrase("operations"),
        "auditor": phrase("auditor"),
        "integrator": phrase("integrator"),
    },
    "escalation": {
        "none": phrase("none"),
        "open": phrase_in("escalation", "open"),
        "decided": phrase("decided"),
        "ended": phrase("ended"),
    },
    "gate_met": {
        "nodes": phrase("all required nodes passed"),
        "milestones": phrase("the milestones are recorded"),
        "both": phrase("nodes passed and milestones recorded"),
        "optional_node": phrase("an optional node reached"),
        "override": phrase("overridden by a person"),
    },
    "closed": {
        "last_gate": phrase("the last gate was met"),
        "closes_after": phrase("nothing more came in time"),
        "person": phrase("closed by a person"),
        "lost": phrase("lost"),
        "cancelled": phrase("cancelled"),
        "claimed": phrase("as another system says"),
    },
    "part": {
        "worker": phrase("worker"),
        "relay": phrase("relay"),
        "views": phrase("views"),
        "store": phrase("store"),
        "temporal": phrase("temporal"),
        "settings": phrase("settings"),
        "people": phrase("people"),
        "calendars": phrase("calendars"),
        "notices": phrase("notices"),
        "processes": phrase("processes"),
        "outbox": phrase("outbox"),
        "clocks": phrase("clocks"),
        "versions": phrase("versions"),
    },
    "difference": {
        "run_missing": phrase("run missing"),
        "run_without_deal": phrase("run without deal"),
        "armed_late": phrase("armed late"),
        "recipient_missing": phrase("recipient missing"),
    },
    "stall_ended": {
        "moved": phrase("the deal moved"),
        "decided": phrase("a person decided"),
        "closed": phrase("the deal is closed"),
        "regained": phrase("the proof is lost no more"),
    },
    "lost_why": {
        "withdrawn": phrase("its evidence was withdrawn"),
        "disputed": phrase("its evidence is disputed"),
        "corrected": phrase("its evidence was corrected"),
        "amended": phrase("the deal's amount was amended"),
        "recorded": phrase("evidence against it was recorded"),
        "confirmed": phrase("evidence against it was confirmed"),
        "set_aside": phrase("its evidence is on record twice, and counts elsewhere"),
        "moved_back": phrase("opened again with a move back"),
        "reopened": phrase("opened again with the reopening"),
    },
    "unreadable": {
        ERASED: phrase("(erased)"),
        LOST: phrase("(key lost)"),
    },
    "regained": {
        "passed": phrase("the node is passed again"),
        "back": phrase("the deal stands where it is still to be passed"),
    },
}


def term(kind: Kind, word: str) -> str:
    """The words for an id or a state of this kind, to be said by a catalogue; an unknown one as it stands."""
    return TERMS[kind].get(word, word)
