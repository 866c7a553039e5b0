"""What a judgement comes to: the standard is met, or these reasons say what is missing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from dealflow.domain.values.refusal import Reason


@dataclass(frozen=True, slots=True)
class Met:
    """The standard is met by the evidence with these ids."""

    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotMet:
    """The standard is not met; every reason names the node and what is missing."""

    reasons: tuple[Reason, ...]


Verdict = Met | NotMet


def all_met(parts: Iterable[Met]) -> Met:
    """Several standards are met, by the evidence of all of them."""
    return Met(tuple(dict.fromkeys(evidence for part in parts for evidence in part.evidence)))


def not_met(reasons: Iterable[Reason]) -> NotMet:
    """Something is missing; evidence that fails for the same reason is named in one."""
    reasons = tuple(reasons)
    if len(reasons) < 2:
        return NotMet(reasons)
    merged: dict[str, Reason] = {}
    for reason in reasons:
        rest = {name: value for name, value in reason.data.items() if name != "evidence"}
        key = json.dumps([reason.code, reason.place, rest], default=str, sort_keys=True)
        known = [*merged[key].data.get("evidence", ()), *reason.data.get("evidence", ())] if key in merged else None
        if known is None:
            merged[key] = reason
        elif known:
            merged[key] = reason.model_copy(update={"data": {**rest, "evidence": list(dict.fromkeys(known))}})
    return NotMet(tuple(merged.values()))
