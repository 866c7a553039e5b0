"""Whether a piece of evidence, by being there, can keep a node from being reached."""

from dealflow.domain.deal.state import Evidence
from dealflow.domain.process.definition import Standard
from dealflow.domain.track.judge.taken_back import amounts_of


def speaks_against(standard: Standard, evidence: Evidence) -> bool:
    """Whether the standard might be met without this piece, and not with it.

    So are what a sum subtracts, a negative amount, a piece that may stand in the place of another that says the same, and a
    later piece of `latest` that is of another kind or that the rule may refuse.
    """
    parts = (*standard.all_of, *standard.any_of)
    if parts:
        return any(speaks_against(part, evidence) for part in parts)
    if evidence.kind != standard.kind:
        return evidence.kind in standard.against
    if standard.latest:
        return standard.where is not None or standard.not_older_than is not None
    if standard.sum is None:
        return False
    return standard.distinct is not None or min(amounts_of(evidence, standard.sum.field).values(), default=0) < 0
