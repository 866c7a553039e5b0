"""Bad input: each ends in one clear message with its place and the nearest right word, and nothing is half-written."""

from pathlib import Path

import pytest

from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, CommandLine, Done, HomeOf

REPLY = ("evidence", "record", "d1", "reply")


def version(cli: CommandLine) -> int:
    return int(cli.json("deal", "show", "d1")["version"])


def with_a_deal(cli: CommandLine) -> None:
    cli.open("d1")


@pytest.fixture
def deal(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_deal)


def refused(result: Done, code: str, place: str, suggestion: str | None = None) -> None:
    """One refusal, with exit code 1."""
    assert result.code == 1, result
    found = [(one["code"], one["place"], one["suggestion"]) for one in result.json["refused"]]
    assert found == [(code, place, suggestion)]


@pytest.mark.parametrize(
    ("words", "code", "place", "suggestion"),
    [
        (("evidence", "record", "d1", "paymnt"), "unknown_kind", "paymnt", "payment"),
        (("evidence", "record", "dd1", "payment"), "unknown_deal", "dd1", "d1"),
        (("evidence", "withdraw", "d1", "e-1", "--reason", "x"), "unknown_evidence", "e-1", None),
        (("milestone", "record", "d1", "quote_snt"), "unknown_milestone", "quote_snt", "quote_sent"),
        (("step", "done", "d1", "s-1"), "unknown_step", "s-1", None),
        (("deal", "lose", "d1", "--reason", "prise"), "unknown_reason", "prise", "price"),
        (("process", "show", "standard-sail"), "unknown_process", "standard-sail", "standard-sale"),
        (("process", "show", "standard-sale@9"), "unknown_process", "standard-sale@9", "standard-sale@1"),
        (("deal", "open", "T", "--process", "standardsale"), "unknown_process", "standardsale", "standard-sale"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_an_unknown_name_is_told_with_the_nearest(
    deal: CommandLine, words: tuple[str, ...], code: str, place: str, suggestion: str | None
) -> None:
    who = () if words[0] == "process" else FOR_ANNA
    before = version(deal)
    refused(deal(*words, *who, "--json"), code, place, suggestion)
    assert version(deal) == before


@pytest.mark.parametrize(
    ("words", "code", "place", "suggestion"),
    [
        (("deal", "reassign", "d1", "--to", "bem", "--reason", "x"), "unknown_person", "bem", "ben"),
        (("deal", "waive", "d1", "decider_mett", "--reason", "x"), "unknown_node", "decider_mett", "decider_met"),
        (("escalation", "decide", "d1", "extend", "--reason", "x"), "unknown_escalation", "d1", None),
        (
            ("escalation", "decide", "d2/1/1/stage_age/1", "extend", "--reason", "x"),
            "unknown_escalation",
            "d2/1/1/stage_age/1",
            None,
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_an_unknown_name_of_the_director_too(
    deal: CommandLine, words: tuple[str, ...], code: str, place: str, suggestion: str | None
) -> None:
    refused(deal(*words, *FOR_BO, "--json"), code, place, suggestion)


def test_a_list_that_asks_for_an_unknown_name_says_so(deal: CommandLine) -> None:
    refused(deal("deal", "list", "--stage", "meting", "--json"), "unknown_stage", "meting", "meeting")
    refused(deal("deal", "list", "--owner", "ana", "--json"), "unknown_person", "ana", "anna")
    refused(deal("stall", "list", "--director", "bho", "--json"), "unknown_person", "bho", "bo")
    refused(deal("deal", "list", "--position", "decider", "--json"), "unknown_node", "decider", "decider_met")
    assert deal.json("deal", "list", "--stage", "meeting") == {
        "total": 0, "deals": [], "respelled": [], "unreadable": [],
    }  # fmt: skip


def test_a_history_of_an_unknown_kind_or_person_is_refused_and_an_empty_one_said(deal: CommandLine) -> None:
    refused(deal("deal", "history", "d1", "--kind", "evidense", "--json"), "field_invalid", "kind", "evidence")
    refused(deal("deal", "history", "d1", "--actor", "ana", "--json"), "unknown_person", "ana", "anna")
    empty = deal("deal", "history", "d1", "--kind", "won")
    assert (empty.code, empty.err) == (0, "Nothing of that kind has happened.\n")


def test_a_command_id_that_is_too_long_is_refused_and_one_of_many_deals_never_grows_so(deal: CommandLine) -> None:
    refused(
        deal(*REPLY, "--field", "text=hi", "--command-id", "c" * 201, *FOR_ANNA, "--json"), "text_invalid", "command-id"
    )
    deal.open("d2")
    words = (
        "deal",
        "reassign",
        "d1",
        "d2",
        "--to",
        "ben",
        "--reason",
        "x",
        "--yes",
        "--command-id",
        "c" * 199,
        *FOR_BO,
    )
    assert len(deal.json(*words)["answers"]) == 2
    assert [answer["repeated"] for answer in deal.json(*words)["answers"]] == [True, True]


def test_every_bad_field_is_told_at_once(deal: CommandLine) -> None:
    result = deal(
        "evidence", "record", "d1", "payment", "--field", "amont=5", "--field", "paid_on=soon", *FOR_ANNA, "--json"
    )
    assert result.code == 1
    assert [(one["code"], one["place"]) for one in result.json["refused"]] == [
        ("unknown_field", "payment.amont"),
        ("field_missing", "payment.amount"),
        ("field_invalid", "payment.paid_on"),
        ("field_missing", "payment.receipt"),
    ]
    assert result.json["refused"][0]["suggestion"] == "amount"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("11/12/2025", "field_invalid"),
        ("next friday", "field_invalid"),
        ("tomorrow", "time_in_future"),
        ("2036-01-05T10:00:00Z", "time_in_future"),
        ("2036-01-05", "time_in_future"),
        ("2026-02-30", "field_invalid"),
        ("", "field_missing"),
        ("0001-01-01T00:00:00+14:00", "field_invalid"),
    ],
)
def test_a_time_that_cannot_be_is_refused(deal: CommandLine, written: str, code: str) -> None:
    before = version(deal)
    refused(deal(*REPLY, "--field", "text=hi", "--observed-at", written, *FOR_ANNA, "--json"), code, "observed-at")
    assert version(deal) == before


def test_an_as_of_ahead_or_before_the_first_event_is_refused(deal: CommandLine) -> None:
    refused(deal("deal", "show", "d1", "--as-of", "2036-01-01", "--json"), "time_in_future", "as-of")
    refused(deal("deal", "show", "d1", "--as-of", "2001-01-01", "--json"), "time_before_first", "as-of")
    refused(deal("deal", "history", "d1", "--as-of", "2001-01-01", "--json"), "time_before_first", "as-of")
    refused(deal("inventory", "--as-of", "2001-01-01", "--json"), "time_before_first", "as-of")


def test_a_megabyte_of_text_gives_one_message(deal: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "big.txt"
    file.write_text("x" * 1_048_576)
    result = deal(*REPLY, "--field", f"text=@{file}", *FOR_ANNA)
    assert (result.code, result.out) == (1, "")
    assert result.err == "reply.text cannot be stored: 1,048,576 characters. Give at most 100,000 characters.\n"


def test_a_file_that_is_far_too_large_is_not_read_to_its_end(deal: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as stream:
        stream.truncate(3_000_000_000)
    refused(deal(*REPLY, "--field", f"text=@{file}", *FOR_ANNA, "--json"), "too-large", f"{file}:1:1")


def test_a_file_of_another_encoding_is_told_with_its_line(deal: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes(b"one\ncaf\xe9")
    refused(deal(*REPLY, "--field", f"text=@{file}", *FOR_ANNA, "--json"), "encoding", f"{file}:2:1")


def test_a_missing_file_is_a_fault_of_the_field_that_names_it_and_may_be_a_value(deal: CommandLine) -> None:
    result = deal(*REPLY, "--field", "text=@wang_wei", *FOR_ANNA, "--json")
    refused(result, "field_invalid", "text")
    assert "@@ for a text that begins with @" in result.out and "wang_wei" not in result.out + result.err
    refused(deal(*REPLY, "--fields-json", "@no.json", *FOR_ANNA, "--json"), "field_invalid", "--fields-json")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--field", "text"), "--field number 1 is no NAME=VALUE"),
        (("--field", "text=a", "--field", "=hi"), "--field number 2 is no NAME=VALUE"),
        (("--field", "text=a", "--field", "text=b"), "--field text is given twice"),
        (("--fields-json", '{"text": "a"', "--field", "text=b"), "line 1, column 13"),
        (("--fields-json", '{"text": "a"}', "--field", "text=b"), "by --field and in --fields-json"),
        (("--fields-json", '{"text": "a", "text": "b"}'), "names 'text' twice"),
        (("--fields-json", "[1]"), "must be an object"),
        (("--fields-json", '{"text": NaN}'), "NaN is not a number"),
        (("--fields-json", "[" * 100_000), "nested too deeply"),
    ],
    ids=lambda value: value[-1][:30] if isinstance(value, tuple) else None,
)
def test_fields_that_cannot_be_read_are_wrong_usage(deal: CommandLine, options: tuple[str, ...], said: str) -> None:
    result = deal(*REPLY, *options, *FOR_ANNA)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("deal", "open", "a\x1b[31mb", "--process", "standard-sale", "--owner", "anna"), "title"),
        (("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", "--customer", "a\x07"), "customer"),
        (("deal", "amend", "d1", "--attribute", "region=a\u202eb", "--reason", "r"), "region"),
        ((*REPLY, "--field", "text=a\x00b"), "reply.text"),
        ((*REPLY, "--field", "text=a", "--note", "x\x9b"), "note"),
        (("activity", "record", "d1", "a\rb"), "activity"),
        (("step", "plan", "d1", "a\x08", "--by", "2036-01-01"), "step"),
        (("deal", "amend", "d1", "--title", "x", "--reason", "r", "--command-id", "a\x1bb"), "command-id"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_a_character_that_controls_a_terminal_is_refused_with_its_position(
    deal: CommandLine, words: tuple[str, ...], place: str
) -> None:
    result = deal(*words, *FOR_ANNA, "--json")
    assert result.codes == ["text_invalid"], result
    [refusal] = result.json["refused"]
    assert "character" in refusal["message"]
    assert "\x1b" not in deal(*words, *FOR_ANNA).err


def test_emoji_and_right_to_left_names_are_names_like_others(cli: CommandLine) -> None:
    cli.open("d1", "ben", "--customer", "מרכז 👩🏽‍💻 华鑫")
    assert cli.json("deal", "show", "d1")["customer"]["name"] == "מרכז 👩🏽‍💻 华鑫"
    assert "מרכז 👩🏽‍💻 华鑫" in cli.done("deal", "show", "d1")


@pytest.mark.parametrize("amount", ["five", "-5", "5.001 CNY", "5 CNX", "1e9", "1,00,000,000,000,000,000"])
def test_an_amount_that_is_none_is_refused(cli: CommandLine, amount: str) -> None:
    words = ("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", "--amount", amount)
    refused(cli(*words, *FOR_ANNA, "--json"), "field_invalid", "amount")


@pytest.mark.parametrize("given", ["a/b", "x" * 121, "a\x1bb", ""])
def test_an_id_that_cannot_be_is_refused(cli: CommandLine, given: str) -> None:
    words = ("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", "--id", given)
    result = cli(*words, *FOR_ANNA, "--json")
    assert result.code == 1
    assert result.json["refused"][0]["place"] == "id"


def test_the_user_must_be_somebody_in_people_yaml(cli: CommandLine) -> None:
    text = (cli.home / "people.yaml").read_text(encoding="utf-8")
    (cli.home / "people.yaml").write_text(text.replace("users: [", "users: [not-"), encoding="utf-8")
    result = cli("deal", "open", "T", "--process", "standard-sale")
    assert result.code == 1
    assert "users: [" in result.err


def test_nobody_acts_for_whom_people_yaml_does_not_let_them(deal: CommandLine) -> None:
    refused(deal(*REPLY, "--field", "text=hi", "--on-behalf-of", "zoe", "--json"), "unknown_person", "zoe")
    text = (deal.home / "people.yaml").read_text(encoding="utf-8")
    (deal.home / "people.yaml").write_text(
        text.replace("acts_for: [anna, ben, bo]", "acts_for: [anna]"), encoding="utf-8"
    )
    refused(deal("deal", "override", "d1", "--reason", "x", *FOR_BO, "--json"), "not_permitted", "on behalf of bo")


def test_evidence_for_a_closed_deal_is_kept_as_history_and_said_so(deal: CommandLine) -> None:
    deal.done("deal", "lose", "d1", "--reason", "price", *FOR_ANNA)
    said = deal.done("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    assert "The deal is closed: this is kept as history and moves nothing." in said
    shown = deal.json("deal", "show", "d1")
    assert (shown["outcome"], shown["in_progress"], len(shown["evidence"])) == ("lost", False, 1)
