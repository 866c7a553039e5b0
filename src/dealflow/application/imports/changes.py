"""What of a plan is new to a deal: facts it has not heard, fields that the source has changed, claims that it took back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dealflow.application.imports.keys import Imported, fact_key, fact_of, ordered_key
from dealflow.application.imports.plans import Dated, DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.amend import says_what_waits
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, refuse

Claim = c.ClaimStage | c.ClaimOutcome


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The acts to be replayed; `kept`: fields that a person has set and the source has not touched since.

    `dates_not_changed` and `evidence_not_changed`: facts on record that the source says otherwise now, and that stay.
    """

    acts: tuple[Dated, ...]
    kept: tuple[str, ...] = ()
    dates_not_changed: int = 0
    evidence_not_changed: tuple[str, ...] = ()


def outstanding(plan: DealPlan, deal: Deal | None, first_stage: str, now: datetime) -> Outstanding:
    """The acts of the plan that the deal has not had; CommandRefused when it is another's deal of the same id."""
    if deal is None:
        return Outstanding(tuple(_in_order(plan.acts, 0)))
    opening = plan.opening
    source = _origin(opening).source
    imported = Imported.of(deal.imported, source)
    new = [(at, act) for at, act in plan.acts if not imported.has(_origin(act).key)]
    if not imported.has(_origin(opening).key):
        if not any(Imported.of(deal.imported, other).has(fact_key(other, "open")) for other in plan.adds_to):
            raise refuse(Code.DEAL_EXISTS, deal.id)
        # The deal is another source's, which says what it is; this one adds to what happened.
        happened = [(at, act) for at, act in new if act is not opening]
        return Outstanding(tuple(_in_order(happened, imported.last_order)))
    states = _States.of(plan, new)
    amended, kept = _amendments(deal, opening, states, imported, source, now)
    dates = sum(imported.dated_otherwise(_origin(act).key) for _, act in plan.acts)
    new = _in_order(new, imported.last_order)
    again = _said_again(plan, new, imported, source, first_stage, now)
    return Outstanding((*new, *again, *amended), kept, dates)


def _origin(act: c.Act) -> Origin:
    assert act.origin is not None
    return act.origin


def _in_order(acts: tuple[Dated, ...] | list[Dated], last: int) -> list[Dated]:
    """Number the claims on from the last one that is known."""
    numbered: list[Dated] = []
    for at, act in acts:
        if isinstance(act, Claim):
            last += 1
            origin = _origin(act)
            ordered = origin.model_copy(update={"key": ordered_key(origin.key, last)})
            numbered.append((at, act.model_copy(update={"origin": ordered})))
        else:
            numbered.append((at, act))
    return numbered


def _said_again(
    plan: DealPlan, new: list[Dated], imported: Imported, source: str, first_stage: str, now: datetime
) -> list[Dated]:
    """The plan's last claim once more, when the source has said something else since it said this."""
    at_first = fact_key(source, f"stage:{first_stage}")
    opening = plan.opening
    claims = [act for _, act in plan.acts if isinstance(act, Claim)]
    last = claims[-1] if claims else None
    says = fact_of(_origin(last).key) if last else at_first
    said = [*imported.claims, *(fact_of(_origin(act).key) for _, act in new if isinstance(act, Claim))]
    if says == (said[-1] if said else at_first):
        return []
    order = imported.last_order + sum(isinstance(act, Claim) for _, act in new) + 1
    origin = _origin(last or opening).model_copy(update={"key": ordered_key(says, order)})
    again = (
        last.model_copy(update={"observed_at": now, "origin": origin})
        if last
        else c.ClaimStage(stage=first_stage, observed_at=now, origin=origin)
    )
    return [(now, again)]


@dataclass(frozen=True, slots=True)
class _States:
    """The amount and the owner that a plan comes to in the end; None where a new act brings it itself."""

    amount: Money | None
    owner: str | None

    @classmethod
    def of(cls, plan: DealPlan, new: list[Dated]) -> "_States":
        """What the plan says last."""
        amounts = [act for _, act in plan.acts if isinstance(act, c.ClaimOutcome | c.AmendDeal) and act.amount]
        owners = [act for _, act in plan.acts if isinstance(act, c.ReassignDeal)]
        acts = [act for _, act in new]
        return cls(
            amount=None if _any_of(amounts, acts) else amounts[-1].amount if amounts else plan.opening.amount,
            owner=None if _any_of(owners, acts) else owners[-1].owner if owners else plan.opening.owner,
        )


def _any_of(some: Sequence[c.Act], acts: Sequence[c.Act]) -> bool:
    return any(one is act for one in some for act in acts)


def _amendments(
    deal: Deal, opening: c.OpenDeal, states: _States, imported: Imported, source: str, now: datetime
) -> tuple[list[Dated], tuple[str, ...]]:
    """One act for what the source has changed of the deal's fields, one for its owner; and what a person has set instead."""
    theirs = opening.attributes
    ours = {key: deal.attributes[key] for key in theirs if key in deal.attributes}
    customer = opening.customer.id if opening.customer else None
    said: dict[str, tuple[Any, Any]] = {
        "title": (opening.title, deal.title),
        "customer": (customer, deal.customer.id if deal.customer else None),
        "amount": (states.amount, deal.amount),
        "attributes": (theirs or None, ours),
        "owner": (states.owner, deal.owner),
    }
    differing = {name: pair for name, pair in said.items() if pair[0] is not None and pair[0] != pair[1]}
    changed = {name: new for name, (new, old) in differing.items() if _is_the_sources(name, new, old, imported)}
    kept = tuple(name for name in differing if name not in changed)
    acts: list[Dated] = []

    def origin(**content: object) -> Origin:
        return _origin(opening).model_copy(update={"key": fact_key(source, "amend", **content)})

    fields = {name: value for name, value in changed.items() if name != "owner"}
    # The source says the amount that a person has set, and that waits for somebody above: this confirms it.
    if says_what_waits(deal, states.amount):
        fields["amount"] = states.amount
    if fields:
        values = {
            **fields,
            **({"customer": opening.customer} if "customer" in fields else {}),
            **({"attributes": {k: v for k, v in theirs.items() if ours.get(k) != v}} if "attributes" in fields else {}),
        }
        acts.append((now, c.AmendDeal(**values, origin=origin(**fields))))
    if "owner" in changed:
        acts.append((now, c.ReassignDeal(owner=changed["owner"], origin=origin(owner=changed["owner"]))))
    return acts, kept


def _is_the_sources(name: str, new: object, old: object, imported: Imported) -> bool:
    """Whether the source changed this: it never said so before, or what stands there now is its own later word."""
    return not imported.said(name, new) or imported.said(name, old)
