"""The command path: one id one effect, conflicts decided again, hints and notices, and what a workflow's look does."""

import threading
from datetime import timedelta

import pytest

from dealflow.application.commands.answers import Answer
from dealflow.application.ports.store import Conflict, OutcomeUnknown, command_key
from dealflow.application.repeated import names_follow_from, row_of
from dealflow.domain.deal import commands as c
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import House, proof
from tests.support.deals.stories import PEOPLE, day
from tests.support.stores.contested_store import ContestedStore, LosingStore, OutrunStore, OvertakenStore

TALK = proof("t1", "talk", whom="decider")


def test_an_accepted_command_answers_what_was_appended_and_what_is_next() -> None:
    house = House()
    answer = house.do(house.opening(), command_id="c-open")
    assert (answer.command_id, answer.deal_id, answer.version) == ("c-open", "d1", 2)
    assert answer.facts == ("deal.opened.v1", "deal.clock_started.v1")
    assert (answer.stage, answer.outcome, answer.in_progress, answer.next_due) == ("meet", "open", True, day(8))
    assert answer.wake and not answer.repeated


def test_the_answer_tells_verdicts_notes_and_ids() -> None:
    house = House().opened()
    answer = house.do(proof("p1", "payment", amount="5"))
    assert [(verdict.node, verdict.met) for verdict in answer.verdicts] == [
        ("deposit_paid", False), ("paid_in_full", False),
    ]  # fmt: skip
    assert answer.verdicts[0].reasons[0].code is Code.RULE_NOT_MET
    assert answer.ids == {"evidence_id": "p1"}
    house.do(c.LoseDeal(reason="price"))
    assert house.do(TALK).notes == ("kept_as_history",)


def test_every_event_carries_actor_command_cause_correlation_and_both_times() -> None:
    house = House().opened()
    house.clock.passes(days=1)
    envelope = c.Envelope(
        command_id="c9",
        deal_id="d1",
        who=c.Who(actor="anna"),
        commands=(TALK.model_copy(update={"observed_at": day(0)}),),
        correlation_id="call-7",
        cause="webhook",
    )
    house.deals.handle(envelope)
    recorded = house.store.load("deal/d1")[2]
    stamp = recorded.stamp
    assert (stamp.version, stamp.actor, stamp.command_id, stamp.correlation_id, stamp.cause) == (
        3, "anna", "c9", "call-7", "webhook",
    )  # fmt: skip
    assert (recorded.fact.effective_at, stamp.recorded_at) == (day(0), day(1))


def test_recorded_time_never_runs_backward() -> None:
    house = House().opened()
    house.clock.passes(days=-3)
    house.do(TALK)
    stamps = [recorded.stamp.recorded_at for recorded in house.store.load("deal/d1")]
    assert stamps == sorted(stamps)


def test_the_same_command_twice_has_one_effect_and_the_same_answer() -> None:
    house = House().opened()
    first = house.do(TALK, command_id="c-talk")
    house.clock.passes(days=30)
    second = house.do(TALK, command_id="c-talk")
    assert second == first.model_copy(update={"repeated": True})
    assert len(house.store.load("deal/d1")) == first.version


def test_the_same_id_with_other_content_is_refused() -> None:
    house = House().opened()
    house.do(TALK, command_id="c-talk")
    other = proof("t2", "talk", whom="decider")
    assert house.refused(other, command_id="c-talk").code is Code.COMMAND_ID_REUSED


def test_an_id_is_one_persons_and_another_who_chooses_it_hears_of_nothing() -> None:
    house = House().opened()
    house.do(TALK, command_id="same")
    note = c.RecordActivity(what="called")
    assert house.do(note, who="dora", command_id="same").repeated is False
    assert house.do(note, who="dora", command_id="same").repeated is True
    assert house.do(TALK, command_id="same").repeated is True
    assert house.refused(TALK, who="bob", command_id="same") == house.refused(TALK, who="bob", command_id="new")
    assert house.topics().count("activity_recorded") == 1


def test_a_row_of_the_version_before_is_theirs_whom_its_event_names() -> None:
    house = House().opened()
    house.do(TALK, command_id="same")
    row = house.store.as_of_before("anna", "same")
    assert house.do(TALK, command_id="same").repeated is True
    assert house.refused(c.RecordActivity(what="called"), command_id="same").code is Code.COMMAND_ID_REUSED
    assert house.do(c.RecordActivity(what="called"), who="dora", command_id="same").repeated is False
    assert names_follow_from(house.store, "anna", "same") == row.key == "same"
    assert names_follow_from(house.store, "dora", "same") == command_key("dora", "same")


def test_the_same_id_for_another_deal_is_refused() -> None:
    house = House().opened().opened("d2")
    house.do(TALK, command_id="c-talk")
    assert house.refused(TALK, command_id="c-talk", deal="d2").code is Code.COMMAND_ID_REUSED


def test_a_refusal_is_judged_afresh() -> None:
    house = House().opened()
    again = c.WaiveNode(node="decider_met", reason="known")
    assert house.refused(again, who="bob", command_id="c-w").code is Code.UNKNOWN_DEAL
    house.people = Organisation(people={**PEOPLE.people, "bob": Person(id="bob", name="Bob", role="manager"),
                                        "anna": Person(id="anna", name="Anna", manager="bob")})  # fmt: skip
    assert house.do(again, who="bob", command_id="c-w").facts[0] == "deal.node_waived.v1"


def test_a_refused_command_writes_nothing_and_wakes_nobody() -> None:
    house = House().opened()
    head, woken = house.store.head(), list(house.waker.woken)
    house.refused(TALK, c.RecordMilestone(milestone="nothing"), command_id="c-bad")
    assert (house.store.head(), house.waker.woken, row_of(house.store, "anna", "c-bad")) == (head, woken, None)


def test_a_conflict_is_decided_again_on_the_new_state() -> None:
    house = House(seen=lambda store: ContestedStore(store, 0)).opened()
    assert isinstance(house.through, ContestedStore)
    house.through.conflicts = 3
    assert house.do(TALK).version == 5
    assert house.topics()[2:] == ["evidence_recorded", "node_reached", "gate_met"]


def test_a_command_that_another_process_has_just_carried_out_gives_that_answer() -> None:
    house = House(seen=OvertakenStore).opened()
    assert isinstance(house.through, OvertakenStore)
    first: list[Answer] = []

    def elsewhere() -> None:
        house.do(proof("r1", "reply"), deals=house.elsewhere)
        first.append(house.do(TALK, command_id="c-talk", deals=house.elsewhere))

    house.through.at, house.through.act = 1, elsewhere
    answer = house.do(TALK, command_id="c-talk")
    assert answer == first[0].model_copy(update={"repeated": True})


def test_a_command_carried_out_by_another_process_before_ours_was_decided_gives_that_answer_and_no_refusal() -> None:
    house = House(seen=OutrunStore)
    assert isinstance(house.through, OutrunStore)
    first: list[Answer] = []
    opening = house.opening()
    house.through.at = 1
    house.through.act = lambda: first.append(house.do(opening, command_id="c-open", deals=house.elsewhere))
    answer = house.do(opening, command_id="c-open")
    assert answer == first[0].model_copy(update={"repeated": True})


def test_a_refusal_stands_although_another_command_was_carried_out_meanwhile() -> None:
    house = House(seen=OutrunStore)
    assert isinstance(house.through, OutrunStore)
    opening = house.opening()
    house.through.at = 1
    house.through.act = lambda: house.do(opening, command_id="c-other", deals=house.elsewhere)
    assert house.refused(opening, command_id="c-open").code is Code.DEAL_EXISTS


@pytest.mark.parametrize("is_written", [True, False])
def test_a_command_of_which_nobody_knows_what_came_of_it_has_one_effect_when_it_is_sent_again(is_written: bool) -> None:
    house = House(seen=LosingStore).opened()
    assert isinstance(house.through, LosingStore)
    house.through.at, house.through.is_written = 1, is_written
    with pytest.raises(OutcomeUnknown):
        house.do(TALK, command_id="c-talk")
    assert house.do(TALK, command_id="c-talk").repeated is is_written
    assert house.topics().count("evidence_recorded") == 1


def test_a_deal_that_never_rests_is_given_up_in_the_end() -> None:
    house = House(seen=lambda store: ContestedStore(store, 0)).opened()
    assert isinstance(house.through, ContestedStore)
    house.through.conflicts = 1_000
    with pytest.raises(Conflict):
        house.do(TALK)


def test_many_writers_on_one_deal_lose_nothing() -> None:
    house = House().opened()

    def record(number: int) -> None:
        house.do(proof(f"q{number}", "question"), command_id=f"c-q{number}")

    writers = [threading.Thread(target=record, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(house.deal().evidence) == 12
    assert house.deal().node("details_asked").status == "reached"


def test_a_transition_that_is_ready_is_hinted_at_once_and_other_facts_are_not() -> None:
    house = House().opened()
    house.waker.woken.clear()
    assert not house.do(proof("r1", "reply")).wake
    assert house.waker.woken == []
    answer = house.do(TALK)
    assert answer.wake and house.waker.woken == [("d1", 1, answer.version, answer.next_due)]


def test_the_wake_is_stored_with_the_append_that_needs_it() -> None:
    house = House().opened()
    house.do(TALK)
    row = house.store.schedule.get("d1")
    assert row is not None and (row.wake_version, row.version, row.in_progress) == (5, 5, True)


def test_a_command_succeeds_although_temporal_is_away() -> None:
    house = House().opened()
    assert house.do(TALK).facts[0] == "deal.evidence_recorded.v1"


def test_a_deal_is_unknown_with_the_nearest_id() -> None:
    house = House().opened("d-100")
    reason = house.refused(TALK, deal="d-10")
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_DEAL, "d-100")
    with pytest.raises(CommandRefused):
        house.reading.read("nothing-like-it")


def test_loading_gives_the_deal_and_the_process_it_is_pinned_to() -> None:
    read = House().opened().reading.read("d1")
    assert (read.deal.id, str(read.process.ref)) == ("d1", "small@1")


@pytest.mark.parametrize(("who", "on_behalf_of"), [("nobody", None), ("anna", "nobody")])
def test_an_actor_who_is_not_of_the_house_is_unknown(who: str, on_behalf_of: str | None) -> None:
    assert House().opened().refused(TALK, who=who, on_behalf_of=on_behalf_of).code is Code.UNKNOWN_PERSON


def test_acting_for_somebody_needs_their_word_in_the_file() -> None:
    acting = PEOPLE.people["bob"].model_copy(update={"acts_for": ("dora",)})
    house = House(people=Organisation(people={**PEOPLE.people, "bob": acting})).opened()
    reason = house.refused(TALK, who="zhou", on_behalf_of="dora")
    assert (reason.code, reason.data["who_may"]) == (Code.NOT_PERMITTED, ["bob"])
    house.do(c.OverrideGate(reason="she said so"), who="bob", on_behalf_of="dora")
    stamp = house.store.load("deal/d1")[-1].stamp
    assert (stamp.actor, stamp.on_behalf_of) == ("bob", "dora")


def test_without_a_people_file_anyone_acts_for_themselves_only() -> None:
    house = House(people=Organisation(declared=False))
    house.do(house.opening(owner="root"), who="root")
    assert house.refused(TALK, who="root", on_behalf_of="dora").code is Code.UNKNOWN_PERSON


def test_progress_does_what_is_due_once_and_says_when_to_look_again() -> None:
    house = House().opened()
    house.do(TALK)
    first = house.deals.progress("d1", 1, house.clock.now())
    assert first.facts == ("deal.stage_advanced.v1", "deal.clock_started.v1")
    assert (first.closed, first.next_due, first.waits_for) == (False, day(5), "learn: need_confirmed")
    second = house.deals.progress("d1", 1, house.clock.now())
    assert (second.facts, second.version) == ((), first.version)


def test_progress_is_caused_by_the_engine() -> None:
    house = House().opened()
    house.deals.progress("d1", 1, day(10))
    stamp = house.store.load("deal/d1")[-1].stamp
    assert (stamp.actor, stamp.cause, stamp.recorded_at) == ("dealflow", "progress", day(10))


def test_progress_tells_those_whom_a_stall_reaches() -> None:
    house = House().opened()
    house.deals.progress("d1", 1, day(10))
    assert house.waker.told == [["anna", "dora"]]
    told = [w.notice.kind for person in ("anna", "dora") for w in house.store.outbox.waiting(person)]
    assert [kind for kind in told if kind != "published"] == ["escalation", "escalation"]


@pytest.mark.parametrize("opening", [0, 2])
def test_a_look_for_another_opening_ends_at_once_and_writes_nothing(opening: int) -> None:
    house = House().opened()
    progressed = house.deals.progress("d1", opening, day(99))
    assert (progressed.closed, progressed.facts, len(house.topics())) == (True, (), 2)


def test_a_look_at_a_deal_that_is_not_there_ends_at_once() -> None:
    progressed = House().deals.progress("gone", 1, day(0))
    assert (progressed.closed, progressed.version) == (True, 0)


def test_a_look_at_a_closed_deal_ends_at_once() -> None:
    house = House().opened()
    house.do(c.LoseDeal(reason="price"))
    assert house.deals.progress("d1", 1, day(99)).closed


def test_what_is_on_record_has_happened_whatever_the_workers_clock_says() -> None:
    house = House().opened()
    house.clock.passes(days=3)
    house.do(TALK)
    progressed = house.deals.progress("d1", 1, day(1))
    assert house.deal().stage == "learn" and house.deal().entered_at == day(3)
    assert progressed.next_due == day(8)


def test_two_workers_at_once_do_it_once() -> None:
    house = House().opened()
    looks = [threading.Thread(target=house.deals.progress, args=("d1", 1, day(10))) for _ in range(4)]
    for look in looks:
        look.start()
    for look in looks:
        look.join()
    assert house.topics().count("stall_recorded") == 1 and house.topics().count("rung_reached") == 1


def test_reopening_wakes_a_workflow_of_the_new_opening() -> None:
    house = House().opened()
    house.do(c.LoseDeal(reason="price"))
    house.waker.woken.clear()
    house.do(c.ReopenDeal(reason="they called again"), who="dora")
    ((deal_id, opening, _, due),) = house.waker.woken
    assert (deal_id, opening, due) == ("d1", 2, house.clock.now() + timedelta(days=8))


def test_one_envelope_opens_a_deal_and_records_its_first_evidence() -> None:
    house = House()
    answer = house.do(house.opening(), TALK)
    assert answer.facts[0] == "deal.opened.v1" and answer.facts[-1] == "deal.gate_met.v1"
