"""Which facts are told to whom: warnings, rungs and decisions, under keys that name the same notice for ever."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.escalation.notices_of import notices_of
from tests.support.deals.stories import Story, day


def notices(story: Story, since: int = 0) -> list[Notice]:
    facts = [recorded.fact for recorded in story.recorded[since:]]
    return list(notices_of(facts, story.deal, story.definition, story.people, story.now))


def stalled() -> Story:
    story = Story().opened()
    story.progress(day(10))
    return story


def test_recording_tells_nobody() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    assert notices(story) == []


def test_a_warning_tells_the_owner_what_is_missing_and_until_when() -> None:
    story = Story().opened()
    story.progress(day(8))
    (notice,) = notices(story)
    assert (notice.recipient, notice.kind, notice.mode) == ("anna", "warning", "now")
    assert notice.key == "d1%2F1%2F1%2Fstage_age%2F1/warning/0/anna"
    subject = notice.subject
    assert (subject.due_at, subject.since, subject.stage) == (day(10), day(0), "meet")
    assert [node.id for node in subject.missing] == ["helper_met", "decider_met"]


def test_an_escalation_tells_everyone_of_its_rung_under_keys_of_their_own() -> None:
    story = stalled()
    first = notices(story)
    assert [(notice.recipient, notice.kind) for notice in first] == [("anna", "escalation"), ("dora", "escalation")]
    assert first[0].subject.escalation_id == "d1/1/1/stage_age/1"
    assert first[0].subject.due_at == day(10)
    assert first[0].subject.asked == ("dora",)
    since = len(story.recorded)
    story.progress(day(12))
    (second,) = notices(story, since)
    assert second.recipient == "dora" and second.key != first[1].key


def test_the_notices_of_the_same_facts_are_the_same() -> None:
    story = stalled()
    assert notices(story) == notices(story)


def test_a_stall_that_ended_before_it_was_noticed_is_told_to_nobody() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(10.5), whom="decider")
    story.progress(day(14))
    assert len(story.facts(e.StallRecorded)) == 1 and notices(story) == []


def test_a_decision_is_told_to_those_who_heard_of_the_stall_and_to_the_owner_but_not_to_who_decided() -> None:
    story = stalled()
    story.progress(day(14))
    since = len(story.recorded)
    story.do(c.DecideEscalation(decision="extend", reason="the board meets on Friday"), at=day(15), who="dora")
    found = notices(story, since)
    assert [(notice.recipient, notice.kind) for notice in found] == [("anna", "decided"), ("sun", "decided")]
    subject = found[0].subject
    assert (subject.decision, subject.decided_by, subject.decision_reason, subject.next_due_at) == (
        "extend", "dora", "the board meets on Friday", day(18),
    )  # fmt: skip


def test_a_new_owner_is_told_of_the_decision_that_made_them_one() -> None:
    story = stalled()
    since = len(story.recorded)
    story.do(c.DecideEscalation(decision="reassign", to="bob", reason="anna is ill"), at=day(11), who="mei")
    assert [notice.recipient for notice in notices(story, since)] == ["anna", "dora", "bob"]


def test_a_lost_deal_has_no_next_deadline_to_tell() -> None:
    story = stalled()
    since = len(story.recorded)
    story.do(c.DecideEscalation(decision="lose", lost_reason="price", reason="too dear"), at=day(11), who="dora")
    (notice,) = notices(story, since)
    assert (notice.subject.decision, notice.subject.next_due_at) == ("lose", None)


def test_a_notice_never_holds_the_customers_name() -> None:
    story = Story()
    story.opened()
    story.do(c.AmendDeal(customer=e.Customer(id="c1", name="Wang Secret"), reason="it has changed"))
    story.progress(day(10))
    assert all("Wang" not in notice.model_dump_json() for notice in notices(story))


def test_the_mark_of_high_risk_is_told() -> None:
    story = stalled()
    since = len(story.recorded)
    story.progress(day(14))
    assert all(notice.subject.high_risk for notice in notices(story, since))


def with_lost_proof() -> Story:
    story = Story().opened().moved_to("haggle")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="a mistake"), at=day(1))
    return story


def test_owner_and_director_hear_of_a_lost_proof_at_once_under_the_name_of_its_stall() -> None:
    anna, dora = notices(with_lost_proof())
    assert [(notice.recipient, notice.kind, notice.mode) for notice in (anna, dora)] == [
        ("anna", "proof_lost", "now"), ("dora", "proof_lost", "now"),
    ]  # fmt: skip
    assert anna.key == "d1%2F1%2Fneed_confirmed%2Fproof_lost%2F1/lost/0/anna"
    subject = anna.subject
    assert (subject.clock, subject.stage, subject.due_at, subject.lost_why) == (
        "proof_lost", "learn", day(3), "withdrawn",
    )  # fmt: skip
    assert [node.id for node in subject.missing] == ["need_confirmed"]


def test_the_ladder_follows_under_keys_of_its_own() -> None:
    story = with_lost_proof()
    first = {notice.key for notice in notices(story)}
    since = len(story.recorded)
    story.progress(day(3))
    rung = notices(story, since)
    assert {notice.kind for notice in rung} == {"escalation"}
    assert not first & {notice.key for notice in rung}


def test_a_proof_that_is_lost_again_is_told_again() -> None:
    story = with_lost_proof()
    first = {notice.key for notice in notices(story)}
    story.evidence("need", at=day(1.5), evidence_id="again")
    since = len(story.recorded)
    story.do(c.WithdrawEvidence(evidence_id="again", reason="r"), at=day(2))
    assert len(notices(story, since)) == 2 and not first & {notice.key for notice in notices(story, since)}


def test_a_proof_regained_is_told_to_nobody() -> None:
    story = with_lost_proof()
    since = len(story.recorded)
    story.evidence("need", at=day(1.5))
    assert notices(story, since) == []


def test_a_proof_lost_to_another_deal_names_the_piece_that_counts() -> None:
    story = Story().opened(amount="1000").moved_to("collect")
    (paid,) = story.deal.node("deposit_paid").evidence
    aside = e.EvidenceSetAside(effective_at=day(1), evidence_id=paid, field="receipt", first_deal="d9", first="p9")
    lost = e.ProofLost(
        effective_at=day(1), node="deposit_paid", stage="sign", episode=1, why="set_aside", recipients=("anna",)
    )
    open_again = e.NodeReversed(effective_at=day(1), node="deposit_paid", evidence=(paid,), why="set_aside")
    deal = story.deal
    for fact in (aside, open_again, lost):
        evolved = evolve(deal, fact, story.recorded[-1].stamp.model_copy(update={"version": deal.version + 1}))
        assert evolved is not None
        deal = evolved
    (told,) = notices_of([lost], deal, story.definition, story.people, day(1))
    (one,) = told.subject.counted_with
    assert (one.evidence, one.first, one.deal) == (paid, "p9", "d9")
