"""Values that nobody can read, since their key is destroyed or missing: what was judged stays, and nothing new rests on them."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.refusal import Code
from dealflow.domain.values.unreadable import ERASED, LOST
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day

CALLED = 'evidence: call, where: phone.startswith("+86")'
WORDS = pytest.mark.parametrize("word", [ERASED, LOST])
HELPER = '{id: helper_met, met_by: decider_met, standard: {evidence: talk, where: whom == "helper"}}'


def process(standard: str = CALLED) -> ProcessDefinition:
    """The small sale, whose first node asks for calls with a phone number."""
    kind = "call: {side: customer, fields: {phone: {type: phone, personal: true}, minutes: {integer: optional}}}"
    return variant((HELPER, f"{{id: called, standard: {{{standard}}}}}"), ("  talk:", f"  {kind}\n  talk:"))


def call(number: int, phone: str = "+86 138 0000 0000") -> c.RecordEvidence:
    return c.RecordEvidence(evidence_id=f"c{number}", kind="call", fields={"phone": phone})


def unreadable(story: Story, word: str) -> Story:
    """The deal as it is read once the key is gone."""

    def read(fact: e.Fact) -> e.Fact:
        fields = getattr(fact, "fields", {})
        return fact.model_copy(update={"fields": {**fields, "phone": word}}) if "phone" in fields else fact

    return story.as_read(read)


def status(story: Story) -> NodeStatus:
    return story.deal.node("called").status


@WORDS
def test_a_node_stays_reached_when_it_is_judged_again(word: str) -> None:
    story = Story(process()).opened()
    story.do(call(1), call(2))
    unreadable(story, word).do(c.WithdrawEvidence(evidence_id="c2", reason="by mistake"), at=day(1), who="mei")
    assert status(story) is NodeStatus.REACHED


@WORDS
def test_a_node_is_not_reached_on_what_nobody_can_read(word: str) -> None:
    story = Story(process(CALLED + ", count: 2")).opened()
    story.do(call(1))
    unreadable(story, word).do(call(2), at=day(1))
    assert status(story) is NodeStatus.OPEN


@WORDS
def test_two_values_that_nobody_can_read_are_not_the_same_value(word: str) -> None:
    story = Story(process("evidence: call, count: 2, distinct: phone")).opened()
    story.do(call(1), call(2, "+86 139 1111 1111"), call(3))
    unreadable(story, word).do(c.WithdrawEvidence(evidence_id="c3", reason="by mistake"), at=day(1), who="mei")
    assert status(story) is NodeStatus.REACHED


def test_a_correction_does_not_write_the_word_for_a_lost_value_in_its_place() -> None:
    story = Story(process()).opened()
    story.do(call(1))
    correction = c.CorrectEvidence(evidence_id="c1", fields={"minutes": "5"}, reason="it was longer")
    reason = unreadable(story, LOST).refused(correction, at=day(1), who="mei")
    assert (reason.code, reason.data["fields"]) == (Code.VALUE_UNREADABLE, ["phone"])
    both = correction.model_copy(update={"fields": {"minutes": "5", "phone": "+86 138 0000 0000"}})
    story.do(both, at=day(1), who="mei")
    assert story.deal.evidence["c1"].fields["phone"] == "+86 138 0000 0000"


def test_a_correction_leaves_an_erased_value_erased() -> None:
    story = Story(process()).opened()
    story.do(call(1))
    correction = c.CorrectEvidence(evidence_id="c1", fields={"minutes": "5"}, reason="it was longer")
    unreadable(story, ERASED).do(correction, at=day(1), who="mei")
    assert story.deal.evidence["c1"].fields["phone"] == ERASED
