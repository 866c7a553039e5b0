"""Ids and names of commands: kept in one form, said where it is not the given one; text that is none is no reason."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Customer, EvidenceRecorded
from dealflow.domain.decide.dispatch import Decision, decide
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import process_of
from tests.support.deals.stories import START, Story, context, opening
from tests.support.unseen import INVISIBLE, UNSEEN


def decided(*commands: c.Command) -> Decision:
    return decide(Draft(None, "d1", context(process_of(), START, c.Who(actor="anna"))), commands)


@pytest.mark.parametrize("nothing", UNSEEN)
def test_a_reason_of_nothing_is_none(nothing: str) -> None:
    story = Story().opened()
    story.evidence("reply", evidence_id="e1")
    withdrawal = c.WithdrawEvidence(evidence_id="e1", reason=nothing * 5)
    assert story.refused(withdrawal).code is Code.REASON_NEEDED


@pytest.mark.parametrize("nothing", UNSEEN)
@pytest.mark.parametrize("name", ["title", "owner"])
def test_a_title_or_an_owner_of_nothing_is_missing(name: str, nothing: str) -> None:
    command = opening(process_of()).model_copy(update={name: nothing * 3})
    assert Story().refused(command).code in (Code.FIELD_MISSING, Code.UNKNOWN_PERSON)


@pytest.mark.parametrize("nothing", UNSEEN)
def test_an_id_of_nothing_is_missing(nothing: str) -> None:
    story = Story().opened()
    assert story.refused(story.evidence_of("reply", evidence_id=nothing)).code is Code.FIELD_MISSING
    plan = c.PlanStep(step_id=nothing, what="call", by=START.replace(year=2027))
    assert story.refused(plan).code is Code.FIELD_MISSING


@pytest.mark.parametrize("nothing", UNSEEN)
def test_a_customer_of_nothing_is_missing(nothing: str) -> None:
    for customer in (Customer(id=nothing, name=None), Customer(id="c1", name=nothing * 2)):
        command = opening(process_of()).model_copy(update={"customer": customer})
        assert Story().refused(command).code is Code.FIELD_MISSING


@pytest.mark.parametrize("char", INVISIBLE)
def test_an_id_is_used_once_whatever_nobody_sees_in_it(char: str) -> None:
    story = Story().opened()
    story.evidence("reply", evidence_id="e1")
    assert story.refused(story.evidence_of("reply", evidence_id=f"e{char}1")).code is Code.ALREADY_SO


@pytest.mark.parametrize("char", INVISIBLE)
def test_evidence_is_found_whatever_nobody_sees_in_its_id(char: str) -> None:
    story = Story().opened()
    story.evidence("reply", evidence_id="e1")
    story.do(c.WithdrawEvidence(evidence_id=f" e1{char}", reason="twice"))
    assert story.deal.evidence["e1"].status.value == "withdrawn"


def test_title_owner_and_customer_are_kept_in_form_and_what_was_changed_is_said() -> None:
    command = opening(process_of()).model_copy(
        update={
            "title": " 40\u00a0 seats\u200b",
            "owner": "an\u00adna ",
            "customer": Customer(id="ACME\u3000 Ltd", name="ACME\u3000 Ltd"),
        }
    )
    decision = decided(command)
    deal = decision.deal
    assert (deal.title, deal.owner) == ("40 seats", "anna")
    assert deal.customer == Customer(id="ACME Ltd", name="ACME Ltd")
    assert [(each.place, each.kept) for each in decision.respelled] == [
        ("title", "40 seats"), ("owner", "anna"), ("customer", "ACME Ltd"),
    ]  # fmt: skip


def test_the_name_of_a_customer_who_has_an_id_is_changed_but_not_repeated() -> None:
    command = opening(process_of()).model_copy(update={"customer": Customer(id="c1", name="Li  Na")})
    decision = decided(command)
    assert decision.deal.customer == Customer(id="c1", name="Li Na")
    (change,) = decision.respelled
    assert (change.place, change.given, change.characters) == ("customer's name", None, ("U+0020 SPACE",))


def test_the_name_of_a_person_in_a_field_is_kept_in_form_and_a_personal_one_is_not_repeated() -> None:
    story = Story().opened()
    command = c.RecordEvidence(evidence_id="e1", kind="referral", fields={"referred": " Li\u00a0 Na"})
    (change,) = story.do(command).respelled
    assert story.deal.evidence["e1"].fields["referred"] == "Li Na"
    assert (change.place, change.kept, change.characters) == (
        "referred", None, ("U+0020 SPACE", "U+00A0 NO-BREAK SPACE"),
    )  # fmt: skip


def test_a_script_keeps_its_joiner_in_the_name_of_a_person_and_not_in_an_id() -> None:
    story = Story().opened()
    command = c.RecordEvidence(evidence_id="نامه\u200cها", kind="referral", fields={"referred": "نامه\u200cها"})
    (change,) = story.do(command).respelled
    assert (change.place, change.kept) == ("evidence", "نامهها")
    assert story.deal.evidence["نامهها"].fields["referred"] == "نامه\u200cها"


def test_nothing_is_said_of_what_was_given_in_form() -> None:
    assert decided(opening(process_of())).respelled == ()


def test_a_note_keeps_its_lines_and_its_inner_blanks() -> None:
    story = Story().opened()
    story.do(story.evidence_of("reply", evidence_id="e1").model_copy(update={"note": " one\n\n  two "}))
    assert story.last(EvidenceRecorded).note == "one\n\n  two"
