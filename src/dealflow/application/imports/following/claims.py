"""What a source says of where a deal stands, and which of it the deal has to hear: what is new, and what is said again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dealflow.application.imports.following.gone import is_gone
from dealflow.application.imports.keys import Imported, Place, fact_key, fact_of, is_ordered, name_of
from dealflow.application.imports.plans import Dated, DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import Closed, Deal, Outcome

Claim = c.ClaimStage | c.ClaimOutcome | c.ClaimOpen | c.ReopenDeal | c.MoveBack
_NOWHERE = Place()


def in_the_order_of(plan: DealPlan, acts: Sequence[Dated]) -> list[Dated]:
    """The same acts, claims in the order in which the plan says them: the last is where the source says that the deal stands.

    What was said before comes first, and that the deal is open again before what is said of it since.
    """
    index = {fact_of(_origin(act).key): number for number, (_, act) in enumerate(plan.acts)}

    def place(dated: Dated) -> int:
        key = _origin(dated[1]).key
        return -1 if is_ordered(key) or isinstance(dated[1], c.ClaimOpen) else index.get(fact_of(key), len(index))

    claims = iter(sorted((dated for dated in acts if isinstance(dated[1], Claim)), key=place))
    return [next(claims) if isinstance(dated[1], Claim) else dated for dated in acts]


def _origin(act: c.Act) -> Origin:
    assert act.origin is not None
    return act.origin


@dataclass(slots=True)
class SourceSays:
    """What a plan says of where its deal stands, in the order of its dates."""

    place: Place = _NOWHERE
    stage: Dated | None = None
    outcome: Dated | None = None
    all: list[Dated] = field(default_factory=list)

    @classmethod
    def of(cls, plan: DealPlan, source: str, first_stage: str) -> "SourceSays":
        """Of a plan that says nothing of it the deal stands in its first stage."""
        found = cls()
        for at, act in plan.acts:
            if isinstance(act, Claim):
                found.all.append((at, act))
                found.place = found.place.after(*name_of(_origin(act).key, source))
                found.stage = (at, act) if isinstance(act, c.ClaimStage) else found.stage
                found.outcome = (at, act) if isinstance(act, c.ClaimOutcome) else found.outcome
        if not found.all:
            found.place = Place(first_stage)
        return found


def followed(
    plan: DealPlan, deal: Deal, new: list[Dated], imported: Imported, first_stage: str, now: datetime
) -> list[Dated]:
    """What is new, and what the source says again since it has said something else: its last word, and that a deal is open.

    Each has the date of its cell; only what has none, or says nothing that the source had taken back, is dated at the export.
    """
    source, speaks = _origin(plan.opening).source, plan.export.speaks
    says = SourceSays.of(plan, source, first_stage)
    last = imported.last_place(plan.export.file)
    again_at = max(now if plan.export.at is None else min(plan.export.at, now), plan.opening.opened_at or now)
    is_new = {id(act) for _, act in new}
    # That it is in the export again, each full export says.
    turns = ("outcome" in speaks or is_gone(imported, source, plan.export)) and says.place.outcome != last.outcome
    # A file that says nothing of the stage says no more than before; one that does is compared with what the source said.
    stood_in = last.stage or (imported.last_place("").stage if says.all else None) or first_stage
    moves = "stage" in speaks and says.place.stage not in (None, stood_in)
    if any(reject.costs == "fact" for reject in plan.rejects):
        turns = moves = False  # where it stands may be said by what cannot be used
    acts = list(new)
    ended_at = _ended_at(deal)
    # What the source dates behind the end that it takes back now, it has not said before.
    behind = [dated for dated in says.all if id(dated[1]) not in is_new and dated[0] > ended_at]
    behind = [(at, act) for at, act in behind if imported.is_dated_otherwise(_origin(act).key, plan.export.file)]

    if turns and last.outcome is not None:
        stages = [(at, act) for at, act in behind if isinstance(act, c.ClaimStage)]
        acts += stages
        is_new |= {id(act) for _, act in stages}
    if turns and says.outcome is not None and says.place.outcome is not None and id(says.outcome[1]) not in is_new:
        acts.append(_dated(*says.outcome))
    if turns and last.outcome is not None:
        acts = _opened_again(acts, says, plan, deal, again_at)
    # Once it is open again it stands where the source says now, whatever the end has hidden of that.
    opens = turns and says.place.outcome is None and "stage" in speaks
    if opens or moves:
        if says.stage is None:
            origin = _origin(plan.opening).model_copy(update={"key": fact_key(source, f"stage:{first_stage}")})
            acts.append(_dated(again_at, c.ClaimStage(stage=first_stage, origin=origin)))
        elif id(says.stage[1]) not in is_new:
            at, act = says.stage
            is_otherwise = moves or imported.is_dated_otherwise(_origin(act).key, plan.export.file)
            acts.append(_dated(at if is_otherwise else again_at, act))
    return acts


def _dated(at: datetime, act: c.Command) -> Dated:
    return at, act.model_copy(update={"observed_at": at})


def _ended_at(deal: Deal) -> datetime:
    """When the deal ended as it stands; its opening where it has not."""
    return deal.life.at if isinstance(deal.life, Closed) else deal.win.at if deal.win else deal.opened_at


def _opened_again(acts: list[Dated], says: SourceSays, plan: DealPlan, deal: Deal, again_at: datetime) -> list[Dated]:
    """With the claim that the deal is open, before what the source says of it since: at the first date behind the end."""
    ended_at = _ended_at(deal)
    later = [at for at, act in acts if isinstance(act, c.ClaimStage) and at > ended_at]
    if says.place.outcome is not None and (not later or deal.outcome is Outcome.OPEN):
        return acts
    opened_at = min(later) if later else again_at
    opening = _origin(plan.opening)
    origin = opening.model_copy(update={"key": fact_key(opening.source, "outcome:open")})
    return [(opened_at, c.ClaimOpen(observed_at=opened_at, origin=origin)), *acts]
