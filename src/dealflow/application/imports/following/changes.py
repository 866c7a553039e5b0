"""What of a plan is new to a deal: facts it has not heard, fields that the source has changed, claims that it took back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from dealflow.application.imports.followed import FollowedWhat, KeptWhat, NotChangedWhat, SetByHand
from dealflow.application.imports.following.claims import SourceSays, followed, in_the_order_of
from dealflow.application.imports.following.dates import ToldAnew, told_anew
from dealflow.application.imports.following.gone import is_gone
from dealflow.application.imports.keys import (
    EMPTIED,
    Imported,
    Place,
    content_digest,
    fact_key,
    is_ordered,
    ordered_key,
)
from dealflow.application.imports.plans import Dated, DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import DealAmended, DealOpened, Fact, Origin, Recorded
from dealflow.domain.deal.state import Deal, Outcome
from dealflow.domain.decide.amend import says_what_waits
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, refuse

_CLEARED: tuple[Literal["customer", "amount", "owner"], ...] = ("customer", "amount", "owner")
_EMPTIED: dict[str, FollowedWhat] = {
    "customer": "customer_cleared",
    "amount": "amount_cleared",
    "owner": "owner_cleared",
}
# What a source says again when it changes its mind: the last of these is what it says now.
_STATEMENT = (
    c.ClaimStage, c.ClaimOutcome, c.ClaimOpen, c.ReopenDeal, c.MoveBack, c.AmendDeal, c.ReassignDeal, c.ClearFields
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The acts to be replayed; `first` are the facts behind which they are told anew.

    `followed` is what the source has changed since and the deal follows, `stays` what it does not follow, each with the number
    of facts. `kept` are fields that a person has set and the source has not touched since. `place` is where the source says
    that the deal stands, None where this export does not say it; `is_older`: it is older than what is on record.
    """

    acts: tuple[Dated, ...]
    first: tuple[Fact, ...] = ()
    followed: dict[FollowedWhat, int] = field(default_factory=dict)
    stays: dict[NotChangedWhat, int] = field(default_factory=dict)
    kept: tuple[SetByHand, ...] = ()
    place: Place | None = None
    is_older: bool = False


def differs(says: Place | None, deal: Deal) -> Iterator[SetByHand]:
    """Where the deal stands otherwise than its source says, and not by the gate alone."""
    if says is None:
        return
    outcome = says.outcome or Outcome.OPEN.value
    by_gate = deal.win is not None and deal.win.basis == "gate" and deal.outcome is Outcome.WON
    if outcome != deal.outcome.value and not by_gate:
        yield SetByHand("outcome", outcome, deal.outcome.value)
    elif says.stage not in (None, deal.stage) and deal.outcome is Outcome.OPEN and deal.visits[-1].how != "advanced":
        yield SetByHand("stage", says.stage or "", deal.stage)


def outstanding(
    plan: DealPlan,
    deal: Deal | None,
    first_stage: str,
    now: datetime,
    *,
    recorded: Sequence[Recorded] = (),
    exported_at: datetime | None = None,
) -> Outstanding:
    """The acts of the plan that the deal has not had; CommandRefused when it is another's deal of the same id.

    `recorded` is the deal's stream. `exported_at` is the latest export of the same file that was imported.
    """
    if deal is None:
        return Outstanding(tuple(_in_order(plan.acts, 0, plan)))
    if plan.is_gone:
        source = _origin(plan.acts[0][1]).source
        last = Imported.of(deal.imported, source, plan.export).last_order
        return Outstanding(tuple(_in_order(plan.acts, last, plan)), followed={"gone": 1})
    opening = plan.opening
    source = _origin(opening).source
    imported = Imported.of(deal.imported, source, plan.export)
    new = [(at, act) for at, act in plan.acts if not imported.has(_origin(act).key)]
    if not imported.has(_origin(opening).key):
        if not any(Imported.of(deal.imported, other).has(fact_key(other, "open")) for other in plan.adds_to):
            raise refuse(Code.DEAL_EXISTS, deal.id)
        # The deal is another source's, which says what it is; this one adds to what happened.
        happened = [(at, act) for at, act in new if act is not opening]
        anew = told_anew(plan, deal, recorded, imported, [*happened, (now, opening)])
        return _with(anew, happened, imported, plan)
    known = [at for at in (imported.exported_at, exported_at) if at is not None]
    if plan.export.at is not None and known and plan.export.at.replace(microsecond=0) < max(known):
        return Outstanding((), stays={"older_export": 1}, is_older=True)
    states = _States.of(plan, new)
    amended, kept, cleared, changed = _amendments(deal, plan, states, imported, now)
    gone = _attributes_gone(deal, plan, recorded)
    emptied, taken = _emptied(cleared, gone, plan, now)
    cleared = tuple(name for name in cleared if name not in plan.export.takes_away)
    heard = followed(plan, deal, new, imported, first_stage, now)
    anew = told_anew(plan, deal, recorded, imported, heard)
    found = _with(anew, [*heard, *amended, *emptied], imported, plan)
    says = SourceSays.of(plan, source, first_stage)
    returns = is_gone(imported, source, plan.export) and says.place.outcome != Outcome.CANCELLED
    return replace(
        found,
        kept=kept,
        followed=found.followed
        | dict[FollowedWhat, int].fromkeys((*changed, *taken, *(["returned"] if returns else ())), 1),
        stays=found.stays | dict[NotChangedWhat, int].fromkeys(cleared, 1),
        place=says.place if "outcome" in plan.export.speaks else None,
    )


def _with(anew: ToldAnew, acts: Sequence[Dated], imported: Imported, plan: DealPlan) -> Outstanding:
    """These acts behind what is told anew, which the source had said before."""
    numbered = _in_order(in_the_order_of(plan, [*anew.acts, *acts]), imported.last_order, plan)
    return Outstanding(tuple(numbered), anew.first, {"date": anew.dates}, {"date": anew.kept})


def _origin(act: c.Act) -> Origin:
    assert act.origin is not None
    return act.origin


def _in_order(acts: Sequence[Dated], last: int, plan: DealPlan) -> list[Dated]:
    """Number what may be said again on from the last that is known."""
    numbered: list[Dated] = []
    for at, act in acts:
        if isinstance(act, _STATEMENT) and not is_ordered(_origin(act).key):
            last += 1
            numbered.append((at, _numbered(act, last, plan)))
        elif isinstance(act, c.OpenDeal):
            numbered.append((at, _numbered(act, 0, plan)))
        elif isinstance(act, c.RecordEvidence | c.RecordMilestone) and not is_ordered(_origin(act).key):
            # Not in order with what may be said again, but it is known which export has said it.
            numbered.append((at, _numbered(act, 0, plan)))
        else:
            numbered.append((at, act))
    return numbered


def _numbered(act: c.Command, order: int, plan: DealPlan) -> c.Command:
    origin = _origin(act)
    key = ordered_key(origin.key, order, plan.export)
    # Made anew, in a fifth of the time of a copy.
    numbered = Origin(source=origin.source, row=origin.row, key=key, inferred=origin.inferred)
    return act.model_copy(update={"origin": numbered})


@dataclass(frozen=True, slots=True)
class _States:
    """The amount and the owner that a plan comes to in the end; None where a new act brings it itself."""

    amount: Money | None
    owner: str | None
    brought: tuple[str, ...]

    @classmethod
    def of(cls, plan: DealPlan, new: list[Dated]) -> "_States":
        """What the plan says last."""
        amounts = [act for _, act in plan.acts if isinstance(act, c.ClaimOutcome | c.AmendDeal) and act.amount]
        owners = [act for _, act in plan.acts if isinstance(act, c.ReassignDeal)]
        acts = [act for _, act in new]
        brought = [name for name, some in (("amount", amounts), ("owner", owners)) if _any_of(some, acts)]
        return cls(
            amount=None if "amount" in brought else amounts[-1].amount if amounts else plan.opening.amount,
            owner=None if "owner" in brought else owners[-1].owner if owners else plan.opening.owner,
            brought=tuple(brought),
        )


def _any_of(some: Sequence[c.Act], acts: Sequence[c.Act]) -> bool:
    return any(one is act for one in some for act in acts)


def _amendments(
    deal: Deal, plan: DealPlan, states: _States, imported: Imported, now: datetime
) -> tuple[list[Dated], tuple[SetByHand, ...], tuple[NotChangedWhat, ...], tuple[KeptWhat, ...]]:
    """One act for what the source has changed of the deal's fields, one for its owner; what a person has set instead;
    what the source has emptied, which stays; and what the acts change.
    """
    opening, file = plan.opening, plan.export.file
    source = _origin(opening).source
    theirs = opening.attributes
    ours = {key: deal.attributes[key] for key in theirs if key in deal.attributes}
    customer = opening.customer.id if opening.customer else None
    said: dict[KeptWhat, tuple[Any, Any]] = {
        "title": (opening.title, deal.title),
        "customer": (customer, deal.customer.id if deal.customer else None),
        "amount": (states.amount, deal.amount),
        "attributes": (theirs or None, ours),
        "owner": (states.owner, deal.owner),
    }
    differing = {name: pair for name, pair in said.items() if pair[0] is not None and pair[0] != pair[1]}
    changed = {name: new for name, (new, old) in differing.items() if _is_the_sources(name, new, old, imported, file)}
    kept = tuple(
        SetByHand(name, _shown(new), _shown(old)) for name, (new, old) in differing.items() if name not in changed
    )
    cleared = tuple(
        name
        for name in _CLEARED
        if said[name][0] is None
        and said[name][1]
        and name not in states.brought
        and imported.last_said(name, file) not in (None, EMPTIED)
        and not any(reject.costs != "nothing" for reject in plan.rejects)  # it may stand in what cannot be used
    )
    acts: list[Dated] = []

    def origin(**content: object) -> Origin:
        return _origin(opening).model_copy(update={"key": fact_key(source, "amend", **content)})

    fields: dict[str, Any] = {name: value for name, value in changed.items() if name != "owner"}
    # The source says the amount that a person has set, and that waits for somebody above: this confirms it.
    if says_what_waits(deal, states.amount):
        fields["amount"] = states.amount
    # What a person has set and the source says now too is nothing new, but it is known that the source has said it.
    agreed = {
        name: new
        for name, (new, old) in said.items()
        if new is not None
        and new == old
        and imported.is_in_order
        and imported.last_said(name, file) is not None
        and imported.last_said(name, file) not in (content_digest(new), _as_given(name, plan))
    }
    fields |= {name: new for name, new in agreed.items() if name != "owner" and name not in states.brought}
    if "owner" in agreed and "owner" not in states.brought:
        changed["owner"] = agreed["owner"]
    if fields:
        values = {
            **fields,
            **({"customer": opening.customer} if "customer" in fields else {}),
            **({"attributes": {k: v for k, v in theirs.items() if ours.get(k) != v}} if "attributes" in fields else {}),
        }
        as_won = "amount" in fields and _is_what_was_won(deal, plan, fields["amount"])
        acts.append((now, c.AmendDeal(**values, as_won=as_won, origin=origin(**fields))))
    if "owner" in changed:
        acts.append((now, c.ReassignDeal(owner=changed["owner"], origin=origin(owner=changed["owner"]))))
    return acts, kept, cleared, tuple(name for name in changed if name not in agreed)


def _as_given(name: str, plan: DealPlan) -> str | None:
    """A customer who was merged into another is said as before."""
    return content_digest(plan.customer_given) if name == "customer" and plan.customer_given is not None else None


def _is_what_was_won(deal: Deal, plan: DealPlan, amount: Money) -> bool:
    """Whether this is another amount of a win that the source itself has claimed."""
    says = any(isinstance(act, c.ClaimOutcome) and act.outcome == "won" and act.amount for _, act in plan.acts)
    return says and deal.win is not None and deal.win.basis == "claimed" and deal.win.amount != amount


def _attributes_gone(deal: Deal, plan: DealPlan, recorded: Sequence[Recorded]) -> tuple[str, ...]:
    """The attributes that this source once gave, that are on record, and that it gives no more."""
    missing = [name for name in deal.attributes if name not in plan.opening.attributes]
    if not missing:
        return ()
    source = _origin(plan.opening).source
    facts = (one.fact for one in recorded if one.fact.origin and one.fact.origin.source == source)
    given = {
        name
        for fact in facts
        if isinstance(fact, DealOpened | DealAmended) and fact.attributes
        for name in fact.attributes
    }
    return tuple(name for name in missing if name in given)


def _emptied(
    cleared: Sequence[NotChangedWhat], attributes: tuple[str, ...], plan: DealPlan, now: datetime
) -> tuple[list[Dated], list[FollowedWhat]]:
    """What is taken away of a deal since the source has emptied it, and the mapping follows that."""
    takes = plan.export.takes_away
    fields = tuple(name for name in _CLEARED if name in cleared and name in takes)
    gone = attributes if "attributes" in takes else ()
    if not fields and not gone:
        return [], []
    opening = _origin(plan.opening)
    key = ";".join([fact_key(opening.source, "amend"), *(f"{name}={EMPTIED}" for name in fields)])
    act = c.ClearFields(fields=fields, attributes=gone, origin=opening.model_copy(update={"key": key}))
    taken: list[FollowedWhat] = [_EMPTIED[name] for name in fields]
    return [(now, act)], [*taken, *(["attributes"] if gone else [])]  # type: ignore[list-item]


def _shown(value: object) -> str:
    """A field as a report shows it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return "" if value is None else str(value)


def _is_the_sources(name: str, new: object, old: object, imported: Imported, file: str) -> bool:
    """Whether the source changed this: it says something else than it said last."""
    if imported.is_in_order:
        return imported.last_said(name, file) != content_digest(new)
    return not imported.said(name, new) or imported.said(name, old)
