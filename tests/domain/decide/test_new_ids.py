"""New ids of deals, people, customers, evidence and steps take no look-alike letter; what is on record stays as it is."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Customer, Link, Origin
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import START, Story, context, opening

MIXED = "\u0410nna"
LETTER = "character 1 is U+0410 CYRILLIC CAPITAL LETTER A and looks like one of the Latin letters beside it"
IMPORTED = Origin(source="crm", row="deals.csv:2", key="k1")


def opened(deal_id: str, **more: object) -> Decision:
    command = opening(process_of()).model_copy(update=more)
    return decide(
        Draft(None, deal_id, context(process_of(), START, c.Who(actor="ops" if more.get("origin") else "anna"))),
        [command],
    )


def test_a_new_deal_takes_no_look_alike_letter() -> None:
    with pytest.raises(CommandRefused) as refused:
        opened(MIXED)
    reason = refused.value.reasons[0]
    assert (reason.code, reason.place, str(reason.data["wrong"])) == (Code.TEXT_INVALID, "id", LETTER)


@pytest.mark.parametrize("deal_id", ["Жанна-1", "客户A1", "Αθήνα", "d1"])
def test_a_deal_in_one_script_is_opened(deal_id: str) -> None:
    assert opened(deal_id).deal.id == deal_id


def test_what_follows_from_a_deal_is_called_after_it_whatever_it_is_called() -> None:
    link = Link(deal_id=MIXED, kind="rebuy", node="decided")
    followed = opened(f"{MIXED}-rebuy", linked_from=link, customer=Customer(id=f"{MIXED}-rebuy", name=None))
    assert followed.deal.id == f"{MIXED}-rebuy"


def test_a_customer_takes_none_inside_a_word_and_may_change_the_script_between_words() -> None:
    assert opened("d1", customer=Customer(id="ООО SAP", name=None)).deal.customer == Customer(id="ООО SAP", name=None)
    with pytest.raises(CommandRefused) as refused:
        opened("d1", customer=Customer(id=MIXED, name="Anna"))
    assert refused.value.reasons[0].place == "customer"


def test_evidence_and_steps_take_none_either() -> None:
    story = Story().opened()
    assert story.refused(story.evidence_of("reply", evidence_id=MIXED)).place == "evidence"
    plan = c.PlanStep(step_id=MIXED, what="call", by=START.replace(year=2027))
    assert story.refused(plan).place == "step"


def test_evidence_of_an_import_is_called_after_its_deal() -> None:
    story = Story().opened()
    story.do(story.evidence_of("reply", evidence_id=f"crm:{MIXED}:reply").model_copy(update={"origin": IMPORTED}))


def test_evidence_is_by_nobody_who_has_the_engines_name() -> None:
    story = Story().opened()
    refused = story.refused(story.evidence_of("reply").model_copy(update={"author": "dealflow"}))
    assert (refused.code, refused.place) == (Code.TEXT_INVALID, "author")
