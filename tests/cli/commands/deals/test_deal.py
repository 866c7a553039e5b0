"""`dealflow deal`, `evidence`, `milestone`, `step`, `activity`: one deal through its life by the command line."""

import re
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, STANDARD, CommandLine, HomeOf

NOW = SystemClock().now()
MEETING = ("--field", "held_on=2026-01-06", "--field", "summary=A talk of half an hour about the need.")


def with_a_deal(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--amount", "50,000 CNY", "--customer", "ACME")


@pytest.fixture
def deal(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_deal)


def contact(cli: CommandLine) -> str:
    return cli.done("evidence", "record", "d1", "messenger_contact", *CONTACT, "--id", "e-1", *FOR_ANNA)


def test_open_prints_id_stage_and_what_is_needed_next(cli: CommandLine) -> None:
    said = cli.done("deal", "open", "ACME", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA)
    assert re.match(
        r"d-[0-9a-hjkmnp-tv-z]{8} is open\nStage: First contact \(first_contact\), process standard-sale@1\n", said
    )
    assert "Messenger contact added, with phone (contact_added)" in said
    assert "Bo Chen (bo)" in said  # who hears of a stall


def test_a_command_sent_again_has_its_effect_once(cli: CommandLine) -> None:
    words = ("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA, "--command-id", "c-1")
    first, again = cli.json(*words), cli.json(*words)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert (first["deal_id"], first["version"]) == (again["deal_id"], again["version"])
    assert cli.json("inventory")["deals"] == 1
    other = cli(*words, "--amount", "5", "--json")
    assert other.codes == ["command_id_reused"]


def test_evidence_sent_again_has_its_effect_once(deal: CommandLine) -> None:
    words = ("evidence", "record", "d1", "reply", "--field", "text=hi", *FOR_ANNA, "--command-id", "c-2")
    first, again = deal.json(*words), deal.json(*words)
    assert again == {**first, "repeated": True}
    assert len(deal.json("deal", "show", "d1")["evidence"]) == 1
    assert "nothing new has happened" in deal.done(*words)


def test_evidence_that_does_not_meet_names_what_is_missing(deal: CommandLine) -> None:
    words = ("evidence", "record", "d1", "counter_offer", "--field", "offer=20,000 CNY", *FOR_ANNA)
    said = deal.done(*words)
    assert "not met: Haggles over price and terms (price_haggled)" in said
    [verdict] = deal.json(*words)["verdicts"]
    assert (verdict["node"], verdict["met"]) == ("price_haggled", False)
    assert verdict["reasons"][0]["code"] == "rule_not_met"
    assert verdict["reasons"][0]["message"]


def test_evidence_that_meets_says_so_and_that_the_deal_moves_by_itself(deal: CommandLine) -> None:
    said = contact(deal)
    assert "met: Messenger contact added, with phone (contact_added)" in said
    assert said.endswith("The deal moves as soon as a worker looks.\n")
    assert deal.json("deal", "show", "d1")["stage"]["id"] == "first_contact"
    assert "the deal moves to Meeting (meeting)" in deal.done("deal", "next", "d1")
    deal.look("d1", NOW)
    assert deal.json("deal", "show", "d1")["stage"]["id"] == "meeting"


def test_early_evidence_shows_as_ahead_and_a_quote_as_a_gap(deal: CommandLine) -> None:
    deal.done("evidence", "record", "d1", "meeting_note", "--field", "with=decider", *MEETING, *FOR_ANNA)
    deal.done(
        "milestone", "record", "d1", "quote_sent", "--field", "amount=50000", "--field", "on=2026-01-06", *FOR_ANNA
    )
    tracks = deal.json("deal", "show", "d1")["tracks"]
    assert [node["id"] for node in tracks["ahead"]] == ["decider_met"]
    assert (tracks["standing"]["id"], tracks["gap"]) == ("negotiate", 4)
    said = deal.done("deal", "show", "d1")
    assert "+4, since" in said and "met by decider_met" in said


def test_a_milestone_is_taken_back_with_its_gap(deal: CommandLine) -> None:
    amount = ("--field", "amount=50000", "--field", "on=2026-01-06")
    deal.done("milestone", "record", "d1", "quote_sent", *amount, *FOR_ANNA)
    assert "Gap +4, since" in deal.done("deal", "next", "d1")
    said = deal.done("milestone", "withdraw", "d1", "quote_sent", "--reason", "it was another deal's", *FOR_ANNA)
    assert said.startswith("d1: Taken back: Quote sent, a mark of Compare rivals, negotiate price. Reason: it was")
    tracks = deal.json("deal", "show", "d1")["tracks"]
    assert (tracks["standing"]["id"], tracks["gap"], tracks["gaps"]) == ("first_contact", 0, [])
    assert "Gap" not in deal.done("deal", "next", "d1")
    assert re.search(r"quote_sent\) +\S+ \S+ +withdrawn\n", deal.done("deal", "show", "d1"))
    again = deal("milestone", "withdraw", "d1", "quote_sent", "--reason", "again", *FOR_ANNA, "--json")
    assert (again.code, again.codes) == (1, ["already_so"])
    never = deal("milestone", "withdraw", "d1", "contract_sent", "--reason", "again", *FOR_ANNA, "--json")
    assert (never.code, never.codes) == (1, ["milestone_not_recorded"])


def test_fields_may_come_from_a_file_or_as_json(deal: CommandLine) -> None:
    text = deal.home / "said.txt"
    text.write_text("\ufeffThey said yes. 好的\n", encoding="utf-8")
    deal.done("evidence", "record", "d1", "reply", "--field", f"text=@{text}", "--id", "e-file", *FOR_ANNA)
    deal.done("evidence", "record", "d1", "reply", "--field", "text=@@lin", "--id", "e-at", *FOR_ANNA)
    json = '{"amount": 1234.50, "paid_on": "2026-01-06", "receipt": "R=1"}'
    deal.done("evidence", "record", "d1", "payment", "--fields-json", json, "--id", "e-json", *FOR_ANNA)
    found = {one["id"]: one["fields"] for one in deal.json("deal", "show", "d1")["evidence"]}
    assert found["e-file"]["text"].strip() == "They said yes. 好的"
    assert found["e-at"]["text"] == "@lin"
    assert found["e-json"]["amount"] == {"minor": 123450, "currency": "CNY"}


def test_a_date_is_midnight_in_the_readers_zone(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_ZONE", "Asia/Shanghai")
    words = ("evidence", "record", "d1", "reply", "--field", "text=hi", "--id", "e-9", "--observed-at", "2026-01-06")
    deal.done(*words, *FOR_ANNA)
    [evidence] = deal.json("deal", "show", "d1")["evidence"]
    assert evidence["observed_at"] == "2026-01-05T16:00:00Z"
    assert "2026-01-06 00:00+08:00" in deal.done("deal", "show", "d1")


def test_withdrawn_disputed_and_confirmed_evidence(deal: CommandLine) -> None:
    contact(deal)
    deal.done("evidence", "dispute", "d1", "e-1", "--reason", "the customer denies it", *FOR_ANNA)
    assert deal.json("deal", "show", "d1")["evidence"][0]["standing"] == "disputed"
    assert deal("evidence", "confirm", "d1", "e-1", "--reason", "seen", *FOR_ANNA, "--json").codes == ["own_deal"]
    deal.done("evidence", "confirm", "d1", "e-1", "--reason", "the chat was shown", *FOR_BO)
    deal.done("evidence", "withdraw", "d1", "e-1", "--reason", "another customer", *FOR_ANNA)
    shown = deal.json("deal", "show", "d1")
    assert shown["evidence"][0]["standing"] == "withdrawn"
    assert shown["tracks"]["position"] is None


def test_steps_and_activities(deal: CommandLine) -> None:
    said = deal.done("step", "plan", "d1", "call her", "--by", "2036-01-01", "--node", "contact_added", *FOR_ANNA)
    step = re.search(r"s-[0-9a-z]{8}", said)
    assert step
    assert "call her" in deal.done("deal", "next", "d1")
    deal.done("step", "done", "d1", step[0], "--note", "she will come", *FOR_ANNA)
    deal.done("activity", "record", "d1", "sent the brochure", *FOR_ANNA)
    assert deal.json("deal", "show", "d1")["steps"][0]["done_at"]
    assert "sent the brochure" in deal.done("deal", "history", "d1")


def test_waive_override_back(deal: CommandLine) -> None:
    assert deal("deal", "waive", "d1", "contact_added", "--reason", "x", *FOR_ANNA, "--json").codes == ["own_deal"]
    deal.done("deal", "waive", "d1", "contact_added", "--reason", "a regular customer", *FOR_BO)
    deal.look("d1", NOW)
    deal.done("deal", "override", "d1", "--reason", "framework contract", *FOR_BO)
    deal.look("d1", NOW)
    assert deal.json("deal", "show", "d1")["stage"]["id"] == "learn_need"
    deal.done("deal", "back", "d1", "--to", "meeting", "--reason", "another buyer", "--node", "decider_met", *FOR_BO)
    shown = deal.json("deal", "show", "d1")
    assert shown["stage"]["id"] == "meeting"
    assert {node["id"]: node["status"] for node in shown["nodes"]}["contact_added"] == "waived"


def test_win_close_reopen_lose(deal: CommandLine) -> None:
    deal.done("deal", "win", "d1", "--reason", "paid in cash", *FOR_BO)
    shown = deal.json("deal", "show", "d1")
    assert (shown["outcome"], shown["in_progress"]) == ("won", True)
    assert "contact_added" in [node["id"] for node in shown["won_unproven"]]
    deal.done("deal", "close", "d1", "--reason", "nothing to deliver", *FOR_BO)
    assert "life has ended (won)" in deal.done("deal", "next", "d1")
    deal.done("deal", "reopen", "d1", "--reason", "they called", *FOR_BO)
    deal.done("deal", "lose", "d1", "--reason", "refund", "--note", "all of it", *FOR_BO)
    shown = deal.json("deal", "show", "d1")
    assert (shown["outcome"], shown["loss_reason"]["id"], shown["opening"]) == ("lost", "refund", 2)


def test_cancel(deal: CommandLine) -> None:
    deal.done("deal", "cancel", "d1", "--reason", "mistake", *FOR_ANNA)
    assert deal.json("inventory")["cancelled"] == 1


def test_amend_changes_what_is_named_and_nothing_else(deal: CommandLine) -> None:
    deal.done("deal", "amend", "d1", "--amount", "48000", "--attribute", "region=east", "--reason", "r", *FOR_ANNA)
    shown = deal.json("deal", "show", "d1")
    assert (shown["amount"]["minor"], shown["attributes"], shown["title"]) == (4_800_000, {"region": "east"}, "Deal d1")
    assert deal("deal", "amend", "d1", "--reason", "r", *FOR_ANNA, "--json").codes == ["nothing_changes"]


def test_a_person_has_a_neutral_id_beside_the_name(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", "王磊", "--customer-id", "c-17")
    assert cli.json("deal", "show", "d1")["customer"] == {"id": "c-17", "name": "王磊"}


def test_show_as_of_an_earlier_instant(deal: CommandLine) -> None:
    at = deal.json("deal", "show", "d1")["opened_at"]
    deal.done("deal", "amend", "d1", "--title", "Another", "--reason", "r", *FOR_ANNA)
    assert deal.json("deal", "show", "d1")["title"] == "Another"
    assert deal.json("deal", "show", "d1", "--as-of", at)["title"] == "Deal d1"


def test_history_tells_who_and_on_whose_behalf(deal: CommandLine) -> None:
    contact(deal)
    entries = deal.json("deal", "history", "d1")["entries"]
    assert entries[0]["topic"] == "deal.opened.v1"
    assert (entries[0]["actor"], entries[0]["on_behalf_of"]) == ("me", "anna")
    assert entries[0]["recorded_at"].endswith("Z")
    told = deal.done("deal", "history", "d1")
    assert "[me for anna]" in told
    assert told.count("\n") == 1 + len(entries)


def test_history_in_chinese_page_by_page_and_by_kind(deal: CommandLine) -> None:
    contact(deal)
    assert "客户凭证" in deal.done("deal", "history", "d1", "--lang", "zh")
    page = deal.json("deal", "history", "d1", "--limit", "2", "--after", "1")
    assert [entry["n"] for entry in page["entries"]] == [2, 3]
    assert page["more"]
    kinds = {entry["topic"] for entry in deal.json("deal", "history", "d1", "--kind", "evidence")["entries"]}
    assert kinds == {"deal.evidence_recorded.v1"}


def test_the_answer_is_in_the_language_of_the_user(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert "没有这个凭证类型" in deal("evidence", "record", "d1", "paymnt", *FOR_ANNA).err
    assert "阶段：初步接洽 (first_contact)" in deal.done("deal", "next", "d1")
    assert "客户所在节点" in deal.done("deal", "list")


def test_the_language_of_a_person_in_people_yaml_counts_without_a_setting(deal: CommandLine) -> None:
    text = (deal.home / "people.yaml").read_text(encoding="utf-8")
    (deal.home / "people.yaml").write_text(text.replace("name: Me,", "name: Me, language: zh,"), encoding="utf-8")
    assert "没有这个商机" in deal("deal", "show", "d9").err


def test_a_clock_of_plain_days_names_no_calendar(cli: CommandLine, tmp_path: Path) -> None:
    cli.open("d1")
    assert re.search(r"5 working days from .* \(china-office\)", cli.done("deal", "show", "d1"))
    plain, working = tmp_path / "plain.yaml", "{limit: 5 working days, warn: 4 working days}"
    plain.write_text(STANDARD.read_text(encoding="utf-8").replace(working, "{limit: 139 days}"), encoding="utf-8")
    cli.done("process", "publish", plain)
    cli.open("d2")
    said = cli.done("deal", "show", "d2")
    assert "139 days from" in said and "None" not in said
