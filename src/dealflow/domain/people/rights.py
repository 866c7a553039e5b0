"""The table of rights: who may do what, as it is shipped, with what `people.yaml` says instead."""

from collections.abc import Mapping
from typing import Literal, get_args

from dealflow.domain.values.frozen import Frozen

DealAct = Literal[
    "open",
    "record_evidence",
    "record_milestone",
    "plan_step",
    "complete_step",
    "record_activity",
    "withdraw_evidence",
    "correct_evidence",
    "dispute_evidence",
    "withdraw_milestone",
    "amend",
    "back",
    "close",
    "lose",
    "cancel",
    "reassign",
    "reopen",
    "waive",
    "override",
    "win",
    "confirm",
    "decide",
]
StoreAct = Literal[
    "publish",
    "import",
    "people",
    "calendars",
    "notify",
    "customer",
    "merge",
    "erase",
    "rekey",
    "token",
    "store",
    "audit",
]
RightsAct = DealAct | StoreAct
# What people.yaml may ask a second person for.
TwoPersonAct = Literal["publish", "erase"]
# `above`: whoever answers for the deal. `author`: who recorded the piece and still may; `former_author`: who no longer may.
Holder = Literal[
    "owner",
    "deputy",
    "above",
    "author",
    "former_author",
    "integrator",
    "operations",
    "director",
    "manager",
    "seller",
    "auditor",
]
DEAL_ACTS: tuple[DealAct, ...] = get_args(DealAct)
STORE_ACTS: tuple[StoreAct, ...] = get_args(StoreAct)
ROLES_OF_HOLDERS: tuple[Holder, ...] = ("operations", "director", "manager", "seller")
# What only reads can be an auditor's.
READING: frozenset[StoreAct] = frozenset({"audit"})
# Nobody does these on a deal they own, whatever the table says.
JUDGING: frozenset[DealAct] = frozenset({"waive", "override", "win", "confirm", "decide"})
ON_EVIDENCE: frozenset[DealAct] = frozenset({"withdraw_evidence", "correct_evidence", "dispute_evidence"})
SHIPPED: Mapping[RightsAct, tuple[Holder, ...]] = {
    "open": ("owner", "deputy", "above", "operations"),
    "record_evidence": ("owner", "deputy", "above", "integrator"),
    "record_milestone": ("owner", "deputy", "above"),
    "plan_step": ("owner", "deputy", "above"),
    "complete_step": ("owner", "deputy", "above"),
    "record_activity": ("owner", "deputy", "above"),
    "withdraw_evidence": ("owner", "author", "above"),
    "correct_evidence": ("owner", "author", "above"),
    "dispute_evidence": ("owner", "author", "former_author", "above"),
    "withdraw_milestone": ("owner", "above"),
    "amend": ("owner", "above"),
    "back": ("owner", "above"),
    "close": ("owner", "above"),
    "lose": ("owner", "above"),
    "cancel": ("owner", "above"),
    "publish": ("operations",),
    "import": ("operations",),
    "people": ("operations",),
    "calendars": ("operations",),
    "notify": ("operations",),
    "customer": ("operations", "director", "manager", "seller"),
    "merge": ("operations",),
    "erase": ("operations",),
    "rekey": ("operations",),
    # Of others; one of their own everybody has.
    "token": ("operations",),
    "store": ("operations",),
    "audit": ("auditor",),
}
_ABOVE: tuple[Holder, ...] = ("above",)


def holders_possible(act: RightsAct) -> tuple[Holder, ...]:
    """Who can be named for an act: a judging act never its owner, an act on the store only roles."""
    if act in STORE_ACTS:
        return ("auditor", *ROLES_OF_HOLDERS) if act in READING else ROLES_OF_HOLDERS
    possible: tuple[Holder, ...] = ("deputy", "above", *ROLES_OF_HOLDERS)
    if act not in JUDGING:
        possible = ("owner", *possible)
    if act in ON_EVIDENCE:
        possible = (*possible, "author", "former_author")
    return (*possible, "integrator") if act == "record_evidence" else possible


class Rights(Frozen):
    """What `people.yaml` says instead of the shipped table, act by act, and what takes a second person."""

    changed: dict[RightsAct, tuple[Holder, ...]] = {}
    second_person: tuple[TwoPersonAct, ...] = ()

    def of(self, act: RightsAct) -> tuple[Holder, ...]:
        """Who may; what no table names is for those above."""
        return self.changed.get(act) or SHIPPED.get(act, _ABOVE)
