"""Which act a replay was refused for, and what was given there."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from dealflow.application.imports.plans import Dated
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.refusal import CommandRefused, Reason


def value_given(act: c.Command, name: str, process: ProcessDefinition) -> str:
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
