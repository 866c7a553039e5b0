"""What people read: one notice, a digest of many, operators' own templates."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.domain.escalation.notice import (
    CountedWith,
    HandedOver,
    MissingNode,
    Notice,
    NoticeKind,
    NoticeSubject,
    OpenPoint,
    channel_key,
    digest_key,
    notice_key,
)
from dealflow.domain.values.language import LANGUAGES
from tests.support.observed.captured_logs import captured_logs

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 11, 24, 9, tzinfo=UTC)
ABOUT = NoticeSubject(
    owner="anna",
    stage="meeting",
    stage_title={"en": "Meeting", "zh": "见面约访"},
    clock="stage_age",
    limit="10 working days",
    since=DUE - timedelta(days=14),
    due_at=DUE,
    missing=(MissingNode(id="decider_met", title={"en": "Decider met", "zh": "决策人面谈"}), MissingNode(id="paid")),
    escalation_id="D-1:1:2:stage_age:1",
    high_risk=True,
)


def notice(kind: NoticeKind = "escalation", number: int = 1, *, to: str = "zhang", **about: object) -> Notice:
    return Notice(
        key=notice_key(f"stall-{number}", 0, 0, to),
        recipient=to,
        kind=kind,
        deal_id=f"D-{number}",
        title="Pumps for\nthe plant",
        subject=ABOUT.model_copy(update=about),
        created_at=DUE + timedelta(minutes=number),
    )


def test_an_escalation_says_what_why_and_how_to_answer() -> None:
    message = NoticeTexts().one(notice(), language="en", zone=SHANGHAI, names={"anna": "Anna Li"})
    assert message.subject == "[HIGH RISK] D-1 has stalled in Meeting (Anna Li)"
    assert message.body == (
        "D-1  Pumps for the plant\n"
        "Owner: Anna Li\n"
        "Why: time in stage is over its limit of 10 working days since 2026-11-24 17:00+08:00\n"
        "Counted since: 2026-11-10 17:00+08:00\n"
        "Missing to move on: Decider met, paid\n"
        "\n"
        "What to do: decide, with one of\n"
        '  dealflow escalation decide D-1:1:2:stage_age:1 extend --for "5 working days" --reason "..."\n'
        '  dealflow escalation decide D-1:1:2:stage_age:1 reassign --to PERSON --reason "..."\n'
        '  dealflow escalation decide D-1:1:2:stage_age:1 back --to STAGE --reason "..."\n'
        "Look first: dealflow deal show D-1\n"
    )
    assert message.at == DUE + timedelta(minutes=1)


def test_the_same_in_chinese() -> None:
    message = NoticeTexts().one(notice(), language="zh", zone=SHANGHAI)
    assert message.subject == "【高风险】 商机 D-1 停滞在阶段“见面约访”（anna）"
    assert "期限 10个工作日" in message.body and "前进还缺：决策人面谈、paid" in message.body


def test_the_owner_is_told_what_to_record_and_who_was_asked_not_to_decide() -> None:
    own = notice(to="anna", asked=("zhang",))
    message = NoticeTexts().one(own, language="en", zone=SHANGHAI, names={"anna": "Anna Li", "zhang": "Zhang Wei"})
    assert "decide $" not in message.body and "escalation decide" not in message.body
    assert "Asked to decide: Zhang Wei\n" in message.body
    assert "  dealflow deal next D-1\n  dealflow evidence record D-1 KIND" in message.body
    chinese = NoticeTexts().one(own, language="zh", zone=SHANGHAI).body
    assert "escalation decide" not in chinese and "已请其决定：zhang\n" in chinese
    alone = NoticeTexts().one(notice(to="anna"), language="en", zone=SHANGHAI).body
    assert "Asked" not in alone and "Until then" not in alone


def lost(kind: NoticeKind = "proof_lost", number: int = 1, *, to: str = "zhang", **about: object) -> Notice:
    of_proof = {"clock": "proof_lost", "lost_why": "withdrawn", "limit": "2 working days", "high_risk": False, **about}
    found = notice(kind, number, to=to)
    return found.model_copy(update={"subject": found.subject.model_copy(update=of_proof)})


def test_a_proof_lost_to_another_deal_names_the_piece_that_counts() -> None:
    twice = lost(lost_why="set_aside", counted_with=(CountedWith(evidence="p2", first="p1", deal="D-9"),))
    body = NoticeTexts().one(twice, language="en", zone=SHANGHAI).body
    assert "Why: its evidence is on record twice, and counts elsewhere: p2 with p1 of deal D-9\n" in body
    assert "p2已计入商机D-9的p1" in NoticeTexts().one(twice, language="zh", zone=SHANGHAI).body
    hidden = lost(lost_why="set_aside", counted_with=(CountedWith(evidence="p2"),))
    assert (
        "elsewhere: p2 with a piece that you do not see\n"
        in NoticeTexts().one(hidden, language="en", zone=SHANGHAI).body
    )


def test_a_lost_proof_says_what_fell_why_until_when_and_the_ways_out() -> None:
    message = NoticeTexts().one(lost(), language="en", zone=SHANGHAI)
    assert message.subject == "D-1: proof lost: Decider met, paid"
    assert "Why: its evidence was withdrawn\nDeadline: 2026-11-24 17:00+08:00\n" in message.body
    assert "  dealflow evidence record D-1 KIND --field NAME=VALUE\n" in message.body
    assert '  dealflow deal back D-1 --to meeting --reason "..."\n' in message.body
    chinese = NoticeTexts().one(lost(), language="zh", zone=SHANGHAI)
    assert "依据失效" in chinese.subject and "原因：凭证已撤回" in chinese.body


def test_of_a_closed_won_deal_it_names_no_deadline_and_the_way_to_reopen() -> None:
    body = NoticeTexts().one(lost(limit="", after_win=True), language="en", zone=SHANGHAI).body
    assert "Deadline" not in body and "The deal is won" in body
    assert "dealflow deal reopen D-1 --to meeting" in body


def test_the_escalation_of_a_lost_proof_names_the_node_and_not_the_stage_that_the_deal_has_left() -> None:
    message = NoticeTexts().one(lost("escalation"), language="en", zone=SHANGHAI)
    assert message.subject == "D-1: proof lost, and not regained in time: Decider met, paid (anna)"
    assert "escalation decide D-1:1:2:stage_age:1 back" in message.body
    own = NoticeTexts().one(lost("escalation", to="anna"), language="en", zone=SHANGHAI)
    assert "escalation decide" not in own.body


def test_a_new_owner_reads_from_whom_why_what_is_due_and_what_is_open() -> None:
    node = MissingNode(id="paid", title={"en": "Paid", "zh": "已付"})
    points = (
        OpenPoint(what="step", name="call", at=DUE),
        OpenPoint(what="clock", clock="stage_age", at=DUE + timedelta(days=1)),
        OpenPoint(what="stall", name="D-1/1/1/stage_age/1", clock="stage_age", at=DUE),
        OpenPoint(what="lost", node=node, at=DUE),
        OpenPoint(what="evidence", name="ev-1"),
        OpenPoint(what="amount"),
    )
    given = HandedOver(previous="anna", by="bo", reason="anna is ill", points=points)
    about = notice("reassigned", to="ben", owner="ben", handed_over=given, clock="", limit="", high_risk=False)
    names = {"anna": "Anna Li", "bo": "Bo Chen", "ben": "Ben"}
    message = NoticeTexts().one(about, language="en", zone=SHANGHAI, names=names)
    assert message.subject == "D-1 is yours now (Meeting)"
    assert message.body == (
        "D-1  Pumps for the plant\n"
        "Owner until now: Anna Li\n"
        "Given to you by: Bo Chen\n"
        "Reason: anna is ill\n"
        "Due next: call 2026-11-24 17:00+08:00, time in stage 2026-11-25 17:00+08:00\n"
        "Stalled since: time in stage 2026-11-24 17:00+08:00 (D-1/1/1/stage_age/1)\n"
        "Proof lost since: Paid 2026-11-24 17:00+08:00\n"
        "Waits for somebody above the owner: ev-1, the amount\n"
        "Missing to move on: Decider met, paid\n"
        "\n"
        "What to do: look at the deal, and at what counts with\n"
        "  dealflow deal show D-1\n"
        "  dealflow deal next D-1\n"
    )
    chinese = NoticeTexts().one(about, language="zh", zone=SHANGHAI)
    assert chinese.subject == "商机 D-1 现由您负责（见面约访）" and "待负责人的上级确认：ev-1、金额\n" in chinese.body


def test_a_digest_counts_lost_proofs_where_there_are_some() -> None:
    body = NoticeTexts().digest([notice(), lost(number=2)], language="en", zone=SHANGHAI).body
    assert "Proof lost: 1\n" in body and "proof lost, until 2026-11-24" in body
    assert "Proof lost" not in NoticeTexts().digest([notice()], language="en", zone=SHANGHAI).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_of_the_owners_own_deals_asks_for_no_decision(language: str) -> None:
    own = [notice(number=number, to="anna") for number in (1, 2)]
    assert "escalation decide" not in NoticeTexts().digest(own, language=language, zone=SHANGHAI).body
    mixed = [*own, notice(number=3, to="anna", owner="bo")]
    assert "escalation decide" in NoticeTexts().digest(mixed, language=language, zone=SHANGHAI).body


@pytest.mark.parametrize("kind", ["warning", "escalation", "decided", "proof_lost", "reassigned"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_with_the_least_data_has_no_holes(kind: NoticeKind, language: str) -> None:
    bare = notice(kind, owner=None, since=None, missing=(), escalation_id=None, high_risk=False)
    message = NoticeTexts().one(bare, language=language, zone=SHANGHAI)
    assert "$" not in message.subject + message.body and "None" not in message.body
    assert "escalation decide  " not in message.body


def test_what_is_written_in_a_deal_is_neither_a_template_nor_a_command() -> None:
    odd = notice().model_copy(update={"deal_id": "D'; rm -rf ~", "title": "$owner \x1b[31m\u202e"})
    message = NoticeTexts().one(odd, language="en", zone=SHANGHAI)
    assert "$owner \\x1b[31m\\u202e" in message.body
    assert """dealflow deal show 'D'"'"'; rm -rf ~'""" in message.body


def test_a_digest_counts_groups_by_owner_and_begins_with_the_oldest() -> None:
    mixed = [
        notice("escalation", 1),
        notice("warning", 2, owner="bo", due_at=DUE - timedelta(days=1), high_risk=False),
        notice("escalation", 3, owner=None, due_at=DUE + timedelta(days=1)),
        notice("escalation", 4, due_at=DUE - timedelta(hours=1), high_risk=False),
    ]
    message = NoticeTexts().digest(mixed, language="en", zone=ZoneInfo("UTC"), names={"anna": "Anna Li"})
    assert message.subject == "4 deals to look at: 3 stalled, 1 about to stall, 0 decided"
    lines = message.body.splitlines()
    assert [line for line in lines if line.endswith(")")] == ["bo (1)", "Anna Li (2)", "nobody (1)"]
    assert [line.split("D-")[1][0] for line in lines if "Meeting" in line] == ["2", "4", "1", "3"]
    assert message == NoticeTexts().digest(mixed[::-1], language="en", zone=ZoneInfo("UTC"), names={"anna": "Anna Li"})


def test_a_digest_of_one_deal_is_said_of_one() -> None:
    assert NoticeTexts().digest([notice()], language="en", zone=SHANGHAI).subject == (
        "1 deal to look at: 1 stalled, 0 about to stall, 0 decided"
    )


def test_a_long_digest_stops_after_fifty_lines_and_says_so() -> None:
    many = [notice("escalation", number, owner=f"o{number % 6}") for number in range(1291)]
    message = NoticeTexts().digest(many, language="zh", zone=SHANGHAI)
    assert sum("见面约访" in line for line in message.body.splitlines()) == 50
    assert message.subject.startswith("1291 个商机待处理") and "\n另有 1241 个\n" in message.body


def test_operators_may_replace_a_text_and_are_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    texts = NoticeTexts(tmp_path)
    (tmp_path / "escalation.en.txt").write_text("Subject: Look at $deal_id\n\nCosts $$5, $title\n", encoding="utf-8")
    (tmp_path / "words.zh.txt").write_text("clock.stage_age = 停留\n", encoding="utf-8")
    assert texts.problems() == []
    message = texts.one(notice(), language="en", zone=SHANGHAI)
    assert (message.subject, message.body) == ("Look at D-1", "Costs $5, Pumps for the plant\n")
    assert "停留自" in texts.one(notice(), language="zh", zone=SHANGHAI).body
    (tmp_path / "escalation.en.txt").write_text("Look at $dael_id\nfor $ 5\n", encoding="utf-8")
    (tmp_path / "escalaton.zh.txt").write_text("", encoding="utf-8")
    (tmp_path / "escalation.en.txt~").write_text("", encoding="utf-8")
    (tmp_path / ".DS_Store").write_text("", encoding="utf-8")
    (tmp_path / "warning.en.txt").write_bytes(b"\xff")
    (tmp_path / "words.en.txt").write_text("clock.stage_aeg = x\nlist.more = $cuont\n", encoding="utf-8")
    said = [problem.replace(str(tmp_path) + "/", "") for problem in texts.problems()]
    assert said[:4] == [
        "escalation.en.txt:1: the first line must begin with 'Subject:'",
        "escalation.en.txt:1: there is no value '$dael_id'; did you mean '$deal_id'?",
        "escalation.en.txt:2: a '$' without a name; write $$ for a dollar sign",
        "escalaton.zh.txt: no notice is called so; did you mean 'escalation.zh.txt'?",
    ]
    assert said[4].startswith("warning.en.txt: cannot be read as UTF-8 text")
    assert said[5:] == [
        "words.en.txt:1: there is no wording 'clock.stage_aeg'; did you mean 'clock.stage_age'?",
        "words.en.txt:2: there is no value '$cuont'; did you mean '$count'?",
    ]
    assert texts.one(notice(), language="en", zone=SHANGHAI).subject.startswith("[HIGH RISK] D-1 has stalled")


def test_a_broken_text_is_logged_once_until_it_changes(tmp_path: Path) -> None:
    texts, broken = NoticeTexts(tmp_path), tmp_path / "escalation.en.txt"

    def logged() -> int:
        with captured_logs() as logs:
            texts.one(notice(), language="en", zone=SHANGHAI)
        return len([log for log in logs if log["event"] == "notice.template_broken"])

    broken.write_text("Subject: $deel_id\n", encoding="utf-8")
    assert (logged(), logged()) == (1, 0)
    broken.write_text("Subject: $deal_id\n", encoding="utf-8")
    assert logged() == 0
    broken.write_text("Subject: $deel_id\n", encoding="utf-8")
    assert (logged(), logged()) == (1, 0)


def test_a_notice_is_a_data_format() -> None:
    stored = notice().model_dump_json()
    assert Notice.model_validate_json(stored) == notice()


def test_keys_tell_notices_apart_and_stay_the_same() -> None:
    keys = {notice_key("a/b", 0, 0, "c"), notice_key("a", "b/0", 0, "c"), notice_key("a/b", 0, 1, "c"),
            notice_key("a/b", 0, 0, "c/d"), notice_key("a/b", "warning", 0, "c")}  # fmt: skip
    assert len(keys) == 5
    assert digest_key("anna", ["k2", "k1"]) == digest_key("anna", ["k1", "k2"]) != digest_key("bo", ["k1", "k2"])
    assert channel_key("k", "mail") == "k/mail"
