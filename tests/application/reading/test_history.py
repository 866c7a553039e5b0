"""`deal history`: every event as a sentence in both languages, with both times, who, and what it caused."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from dealflow.application.reading.history import HistoryEntry, HistoryQuery, Proof, history
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import TOPICS
from dealflow.wording.catalogue import catalogue
from dealflow.wording.history import FactTeller
from dealflow.wording.history_sentences import SENTENCES
from tests.support.deals.facts import EXAMPLES
from tests.support.deals.told_deals import PEOPLE, ToldDeal, contact, day, meeting, payment, process_in_force

STANDARD = process_in_force()


def told(story: ToldDeal, wanted: HistoryQuery | None = None, language: str = "en") -> tuple[HistoryEntry, ...]:
    return history(story.recorded, teller(language), wanted or HistoryQuery()).entries


def teller(language: str = "en") -> FactTeller:
    return FactTeller(STANDARD.definition, language, ZoneInfo("Asia/Shanghai"), PEOPLE)


@pytest.fixture
def story() -> ToldDeal:
    return ToldDeal(process=STANDARD)


def test_every_kind_of_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(TOPICS)


def test_every_placeholder_of_a_sentence_is_a_field_or_is_made() -> None:
    made = {
        "changes",
        "step",
        "details",
        "due",
        "provisional",
        "unproven",
        "unconfirmed",
        "standing",
        "people",
        "calendars",
        "inferred",
        "as_before",
        "claimed",
        "told_from",
    }
    for topic, sentence in SENTENCES.items():
        known = {*TOPICS[topic].model_fields, *made}
        for wording in (sentence, catalogue("zh").text(sentence)):
            named = {part.split("}")[0].split("|")[0] for part in wording.split("{")[1:]}
            assert named <= known, topic


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_event_of_each_kind_can_be_told_without_its_deal_and_process(topic: str, language: str) -> None:
    said = FactTeller(None, language, UTC, PEOPLE)(EXAMPLES[topic], None)
    assert said and not set("{}[]") & set(said)


def test_a_story_reads_in_english_and_chinese(story: ToldDeal) -> None:
    contact(story, day(6)).looks(day(6, 3))
    assert [entry.what for entry in told(story)] == [
        "Opened in First contact for ACME 有限公司, owner Li Lei, 10,000.00 CNY, process standard-sale@1.",
        "Clock started in First contact: time in stage of 5 working days, due 2026-01-12 10:00+08:00.",
        "Evidence from the customer: Contact added on a messenger (e1), by Li Lei.",
        "The customer reached: Messenger contact added, with phone (on e1).",
        "The gate of First contact is met: all required nodes passed.",
        "Moved on from First contact to Meeting.",
        "Clock started in Meeting: time in stage of 10 working days, due 2026-01-20 11:00+08:00.",
    ]
    assert [entry.what for entry in told(story, language="zh")][2:6] == [
        "客户凭证：添加微信（e1），录入人Li Lei。",
        "客户达成节点：添加微信(备注电话)（依据e1）。",
        "阶段“初步接洽”的关口已满足：必需节点均已通过。",
        "由“初步接洽”进入“见面约访”。",
    ]


def test_a_stage_that_ends_by_itself_says_when() -> None:
    met = e.GateMet(effective_at=day(1), stage="deliver", visit=8, how="closes_after", ready_at=day(9))
    zone = ZoneInfo("Asia/Shanghai")
    assert FactTeller(STANDARD.definition, "en", zone, PEOPLE)(met, None) == (
        "Deliver and serve ends by itself on 2026-01-09 10:00+08:00 unless something leaves it earlier."
    )
    assert FactTeller(STANDARD.definition, "zh", zone, PEOPLE)(met, None) == (
        "阶段“交付服务”将于2026-01-09 10:00+08:00自动结束，除非在此之前离开。"
    )


def test_a_stall_and_its_answer_read_as_what_happened(story: ToldDeal) -> None:
    story.looks(day(12, 3)).does(day(13), c.DecideEscalation(decision="extend", reason="they travel"), who="chen")
    assert [entry.what for entry in told(story)][2:] == [
        (
            "Stalled in First contact: time in stage of 5 working days ran out, waiting since 2026-01-05 10:00+08:00."
            " Missing: Messenger contact added, with phone."
        ),
        "Escalated, the ladder counts from 2026-01-12 10:00+08:00.",
        "Step 1 of the ladder: told Li Lei, Chen Jie.",
        "Decided: extend, until 2026-01-20 10:00+08:00. Reason: they travel",
        "The stall ended: a person decided.",
        "Clock started in First contact: time in stage, due 2026-01-20 10:00+08:00, set by a person.",
    ]


def test_an_act_says_what_it_caused(story: ToldDeal) -> None:
    contact(story, day(6)).looks(day(12, 3))
    evidence = next(entry for entry in told(story) if entry.topic == "deal.evidence_recorded.v1")
    assert evidence.caused == (4, 5)
    assert {told(story)[n - 1].caused_by for n in evidence.caused} == {evidence.n}


def test_what_a_decision_carries_out_is_caused_by_it(story: ToldDeal) -> None:
    story.looks(day(12, 3))
    story.does(day(13), c.DecideEscalation(decision="lose", reason="no", lost_reason="price"), who="chen")
    entries = told(story)
    decided = next(entry for entry in entries if entry.topic == "deal.escalation_decided.v1")
    assert [entries[n - 1].topic for n in decided.caused] == ["deal.stall_ended.v1", "deal.lost.v1", "deal.closed.v1"]


def test_a_stall_that_an_act_ends_is_caused_by_the_act_behind_it(story: ToldDeal) -> None:
    story.looks(day(12, 3)).does(day(13), c.LoseDeal(reason="price"))
    ended, lost, closed = told(story)[-3:]
    assert (ended.topic, ended.caused_by, closed.caused_by) == ("deal.stall_ended.v1", lost.n, lost.n)


def test_what_was_learned_a_day_late_is_marked(story: ToldDeal) -> None:
    milestone = c.RecordMilestone(milestone="contact_requested", fields={"on": "2026-01-06"}, observed_at=day(6))
    story.does(day(6), milestone, recorded_at=day(7))
    entry = told(story)[-1]
    assert (entry.effective_at, entry.recorded_at, entry.back_dated) == (day(6), day(7), True)
    assert not told(story)[0].back_dated


def test_entries_are_filtered_by_kind_actor_time_and_page(story: ToldDeal) -> None:
    contact(story, day(6)).looks(day(6, 3)).does(day(8), c.ReassignDeal(owner="wang", reason="region"), who="chen")
    for wanted, expected in (
        (HistoryQuery(kind="evidence"), [3]),
        (HistoryQuery(kind="deal.stage"), [6]),
        (HistoryQuery(actor="chen"), [8]),
        (HistoryQuery(since=day(6, 3)), [6, 7, 8]),
        (HistoryQuery(until=day(6)), [1, 2]),
        (HistoryQuery(as_of=day(6)), [1, 2, 3, 4, 5]),
        (HistoryQuery(as_known_at=day(5)), [1, 2]),
        (HistoryQuery(after=6), [7, 8]),
        (HistoryQuery(limit=2), [1, 2]),
        (HistoryQuery(kind="nothing"), []),
    ):
        assert [entry.n for entry in told(story, wanted)] == expected, wanted


def test_a_page_says_whether_there_is_more(story: ToldDeal) -> None:
    page = history(story.recorded, teller(), HistoryQuery(limit=1))
    assert (page.total, page.more, page.process, page.stream) == (2, True, "standard-sale@1", "deal/d1")
    assert not history(story.recorded, teller(), HistoryQuery(after=1)).more


def test_a_claim_and_a_win_list_what_was_not_proven(story: ToldDeal) -> None:
    story.does(day(6), c.ClaimStage(stage="learn_need", observed_at=day(6)))
    story.does(day(7), c.WinDeal(reason="signed at the fair"), who="chen")
    said = [entry.what for entry in told(story) if "Not proven" in entry.what]
    assert said[0].startswith("Another system says the deal stands in Learn the need. Not proven: Messenger contact")
    assert said[1].startswith("Won, 10,000.00 CNY: decided by a person. Not proven: ")


def test_a_claim_that_changes_nothing_says_why_in_the_readers_language(story: ToldDeal) -> None:
    story.does(day(6), c.ClaimStage(stage="first_contact", observed_at=day(6)))
    story.does(day(7), c.CancelDeal(reason="no_need"), who="chen")
    story.does(day(8), c.ClaimStage(stage="meeting", observed_at=day(8)))
    english, chinese = ([entry.what for entry in told(story, language=language)] for language in ("en", "zh"))
    assert "Another system says the deal stands in First contact." in english
    assert "A claim was not applied: stage Meeting, because the deal is cancelled." in english
    assert "声明未采用：处于阶段“见面约访”，原因：商机已取消。" in chinese


def test_a_hostile_text_stays_on_one_line_and_is_no_template(story: ToldDeal) -> None:
    story.does(day(6), c.RecordActivity(what="called {owner}\n[and] then"))
    assert told(story)[-1].what == "The seller's activity: called {owner} [and] then."


def test_the_digest_of_each_event_is_told_where_the_store_gives_it(story: ToldDeal) -> None:
    shown = history(story.recorded, teller(), proofs={1: Proof("abc", "")})
    assert [(entry.digest, entry.previous) for entry in shown.entries] == [("abc", ""), (None, None)]


def test_the_whole_path_past_the_win_can_be_told(story: ToldDeal) -> None:
    """No sentence fails or keeps a placeholder, in either language."""
    meeting(contact(story, day(6)).looks(day(6, 3)), day(7), "m1").looks(day(7, 3))
    story.does(day(8), c.MoveBack(to="meeting", reason="wrong person"))
    story.does(day(8), c.ConfirmEvidence(evidence_id="m1", reason="it was the right one"), who="chen")
    story.does(day(8), c.AmendDeal(title="200 desks", attributes={"region": "east"}, reason="it has changed"))
    story.looks(day(8, 3)).does(day(8, 4), c.OverrideGate(reason="the boss knows them"), who="chen").looks(day(8, 5))
    story.does(day(9), c.WaiveNode(node="need_confirmed", reason="known"), who="chen").looks(day(9, 3))
    payment(story, day(10), "p1", "10000").does(day(12), c.WinDeal(reason="signed at the fair"), who="chen")
    story.looks(day(12, 3))
    story.evidence(day(13), "r1", "referral", referred="Wang Er", phone="13900000000").looks(day(13, 3))
    story.does(day(14), c.CloseDeal(reason="enough")).does(day(15), c.ReopenDeal(reason="they called"), who="chen")
    story.does(day(16), c.DisputeEvidence(evidence_id="p1", reason="bounced"), c.LoseDeal(reason="refund"))
    for language in ("en", "zh"):
        for entry in told(story, language=language):
            assert entry.what and not set("{}[]") & set(entry.what), entry


def test_the_data_of_an_entry_is_plain_json(story: ToldDeal) -> None:
    contact(story, day(6))
    data = json.loads(told(story)[2].model_dump_json())["data"]
    assert (data["evidence_id"], data["fields"]["channel"]) == ("e1", "wechat")
    assert "effective_at" not in data
