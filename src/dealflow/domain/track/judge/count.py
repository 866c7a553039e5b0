"""So many pieces of a kind: each fits the standard, and those that say the same count once."""

from dealflow.domain.process.definition import Standard, Text
from dealflow.domain.track.judge.case import Case
from dealflow.domain.track.judge.pieces import Piece, counted_once, counting, nothing_counts, values_of
from dealflow.domain.track.judge.verdict import Met, NotMet, Verdict, not_met
from dealflow.domain.values.refusal import Code, Reason


def judge_count(standard: Standard, pieces: list[Piece], case: Case, says: Text) -> Verdict:
    """Met by as many pieces as are asked for; a piece in doubt counts when all that it may be fits."""
    kind = standard.kind or ""
    found = counting(kind, pieces, case)
    if not found:
        return NotMet((nothing_counts(kind, pieces, case, says),))
    reasons: list[Reason] = []
    fitting: list[Piece] = []
    for piece in found:
        if wrong := _wrong(standard, piece, case, says):
            reasons.append(wrong)
        else:
            fitting.append(piece)
    if standard.distinct:
        fitting, repeated = _distinct(standard, fitting, case, says)
        reasons += repeated
    if len(fitting) >= standard.count:
        return Met(tuple(piece.now.id for piece in fitting))
    if fitting or not reasons:
        reasons.append(case.reason(Code.COUNT_SHORT, kind, says, have=len(fitting), need=standard.count))
    return not_met(reasons)


def _wrong(standard: Standard, piece: Piece, case: Case, says: Text) -> Reason | None:
    for version in reversed(piece.versions):
        if wrong := case.why_not(standard, version, says):
            return wrong
    return None


def _distinct(standard: Standard, fitting: list[Piece], case: Case, says: Text) -> tuple[list[Piece], list[Reason]]:
    """The first recorded piece of each value, and why the others do not count again."""
    first: dict[object, Piece] = {}
    once: list[Piece] = []
    repeated: list[Reason] = []
    for piece in fitting:
        values = values_of(standard, piece)
        known = next((first[value] for value in values if value in first), None)
        for value in values:
            first.setdefault(value, piece)
        if known is None:
            once.append(piece)
        else:
            repeated.append(counted_once(standard, piece, known, case, says))
    return once, repeated
