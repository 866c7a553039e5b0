"""A node's verdict: on which evidence, by which age, how often judged, and that it sticks."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.track.judge import Met, NotMet
from dealflow.domain.values.refusal import Code
from dealflow.wording.sentences import sentence
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day, money

COMBINED = """\
process: combined
calendar: plain
currency: CNY
evidence:
  question: {fields: {about: {one_of: [scope, price]}}}
  objection: {}
  deed: {}
  payment: {fields: {amount: money, units: {integer: optional}}}
stages:
  - id: ask
    nodes:
      - id: asks
        standard:
          any_of:
            - {evidence: question, count: 2, not_older_than: 10 days}
            - {evidence: objection}
    clocks: {stage_age: {limit: 90 days}}
  - id: sign
    wins: true
    nodes:
      - id: signed
        standard:
          all_of:
            - {evidence: deed}
            - {evidence: payment, sum: {field: amount, at_least: 'percent(deal.amount, 30)'}}
      - {id: counted, optional: true, standard: {evidence: payment, sum: {field: units, at_least: '5'}}}
    clocks: {stage_age: {limit: 90 days}}
"""


def codes(story: Story, node: str, *commands: c.Command) -> list[Code]:
    found = dict(story.do(*commands).verdicts)[node]
    return [] if isinstance(found, Met) else [reason.code for reason in found.reasons]


def test_a_node_is_reached_by_evidence_that_meets_its_standard() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(1), evidence_id="t1", whom="decider")
    reached = story.last(e.NodeReached)
    assert (reached.node, reached.evidence, reached.process) == ("decider_met", ("t1",), "small@1")
    assert story.deal.node("decider_met").status is NodeStatus.REACHED


def test_a_judgement_is_effective_when_the_evidence_was_observed() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(5), observed=day(2), whom="decider")
    assert story.last(e.NodeReached).effective_at == day(2)
    before, after = story.as_of(day(1)), story.as_of(day(3))
    assert before is not None and before.node("decider_met").status is NodeStatus.OPEN
    assert after is not None and after.node("decider_met").status is NodeStatus.REACHED


def test_a_judgement_on_several_pieces_is_effective_when_the_last_was_observed() -> None:
    story = Story(process_of(COMBINED)).opened()
    story.evidence("question", at=day(1), observed=day(0.5), about="scope")
    story.evidence("question", at=day(3), observed=day(2), about="price")
    reached = story.last(e.NodeReached)
    assert (reached.evidence, reached.effective_at) == (("question1", "question2"), day(2))


def test_the_answer_names_what_is_missing() -> None:
    story = Story().opened()
    decision = story.evidence("payment", amount="99", evidence_id="p1")
    found = dict(decision.verdicts)["deposit_paid"]
    assert isinstance(found, NotMet)
    (reason,) = found.reasons
    assert (reason.code, reason.place) == (Code.RULE_NOT_MET, "deposit_paid")
    assert reason.data["seen"] == {"amount": "99.00 CNY", "deal.amount": "1,000.00 CNY"}


def test_evidence_for_one_node_names_only_the_nodes_that_it_can_bear_on() -> None:
    decision = Story().opened().evidence("talk", whom="helper")
    assert [node for node, _ in decision.verdicts] == ["helper_met", "decider_met"]


def test_a_kind_that_serves_no_node_is_kept_and_judges_nothing() -> None:
    story = Story().opened()
    decision = story.evidence("reply", evidence_id="r1")
    assert decision.verdicts == () and "r1" in story.deal.evidence


def test_a_reached_node_stays_reached_as_its_evidence_ages() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.do(c.AmendDeal(amount=money("5000"), reason="it has changed"), at=day(200))
    story.evidence("talk", at=day(200), whom="helper")
    assert story.deal.node("decider_met").status is NodeStatus.REACHED
    assert len(story.facts(e.NodeReached)) == 2


def test_a_reached_node_is_not_judged_again_by_later_evidence() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider", evidence_id="t1")
    story.evidence("talk", at=day(2), whom="decider", evidence_id="t2")
    assert [fact.evidence for fact in story.facts(e.NodeReached)] == [("t1",)]


def test_an_amended_amount_judges_open_nodes_again() -> None:
    story = Story().opened(amount="1000")
    story.evidence("offer", amount="300")
    decision = story.do(c.AmendDeal(amount=money("600"), reason="it has changed"), at=day(1), who="dora")
    assert isinstance(dict(decision.verdicts)["price_named"], Met)
    assert story.deal.node("price_named").status is NodeStatus.REACHED


def test_an_amended_amount_judges_reached_nodes_again() -> None:
    story = Story().opened(amount="1000")
    story.evidence("offer", amount="500")
    story.do(c.AmendDeal(amount=money("9000"), reason="it has changed"), at=day(1))
    assert story.deal.node("price_named").status is NodeStatus.OPEN


def test_an_amended_title_judges_nothing() -> None:
    assert Story().opened().do(c.AmendDeal(title="B", reason="it has changed")).verdicts == ()


def test_freshness_is_the_age_at_recording() -> None:
    story = Story().opened()
    assert codes(story, "decider_met", story.evidence_of("talk", observed=day(-31), whom="decider")) == [Code.TOO_OLD]
    story.evidence("talk", observed=day(-30), whom="decider")
    assert story.deal.node("decider_met").status is NodeStatus.REACHED


def test_freshness_counts_each_evidences_own_recording_in_a_second_judgement_too() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(0), evidence_id="t1", whom="decider")
    story.evidence("talk", at=day(1), evidence_id="t2", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="t1", reason="a mistake"), at=day(300))
    reached = story.last(e.NodeReached)
    assert (reached.evidence, story.deal.node("decider_met").status) == (("t2",), NodeStatus.REACHED)


def test_evidence_that_was_too_old_when_recorded_stays_too_old() -> None:
    story = Story().opened()
    story.evidence("talk", observed=day(-40), evidence_id="t1", whom="decider")
    story.evidence("talk", at=day(1), evidence_id="t2", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="t2", reason="a mistake"), at=day(2))
    assert story.deal.node("decider_met").status is NodeStatus.OPEN


def test_a_count_needs_so_many_pieces() -> None:
    story = Story(process_of(COMBINED)).opened()
    first = codes(story, "asks", story.evidence_of("question", about="scope"))
    assert first == [Code.COUNT_SHORT, Code.EVIDENCE_MISSING]
    story.evidence("question", about="price")
    assert story.deal.node("asks").status is NodeStatus.REACHED


def test_one_of_several_standards_is_enough() -> None:
    story = Story(process_of(COMBINED)).opened()
    story.evidence("question", about="scope")
    story.evidence("objection", evidence_id="o1")
    assert story.last(e.NodeReached).evidence == ("o1",)


def test_all_of_several_standards_are_needed() -> None:
    story = Story(process_of(COMBINED)).opened(amount="1000")
    assert codes(story, "signed", story.evidence_of("deed", evidence_id="d")) == [Code.EVIDENCE_MISSING]
    assert codes(story, "signed", story.evidence_of("payment", amount="299")) == [Code.SUM_SHORT]
    story.evidence("payment", amount="1")
    assert story.last(e.NodeReached).evidence == ("d", "payment1", "payment2")


def test_instalments_add_up_exactly() -> None:
    story = Story().opened(amount="0.30")
    story.evidence("payment", amount="0.10")
    story.evidence("payment", amount="0.10")
    assert story.deal.node("paid_in_full").status is NodeStatus.OPEN
    story.evidence("payment", amount="0.10")
    assert story.deal.node("paid_in_full").status is NodeStatus.REACHED


def test_instalments_in_another_currency_do_not_count() -> None:
    story = Story().opened(amount="100")
    found = codes(story, "paid_in_full", story.evidence_of("payment", amount="100 USD"))
    assert found == [Code.CURRENCY_DIFFERS, Code.SUM_SHORT]


def test_numbers_add_up_too() -> None:
    story = Story(process_of(COMBINED)).opened()
    story.evidence("payment", amount="1", units=3)
    assert story.deal.node("counted").status is NodeStatus.OPEN
    story.evidence("payment", amount="1", units=2)
    assert story.deal.node("counted").status is NodeStatus.REACHED


def test_a_rule_on_the_deals_amount_waits_for_the_amount() -> None:
    story = Story().opened(amount=None)
    found = dict(story.evidence("payment", amount="100").verdicts)
    reasons = {node: [r.code for r in v.reasons] for node, v in found.items() if isinstance(v, NotMet)}
    assert reasons == {"deposit_paid": [Code.DEAL_AMOUNT_MISSING], "paid_in_full": [Code.DEAL_AMOUNT_MISSING]}
    story.do(c.AmendDeal(amount=money("1000"), reason="it has changed"), at=day(1))
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED


def test_a_rule_never_compares_two_currencies() -> None:
    story = Story().opened(amount="1000")
    assert codes(story, "price_named", story.evidence_of("offer", amount="600 USD")) == [Code.CURRENCY_DIFFERS]


def test_a_rule_that_cannot_be_said_of_the_evidence_is_not_met() -> None:
    story = Story(variant(("standard: {evidence: need}", "standard: {evidence: need, where: budget > 0}"))).opened()
    assert codes(story, "need_confirmed", story.evidence_of("need")) == [Code.RULE_FAILED]


@pytest.mark.parametrize("amount", ["100", "100.00", "99,999"])
def test_a_threshold_is_met_by_exactly_its_amount(amount: str) -> None:
    story = Story().opened(amount="1000")
    story.evidence("payment", amount=amount)
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED


def test_a_waived_node_is_not_judged_by_later_evidence() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="decider_met", reason="known"), who="dora")
    story.evidence("talk", at=day(1), whom="decider")
    assert story.deal.node("decider_met").status is NodeStatus.WAIVED


def test_evidence_comes_early_for_a_node_of_a_later_stage() -> None:
    story = Story().opened()
    story.evidence("payment", amount="100")
    story.progress()
    assert (story.deal.stage, story.deal.node("deposit_paid").status) == ("meet", NodeStatus.REACHED)


def test_personal_values_are_never_repeated_in_a_verdict() -> None:
    personal = variant(("{evidence: referral}", "{evidence: referral, where: 'referred == \"Li\"'}"))
    story = Story(personal).opened()
    found = dict(story.evidence("referral", referred="Wang Secret").verdicts)["refers"]
    assert isinstance(found, NotMet) and "Wang" not in str(found.reasons)


def test_evidence_that_fails_for_the_same_reason_is_named_in_one() -> None:
    story = Story().opened()
    for number in (1, 2):
        story.evidence("talk", at=day(1), evidence_id=f"t{number}", whom="helper")
    found = dict(story.do(story.evidence_of("talk", observed=day(-40), evidence_id="t3", whom="decider")).verdicts)
    not_met = found["decider_met"]
    assert isinstance(not_met, NotMet)
    assert [(reason.code, reason.data["evidence"]) for reason in not_met.reasons] == [
        (Code.RULE_NOT_MET, ["t1", "t2"]),
        (Code.TOO_OLD, ["t3"]),
    ]
    assert sentence(not_met.reasons[0], "en").startswith("decider_met: The talk (t1, t2) does not meet the standard.")
    assert "（t1、t2）不符合标准" in sentence(not_met.reasons[0], "zh")


def test_a_deal_without_the_amount_that_a_rule_needs_is_told_once() -> None:
    story = Story().opened(amount=None).moved_to("haggle")
    story.evidence("offer", at=day(1), evidence_id="o1", amount="600 CNY")
    found = dict(story.do(story.evidence_of("offer", evidence_id="o2", amount="700 CNY")).verdicts)["price_named"]
    assert isinstance(found, NotMet) and [reason.code for reason in found.reasons] == [Code.DEAL_AMOUNT_MISSING]
