"""What one decision writes in one transaction: stamps, command, notices, schedule, and deals that follow from it."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer, Link
from dealflow.domain.deal.stream import subject_of
from tests.support.deals.house import House, proof
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import day

REFERRAL = proof("r1", "referral", referred="Li Wei")


def test_a_referral_opens_a_linked_deal_in_the_same_transaction() -> None:
    house = House().opened()
    answer = house.do(REFERRAL, command_id="c-ref")
    assert answer.facts[-1] == "deal.linked_deal_due.v1"
    linked = house.deal("d1.refers")
    assert linked.linked_from == Link(deal_id="d1", kind="referred", node="refers")
    assert (linked.owner, linked.stage, linked.title) == ("anna", "meet", "A sale (referred)")
    assert linked.customer == Customer(id="d1.refers", name="Li Wei")
    assert linked.amount is None


def test_a_rebuy_opens_a_deal_of_the_same_customer() -> None:
    house = House().opened()
    house.do(c.AmendDeal(customer=Customer(id="acme", name="ACME"), reason="it has changed"))
    house.do(proof("o1", "order"))
    linked = house.deal("d1.buys")
    assert linked.customer == Customer(id="acme", name="ACME")
    assert linked.linked_from is not None and linked.linked_from.kind == "rebuy"


def test_a_name_or_a_title_too_long_for_a_deal_refuses_no_evidence() -> None:
    kind = "referred_by_a_customer_of_many_years_who_is_also_a_partner"
    house = House(
        definition=variant(("referred: {person: personal}", "referred: text"), ("deal: referred,", f"deal: {kind},"))
    ).opened()
    house.do(c.AmendDeal(title="A" * 300, reason="it has changed"))
    house.do(proof("r1", "referral", referred="Li Wei,\nof " + "B" * 300))
    linked = house.deal("d1.refers")
    assert linked.title.endswith(f"A ({kind})") and len(linked.title) == 300
    assert linked.customer and linked.customer.name and linked.customer.name.startswith("Li Wei, of BBB")


def test_a_template_that_opens_deals_of_a_process_nobody_published_refuses_no_evidence() -> None:
    house = House(definition=variant(("process: small}", "process: standard-sale}"))).opened()
    house.do(proof("o1", "order"))
    assert house.deal("d1.buys").process.name == "small"


def test_a_linked_deal_is_told_apart_by_its_cause_and_belongs_to_the_same_correlation() -> None:
    house = House().opened()
    house.do(REFERRAL, command_id="c-ref")
    stamp = house.store.load("deal/d1.refers")[0].stamp
    assert (stamp.command_id, stamp.correlation_id, stamp.cause) == ("c-ref/refers", "c-ref", "linked:d1")


def test_a_linked_deal_has_a_clock_and_wakes_a_workflow_of_its_own() -> None:
    house = House().opened()
    house.waker.woken.clear()
    house.do(REFERRAL)
    assert [(deal_id, opening, due) for deal_id, opening, _, due in house.waker.woken] == [("d1.refers", 1, day(8))]
    row = house.store.schedule.get("d1.refers")
    assert row is not None and row.in_progress


def test_a_linked_deal_is_opened_once_although_the_command_is_sent_again() -> None:
    house = House().opened()
    house.do(REFERRAL, command_id="c-ref")
    house.do(REFERRAL, command_id="c-ref")
    assert house.topics("d1.refers") == ["opened", "clock_started"]


def test_evidence_is_taken_although_somebody_has_opened_a_deal_of_the_linked_name() -> None:
    house = House().opened().opened("d1.refers")
    house.do(REFERRAL)
    assert house.deal().node("refers").status == "reached"
    assert house.deal("d1.refers").linked_from is None


def test_a_linked_deal_of_a_deal_with_a_long_id_can_be_acted_upon() -> None:
    house = House()
    long = "x" * 120
    house.do(house.opening(), deal=long)
    house.do(REFERRAL, deal=long)
    (linked,) = house.deal(long).linked
    assert house.do(proof("t1", "talk", whom="helper"), deal=linked).deal_id == linked


def test_the_owner_of_a_linked_deal_may_have_left_the_house() -> None:
    house = House().opened()
    without = {name: person for name, person in house.people.people.items() if name != "anna"}
    house.people = house.people.model_copy(update={"people": without})
    house.do(REFERRAL, who="dora")
    assert house.deal("d1.refers").owner == "anna"


def test_a_node_that_opens_another_process_opens_its_latest_version() -> None:
    house = House().opened()
    house.processes.publish(
        variant(("limit: 30 days", "limit: 31 days")), who=c.Who(actor="ops"), command_id="publish-2"
    )
    house.do(proof("o1", "order"))
    assert str(house.deal("d1.buys").process) == "small@2"


def test_the_key_of_personal_fields_is_the_customers_or_the_deals_own() -> None:
    house = House().opened()
    assert subject_of(house.deal()) == "deal:d1"
    house.do(c.AmendDeal(customer=Customer(id="acme"), reason="it has changed"))
    assert subject_of(house.deal()) == "acme"


def test_notices_of_a_decision_are_in_the_outbox_with_the_append() -> None:
    house = House().opened()
    house.deals.progress("d1", 1, day(10))
    house.clock.at = day(11)
    house.do(c.DecideEscalation(decision="extend", reason="the board meets"), who="dora")
    assert [w.notice.kind for w in house.store.outbox.waiting("anna")] == ["escalation", "decided"]
    assert house.waker.told == [["anna", "dora"], ["anna"]]
