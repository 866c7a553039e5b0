"""What a record says of what was said before: changes of a deal and of evidence, and stages that are claimed again."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Cells
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from dealflow.adapters.imports.mapping.model import CLAIMED, OF_A_PIECE, FactRule
from dealflow.application.imports.plans import Dated
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Origin
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, phrase

# Systems write the same instant to the second in one column, and to a part of it in another.
_SAME = timedelta(seconds=1)


class Said(NamedTuple):
    """One dated act of a record with its rule; that of an opening has none."""

    dated: Dated
    rule: FactRule | None
    number: int = 0  # of the record in its deal
    left_at: datetime | None = None  # what a stage says of its end


@dataclass
class _Known:
    """What a source has said of a deal so far: an owner or an amount said again is no new fact."""

    stage: str = ""
    owner: str | None = None
    amount: Money | None = None

    def says_again(self, act: c.Command, *, stages: bool) -> bool:
        """Whether the act says what was said before it; else it is what was said now."""
        match act:
            case c.OpenDeal():
                self.owner, self.amount = act.owner, act.amount
            case c.ReassignDeal():
                if act.owner == self.owner:
                    return True
                self.owner = act.owner
            case c.AmendDeal():
                if act.amount == self.amount:
                    return True
                self.amount = act.amount
            case c.ClaimOutcome():
                self.amount = act.amount or self.amount
            case c.ClaimStage():
                if stages and act.stage == self.stage:
                    return True
                self.stage = act.stage
        return False


class NoPiece(NamedTuple):
    """A change of evidence that finds none before it."""

    said: Said
    reason: Phrase


def in_order(said: Iterable[Said], *, changes_only: bool = False) -> tuple[list[Dated], list[NoPiece]]:
    """The acts by their instants, the opening first; each change of evidence names the last piece of its kind before it.

    Acts of one instant stay as they were given. With `changes_only` a stage that is claimed again is left out.
    """
    listed = list(said)
    opened_at = next(at for (at, act), *_ in listed if isinstance(act, c.OpenDeal))
    # What is dated before the opening follows on it, as it is judged then.
    ordered = sorted(listed, key=lambda one: (max(one.dated[0], opened_at), one.rule is not None))
    acts: list[Dated] = []
    none: list[NoPiece] = []
    pieces: dict[str, list[str]] = {}
    known = _Known()
    for one in ordered:
        at, act = one.dated
        if known.says_again(act, stages=changes_only):
            continue
        if isinstance(act, c.RecordEvidence):
            pieces.setdefault(act.kind, []).append(act.evidence_id)
        elif one.rule is not None and one.rule.kind in OF_A_PIECE:
            found = pieces.get(one.rule.name, [])
            if not found:
                none.append(NoPiece(one, phrase("no '{kind}' stands before it", kind=one.rule.name)))
                continue
            act = act.model_copy(update={"evidence_id": found[-1]})
            if one.rule.kind in ("withdraw", "dispute"):
                found.pop()
        acts.append((at, act))
    return acts, none


def left_otherwise(said: Iterable[Said]) -> Iterator[tuple[Said, Phrase]]:
    """The stages that a deal left at another time than the next one begins, each with what is to be looked at."""
    claims = [one for one in said if one.rule is not None and one.rule.kind in CLAIMED]
    claims.sort(key=lambda one: one.dated[0])
    for number, one in enumerate(claims):
        if one.left_at is None:
            continue
        begins = next((later.dated[0] for later in claims[number + 1 :]), None)
        if begins is None:
            yield one, phrase("the deal has left the stage, and no row says where it went: it stands there still")
        elif abs(begins - one.left_at) >= _SAME:
            yield one, phrase("the deal has left the stage at another time than the next begins, which counts")


def changing(rule: FactRule, origin: Origin, reason: str, fields: dict[str, str], zone: str) -> c.Command:
    """The command of a change of evidence, which finds its piece when all is in order, or of a move."""
    match rule.kind:
        case "withdraw":
            return c.WithdrawEvidence(evidence_id="", reason=reason, origin=origin)
        case "dispute":
            return c.DisputeEvidence(evidence_id="", reason=reason, origin=origin)
        case "correct":
            return c.CorrectEvidence(
                evidence_id="", reason=reason, fields=fields, zone=zone, decimal="point", origin=origin
            )
        case "back":
            return c.MoveBack(to=rule.name, reason=reason, origin=origin)
        case "reopen":
            return c.ReopenDeal(to=rule.name, reason=reason, origin=origin)
    raise AssertionError(f"{rule.kind} changes nothing")


def parts_of(rule: FactRule, cells: Cells[str, str]) -> Sequence[tuple[Cells[str, str], str]]:
    """The cells as each fact of the rule reads them, with what tells the facts of one rule apart: one for each part of a list.

    None where a cell is empty that has to be filled.
    """
    if not all(cells.get(column.name) for column in rule.filled):
        return ()
    if rule.each is None:
        return ((cells, ""),)
    return [({**cells, rule.each.cell.name: part}, f"[{part}]") for part in rule.each.parts(cells)]
