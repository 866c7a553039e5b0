"""Lives of deals for property tests: acts of people, looks of the engine and passing time, in any order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from dealflow.domain.deal import commands as c
from dealflow.domain.values.refusal import CommandRefused
from tests.support.deals.stories import Story, money

Act = Callable[[Story], None]
_NODES = ("helper_met", "decider_met", "need_confirmed", "price_named", "deposit_paid", "paid_in_full", "refers")
_STAGES = ("meet", "learn", "haggle", "sign", "collect", "serve", "again")
_MILESTONES = ("invited", "quote_sent", "contract_sent")
_PROOFS: tuple[tuple[str, dict[str, str]], ...] = (
    ("talk", {"whom": "helper"}),
    ("talk", {"whom": "decider"}),
    ("need", {}),
    ("offer", {"amount": "600"}),
    ("payment", {"amount": "100"}),
    ("payment", {"amount": "900"}),
    ("referral", {"referred": "Li"}),
    ("order", {}),
    ("reply", {}),
)


_CHANGES: dict[str, type[c.WithdrawEvidence | c.DisputeEvidence | c.ConfirmEvidence]] = {
    "withdraw": c.WithdrawEvidence,
    "dispute": c.DisputeEvidence,
    "confirm": c.ConfirmEvidence,
}


@dataclass(frozen=True)
class Move:
    """After so many hours this is done; `look`: the engine looks, else somebody acts."""

    hours: int
    name: str
    act: Act | None

    def __repr__(self) -> str:
        return f"+{self.hours}h {self.name}"


def _command(command: c.Command, who: str = "dora") -> Act:
    return lambda story: _tried(story, command, who)


def _tried(story: Story, command: c.Command, who: str) -> None:
    try:
        story.do(command, who=who)
    except CommandRefused:
        return  # a refusal changes nothing, which is what the properties are about as well


def _proof(kind: str, fields: dict[str, str], earlier: int) -> Act:
    def act(story: Story) -> None:
        observed = story.now - timedelta(hours=earlier)
        _tried(story, story.evidence_of(kind, observed=observed, **fields), "anna")

    return act


def _milestone(name: str, earlier: int) -> Act:
    def act(story: Story) -> None:
        observed = story.now - timedelta(hours=earlier)
        _tried(story, c.RecordMilestone(milestone=name, observed_at=observed), "anna")

    return act


def _change(change: str, number: int) -> Act:
    def act(story: Story) -> None:
        known = list(story.deal.evidence)
        if known:
            asked = {"evidence_id": known[number % len(known)], "reason": "r"}
            _tried(story, _CHANGES[change].model_validate(asked), "dora")

    return act


def _decision(decision: str, days: int | None, stage: str) -> Act:
    def act(story: Story) -> None:
        until = story.now + timedelta(days=days) if days is not None else None
        asked = {"decision": decision, "reason": "r", "until": until, "lost_reason": "price", "node": "price_named"}
        asked["to"] = {"reassign": "bob" if story.deal.owner == "anna" else "anna", "back": stage}.get(decision)
        _tried(story, c.DecideEscalation.model_validate(asked), "dora")

    return act


def _amendment(amount: str, who: str) -> Act:
    person, _, as_won = who.partition(" ")
    return _command(c.AmendDeal(amount=money(amount), reason="it has changed", as_won=bool(as_won)), person)


def _confirmation(story: Story) -> c.AmendDeal:
    return c.AmendDeal(amount=story.deal.amount, reason="it is so", confirm=True)


def _claim(stage: str) -> Act:
    return lambda story: _tried(story, c.ClaimStage(stage=stage, observed_at=story.now), "dora")


def _claimed_end(outcome: str) -> Act:
    def act(story: Story) -> None:
        _tried(story, c.ClaimOutcome.model_validate({"outcome": outcome, "observed_at": story.now}), "dora")

    return act


_stages = st.sampled_from(_STAGES)
_proofs = st.builds(
    lambda proof, hours: (proof[0], _proof(proof[0], proof[1], hours)),
    st.sampled_from(_PROOFS),
    st.sampled_from((0, 0, 30, 900)),
)
_changes = st.builds(
    lambda change, n: (change, _change(change, n)),
    st.sampled_from(tuple(_CHANGES)),
    st.integers(0, 5),
)
_backs = st.builds(lambda stage: (f"back {stage}", _command(c.MoveBack(to=stage, reason="r"))), _stages)
_decisions = st.builds(
    lambda decision, days, stage: (decision, _decision(decision, days, stage)),
    st.sampled_from(("extend", "extend", "reassign", "waive", "back", "lose")),
    st.sampled_from((None, 1, 15)),
    _stages,
)
_ends = st.sampled_from(
    (
        ("win", _command(c.WinDeal(reason="r"))),
        ("lose", _command(c.LoseDeal(reason="price"))),
        ("close", _command(c.CloseDeal(reason="r"))),
        ("claim won", _claimed_end("won")),
        ("claim lost", _claimed_end("lost")),
    )
)
_others = st.one_of(
    st.builds(lambda node: (f"waive {node}", _command(c.WaiveNode(node=node, reason="r"))), st.sampled_from(_NODES)),
    st.just(("override", _command(c.OverrideGate(reason="r")))),
    st.builds(lambda stage: (f"claim {stage}", _claim(stage)), _stages),
    st.builds(
        lambda amount, who: (f"amend {amount} by {who}", _amendment(amount, who)),
        st.sampled_from(("100", "500", "1000", "2000", "500 USD", "0")),
        st.sampled_from(("anna", "anna", "dora", "dora as won")),
    ),
    st.just(("confirm the amount", lambda story: _tried(story, _confirmation(story), "dora"))),
)
_milestones = st.one_of(
    st.builds(
        lambda name, hours: (name, _milestone(name, hours)), st.sampled_from(_MILESTONES), st.sampled_from((0, 0, 30))
    ),
    st.builds(
        lambda name: (f"withdraw {name}", _command(c.WithdrawMilestone(milestone=name, reason="r"))),
        st.sampled_from(_MILESTONES),
    ),
)
_reopenings = st.builds(
    lambda stage: (f"reopen {stage}", _command(c.ReopenDeal(reason="r", to=stage))), st.none() | _stages
)
# Every part is drawn about as often as it stands here, so that most lives go on for a while.
_acts = st.one_of(
    *[_proofs] * 4, *[_changes] * 2, *[_backs] * 2, _milestones, _decisions, _others, _ends, _reopenings
)  # fmt: skip
_hours = st.sampled_from((0, 0, 1, 24, 47, 48, 120, 192, 240, 700))
_moves = st.builds(lambda hours, act: Move(hours, *act), _hours, _acts)
_looks = st.builds(lambda hours: Move(hours, "look", None), _hours)


def _placed(stage: str) -> Move:
    def act(story: Story) -> None:
        story.moved_to(stage)

    return Move(0, f"to {stage}", act)


def lives(longest: int = 25) -> st.SearchStrategy[list[Move]]:
    """A deal moved to some stage, then up to `longest` moves; one in three is a look of the engine."""
    moves = st.lists(st.one_of(_moves, _moves, _looks), max_size=longest)
    return st.builds(lambda stage, rest: [_placed(stage), *rest], _stages, moves)


def at_next(story: Story, move: Move) -> datetime:
    """Let the time pass that lies before this move."""
    story.now += timedelta(hours=move.hours)
    return story.now


def lived(moves: Iterable[Move], story: Story | None = None) -> Story:
    """A deal after these moves; `story` is told on where one is given."""
    story = (story or Story()).opened()
    for move in moves:
        at_next(story, move)
        if move.act:
            move.act(story)
        else:
            story.progress()
    return story
