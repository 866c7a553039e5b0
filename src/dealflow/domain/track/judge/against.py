"""Whether a piece of evidence, by being there, can keep a node from being reached."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import Standard
from dealflow.domain.track.judge.pieces import told_apart_by
from dealflow.domain.track.judge.taken_back import amounts_of

# Ids of the pieces that say a value, or said it before a correction.
_Saying = Mapping[object, set[str]]


def speaks_against(standard: Standard, evidence: Evidence, deal: Deal) -> bool:
    """Whether the standard might be met without this piece of the deal, and not with it.

    So is what a sum subtracts, a negative amount, a piece that stands in the place of another that says the same, and a
    piece of `latest` that is of another kind or that the rule may refuse. What it said before a correction in doubt counts.
    """
    return bool(speaking_against(standard, (evidence,), deal))


def speaking_against(standard: Standard, pieces: Collection[Evidence], deal: Deal) -> set[str]:
    """Those of these pieces that speak against it, by id."""
    found: set[str] = set()
    for each in standard.opposed:
        saying = _saying(each, deal) if any(piece.kind == each.kind for piece in pieces) else {}
        found.update(piece.id for piece in pieces if any(_speaks(each, version, saying) for version in piece.versions))
    return found


def _saying(standard: Standard, deal: Deal) -> _Saying:
    """Who says what, where a sum counts what is the same once."""
    saying = defaultdict[object, set[str]](set)
    if standard.sum and standard.distinct:
        for one in deal.evidence.values():
            for version in (one, *one.earlier) if one.kind == standard.kind else ():
                saying[told_apart_by(standard, version)].add(one.id)
    return saying


def _speaks(standard: Standard, evidence: Evidence, saying: _Saying) -> bool:
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
    return bool(saying.get(told_apart_by(standard, evidence), set()).difference((evidence.id,)))
