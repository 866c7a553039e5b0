"""May this person do this to the deal? The table of rights, the owner's bar, and who is left where nobody stands above."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.stalls import Raised
from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.decide.checks import new_person, unknown
from dealflow.domain.people.answering import answering, answering_in_store
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.rights import JUDGING, DealAct, Holder, RightsAct, StoreAct, TwoPersonAct
from dealflow.domain.people.second import who_confirms_in_store
from dealflow.domain.people.sight import may_see
from dealflow.domain.values.refusal import Code, refuse

# By right, or because nobody else is left.
Grant = Literal["right", "alone"]
_TWO = 2
# Commands that are one act of the table; the others depend on what they name.
_ACTS: Mapping[type[c.Act], DealAct] = {
    c.RecordEvidence: "record_evidence",
    c.ConfirmEvidence: "confirm",
    c.RecordMilestone: "record_milestone",
    c.WithdrawMilestone: "withdraw_milestone",
    c.PlanStep: "plan_step",
    c.CompleteStep: "complete_step",
    c.RecordActivity: "record_activity",
    c.ReassignDeal: "reassign",
    c.WaiveNode: "waive",
    c.OverrideGate: "override",
    c.MoveBack: "back",
    c.WinDeal: "win",
    c.LoseDeal: "lose",
    c.CancelDeal: "cancel",
    c.CloseDeal: "close",
    c.ReopenDeal: "reopen",
}
_CHANGES: Mapping[type[c.Act], DealAct] = {
    c.WithdrawEvidence: "withdraw_evidence",
    c.DisputeEvidence: "dispute_evidence",
    c.CorrectEvidence: "correct_evidence",
}


def counts_as_owner(deal: Deal) -> frozenset[str]:
    """Who owns the deal, and who has owned it and worked on it meanwhile."""
    return deal.worked_as_owner | {deal.owner} if deal.owner is not None else deal.worked_as_owner


def who_confirms(deal: Deal, organisation: Organisation) -> tuple[str, ...]:
    """The ids of those who may agree to what waits for somebody above the owner."""
    return tuple(
        dict.fromkeys(_Rights(organisation, deal.owner, counts_as_owner(deal), deal.recorded_at).may("confirm"))
    )


def sees_deal(person: str, deal: Deal, organisation: Organisation, at: datetime) -> bool:
    """Whether the deal is there for this person."""
    return may_see(person, deal.owner, organisation, at, owned=deal.worked_as_owner, asked=asked_about(deal))


def asked_about(deal: Deal) -> frozenset[str]:
    """Who has an open escalation of the deal before them."""
    open_ones = (stall.escalation for stall in deal.open_stalls)
    return frozenset(person for each in open_ones if isinstance(each, Raised) for person in each.recipients)


def confirms_by(deal: Deal, context: Context) -> Grant | None:
    """Whether what this person does is a confirmation at once; None where it waits for somebody above the owner."""
    return _rights(deal, context).granted("confirm", context.who)


def must_be_permitted(deal: Deal, command: c.Command, context: Context) -> Grant:
    """Refuse a command that this person may not give. Only a live command is asked: an import has been asked as a whole."""
    if context.mode is not Mode.LIVE:
        return "right"
    if command.origin is not None or isinstance(command, c.ClaimStage | c.ClaimOutcome | c.ClaimOpen):
        # What another system says comes in by an import, and not as somebody's word.
        must_be_permitted_in_store("import", context.who, context.organisation)
        return "right"
    grants = [_must(act, deal, command, context) for act in _acts_of(deal, command)]
    return "alone" if "alone" in grants else "right"


def must_be_allowed_to_open(owner: str | None, command: c.OpenDeal, context: Context) -> None:
    """The same for a deal that is not there yet, by who will own it."""
    if context.mode is not Mode.LIVE:
        return
    if command.origin is not None:
        must_be_permitted_in_store("import", context.who, context.organisation)
        return
    must_let_come("open", context.who)
    rights = _Rights(context.organisation, owner, frozenset(), context.at)
    if rights.granted("open", context.who) is None:
        raise refuse(Code.NOT_PERMITTED, "owner", actor=context.who.person, **_those(rights.may("open")))


def must_act_as(who: c.Who, organisation: Organisation) -> None:
    """Refuse somebody who is not of the house, or who may not act for another."""
    if not organisation.declared:
        new_person(who.actor, "actor")
        if who.on_behalf_of:
            raise unknown(Code.UNKNOWN_PERSON, who.on_behalf_of, organisation.people)
        return
    for person in (who.actor, who.on_behalf_of):
        if person is not None and person not in organisation.people:
            raise unknown(Code.UNKNOWN_PERSON, person, organisation.people)
    if who.on_behalf_of and not organisation.may_act_for(who.actor, who.on_behalf_of):
        lent, people = who.on_behalf_of, organisation.people.values()
        may = [person.id for person in people if organisation.may_act_for(person.id, lent)]
        raise refuse(Code.NOT_PERMITTED, f"on behalf of {lent}", actor=who.actor, on_behalf_of=lent, who_may=may)


def must_let_come(act: RightsAct, who: c.Who) -> None:
    """Refuse an act that the token by which somebody came is not good for."""
    if who.by and not who.lets(act):
        raise refuse(Code.TOKEN_LIMITED, act, token=who.by.id, allows=list(who.by.only))


def must_be_permitted_in_store(act: StoreAct, who: c.Who, organisation: Organisation) -> Grant:
    """Refuse an act on the store that others may do; without a `people.yaml` anybody may."""
    must_act_as(who, organisation)
    must_let_come(act, who)
    if not organisation.declared:
        return "right"
    found = answering_in_store(act, organisation)
    if who.person not in found.people:
        raise refuse(Code.NOT_PERMITTED, act, actor=who.person, **_those(found.people))
    return "alone" if found.alone else "right"


def must_leave_a_second(act: TwoPersonAct, who: c.Who, organisation: Organisation) -> None:
    """Refuse what a second person has to confirm where there is none beside who acts, and for whom."""
    could = who_confirms_in_store(act, organisation)
    if not {*could} - {who.actor, who.on_behalf_of}:
        raise refuse(Code.SECOND_PERSON, act, only=list(dict.fromkeys((who.person, *could))))


def must_have_a_say(act: TwoPersonAct, who: c.Who, organisation: Organisation) -> None:
    """Refuse whoever may neither propose nor confirm: they are not told what is proposed."""
    must_act_as(who, organisation)
    must_let_come(act, who)
    could = who_confirms_in_store(act, organisation)
    if organisation.declared and who.person not in could:
        raise refuse(Code.NOT_PERMITTED, act, actor=who.person, **_those(could))


def must_be_second(act: TwoPersonAct, first: c.Who, who: c.Who, organisation: Organisation) -> None:
    """Refuse a confirmation by whoever proposed it, or for whom it was proposed, and by who may not confirm."""
    must_have_a_say(act, who, organisation)
    could = who_confirms_in_store(act, organisation)
    if organisation.declared and len(could) < _TWO:
        raise refuse(Code.SECOND_PERSON, act, only=list(could))
    firsts = {first.actor, first.on_behalf_of} - {None}
    may = [person for person in could if person not in firsts]
    if not firsts.isdisjoint({who.actor, who.on_behalf_of}):
        raise refuse(Code.SECOND_PERSON, act, by=first.person, **_those(may))


def must_let_own(deal: Deal, owner: str, context: Context, command: c.ReassignDeal | c.DecideEscalation) -> Grant:
    """Refuse that somebody who decided on the deal becomes its owner, except by an act of somebody above them; and that
    whoever alone may then decide on it does, unless the command knows.
    """
    organisation = context.organisation
    if context.mode is not Mode.LIVE or not organisation.declared:
        return "right"
    grant = _may_own(deal, owner, context) if owner in deal.decided_by else "right"
    left = answering(owner, deal.worked_as_owner, organisation)
    if left.alone and owner in left.people and not command.alone_is_known and command.origin is None:
        raise refuse(Code.DECIDES_ALONE, deal.id, owner=owner, also=[each for each in left.people if each != owner])
    return grant


def _may_own(deal: Deal, owner: str, context: Context) -> Grant:
    who, organisation = context.who, context.organisation
    found = answering(owner, (), organisation)
    if who.person in found.people and (found.alone or owner not in (who.actor, who.on_behalf_of)):
        return "alone" if found.alone else "right"
    may = [person for person in found.people if person in _rights(deal, context).may("reassign")]
    raise refuse(Code.DECIDED_BEFORE, deal.id, owner=owner, **_those(may))


def _acts_of(deal: Deal, command: c.Command) -> tuple[DealAct, ...]:
    """What the command is by the table; more than one where it does more than one thing."""
    match command:
        case c.AmendDeal():
            changes_the_win = deal.win is not None and command.amount not in (None, deal.amount)
            names_more = any(each is not None for each in (command.title, command.customer, command.attributes))
            acts: tuple[DealAct, ...] = ("confirm",) if command.confirm or command.as_won or changes_the_win else ()
            return acts if command.confirm and not names_more else ("amend", *acts)
        case c.WithdrawEvidence() | c.DisputeEvidence() | c.CorrectEvidence():
            return ("confirm",) if command.confirms else (_CHANGES[type(command)],)
        case c.DecideEscalation():
            # No detour: who answers by a waiver may waive.
            return ("decide",) if command.decision == "extend" else ("decide", command.decision)
        case c.OpenDeal():
            return ()
        case c.ClaimStage() | c.ClaimOutcome() | c.ClaimOpen():
            return ()
        case c.ClearFields():
            return ("amend",)
    return (_ACTS[type(command)],)


def _must(act: DealAct, deal: Deal, command: c.Command, context: Context) -> Grant:
    evidence = deal.evidence.get(getattr(command, "evidence_id", ""))
    kind = command.kind if isinstance(command, c.RecordEvidence) else ""
    rights, who = _rights(deal, context, evidence, kind), context.who
    must_let_come(act, who)
    if grant := rights.granted(act, who):
        return grant
    if not sees_deal(who.person, deal, context.organisation, context.at):
        raise refuse(Code.UNKNOWN_DEAL, deal.id, given=deal.id)
    may = rights.may(act)
    for person in (who.actor, who.on_behalf_of):
        if person is not None and person == deal.owner and "owner" not in context.organisation.rights.of(act):
            raise refuse(Code.OWN_DEAL, deal.id, actor=person, **_those(may))
        if person is not None and act in JUDGING and person in rights.owned:
            raise refuse(Code.OWN_DEAL, deal.id, owned=person, **_those(may))
    is_kept = act in context.process.kept_from_owner and not {who.actor, who.person}.isdisjoint({deal.owner})
    kept = {"process": str(context.ref)} if is_kept else {}
    raise refuse(Code.NOT_PERMITTED, deal.id, actor=who.person, **kept, **_those(may))


def _those(may: Collection[str]) -> dict[str, Any]:
    return {"who_may": list(dict.fromkeys(may))}


def _rights(deal: Deal, context: Context, evidence: Evidence | None = None, kind: str = "") -> "_Rights":
    kept = context.process.kept_from_owner
    return _Rights(context.organisation, deal.owner, counts_as_owner(deal), context.at, evidence, kind, kept)


@dataclass(frozen=True)
class _Rights:
    """The table, filled in for one deal, and for one piece of evidence or one kind where the act names it."""

    organisation: Organisation
    owner: str | None
    owned: frozenset[str]
    at: datetime
    evidence: Evidence | None = None
    kind: str = ""
    kept_from_owner: frozenset[str] = frozenset()

    def granted(self, act: DealAct, who: c.Who) -> Grant | None:
        """Whether this person may, and how."""
        if not who.lets(act):
            return None
        holders = self._holders(act)
        if not self.organisation.declared:
            # The home belongs to the one who works in it.
            return "right" if "owner" in holders else "alone"
        person = self.organisation.people.get(who.person)
        if person is None or person.role == "auditor":
            return None
        if any(who.person in self._holding(holder, act) for holder in holders if holder != "above"):
            is_barred = act in JUDGING and not self.owned.isdisjoint({who.actor, who.on_behalf_of})
            if not is_barred:
                return "right"
        return self._granted_above(act, who) if "above" in holders else None

    def _holders(self, act: DealAct) -> tuple[Holder, ...]:
        """Whom the table names, without the owner where the template keeps this from them."""
        found = self.organisation.rights.of(act)
        return tuple(holder for holder in found if holder != "owner") if act in self.kept_from_owner else found

    def _granted_above(self, act: DealAct, who: c.Who) -> Grant | None:
        if act not in JUDGING and who.person in self._chain:
            return "right"
        found = answering(self.owner, self.owned, self.organisation)
        if who.person not in found.people:
            return None
        barred = self.owned.intersection({who.actor, who.on_behalf_of}) if act in JUDGING else frozenset[str]()
        if found.alone:
            return "alone" if barred <= {*found.people} else None
        return None if barred else "right"

    @property
    def _chain(self) -> list[str]:
        """Those above the owner; what is no judgement they may do although they have owned the deal."""
        return [person.id for person in self.organisation.above(self.owner) if person.decides]

    def may(self, act: DealAct) -> list[str]:
        """Everyone who may, in the order of the table; of a judgement nobody who counts as owner, if others are left."""
        holders = self._holders(act)
        found = [person for holder in holders for person in self._holding(holder, act)]
        left = [person for person in found if person not in self.owned]
        return list(dict.fromkeys(left if left and act in JUDGING else found))

    def _holding(self, holder: Holder, act: DealAct) -> Iterator[str] | Sequence[str]:
        people = self.organisation.people
        match holder:
            case "owner":
                return (self.owner,) if self.owner is not None else ()
            case "deputy":
                return self.organisation.deputies_of(self.owner, self.at)
            case "above":
                found = answering(self.owner, self.owned, self.organisation).people
                return found if act in JUDGING else [*self._chain, *found]
            case "former_author":
                return (self.evidence.author,) if self.evidence and self.evidence.author in people else ()
            case "author":
                return self._author()
            case "integrator":
                return (one.id for one in self.organisation.of_role("integrator") if self.kind in one.kinds)
            case "operations" | "director" | "manager" | "seller" | "auditor":
                return (one.id for one in self.organisation.of_role(holder))
            case never:
                assert_never(never)

    def _author(self) -> tuple[str, ...]:
        """Who recorded the piece, as long as they may record such."""
        if self.evidence is None:
            return ()
        recording = _Rights(self.organisation, self.owner, self.owned, self.at, kind=self.evidence.kind)
        return (self.evidence.author,) if self.evidence.author in recording.may("record_evidence") else ()


def confirms_own(deal: Deal, evidence: Evidence, context: Context) -> Grant | None:
    """The same for a change of a piece: an integrator's change of its own piece needs nobody's word."""
    person = context.organisation.people.get(context.who.person)
    if person is not None and person.role == "integrator" and evidence.author == person.id:
        return "right"
    return confirms_by(deal, context)
