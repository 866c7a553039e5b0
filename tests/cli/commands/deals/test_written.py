"""Amounts and times as people write them: read, told in the answer, or refused with both readings."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dealflow.adapters.clock import SystemClock
from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine

AMEND = ("deal", "amend", "d1", "--reason", "r", *FOR_BO)
PAYMENT = ("evidence", "record", "d1", "payment", "--field", "receipt=R-1")


@pytest.fixture
def deal(cli: CommandLine) -> CommandLine:
    cli.open("d1")
    return cli


def amount(cli: CommandLine) -> object:
    return cli.json("deal", "show", "d1")["amount"]


def test_an_amount_is_read_and_told(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (*AMEND, "--amount", "18万")
    assert "amount: '18万' read as 180,000.00 CNY\n" in deal.done(*words)
    assert amount(deal) == {"minor": 18_000_000, "currency": "CNY"}
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    opened = deal.done(
        "deal", "open", "新商机", "--process", "standard-sale", "--amount", "1.5亿", "--owner", "anna", *FOR_ANNA
    )
    assert "amount：'1.5亿' 读作 150,000,000.00 CNY\n" in opened


def test_a_plain_amount_needs_no_word(deal: CommandLine) -> None:
    assert "read as" not in deal.done(*AMEND, "--amount", "48,000.00 CNY")


@pytest.mark.parametrize(
    ("written", "one", "other"), [("1,5", "1.50 CNY", "15.00 CNY"), ("12.500 EUR", "12.50 EUR", "12,500.00 EUR")]
)
def test_an_amount_that_can_be_read_in_two_ways_is_refused_with_both(
    deal: CommandLine, written: str, one: str, other: str
) -> None:
    before = amount(deal)
    for words in (
        (*AMEND, "--amount", written),
        (*PAYMENT, "--field", "paid_on=2026-01-05", "--field", f"amount={written}", *FOR_ANNA),
    ):
        result = deal(*words, "--json")
        [reason] = result.json["refused"]
        assert (result.code, reason["code"]) == (1, "field_invalid")
        assert f"as {one} or as {other}" in reason["message"]
    assert amount(deal) == before


def test_a_declared_decimal_mark_leaves_one_reading(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "'1,5' read as 1.50 CNY" in deal.done(*AMEND, "--amount", "1,5", "--decimal", "comma")
    monkeypatch.setenv("DEALFLOW_DECIMAL", "comma")
    assert "'12.500,5' read as 12,500.50 CNY" in deal.done(*AMEND, "--amount", "12.500,5")
    deal.done(*PAYMENT, "--field", "paid_on=2026-01-05", "--field", "amount=2,5", "--id", "e-1", *FOR_ANNA)
    [payment] = deal.json("deal", "show", "d1")["evidence"]
    assert payment["fields"]["amount"] == {"minor": 250, "currency": "CNY"}
    assert deal(*AMEND, "--amount", "5", "--decimal", "dot").code == 2


def test_less_than_nothing_is_no_amount_of_a_deal_and_nought_is(deal: CommandLine) -> None:
    assert deal(*AMEND, "--amount=-5", "--json").codes == ["field_invalid"]
    deal.done(*AMEND, "--amount", "0")
    assert amount(deal) == {"minor": 0, "currency": "CNY"}


def test_the_answer_lists_what_was_read_and_is_the_same_again(
    deal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALFLOW_ZONE", "Asia/Shanghai")
    yesterday = SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
    words = (*PAYMENT, "--field", "paid_on=昨天", "--field", "amount=¥5,000", "--command-id", "c-1", *FOR_ANNA)
    first = deal.json(*words)
    assert first["read_as"] == [
        {
            "place": "amount",
            "given": "¥5,000",
            "read": "5,000.00 CNY",
            "message": "amount: '¥5,000' read as 5,000.00 CNY",
        },
        {
            "place": "paid_on",
            "given": "昨天",
            "read": str(yesterday),
            "message": f"paid_on: '昨天' read as {yesterday}",
        },
    ]
    again = deal.json(*words)
    assert again["repeated"] and again["read_as"] == first["read_as"]


def test_a_deadline_of_a_day_is_its_last_instant_and_told_where_it_was_a_word(
    deal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALFLOW_ZONE", "Asia/Shanghai")
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    said = deal.done("step", "plan", "d1", "call", "--by", "明天", "--id", "s-1", *FOR_ANNA)
    assert f"by: '明天' read as {today + timedelta(days=1)}T23:59:59+08:00\n" in said
    deal.done("step", "plan", "d1", "write", "--by", str(today), "--id", "s-2", *FOR_ANNA)
    by = [datetime.fromisoformat(step["by"]) for step in deal.json("deal", "show", "d1")["steps"]]
    assert [each.astimezone(ZoneInfo("Asia/Shanghai")).time().isoformat() for each in by] == ["23:59:59.999999"] * 2


def test_a_time_without_an_offset_is_the_readers(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_ZONE", "Asia/Shanghai")
    words = (
        "evidence",
        "record",
        "d1",
        "reply",
        "--field",
        "text=hi",
        "--id",
        "e-9",
        "--observed-at",
        "2026-01-06 9:30",
    )
    assert "observed-at: '2026-01-06 9:30' read as 2026-01-06T09:30:00+08:00\n" in deal.done(*words, *FOR_ANNA)
    [evidence] = deal.json("deal", "show", "d1")["evidence"]
    assert evidence["observed_at"] == "2026-01-06T01:30:00Z"


def test_as_of_today_is_now_and_a_word_is_told_beside_the_document(deal: CommandLine) -> None:
    today = SystemClock().now().date()
    assert deal.json("deal", "show", "d1", "--as-of", str(today))["title"] == "Deal d1"
    result = deal("deal", "show", "d1", "--as-of", "今天", "--json")
    assert (result.code, result.json["title"]) == (0, "Deal d1")
    assert result.err.startswith("as-of: '今天' read as ")


def test_a_refusal_tells_times_in_the_readers_zone(deal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_ZONE", "Asia/Shanghai")
    planned = ("step", "plan", "d1", "call", "--by", "2026-01-06 3:30", *FOR_ANNA)
    seen = (
        *PAYMENT,
        "--field",
        "amount=5",
        "--field",
        "paid_on=2026-01-05",
        *FOR_ANNA,
        "--observed-at",
        "2099-01-06 3:30",
    )
    for language in ("en", "zh"):
        past, future = deal(*planned, "--lang", language), deal(*seen, "--lang", language)
        assert (past.code, future.code) == (1, 1)
        assert "2026-01-06 03:30+08:00" in past.err and "2099-01-06 03:30+08:00" in future.err
        assert "UTC" not in past.err + future.err


@pytest.mark.parametrize("written", ["", " ", "\u200b"])
def test_what_is_no_value_is_said_not_to_be_recorded(deal: CommandLine, written: str) -> None:
    offer = (
        "evidence",
        "record",
        "d1",
        "counter_offer",
        "--field",
        "offer=5",
        "--field",
        f"terms={written}",
        *FOR_ANNA,
    )
    assert f"terms: {written!a} is no value, so none is recorded\n" in deal.done(*offer)
    assert f"terms：{written!a}不是有效内容，未录入该字段\n" in deal.done(*offer, "--lang", "zh")
