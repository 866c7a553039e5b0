"""Commands for many: a preview first, then each by itself; what is refused does not hold up the rest."""

from datetime import timedelta

import pytest

from dealflow.adapters.clock import SystemClock
from tests.support.running.typed_commands import FOR_BO, CommandLine, HomeOf

LATER = SystemClock().now() + timedelta(days=60)
WHY = ("--reason", "the customer is on holiday")


def with_three_stalled(cli: CommandLine) -> None:
    """Three deals whose first stage has run out: two of anna's, one of ben's."""
    for deal, owner in (("a1", "anna"), ("a2", "anna"), ("b1", "ben")):
        cli.open(deal, owner)
        cli.look(deal, LATER)


@pytest.fixture
def stalled(home_of: HomeOf) -> CommandLine:
    return home_of(with_three_stalled)


def waiting(cli: CommandLine) -> list[str]:
    return [row["deal_id"] for row in cli.json("escalation", "list")["escalations"]]


def test_one_escalation_is_decided_by_its_id(stalled: CommandLine) -> None:
    [first, *_] = stalled.json("escalation", "list")["escalations"]
    assert first["stall_id"] == f"{first['deal_id']}/1/1/stage_age/1"
    said = stalled.done("escalation", "decide", first["stall_id"], "extend", "--for", "5 working days", *WHY, *FOR_BO)
    assert first["deal_id"] in said
    assert first["deal_id"] not in waiting(stalled)
    again = stalled("escalation", "decide", first["stall_id"], "extend", *WHY, *FOR_BO, "--json")
    assert again.codes == ["already_decided"]


def test_a_deal_stands_for_its_only_escalation(stalled: CommandLine) -> None:
    stalled.done("escalation", "decide", "a1", "reassign", "--to", "ben", *WHY, *FOR_BO)
    assert stalled.json("deal", "show", "a1")["owner"]["id"] == "ben"
    stalled.done("escalation", "decide", "a2", "waive", *WHY, *FOR_BO)
    stalled.done("escalation", "decide", "b1", "lose", "--lost-reason", "no_answer", *WHY, *FOR_BO)
    assert waiting(stalled) == []


def test_a_decision_that_lacks_something_says_what(stalled: CommandLine) -> None:
    assert stalled("escalation", "decide", "a1", "reassign", *WHY, *FOR_BO, "--json").codes == ["field_missing"]
    far = stalled("escalation", "decide", "a1", "extend", "--for", "900 working days", *WHY, *FOR_BO, "--json")
    assert far.codes == ["deadline_too_far"]
    wrong = stalled("escalation", "decide", "a1", "extend", "--for", "a while", *WHY, *FOR_BO, "--json")
    assert [(one["code"], one["place"]) for one in wrong.json["refused"]] == [("field_invalid", "for")]
    both = stalled("escalation", "decide", "a1", "extend", "--for", "1 day", "--until", "2036-01-01", *WHY, *FOR_BO)
    assert both.code == 2


def test_many_are_shown_first_and_nothing_is_done(stalled: CommandLine) -> None:
    words = ("escalation", "decide", "extend", "--owner", "anna", *WHY, *FOR_BO)
    told = stalled(*words)
    assert told.code == 0
    assert "a1/1/1/stage_age/1" in told.out and "b1/1/1" not in told.out
    assert "2 would be changed. Nothing is done yet; add --yes." in told.err
    document = stalled.json(*words)
    assert (document["done"], [row["deal_id"] for row in document["preview"]]) == (False, ["a1", "a2"])
    assert len(waiting(stalled)) == 3


def test_many_are_decided_by_what_they_have_in_common(stalled: CommandLine) -> None:
    done = stalled.json("escalation", "decide", "extend", "--owner", "anna", "--yes", *WHY, *FOR_BO)
    assert [answer["deal_id"] for answer in done["answers"]] == ["a1", "a2"]
    assert done["refused"] == []
    assert waiting(stalled) == ["b1"]


def test_older_than_and_stage_choose_too(stalled: CommandLine) -> None:
    assert stalled.json("escalation", "decide", "extend", "--older-than", "1 day", *WHY, *FOR_BO)["preview"] == []
    assert stalled.json("escalation", "decide", "extend", "--stage", "meeting", *WHY, *FOR_BO)["preview"] == []
    assert stalled("escalation", "decide", "extend", "--older-than", "2 working days", *WHY, *FOR_BO).code == 2


def test_where_nothing_matches_nothing_is_offered(stalled: CommandLine) -> None:
    escalations = ("escalation", "decide", "extend", "--stage", "meeting", *WHY, *FOR_BO)
    deals = ("deal", "reassign", "--from", "bo", "--to", "ben", *WHY, *FOR_BO)
    for words in (escalations, deals):
        for told in (stalled(*words), stalled(*words, "--yes")):
            assert (told.code, told.out, told.err) == (0, "", "Nothing matches; there is nothing to do.\n")


def test_a_name_that_is_nowhere_is_refused_not_taken_for_nothing(stalled: CommandLine) -> None:
    for words, code in (
        (("escalation", "decide", "extend", "--owner", "anan", *WHY), "unknown_person"),
        (("escalation", "decide", "extend", "--stage", "meetin", *WHY), "unknown_stage"),
        (("deal", "reassign", "--from", "bem", "--to", "ben", *WHY), "unknown_person"),
    ):
        assert stalled(*words, *FOR_BO, "--json").codes == [code]


def test_many_by_a_file_of_ids(stalled: CommandLine) -> None:
    file = stalled.home / "ids.txt"
    file.write_text("\ufeffa1/1/1/stage_age/1   # anna's\r\n\r\nb1\r\nb1\r\n", encoding="utf-8")
    words = ("escalation", "decide", "extend", "--file", file, *WHY, *FOR_BO)
    assert len(stalled.json(*words)["preview"]) == 2
    assert len(stalled.json(*words, "--yes")["answers"]) == 2
    assert waiting(stalled) == ["a2"]


def test_a_file_that_names_somebody_else_stops_all(stalled: CommandLine) -> None:
    file = stalled.home / "ids.txt"
    file.write_text("a1\nb9\n")
    result = stalled("escalation", "decide", "extend", "--file", file, "--yes", *WHY, *FOR_BO, "--json")
    assert (result.code, result.codes) == (1, ["unknown_escalation"])
    assert len(waiting(stalled)) == 3
    file.write_text("# nobody\n")
    assert stalled("escalation", "decide", "extend", "--file", file, *WHY, *FOR_BO, "--json").codes == ["empty"]


def test_refusals_of_many_are_told_one_by_one(stalled: CommandLine) -> None:
    words = ("escalation", "decide", "lose", "--director", "bo", "--yes", *WHY, *FOR_BO)
    result = stalled(*words, "--json")
    assert result.code == 1
    assert [(one["deal_id"], one["code"]) for one in result.json["refused"]] == [
        ("a1", "field_missing"),
        ("a2", "field_missing"),
        ("b1", "field_missing"),
    ]
    told = stalled(*words)
    assert told.err.splitlines()[0].startswith("a1: lost_reason is missing")
    assert told.err.endswith("0 done, 3 refused\n")


def test_all_deals_of_a_person_are_reassigned(stalled: CommandLine) -> None:
    words = ("deal", "reassign", "--from", "anna", "--to", "ben", "--reason", "on leave", *FOR_BO)
    assert [row["deal_id"] for row in stalled.json(*words)["preview"]] == ["a1", "a2"]
    assert stalled.json("deal", "list", "--owner", "ben")["total"] == 1
    assert len(stalled.json(*words, "--yes")["answers"]) == 2
    assert stalled.json("deal", "list", "--owner", "ben")["total"] == 3
    assert len(waiting(stalled)) == 3  # stage, clocks and stalls stay


def test_one_deal_is_reassigned_at_once_and_several_after_a_preview(stalled: CommandLine) -> None:
    stalled.done("deal", "reassign", "a1", "--to", "ben", *WHY, *FOR_BO)
    several = ("deal", "reassign", "a1", "a2", "--to", "anna", *WHY, *FOR_BO)
    assert stalled.json(*several)["done"] is False
    result = stalled(*several, "--yes", "--json")
    assert [answer["deal_id"] for answer in result.json["answers"]] == ["a1"]
    assert [(one["deal_id"], one["code"]) for one in result.json["refused"]] == [("a2", "already_so")]
    assert result.code == 1


def test_a_command_id_for_many_makes_the_resend_safe(stalled: CommandLine) -> None:
    words = ("deal", "reassign", "a1", "a2", "--to", "ben", *WHY, "--yes", "--command-id", "c-7", *FOR_BO)
    first, again = stalled.json(*words), stalled.json(*words)
    assert [answer["repeated"] for answer in first["answers"]] == [False, False]
    assert [answer["repeated"] for answer in again["answers"]] == [True, True]
