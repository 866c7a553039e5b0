"""Dates that a source has corrected: what they dated is told anew at the right instants, where no person has had a part in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow.application.imports.keys import Imported, fact_of, name_of, ordered_key
from dealflow.application.imports.plans import Dated, DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal
from dealflow.domain.track.told_anew import StandsAgain, placed_by, stands_again
from dealflow.domain.values.unreadable import is_unreadable

_OPENED = "opened"
_CLAIMS = (c.ClaimStage, c.ClaimOutcome)


@dataclass(frozen=True, slots=True)
class ToldAnew:
    """`first` are put on record before everything else, `acts` are then told; `kept` is the number of dates that stay."""

    first: tuple[e.Fact, ...] = ()
    acts: tuple[Dated, ...] = ()
    dates: int = 0
    kept: int = 0


def told_anew(
    plan: DealPlan, deal: Deal, recorded: Sequence[e.Recorded], imported: Imported, new: Sequence[Dated]
) -> ToldAnew:
    """What the corrected dates of this plan come to; `new` is what it says beside them, which keeps its own dates."""
    file = plan.export.file
    is_dated_otherwise = any(imported.is_dated_otherwise(_key(act), file) for _, act in plan.acts)
    if not is_dated_otherwise and not any(isinstance(act, _CLAIMS) for _, act in new):
        return ToldAnew()
    known = _Known.of(plan, deal, recorded, new)
    behind = known.dated_before_what_it_takes_back(new)
    # A date that is only written in another way is the same.
    corrected = [
        one for one in known.dated if imported.is_dated_otherwise(one.key, file) and one.at != known.was.get(one.fact)
    ]
    if not corrected and not behind:
        return ToldAnew()
    claims = [one for one in corrected if isinstance(one.act, _CLAIMS)]
    opened = next((one for one in corrected if isinstance(one.act, c.OpenDeal)), None)
    milestones = tuple(_milestones(corrected, deal, imported.last_order, plan))
    others = len(corrected) - len(claims) - len(milestones) // 2 - (opened is not None)
    if not claims and opened is None and not behind:
        return ToldAnew(acts=milestones, dates=len(milestones) // 2, kept=others)
    versions = [version for one in (*claims, *behind) for version in known.rests_on(one)]
    told_from = known.with_the_end_of_what_is_opened_again(min(versions, default=None))
    behind_opening = recorded[0].stamp.version + 1 if recorded else 2
    from_version = behind_opening if opened else told_from
    if from_version is None:
        # What has placed nothing is said again, so that it is known what the source said last.
        # Not where a person has made it otherwise: that stands against what the source had said.
        so = [one for one in claims if _is_so(one.act, deal)]
        said = ((one.at, one.act) for one in so)
        return ToldAnew(acts=(*said, *milestones), dates=len(so), kept=len(claims) - len(so) + others)
    stands = stands_again(recorded, deal, from_version)
    if stands is None:
        if opened is None or claims or not _keeps_its_order(deal, opened.at):
            stays = len(claims) + len(behind) + (opened is not None)
            return ToldAnew(acts=milestones, dates=len(milestones) // 2, kept=stays + others)
        fact = _correction(known, [opened], deal, None, from_version=deal.version + 1)
        first = (fact, _opening(opened, recorded, imported.last_order, plan))
        return ToldAnew(first, milestones, dates=1 + len(milestones) // 2, kept=len(behind) + others)
    told = [*([opened] if opened else ()), *claims, *behind]
    fact = _correction(known, told, deal, stands, from_version=from_version)
    opening = (_opening(opened, recorded, imported.last_order, plan),) if opened else ()
    acts = (*_retold(known, deal, stands, from_version, new), *milestones)
    dates = len(told) - len(behind) + len(milestones) // 2
    return ToldAnew((fact, *opening), acts, dates=dates, kept=others)


@dataclass(frozen=True, slots=True)
class _Said:
    """One dated act of a plan, with what it is known by."""

    at: datetime
    act: c.Command
    key: str

    @property
    def fact(self) -> str:
        return fact_of(self.key)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the plan says that is on record already: its acts, when each was effective, and what of them places the deal."""

    dated: tuple[_Said, ...]
    was: Mapping[str, datetime]
    placed: Mapping[str, e.Recorded]
    in_force: tuple[e.Recorded, ...]
    source: str
    says: Mapping[str, datetime]

    @classmethod
    def of(cls, plan: DealPlan, deal: Deal, recorded: Sequence[e.Recorded], new: Sequence[Dated]) -> "_Known":
        said_now = {fact_of(_key(act)) for _, act in new}
        dated = tuple(
            _Said(at, act, _key(act))
            for at, act in plan.acts
            if not isinstance(act, c.RecordEvidence) and fact_of(_key(act)) not in said_now
        )
        in_force = tuple(placed_by(recorded))
        was = {fact_of(one.fact.origin.key): one.fact.effective_at for one in recorded if one.fact.origin}
        placed = {
            fact_of(one.fact.origin.key): one for one in in_force if one.fact.origin and not _only_agrees(one.fact)
        }
        was |= {fact: one.fact.effective_at for fact, one in placed.items()}
        was[fact_of(_key(plan.opening))] = deal.opened_at
        source = plan.opening.origin.source if plan.opening.origin else ""
        return cls(dated, was, placed, in_force, source, {fact_of(_key(act)): at for at, act in plan.acts})

    def dated_before_what_it_takes_back(self, new: Sequence[Dated]) -> tuple[_Said, ...]:
        """The new claims that are dated before something that has placed the deal: they come out only in the order of dates."""
        last = max((one.fact.effective_at for one in self.in_force), default=None)
        claims = [_Said(at, act, _key(act)) for at, act in new if isinstance(act, _CLAIMS)]
        return tuple(one for one in claims if last is not None and one.at < last)

    def rests_on(self, one: _Said) -> Iterator[int]:
        """The versions of what this claim has placed, and of what else has placed the deal from its new date on."""
        placed = self.placed.get(one.fact)
        if placed is not None:
            yield placed.stamp.version
        if placed is not None or one.fact not in self.was:
            yield from (known.stamp.version for known in self.in_force if known.fact.effective_at >= one.at)

    def with_the_end_of_what_is_opened_again(self, version: int | None) -> int | None:
        """This version, or that of the first end where a reopening is told anew: what it restored is on no later state."""
        if version is None or not any(
            isinstance(one.fact, e.DealReopened | e.StageMovedBack) and one.stamp.version >= version
            for one in self.in_force
        ):
            return version
        ends = (one for one in self.in_force if isinstance(one.fact, e.DealWon | e.DealLost | e.DealCancelled))
        return min([version, *(one.stamp.version for one in ends)])


def _key(act: c.Act) -> str:
    assert act.origin is not None
    return act.origin.key


def _is_so(act: c.Command, deal: Deal) -> bool:
    """Whether the deal stands as this claims."""
    if isinstance(act, c.ClaimOutcome):
        return deal.outcome.value == act.outcome
    return not deal.in_progress or (isinstance(act, c.ClaimStage) and deal.stage == act.stage)


def _only_agrees(fact: e.Fact) -> bool:
    """Whether the deal stood there already."""
    return isinstance(fact, e.StageClaimed) and fact.from_stage == fact.to_stage


def _keeps_its_order(deal: Deal, at: datetime) -> bool:
    """Whether the deal opened before it first moved, by this date as well."""
    ended = deal.visits[0].left_at
    return ended is None or at <= ended


def _correction(
    known: _Known, told: Iterable[_Said], deal: Deal, stands: StandsAgain | None, *, from_version: int
) -> e.DatesCorrected:
    dates = tuple(
        e.DateCorrected(claim=_claim(one, known.source), was=known.was[one.fact], now=one.at)
        for one in told
        if one.fact in known.was and known.was[one.fact] != one.at
    )
    removed = [one.fact.effective_at for one in known.in_force if one.stamp.version >= from_version]
    opens_anew = any(one.claim == _OPENED for one in dates)
    origin = next(one.act.origin for one in told)
    assert origin is not None
    return e.DatesCorrected(
        effective_at=min([*removed, *(one.was for one in dates)]),
        origin=origin.model_copy(update={"key": f"{known.source}/dates"}),
        dates=dates,
        from_version=from_version,
        to_visit=stands.to_visit if stands else None,
        outcome=(stands.outcome if stands else deal.outcome).value,
        opens_anew=opens_anew,
    )


def _claim(one: _Said, source: str) -> str:
    return _OPENED if isinstance(one.act, c.OpenDeal) else " ".join(name_of(one.key, source))


def _opening(opened: _Said, recorded: Sequence[e.Recorded], last: int, plan: DealPlan) -> e.DealOpened:
    """The opening as it was told, at its right date; what else the source says of the deal is said apart."""
    fact = next(one.fact for one in recorded if isinstance(one.fact, e.DealOpened))
    dated = (part for part in opened.key.split(";") if part.startswith(("dated=", "read=")))
    key = ordered_key(";".join([opened.fact, *dated]), last + 1, plan.export)
    assert opened.act.origin is not None
    origin = opened.act.origin.model_copy(update={"key": key})
    customer = fact.customer
    if customer is not None and is_unreadable(customer.name):
        customer = customer.model_copy(update={"name": None})
    return fact.model_copy(update={"effective_at": opened.at, "origin": origin, "customer": customer})


def _retold(known: _Known, deal: Deal, stands: StandsAgain, from_version: int, new: Sequence[Dated]) -> Iterator[Dated]:
    """The claims behind the visit that the deal stands in again: as the plan has them, those of others as they were told.

    Of these none that would come behind what was said of the same since: by then it is no longer so.
    """
    entered_at = next(visit.entered_at for visit in deal.visits if visit.number == stands.to_visit)
    mine: dict[str, datetime] = {}
    for one in known.dated:
        if not isinstance(one.act, _CLAIMS):
            continue
        placed = known.placed.get(one.fact)
        if placed.stamp.version >= from_version if placed else one.fact in known.was and one.at >= entered_at:
            mine[one.fact] = one.at
            yield one.at, one.act
    said_now = {fact_of(_key(act)): at for at, act in new}
    since = {
        "outcome": min((at for at, act in new if isinstance(act, c.ClaimOutcome | c.ClaimOpen)), default=None),
        # Where it stands is said with an end as well.
        "stage": min((at for at, act in new if isinstance(act, _CLAIMS)), default=None),
    }
    others: list[Dated] = []
    for stored in reversed(known.in_force):
        act = _claimed(stored.fact)
        if stored.stamp.version < from_version or act is None or act.origin is None:
            continue
        what = "stage" if isinstance(act, c.ClaimStage) else "outcome"
        later, own = since[what], mine.get(fact_of(act.origin.key))
        at = own or stored.fact.effective_at
        if own is None and not _is_replaced(act.origin.key, at, said_now, known) and (later is None or at < later):
            others.append((at, act))
        since[what] = at if later is None else min(at, later)
    yield from reversed(others)


def _is_replaced(key: str, at: datetime, said_now: Mapping[str, datetime], known: _Known) -> bool:
    """Whether what is said now stands for this; not where it is only said again at a later instant, at the same date."""
    now = said_now.get(fact_of(key))
    return now is not None and not (at == known.says.get(fact_of(key)) and at < now)


def _claimed(fact: e.Fact) -> c.ClaimStage | c.ClaimOutcome | c.ClaimOpen | None:
    """The claim that a fact came from; None where another fact stands for it."""
    at, origin = fact.effective_at, fact.origin
    match fact:
        case e.StageClaimed():
            return c.ClaimStage(stage=fact.to_stage, observed_at=at, origin=origin)
        case e.DealWon():
            amount = fact.amount if fact.confirms else None
            return c.ClaimOutcome(outcome="won", observed_at=at, amount=amount, origin=origin)
        case e.DealLost():
            return c.ClaimOutcome(outcome="lost", observed_at=at, reason=fact.reason, origin=origin)
        case e.DealCancelled():
            return c.ClaimOutcome(outcome="cancelled", observed_at=at, reason=fact.reason, origin=origin)
        case e.DealReopened() | e.StageMovedBack() if origin is not None and name_of(origin.key, origin.source) == (
            "outcome",
            "open",
        ):
            return c.ClaimOpen(observed_at=at, origin=origin)
    return None


def _milestones(corrected: Iterable[_Said], deal: Deal, last: int, plan: DealPlan) -> Iterator[Dated]:
    """A milestone at another date: the one on record is taken back, and recorded anew."""
    for one in corrected:
        act = one.act
        state = deal.milestones.get(act.milestone) if isinstance(act, c.RecordMilestone) else None
        if not isinstance(act, c.RecordMilestone) or state is None or state.withdrawn or act.origin is None:
            continue
        key = ordered_key(f"{act.origin.source}/milestone-back:{act.milestone}", last + 1, plan.export)
        origin = act.origin.model_copy(update={"key": key})
        yield (
            deal.recorded_at,
            c.WithdrawMilestone(milestone=act.milestone, reason=act.origin.source, origin=origin),
        )
        again = act.origin.model_copy(update={"key": ordered_key(one.key, last + 1, plan.export)})
        yield deal.recorded_at, act.model_copy(update={"origin": again})
