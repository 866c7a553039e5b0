"""A sentence for every named reason, short enough for a sales director to act on.

`SENTENCES` is the table: for each code the data keys that fill its sentence, and the sentence, which gets shorter where data
are missing (`dealflow.wording.shortened`). `place` is the reason's place; `name` is the place or `field`; `asks` is `says`,
else `where`; `problem` is also `wrong`; what is unknown may be given as place alone. Values may be text, phrases, numbers,
instants, durations as they are stored, money, a wording per language, a mapping, or a list of these.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any

from dealflow.domain.values.money import Money
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase, counted, phrase
from dealflow.domain.values.refusal import Code, Reason
from dealflow.wording.catalogue import catalogue
from dealflow.wording.lengths import length
from dealflow.wording.shortened import template
from dealflow.wording.store_sentences import OF_THE_STORE, Sentence
from dealflow.wording.terms import Kind, term

_KIND = "the kind of evidence, id or wording"
_EVIDENCE = "ids of the evidence that fails for it, a list"
_SAYS = "the standard in the template's words (a wording)"
_GIVEN = "what was given"
_KNOWN = "what would have been known, a list"
_FIELD = "the field's name"
_RIGHT = "what would be right, as `check_fields` says it"
_WRONG = "what is wrong, as `check_fields` says it (or `problem`)"
_TYPE = "the field's type"
_STAGE = "the stage, id or wording"
_UNKNOWN = {"given": _GIVEN, "known": _KNOWN}
_WHO_MAY = {
    "actor": "who asked",
    "who_may": "ids of the people who may, a list",
}


SENTENCES: dict[Code, Sentence] = {
    Code.EVIDENCE_MISSING: Sentence(
        {"kind": _KIND, "says": _SAYS}, template("[{place}: ]There is no {kind|evidence} yet.[ It asks: {says}]")
    ),
    Code.EVIDENCE_NOT_COUNTED: Sentence(
        {"kind": _KIND, "says": _SAYS, "pieces": "why none counts, a list", "elsewhere": "deals named by these"},
        template("[{place}: ]There is no {kind|evidence} that counts[: {pieces}].[ It asks: {says}]"),
    ),
    Code.RULE_NOT_MET: Sentence(
        {
            "kind": _KIND,
            "evidence": _EVIDENCE,
            "where": "the rule as written",
            "says": _SAYS,
            "seen": "the values it saw {field: value}",
        },
        template(
            "[{place}: ]The {kind|evidence}[ ({evidence})] does not meet the standard.[ It asks: {asks}]"
            "[ (seen: {seen})]"
        ),
    ),
    Code.RULE_FAILED: Sentence(
        {"kind": _KIND, "evidence": _EVIDENCE, "problem": "why the rule could not be judged, as RuleFailed says it"},
        template("[{place}: ]The rule for {kind|the evidence}[ ({evidence})] could not be judged[: {problem}]."),
    ),
    Code.VALUE_UNREADABLE: Sentence(
        {"kind": _KIND, "evidence": _EVIDENCE, "fields": "the personal fields that cannot be read"},
        template(
            "[{place}: ]{kind|The evidence}[ ({evidence})] has personal values that cannot be read now, their key is missing or "
            "was destroyed[: {fields}]."
        ),
    ),
    Code.COUNT_SHORT: Sentence(
        {"kind": _KIND, "have": "how many count", "need": "how many are asked for"},
        template("[{place}: ]More {kind|evidence} is needed[: {need} asked for][, {have} so far]."),
    ),
    Code.SUM_SHORT: Sentence(
        {
            "field": "the field that is added up",
            "have": "the sum so far, less what was taken back",
            "need": "the least sum",
            "taken": "what was taken back",
            "subtracted": "ids of the evidence that takes back, a list",
        },
        template(
            "[{place}: ]The sum of {field|the amounts} is too small[: {need} needed][, {have} so far]"
            "[, after {taken} were taken back by {subtracted}]."
        ),
    ),
    Code.TOO_OLD: Sentence(
        {
            "kind": _KIND,
            "evidence": _EVIDENCE,
            "limit": "the longest age, a duration",
            "age_days": "its age when recorded, a number of days",
        },
        template(
            "[{place}: ]The {kind|evidence}[ ({evidence})] was too old when recorded[: {age}]"
            "[, at most {limit} allowed]."
        ),
    ),
    Code.CURRENCY_DIFFERS: Sentence(
        {"evidence": _EVIDENCE, "have": "the currency of the evidence", "need": "the currency asked for"},
        template("[{place}: ]The amount[ of {evidence}] is in another currency[: {have}][, needed {need}]."),
    ),
    Code.DEAL_AMOUNT_MISSING: Sentence(
        {}, template("[{place}: ]The deal has no amount, which the standard needs; set it with 'deal amend'.")
    ),
    Code.NEEDS_NEW_EVIDENCE: Sentence(
        {"kind": _KIND},
        template(
            "[{place}: ]The node was opened again: record new {kind|evidence}, or have the earlier one confirmed."
        ),
    ),
    Code.AMOUNT_NOT_CONFIRMED: Sentence(
        {
            "amounts": "every amount that the deal has had since the last confirmation, a list",
            "amount": "the one for which the standard is not met",
        },
        template(
            "[{place}: ]The deal's amount is not confirmed: it was changed[ ({amounts})], and the standard must hold for each"
            "[; it does not for {amount}]. Somebody above the owner confirms it with 'deal amend --confirm'."
        ),
    ),
    Code.COUNTED_ONCE: Sentence(
        {"kind": _KIND, "evidence": _EVIDENCE, "field": _FIELD, "first": "the piece that counts, by id"},
        template(
            "[{place}: ]The {kind|evidence}[ ({evidence})] has the same {field|value} as {first|an earlier one} "
            "and does not count again."
        ),
    ),
    Code.OVERTAKEN: Sentence(
        {
            "kind": _KIND,
            "evidence": _EVIDENCE,
            "at": "when it was observed",
            "wanted": "the kind that would have to be the last, id or wording",
        },
        template("[{place}: ]The last word is the {kind|evidence}[ ({evidence})][ of {at}][, not the {wanted}]."),
    ),
    Code.CHANGE_NOT_CONFIRMED: Sentence(
        {"kind": _KIND, "evidence": _EVIDENCE, "act": "withdraw, dispute or correct"},
        template(
            "[{place}: ]The {kind|evidence}[ ({evidence})] still counts as it was before, where that speaks against the node, "
            "until somebody above the owner confirms the change[ with 'evidence {act} --confirm']."
        ),
    ),
    Code.UNKNOWN_DEAL: Sentence(_UNKNOWN, template("There is no deal[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_PROCESS: Sentence(_UNKNOWN, template("There is no published process[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_KIND: Sentence(_UNKNOWN, template("There is no kind of evidence[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_FIELD: Sentence(
        {"field": _FIELD, "known": _KNOWN}, template("There is no field '{name|of that name}'. [Fields: {known}.]")
    ),
    Code.UNKNOWN_NODE: Sentence(_UNKNOWN, template("There is no node[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_STAGE: Sentence(_UNKNOWN, template("There is no stage[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_MILESTONE: Sentence(_UNKNOWN, template("There is no milestone[ '{given}'].[ Known: {known}.]")),
    Code.MILESTONE_NOT_RECORDED: Sentence(
        {"given": "the milestone asked for", "known": "the milestones on record"},
        template("This milestone is not on record[: {given}].[ On record: {known}.]"),
    ),
    Code.UNKNOWN_EVIDENCE: Sentence(_UNKNOWN, template("There is no evidence[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_STEP: Sentence(_UNKNOWN, template("There is no step[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_ESCALATION: Sentence(_UNKNOWN, template("There is no escalation[ '{given}'].[ Known: {known}.]")),
    Code.UNKNOWN_PERSON: Sentence(
        _UNKNOWN, template("There is nobody in people.yaml[ called '{given}']. [Known: {known}.]")
    ),
    Code.UNKNOWN_CUSTOMER: Sentence({"given": _GIVEN}, template("There is no customer[ '{given}'].")),
    Code.UNKNOWN_EXTERNAL_ID: Sentence({}, template("No customer has this id in {place|another system}.")),
    Code.CUSTOMER_EXISTS: Sentence(
        {}, template("The customer[ '{place}'] is on record already; `dealflow customer link` adds to it.")
    ),
    Code.CUSTOMER_MERGED: Sentence(
        {"into": "the customer who it is now"},
        template("The customer[ '{place}'] was merged[ into '{into}'; name that one]."),
    ),
    Code.CUSTOMER_ERASED: Sentence(
        {}, template("The customer[ '{place}'] was erased; `dealflow customer add` puts them on record anew.")
    ),
    Code.CUSTOMER_HIDDEN: Sentence(
        {"do": "what can be done instead"},
        template("The id[ '{place}'] is that of a customer whom you do not see.[ {do}]"),
    ),
    Code.EXTERNAL_ID_TAKEN: Sentence(
        {"customer": "who has it"},
        template(
            "This id in {place|another system} is taken[ by customer '{customer}']; operations can merge two that are one."
        ),
    ),
    Code.NO_DEAL_FITS: Sentence(
        {"customer": "whose", "process": "the process that was named"},
        template("No deal[ of customer '{customer}'] is in progress[ in process {process}]."),
    ),
    Code.SEVERAL_DEALS_FIT: Sentence(
        {"customer": "whose", "n": "how many", "deals": "those that the reader sees, a list"},
        template("{n|Several} deals[ of customer '{customer}'] are in progress; name one[: {deals}]."),
    ),
    Code.UNKNOWN_REASON: Sentence(
        _UNKNOWN, template("The template's list has no reason[ '{given}'].[ Known: {known}.]")
    ),
    Code.FIELD_MISSING: Sentence(
        {"field": _FIELD, "type": _TYPE, "right": _RIGHT}, template("{name|A field} is missing[: give {right}].")
    ),
    Code.FIELD_INVALID: Sentence(
        {"field": _FIELD, "type": _TYPE, "wrong": _WRONG, "right": _RIGHT},
        template("{name|A field} is not right[: {problem}].[ Give {right}.]"),
    ),
    Code.TIME_IN_FUTURE: Sentence(
        {"given": "the instant", "now": "the instant it was compared with"},
        template("[{place}: ]The time lies in the future[: {given}][, it is now {now}]."),
    ),
    Code.TIME_BEFORE_FIRST: Sentence(
        {"given": "the instant", "first": "the instant of the first event"},
        template("[{place}: ]Nothing had happened yet[ at {given}][; the first event is of {first}]."),
    ),
    Code.TIME_WITHOUT_ZONE: Sentence(
        {"given": "the time as written"},
        template("[{place}: ]The time[ {given}] names no zone; write it like 2026-11-24T09:30:00+08:00."),
    ),
    Code.TEXT_INVALID: Sentence(
        {"field": _FIELD, "wrong": _WRONG, "right": _RIGHT},
        template("{name|The text} cannot be stored[: {problem}].[ Give {right}.]"),
    ),
    Code.DEAL_EXISTS: Sentence({"given": "the deal's id"}, template("There is a deal[ '{given}'] already.")),
    Code.DEAL_CLOSED: Sentence(
        {"outcome": "won, lost, cancelled or open", "closed_at": "when it was closed"},
        template("The deal[ {place}] is closed[ ({outcome})][ since {closed_at}]; reopen it first."),
    ),
    Code.DEAL_IN_PROGRESS: Sentence(
        {"stage": _STAGE}, template("The deal[ {place}] is still in progress[, in stage {stage}].")
    ),
    Code.NOT_WON: Sentence({}, template("The deal[ {place}] is not won, so there is no amount that was won.")),
    Code.AMOUNT_DIFFERS: Sentence(
        {"given": "the amount that was to be confirmed", "in_force": "the deal's amount"},
        template("Another amount is in force[: {in_force}], not {given|this one}; confirm that, or amend it."),
    ),
    Code.OUTCOME_OPEN: Sentence(
        {}, template("The deal[ {place}] is not won; an open deal ends with 'deal lose' or 'deal cancel'.")
    ),
    Code.NODES_OPEN: Sentence(
        {"stage": _STAGE, "nodes": "the nodes that are not passed, a list of ids or wordings"},
        template("[{place}: ]The stage[ {stage}] cannot be left yet[; still open: {nodes}]."),
    ),
    Code.NODE_ALREADY_PASSED: Sentence(
        {"status": "reached, waived or met by a later one"},
        template("The node[ {place}] is passed already[ ({status})]."),
    ),
    Code.NOT_BACKWARD: Sentence(
        {"stage": "where the deal is", "to": "the stage asked for"},
        template(
            "The stage {to|asked for} does not lie before {stage|the present one}; a move back goes to an "
            "earlier stage."
        ),
    ),
    Code.BACK_NOT_ALLOWED: Sentence(
        {"stage": "where the deal is", "to": "the stage asked for", "allowed": "stages one may go back to, a list"},
        template("The template does not let a deal go back[ from {stage}][ to {to}].[ Allowed: {allowed}.]"),
    ),
    Code.NOT_PERMITTED: Sentence(
        {**_WHO_MAY, "on_behalf_of": "the person whose rights were asked for and not given", "process": "the template"},
        template(
            "{actor|You} may not do this[ on behalf of {on_behalf_of}][ ({place})]."
            "[ The template {process} lets no owner.][ Who may: {who_may}.]"
        ),
    ),
    Code.OWN_DEAL: Sentence(
        {**_WHO_MAY, "owned": "who has owned the deal before and worked on it"},
        template(
            "Nobody decides on a deal they own[ ({actor} owns {place})]"
            "[ ({owned} has owned {place} and worked on it)].[ Who may: {who_may}.]"
        ),
    ),
    Code.SECOND_PERSON: Sentence(
        {"only": "who could, where they are not two, a list", "by": "who proposed it", "who_may": _WHO_MAY["who_may"]},
        template(
            "[{place}: ]Two people are needed[, and {by} proposed it][; who could: {only}].[ Who may: {who_may}.]"
        ),
    ),
    Code.UNKNOWN_PROPOSAL: Sentence(_UNKNOWN, template("Nothing is proposed[ as '{given}'].[ Proposed: {known}.]")),
    Code.DECIDED_BEFORE: Sentence(
        {"owner": "who is to own the deal", "who_may": "ids of the people who may, a list"},
        template(
            "{owner|The new owner} has decided on {place|this deal} and does not become its owner, "
            "except by an act of somebody above.[ Who may: {who_may}.]"
        ),
    ),
    Code.DECIDES_ALONE: Sentence(
        {"owner": "who is to own the deal", "also": "who else would be barred and is left as well, a list"},
        template(
            "{owner|The new owner} would then decide on {place|this deal} alone: nobody else may"
            "[ but {also}, who has owned it as well]. Add --alone-is-known if that is meant."
        ),
    ),
    Code.REASON_NEEDED: Sentence(
        {"known": "reasons to choose from, a list"}, template("A reason is needed: add --reason.[ One of: {known}.]")
    ),
    Code.ALREADY_DECIDED: Sentence(
        {"by": "who decided", "at": "when", "decision": "what was decided"},
        template("The escalation[ {place}] was answered already[ by {by}][ at {at}][: {decision}]."),
    ),
    Code.VALUE_TAKEN: Sentence(
        {
            "value": "the value that may stand once",
            "first": "the evidence that has it",
            "deal": "the deal of that evidence, where it is another",
            "before": "that both pieces are given at once, so that none is on record",
        },
        template(
            "[{place}: ]{value} is {before|on record already,} with evidence {first|that you do not see}[ of deal {deal}]."
        ),
    ),
    Code.ALREADY_SO: Sentence({"what": "what is so already"}, template("It is so already[: {what}].")),
    Code.NOTHING_CHANGES: Sentence(
        {"waits": "what waits to be agreed to"},
        template("[{place}: ]Nothing would change; name at least one new value.[ {waits}]"),
    ),
    Code.NOTHING_TO_CONFIRM: Sentence(
        {"what": "how the evidence stands"},
        template("There is nothing to confirm[: {what}]."),
    ),
    Code.DEADLINE_TOO_FAR: Sentence(
        {"given": "the deadline asked for", "cap": "the farthest allowed, a duration", "latest": "the latest instant"},
        template("The deadline[ {given}] is too far away[: at most {cap}][, that is {latest}]."),
    ),
    Code.DEADLINE_PAST: Sentence(
        {"given": "the deadline asked for", "now": "the instant it was compared with"},
        template("The deadline[ {given}] has passed already[, it is now {now}]."),
    ),
    **OF_THE_STORE,
    Code.CALENDAR_MISSING: Sentence(
        {"wrong": "what is wrong with the calendar", "file": "the file to put right"},
        template(
            "The deadlines cannot be computed[: {problem}].[ Put the calendar right in {file}.] Nothing was changed."
        ),
    ),
}

# Data that are ids of a kind, and data that are lengths of time as they are stored.
_TERMS: dict[str, Kind] = {"outcome": "outcome", "status": "node", "decision": "decision", "holders": "role"}
_LENGTHS = ("limit", "cap")


def sentence(reason: Reason, language: str, zone: tzinfo = UTC) -> str:
    """The reason in `language` on one line, its instants in `zone`; never raises, whatever the data holds."""
    try:
        return catalogue(language, zone).say(said_of(reason))
    except Exception:  # noqa: BLE001  a refusal must reach its reader even when its data cannot be shown
        return f"{reason.code.value} {one_line(reason.place)}".strip()


def said_of(reason: Reason) -> Phrase:
    """The reason as a phrase, for what is told now and read later."""
    says, values = SENTENCES[reason.code].says, _values(reason)
    said = Phrase(says, values, english=catalogue("en").shortened(says, values))
    if reason.suggestion:
        return phrase("{sentence} Did you mean '{near}'?", sentence=said, near=reason.suggestion)
    return said


def all_said(reasons: Sequence[Reason]) -> Phrase:
    """Several reasons behind one another; there is always one."""
    first, *others = map(said_of, reasons)
    for other in others:
        first = phrase("{sentence} {next}", sentence=first, next=other)
    return first


def _values(reason: Reason) -> dict[str, Any]:
    data = dict(reason.data)
    for key, fallback in (("name", reason.place or data.get("field")), ("asks", data.get("says") or data.get("where"))):
        data.setdefault(key, fallback)
    data.setdefault("problem", data.get("wrong"))
    if reason.code.value.startswith("unknown_") or reason.code in (Code.DEAL_EXISTS, Code.COMMAND_ID_REUSED):
        data.setdefault("given", reason.place)
    if reason.code is Code.SEAL_STANDS:
        data.setdefault("file", reason.place)
    if reason.code is Code.NOT_BACKWARD:
        data.setdefault("to", reason.place)
    if isinstance(days := data.get("age_days"), int):
        data["age"] = counted("{n} day", "{n} days", days)
    # Whose rights were asked for is the place too, in English.
    data["place"] = "" if data.get("on_behalf_of") else reason.place
    return {key: _value(key, value) for key, value in data.items()}


def _value(key: str, value: Any) -> Any:
    match value:
        case Phrase():
            return value
        case str() if key in _TERMS:
            return term(_TERMS[key], value)
        case list() | tuple() if key in _TERMS:
            return [_value(key, each) for each in value]
        case str() if key in _LENGTHS:
            return length(value)
        case Mapping() if set(value) == {"minor", "currency"}:
            return str(Money.model_validate(dict(value)))
    return value
