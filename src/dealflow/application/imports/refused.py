"""A plan that cannot be taken in: which act it was refused for, what was given there, and how it is told."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from dealflow.application.imports.plans import Dated, DealPlan, Reject
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase
from dealflow.domain.values.refusal import CommandRefused, Reason

# Refusals as one text: a reject is told in words, and counted by them.
Say = Callable[[Sequence[Reason]], Phrase]


def rejected_plan(plan: DealPlan, reason: Phrase) -> Reject:
    """A plan that cannot be taken in at all."""
    return Reject(file=plan.file, row=plan.row, reason=reason, deal_id=plan.deal_id)


def refused_plan(
    plan: DealPlan,
    reasons: Sequence[Reason],
    say: Say,
    act: c.Command | None = None,
    process: ProcessDefinition | None = None,
) -> Reject:
    """A plan that was refused, at the act it was refused for where that is known; its field is named once."""
    said: dict[str, object] = {}
    if len(reasons) == 1 and (place := reasons[0].place):
        data = {name: value for name, value in reasons[0].data.items() if name != "field"}
        reasons = (reasons[0].model_copy(update={"place": "", "data": data}),)
        value = _value_given(act, place.rpartition(".")[2], process) if act and process else ""
        said = {"field": place, "value": value}
    if act and act.origin:
        # In a table a row is the whole place; in a log the row is the line of the trace, and the event is beside it.
        stands = act.origin.row.removeprefix(f"{plan.file}:")
        said |= {"row": int(stands)} if stands.isdecimal() else {"place": plan.places.get(act.origin.row, stands)}
    return rejected_plan(plan, say(reasons)).model_copy(update=said)


def _value_given(act: c.Command, name: str, process: ProcessDefinition) -> str:
    """What was given for a field; a personal one is not repeated."""
    match act:
        case c.RecordEvidence() if act.kind in process.evidence:
            spec = process.evidence[act.kind].fields
        case c.RecordMilestone() if act.milestone in process.milestones:
            spec = process.milestones[act.milestone][1].fields
        case _:
            return ""
    return "" if name not in spec or spec[name].personal else one_line(str(act.fields.get(name, "")))


def culprit_of(
    acts: Sequence[Dated], replayed: Callable[[Sequence[Dated]], object], reasons: Sequence[Reason]
) -> c.Command | None:
    """The act for which a replay of all was refused; None where it was not one act alone."""

    def refusal(last: int) -> Sequence[Reason]:
        try:
            replayed(acts[: last + 1])
        except CommandRefused as refused:
            return refused.reasons
        return ()

    last = bisect_left(range(len(acts)), 1, key=lambda number: len(refusal(number)))
    return acts[last][1] if last < len(acts) and refusal(last) == reasons else None
