"""What holds for any evidence: its order does not matter, and its owner takes nothing away that speaks against a node."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import Story, day


@dataclass(frozen=True)
class Given:
    """A piece of evidence as it was observed."""

    kind: str
    observed: int
    fields: dict[str, str]
    author: str = "anna"

    def command(self, number: int) -> c.RecordEvidence:
        return c.RecordEvidence(
            evidence_id=f"e{number}",
            kind=self.kind,
            observed_at=day(self.observed),
            fields=self.fields,
            author=self.author,
        )


def amounts(least: int) -> st.SearchStrategy[str]:
    return st.sampled_from([number for number in (-1000, -1, 1, 400, 600, 1000, 1400) if number >= least]).map(str)


RECEIPTS = st.sampled_from(["R-1", "R-2", "R-3"])
DAYS = st.integers(1, 20)
PAYMENTS = st.builds(
    Given, st.just("payment"), DAYS, st.fixed_dictionaries({"amount": amounts(-1000), "receipt": RECEIPTS})
)
REFUNDS = st.builds(
    Given, st.just("refund"), DAYS, st.fixed_dictionaries({"amount": amounts(1)}, optional={"receipt": RECEIPTS})
)
WORDS = st.builds(Given, st.sampled_from(["approval", "rejection"]), DAYS, st.just({}))
REPLIES = st.builds(Given, st.just("reply"), DAYS, st.just({"said": "yes"}), st.sampled_from(["li", "wang"]))
EVIDENCE = st.lists(PAYMENTS | REFUNDS | WORDS | REPLIES, min_size=1, max_size=7, unique_by=lambda one: one.observed)
# Which piece counts of several that say the same is a matter of their recording.
ORDERED_NODES = ("approved", "answered", "deposit", "paid")


def told(pieces: Sequence[Given], order: Sequence[int]) -> Story:
    story = Story(proofs()).opened()
    for number in order:
        story.do(pieces[number].command(number), at=day(21))
    return story


def open_nodes(story: Story) -> set[str]:
    return {node for node in story.definition.nodes if story.deal.node(node).status is NodeStatus.OPEN}


@given(EVIDENCE.flatmap(lambda pieces: st.tuples(st.just(pieces), st.permutations(range(len(pieces))))))
def test_the_order_of_recording_changes_no_final_verdict(drawn: tuple[list[Given], list[int]]) -> None:
    pieces, order = drawn
    one, other = told(pieces, range(len(pieces))), told(pieces, order)
    assert open_nodes(one) & set(ORDERED_NODES) == open_nodes(other) & set(ORDERED_NODES)


ACTS = st.lists(st.tuples(st.sampled_from(["withdraw", "dispute"]), st.integers(0, 6)), min_size=1, max_size=5)


@given(EVIDENCE, ACTS)
def test_the_owner_reaches_no_node_by_taking_evidence_away(pieces: list[Given], acts: list[tuple[str, int]]) -> None:
    story = told(pieces, range(len(pieces)))
    for act, number in acts:
        before = open_nodes(story)
        _take_away(story, act, f"e{number % len(pieces)}", who="anna")
        assert before <= open_nodes(story)


REJECTIONS = st.builds(Given, st.just("rejection"), DAYS, st.just({}))


@given(EVIDENCE, st.lists(REFUNDS | REJECTIONS, min_size=1, max_size=4), ACTS)
def test_what_speaks_against_a_node_reaches_none_by_coming_or_going(
    pieces: list[Given], against: list[Given], acts: list[tuple[str, int]]
) -> None:
    story = told(pieces, range(len(pieces)))
    for number, (piece, (act, taken)) in enumerate(zip(against, acts, strict=False)):
        for step in ("add", "take"):
            before = open_nodes(story)
            if step == "add":
                story.do(piece.command(100 + number), at=day(22))
            else:
                _take_away(story, act, f"e{100 + taken % (number + 1)}", who="anna")
            assert before <= open_nodes(story)


@given(EVIDENCE, ACTS)
def test_once_all_is_confirmed_it_is_as_if_somebody_above_had_done_it(
    pieces: list[Given], acts: list[tuple[str, int]]
) -> None:
    by_owner, by_director = told(pieces, range(len(pieces))), told(pieces, range(len(pieces)))
    for act, number in acts:
        evidence_id = f"e{number % len(pieces)}"
        _take_away(by_owner, act, evidence_id, who="anna")
        _take_away(by_director, act, evidence_id, who="dora")
    for evidence in list(by_owner.deal.evidence.values()):
        if evidence.waits:
            confirms = c.WithdrawEvidence if evidence.status is EvidenceStatus.WITHDRAWN else c.DisputeEvidence
            by_owner.do(confirms(evidence_id=evidence.id, reason="so it is", confirms=True), who="dora")
    assert open_nodes(by_owner) == open_nodes(by_director)


def _take_away(story: Story, act: str, evidence_id: str, who: str) -> None:
    """Withdraw or dispute the piece, unless that was done before."""
    status = story.deal.evidence[evidence_id].status
    if status is EvidenceStatus.WITHDRAWN or (act == "dispute" and status is EvidenceStatus.DISPUTED):
        return
    kind = c.WithdrawEvidence if act == "withdraw" else c.DisputeEvidence
    story.do(kind(evidence_id=evidence_id, reason="a mistake"), at=day(22), who=who)
