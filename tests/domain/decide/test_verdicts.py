"""What the answer says of a node is what a reading of the deal says of it afterwards."""

from datetime import datetime

from hypothesis import HealthCheck, given, settings

from dealflow.domain.deal import commands as c
from dealflow.domain.decide.dispatch import Decision
from dealflow.domain.track.judge import NotMet, verdict
from tests.support.deals.lives import Move, lived, lives
from tests.support.deals.stories import Story, day


class _JudgedAfterwards(Story):
    """Judges every node of an answer anew, on the deal as the command has left it."""

    def do(
        self, *commands: c.Command, at: datetime | None = None, who: str | None = None, on_behalf_of: str | None = None
    ) -> Decision:
        decision = super().do(*commands, at=at, who=who, on_behalf_of=on_behalf_of)
        context = self.context(self.now)
        for node, found in decision.verdicts:
            assert found == verdict(context.process.nodes[node], self.deal, context.process, context.rules)
        return decision


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives())
def test_verdicts_of_an_answer_are_those_of_the_deal_after_it(moves: list[Move]) -> None:
    lived(moves, _JudgedAfterwards())


def test_a_win_in_the_same_command_is_in_the_verdicts() -> None:
    story = _JudgedAfterwards().opened(amount="1000").moved_to("sign")
    paid = story.evidence_of("payment", amount="10")
    decision = story.do(paid, c.WinDeal(reason="signed on paper"), at=day(3), who="dora")
    (deposit,) = [found for node, found in decision.verdicts if node == "deposit_paid"]
    assert isinstance(deposit, NotMet)
    assert story.deal.win is not None


def test_a_withdrawal_that_leaves_a_node_open_says_what_is_missing_now() -> None:
    story = _JudgedAfterwards().opened(amount="1000").moved_to("collect")
    story.evidence("payment", evidence_id="half", amount="500", at=day(3))
    decision = story.do(c.WithdrawEvidence(evidence_id="half", reason="bounced"), at=day(4))
    verdicts = dict(decision.verdicts)
    paid = verdicts["paid_in_full"]
    assert isinstance(paid, NotMet)
    assert [reason.data["have"] for reason in paid.reasons] == ["100.00 CNY"]
