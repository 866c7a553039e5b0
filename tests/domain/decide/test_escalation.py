"""The answer to an escalation: it ends the stall, sets the next deadline, and the first answer wins."""

import pytest

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day

STALL = "d1/1/1/stage_age/1"


def stalled(at: float = 10) -> Story:
    story = Story().opened()
    story.progress(day(at))
    return story


def extend(**given: object) -> c.DecideEscalation:
    return c.DecideEscalation.model_validate({"decision": "extend", "reason": "the board meets on Friday", **given})


def decide(decision: str, **given: object) -> c.DecideEscalation:
    return extend(decision=decision, **given)


def lasting(written: str) -> Duration:
    return Duration.model_validate(written)


def test_a_decision_ends_the_stall_and_names_who_decided() -> None:
    story = stalled()
    story.do(extend(escalation=STALL), at=day(11), who="dora")
    stall, answer = story.ended(STALL), story.decided(STALL)
    assert (stall.how, stall.ended_at) == ("decided", day(11))
    assert (answer.decision, answer.by, answer.at) == ("extend", "dora", day(11))


def test_a_decision_on_behalf_of_a_director_is_the_directors() -> None:
    story = stalled()
    story.do(extend(), at=day(11), who="mei", on_behalf_of="dora")
    assert story.decided(STALL).by == "dora"


def test_a_decision_sets_the_templates_deadline_when_none_is_given() -> None:
    story = stalled()
    story.do(extend(), at=day(11), who="dora")
    started = story.last(e.ClockStarted)
    assert (started.due.due_at, started.episode, started.granted, started.visit) == (day(14), 2, True, 1)
    assert story.last(e.EscalationDecided).details == {"until": day(14).isoformat()}


def test_a_decision_may_set_an_instant() -> None:
    story = stalled()
    story.do(extend(until=day(20)), at=day(11), who="dora")
    assert next_due(story.deal) == day(20)


def test_a_decision_may_set_a_duration_from_now() -> None:
    story = stalled()
    story.do(extend(lasting=lasting("48 hours")), at=day(11), who="dora")
    assert next_due(story.deal) == day(13)


def test_a_deadline_beyond_the_templates_cap_is_refused_with_the_latest_that_is_allowed() -> None:
    story = stalled()
    reason = story.refused(extend(until=day(31.01)), at=day(11), who="dora")
    assert (reason.code, reason.data["cap"], reason.data["latest"]) == (Code.DEADLINE_TOO_FAR, "20 days", day(31))
    story.do(extend(until=day(31)), at=day(11), who="dora")


@pytest.mark.parametrize("until", [day(10), day(11)])
def test_a_deadline_in_the_past_or_now_is_refused(until: object) -> None:
    assert stalled().refused(extend(until=until), at=day(11), who="dora").code is Code.DEADLINE_PAST


def test_a_duration_of_nothing_is_refused() -> None:
    assert stalled().refused(extend(lasting=lasting("0 days")), who="dora").code is Code.DEADLINE_PAST


def test_the_next_episode_stalls_again_with_a_name_of_its_own_and_rungs_from_its_own_deadline() -> None:
    story = stalled()
    story.do(extend(), at=day(11), who="dora")
    assert story.progress(day(13.9)) == []
    story.progress(day(14))
    assert list(story.deal.stalls) == [STALL, "d1/1/1/stage_age/2"]
    assert story.last(e.RungReached).rung == 0
    assert next_due(story.deal) == day(16)


def test_the_wait_is_counted_from_its_beginning_over_all_episodes() -> None:
    story = stalled()
    story.do(extend(), at=day(11), who="dora")
    story.progress(day(14))
    assert story.last(e.StallRecorded).since == day(0)


def test_a_deadline_granted_by_a_person_is_not_shortened_by_later_evidence() -> None:
    story = stalled()
    story.do(extend(until=day(30)), at=day(11), who="dora")
    story.evidence("talk", at=day(12), whom="helper")
    assert next_due(story.deal) == day(30)


def test_no_rung_fires_after_the_decision() -> None:
    story = stalled()
    story.do(extend(until=day(25)), at=day(11), who="dora")
    assert story.progress(day(24)) == []


def test_the_first_answer_wins_and_the_second_person_is_told_who_answered_and_when() -> None:
    story = stalled()
    story.do(extend(escalation=STALL), at=day(11), who="dora")
    reason = story.refused(decide("lose", escalation=STALL, lost_reason="price"), at=day(12), who="sun")
    assert (reason.code, reason.data) == (
        Code.ALREADY_DECIDED, {"by": "dora", "at": day(11), "decision": "extend"},
    )  # fmt: skip


def test_without_a_name_the_second_answer_is_told_the_same() -> None:
    story = stalled()
    story.do(extend(), at=day(11), who="dora")
    assert story.refused(extend(), at=day(12), who="sun").code is Code.ALREADY_DECIDED


def test_a_stall_that_has_ended_by_itself_is_not_decided() -> None:
    story = stalled()
    story.evidence("talk", at=day(11), whom="decider")
    story.progress(day(11))
    assert story.refused(extend(escalation=STALL), at=day(12), who="dora").code is Code.ALREADY_SO


def test_evidence_that_met_the_gate_before_the_answer_ends_the_stall_first() -> None:
    story = stalled()
    story.evidence("talk", at=day(11), whom="decider")
    reason = story.refused(decide("lose", lost_reason="price"), at=day(12), who="dora")
    assert reason.code is Code.ALREADY_SO and story.deal.outcome is Outcome.OPEN


def test_an_escalation_that_does_not_exist_is_refused_with_the_open_ones() -> None:
    reason = stalled().refused(extend(escalation="d1/1/1/stage_age/7"), who="dora")
    assert (reason.code, reason.data["known"], reason.suggestion) == (Code.UNKNOWN_ESCALATION, [STALL], STALL)


def test_a_deal_without_a_stall_has_nothing_to_decide() -> None:
    assert Story().opened().refused(extend(), who="dora").code is Code.UNKNOWN_ESCALATION


def test_a_stall_that_the_worker_has_not_seen_yet_can_be_decided() -> None:
    story = Story().opened()
    story.do(extend(until=day(20)), at=day(12), who="dora")
    assert story.topics()[-4:] == ["stall_recorded", "escalation_decided", "stall_ended", "clock_started"]
    assert story.deal.stalls[STALL].due_at == day(10)
    assert story.progress(day(12)) == []


def test_a_reassignment_keeps_the_deal_where_it_is_and_sets_the_next_deadline() -> None:
    story = stalled()
    story.do(decide("reassign", to="bob"), at=day(11), who="dora")
    changed = story.last(e.OwnerChanged)
    assert (changed.owner, changed.previous, story.deal.owner, story.deal.stage) == ("bob", "anna", "bob", "meet")
    assert next_due(story.deal) == day(14)


def test_a_reassignment_needs_somebody_of_the_organisation() -> None:
    story = stalled()
    assert story.refused(decide("reassign"), who="dora").code is Code.FIELD_MISSING
    assert story.refused(decide("reassign", to="bbo"), who="dora").suggestion == "bob"


def test_a_reassignment_to_the_present_owner_changes_nothing_and_is_refused() -> None:
    assert stalled().refused(decide("reassign", to="anna"), who="dora").code is Code.ALREADY_SO


def test_a_waiver_passes_the_only_open_node_and_sets_the_next_deadline() -> None:
    story = Story().opened().moved_to("learn")
    story.progress(day(5))
    story.do(decide("waive"), at=day(6), who="dora")
    assert story.deal.node("need_confirmed").status is NodeStatus.WAIVED
    assert story.last(e.NodeWaived).reason == "the board meets on Friday"
    assert story.deal.clocks["stage_age"].due_at == day(9)
    story.progress(day(6))
    assert story.deal.stage == "haggle"


def test_a_waiver_names_its_node_where_several_are_open() -> None:
    story = stalled()
    reason = story.refused(decide("waive"), who="dora")
    assert (reason.code, reason.place) == (Code.FIELD_MISSING, "node")
    story.do(decide("waive", node="decider_met"), who="dora")
    assert story.deal.node("decider_met").status is NodeStatus.WAIVED


def test_a_move_back_goes_under_the_limit_of_the_stage_it_enters() -> None:
    story = Story().opened().moved_to("haggle")
    story.progress(day(5))
    story.do(decide("back", to="learn"), at=day(6), who="dora")
    assert (story.deal.stage, next_due(story.deal)) == ("learn", day(11))
    assert story.ended("d1/1/3/stage_age/1").how == "decided"


def test_a_move_back_may_be_given_a_deadline_of_its_own() -> None:
    story = Story().opened().moved_to("haggle")
    story.progress(day(5))
    story.do(decide("back", to="learn", until=day(8)), at=day(6), who="dora")
    assert (story.deal.stage, next_due(story.deal)) == ("learn", day(8))
    assert story.last(e.EscalationDecided).details == {"to": "learn", "until": day(8).isoformat()}


def test_no_deadline_is_promised_for_a_stage_that_has_no_such_clock() -> None:
    learn = "back_to: [meet]\n    clocks: {stage_age: {limit: 5 days}}\n"
    story = Story(variant((learn, "back_to: [meet]\n"))).opened().moved_to("haggle")
    story.progress(day(5))
    refused = story.refused(decide("back", to="learn", until=day(8)), at=day(6), who="dora")
    assert (refused.code, refused.place) == (Code.FIELD_INVALID, "until")
    story.do(decide("back", to="learn"), at=day(6), who="dora")
    assert story.deal.stage == "learn"


def test_a_move_back_follows_the_templates_ways() -> None:
    story = Story().opened().moved_to("collect")
    story.progress(day(30))
    assert story.refused(decide("back", to="haggle"), who="dora").code is Code.BACK_NOT_ALLOWED


def test_losing_ends_the_deal_for_a_reason_of_the_template() -> None:
    story = stalled()
    assert story.refused(decide("lose"), who="dora").code is Code.FIELD_MISSING
    assert story.refused(decide("lose", lost_reason="pricee"), who="dora").suggestion == "price"
    story.do(decide("lose", lost_reason="price"), at=day(11), who="dora")
    assert (story.deal.outcome, story.deal.loss_reason, next_due(story.deal)) == (Outcome.LOST, "price", None)
    assert story.ended(STALL).how == "decided"


def test_a_decision_needs_a_reason() -> None:
    assert stalled().refused(extend(reason=" "), who="dora").code is Code.REASON_NEEDED


def test_a_closed_deal_is_not_decided() -> None:
    story = stalled()
    story.do(c.CancelDeal(reason="price"), at=day(11))
    assert story.refused(extend(escalation=STALL), at=day(12), who="dora").code is Code.ALREADY_SO


def test_a_warning_is_not_given_again_in_the_next_episode() -> None:
    story = Story().opened()
    story.progress(day(8))
    story.progress(day(10))
    story.do(extend(until=day(25)), at=day(11), who="dora")
    story.progress(day(24))
    assert len(story.facts(e.WarningGiven)) == 1
