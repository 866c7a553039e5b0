"""What a command gives: names that exist, texts that can be kept, times that have come; a refusal changes nothing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.stories import START, Story, day, money, opening

SHANGHAI = timezone(timedelta(hours=8))


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    story = Story().opened()
    reason = story.refused(c.RecordEvidence(evidence_id="e", kind="tlak"))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_KIND, "talk")
    assert len(story.recorded) == 2


def test_an_unknown_field_is_refused_with_its_place() -> None:
    reason = (
        Story().opened().refused(c.RecordEvidence(evidence_id="e", kind="talk", fields={"whom": "decider", "x": 1}))
    )
    assert (reason.code, reason.place) == (Code.UNKNOWN_FIELD, "talk.x")


def test_every_fault_of_a_piece_of_evidence_is_told_at_once() -> None:
    story = Story().opened()
    with pytest.raises(CommandRefused) as refused:
        story.do(c.RecordEvidence(evidence_id="e", kind="payment", fields={"amount": "lots", "x": 1}))
    assert [reason.code for reason in refused.value.reasons] == [Code.UNKNOWN_FIELD, Code.FIELD_INVALID]


@pytest.mark.parametrize("evidence_id", ["e1", " e1 ", "e1\t"])
def test_an_id_is_used_once_however_it_is_written(evidence_id: str) -> None:
    story = Story().opened()
    story.evidence("reply", evidence_id="e1")
    assert story.refused(story.evidence_of("reply", evidence_id=evidence_id)).code is Code.ALREADY_SO


def test_a_fact_of_the_future_is_refused() -> None:
    story = Story().opened()
    reason = story.refused(story.evidence_of("reply", observed=day(1)), at=day(0.5))
    assert (reason.code, reason.data) == (Code.TIME_IN_FUTURE, {"given": day(1), "now": day(0.5)})


def test_a_fact_may_be_older_than_the_deal() -> None:
    story = Story().opened()
    story.evidence("reply", observed=day(-400))
    assert story.deal.evidence["reply1"].observed_at == day(-400)


@pytest.mark.parametrize("long_ago", [datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=SHANGHAI)])
def test_a_time_that_no_calendar_reaches_is_refused(long_ago: datetime) -> None:
    story = Story()
    command = opening(story.definition).model_copy(update={"opened_at": long_ago})
    assert story.refused(command).code is Code.FIELD_INVALID


def test_a_time_without_zone_is_no_time() -> None:
    with pytest.raises(ValidationError):
        c.RecordEvidence(evidence_id="e", kind="talk", observed_at=datetime(2026, 3, 2))  # noqa: DTZ001  that is the point


def test_times_are_kept_in_utc() -> None:
    story = Story().opened()
    story.evidence("reply", at=day(1), observed=START.astimezone(SHANGHAI))
    assert story.last(e.EvidenceRecorded).effective_at.tzinfo is UTC


def test_evidence_without_an_observed_time_was_observed_now() -> None:
    story = Story().opened()
    story.evidence("reply", at=day(2))
    evidence = story.deal.evidence["reply1"]
    assert (evidence.observed_at, evidence.reported_at) == (day(2), day(2))


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", Code.FIELD_MISSING),
        ("  ", Code.FIELD_MISSING),
        ("a\nb", Code.TEXT_INVALID),
        ("a\x1b[2Jb", Code.TEXT_INVALID),
        ("a\u202eb", Code.TEXT_INVALID),
        ("x" * 301, Code.TEXT_INVALID),
        ("x" * 1_000_000, Code.TEXT_INVALID),
    ],
)
def test_a_title_that_cannot_be_kept_is_refused(title: str, code: Code) -> None:
    story = Story()
    command = opening(story.definition).model_copy(update={"title": title})
    reason = story.refused(command)
    assert reason.code is code and len(str(reason.data)) < 200


@pytest.mark.parametrize("title", ["签约 🎉", "שלום", "مرحبا", "Łódź", "x" * 300])
def test_titles_of_the_world_are_kept(title: str) -> None:
    story = Story()
    story.do(opening(story.definition).model_copy(update={"title": title}))
    assert story.deal.title == title


def test_a_deal_is_opened_once() -> None:
    story = Story().opened()
    assert story.refused(opening(story.definition)).code is Code.DEAL_EXISTS


def test_a_deal_that_was_never_opened_is_unknown() -> None:
    assert Story().refused(c.AmendDeal(title="B", reason="it has changed")).code is Code.UNKNOWN_DEAL


def test_an_amendment_that_changes_nothing_is_refused() -> None:
    story = Story().opened(amount="1000")
    assert (
        story.refused(c.AmendDeal(amount=money("1000"), title="A sale", reason="it has changed")).code
        is Code.NOTHING_CHANGES
    )


def test_an_amendment_sets_only_what_it_names() -> None:
    story = Story().opened(amount="1000")
    story.do(c.AmendDeal(customer=e.Customer(id="acme"), attributes={"region": "north"}, reason="it has changed"))
    story.do(c.AmendDeal(attributes={"segment": "large"}, reason="it has changed"))
    deal = story.deal
    assert (deal.title, deal.amount, deal.customer) == ("A sale", money("1000"), e.Customer(id="acme"))
    assert deal.attributes == {"region": "north", "segment": "large"}
    assert (story.last(e.DealAmended).title, story.last(e.DealAmended).amount) == (None, None)


def test_an_unknown_milestone_is_refused_with_the_nearest() -> None:
    reason = Story().opened().refused(c.RecordMilestone(milestone="quote_snt"))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_MILESTONE, "quote_sent")


def test_a_step_is_planned_ahead_and_done_once() -> None:
    story = Story().opened()
    assert story.refused(c.PlanStep(step_id="s1", what="call", by=day(0))).code is Code.DEADLINE_PAST
    assert story.refused(c.PlanStep(step_id="s1", what="call", by=day(1), node="need")).code is Code.UNKNOWN_NODE
    assert story.refused(c.PlanStep(step_id="", what="call", by=day(1))).code is Code.FIELD_MISSING
    story.do(c.PlanStep(step_id="s1", what="call", by=day(1), node="need_confirmed"))
    assert story.refused(c.PlanStep(step_id="s1 ", what="call", by=day(1))).code is Code.ALREADY_SO
    story.do(c.CompleteStep(step_id="s1", note="reached"), at=day(0.5))
    assert story.deal.steps["s1"].done_at == day(0.5)
    assert story.refused(c.CompleteStep(step_id="s1")).code is Code.ALREADY_SO
    assert story.refused(c.CompleteStep(step_id="s2")).code is Code.UNKNOWN_STEP


def test_an_activity_says_something_and_proves_nothing() -> None:
    story = Story().opened()
    assert story.refused(c.RecordActivity(what=" ")).code is Code.FIELD_MISSING
    story.do(c.RecordActivity(what="called twice\nno answer"))
    assert story.topics()[-1] == "activity_recorded" and story.tracks.standing == "meet"


def test_personal_fields_are_named_in_the_event() -> None:
    story = Story().opened()
    story.evidence("referral", referred="Li")
    assert story.last(e.EvidenceRecorded).personal == ("referred",)


def test_one_refused_command_of_an_envelope_changes_nothing() -> None:
    story = Story().opened()
    reason = story.refused(story.evidence_of("reply"), c.RecordMilestone(milestone="none"))
    assert reason.code is Code.UNKNOWN_MILESTONE and len(story.recorded) == 2


def test_a_reassignment_names_somebody_else_of_the_house() -> None:
    story = Story().opened()
    assert story.refused(c.ReassignDeal(owner="anna"), who="mei").code is Code.ALREADY_SO
    assert story.refused(c.ReassignDeal(owner="bbo"), who="mei").suggestion == "bob"


def test_a_reassignment_has_a_reason_unless_another_system_says_it() -> None:
    story = Story().opened()
    for nothing in ("", " ", "\u200b"):
        assert story.refused(c.ReassignDeal(owner="bob", reason=nothing), who="mei").code is Code.REASON_NEEDED
    story.do(c.ReassignDeal(owner="bob", origin=e.Origin(source="crm", row="1", key="k")), who="ops")
    assert story.last(e.OwnerChanged).reason == ""


def test_an_unknown_node_is_refused_with_the_nearest() -> None:
    reason = Story().opened().refused(c.WaiveNode(node="need_confirmd", reason="r"), who="dora")
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_NODE, "need_confirmed")
