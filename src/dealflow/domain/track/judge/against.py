"""Whether a piece of evidence, by being there, can keep a node from being reached."""

from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import Standard
from dealflow.domain.track.judge.pieces import told_apart_by
from dealflow.domain.track.judge.taken_back import amounts_of


def speaks_against(standard: Standard, evidence: Evidence, deal: Deal) -> bool:
    """Whether the standard might be met without this piece of the deal, and not with it.

    So is what a sum subtracts, a negative amount, a piece that stands in the place of another that says the same, and a
    piece of `latest` that is of another kind or that the rule may refuse. What it said before a correction in doubt counts.
    """
    return any(_speaks(standard, version, deal) for version in evidence.versions)


def _speaks(standard: Standard, evidence: Evidence, deal: Deal) -> bool:
    if standard.parts:
        return any(_speaks(part, evidence, deal) for part in standard.parts)
    if evidence.kind != standard.kind:
        return evidence.kind in standard.against
    if standard.latest:
        return standard.where is not None or standard.not_older_than is not None
    if standard.sum is None:
        return False
    if min(amounts_of(evidence, standard.sum.field).values(), default=0) < 0:
        return True
    if standard.distinct is None:
        return False
    value, others = told_apart_by(standard, evidence), deal.evidence.values()
    return any(one.id != evidence.id and _says(standard, one, value) for one in others if one.kind == evidence.kind)


def _says(standard: Standard, evidence: Evidence, value: object) -> bool:
    return any(told_apart_by(standard, version) == value for version in (evidence, *evidence.earlier))
