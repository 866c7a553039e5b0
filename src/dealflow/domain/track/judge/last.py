"""The last piece of several kinds: what came later takes the place of what came before, whatever its kind."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from dealflow.domain.deal.state import Evidence
from dealflow.domain.process.definition import Standard, Text
from dealflow.domain.track.judge.case import Case
from dealflow.domain.track.judge.pieces import Piece, nothing_counts
from dealflow.domain.track.judge.verdict import Met, NotMet, Verdict
from dealflow.domain.values.refusal import Code, Reason


class _Said(NamedTuple):
    """What a piece says, or may say: `wrong` is why it does not meet the standard."""

    at: datetime
    version: int
    evidence: Evidence
    wrong: Reason | None


def judge_last(standard: Standard, pieces: list[Piece], case: Case, says: Text) -> Verdict:
    """Met where the last of all pieces is of the kind and fits. A piece in doubt is taken at its worst."""
    for_it: list[_Said] = []
    against_it: list[_Said] = []
    for piece in pieces:
        said = list(_said(standard, piece, case, says))
        against_it += (each for each in said if each.wrong)
        if said and piece.stays and not any(each.wrong for each in said):
            for_it.append(min(said, key=_order))
    last = max(for_it, key=_order, default=None)
    not_before = (each for each in against_it if last is None or not _before(each, last))
    later = max(not_before, key=_order, default=None)
    if later and later.wrong:
        return NotMet((later.wrong,))
    return Met((last.evidence.id,)) if last else NotMet((nothing_counts(standard.kind or "", pieces, case, says),))


def _said(standard: Standard, piece: Piece, case: Case, says: Text) -> Iterator[_Said]:
    """What each version says. A piece from before the node was opened again speaks only against it."""
    counts = case.counts(piece.now)
    for version in piece.versions:
        other = version.kind != standard.kind
        wrong = _other_kind(standard, version, case, says) if other else case.why_not(standard, version, says)
        if wrong or counts:
            yield _Said(version.observed_at, piece.now.version, piece.now, wrong)


def _order(said: _Said) -> tuple[datetime, int]:
    return said.at, said.version


def _before(against: _Said, last: _Said) -> bool:
    """Whether what speaks against the node came before; two imports that differ on one instant leave it open."""
    one, other = against.evidence, last.evidence
    disagree = one.imported and other.imported and one.command_id != other.command_id
    if against.at == last.at and disagree:
        return False
    return _order(against) < _order(last)


def _other_kind(standard: Standard, evidence: Evidence, case: Case, says: Text) -> Reason:
    wanted = case.process.evidence.get(standard.kind or "")
    title = wanted.title if wanted and wanted.title else standard.kind
    return case.reason(Code.OVERTAKEN, evidence.kind, says, evidence, at=evidence.observed_at, wanted=title)
