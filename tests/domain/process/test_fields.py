"""Typed fields of evidence: what is stored, and what is refused by which name."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.process.field_texts import MAX_TEXT
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from dealflow.domain.values.text.visible import forbidden_character


def one(field_type: str, value: object, **details: object) -> FieldValue:
    spec = {"it": Field.model_validate({"type": field_type, **details})}
    return check_fields(spec, {"it": value}, manner=Manner("CNY"), place="kind")["it"]


def refusal(field_type: str, value: object, **details: object) -> Reason:
    with pytest.raises(CommandRefused) as refused:
        one(field_type, value, **details)
    (reason,) = refused.value.reasons
    return reason


@pytest.mark.parametrize(
    ("field_type", "value", "stored"),
    [
        ("money", "5000.00 CNY", Money(minor=500_000, currency="CNY")),
        ("money", "5,000", Money(minor=500_000, currency="CNY")),
        ("money", 5000, Money(minor=500_000, currency="CNY")),
        ("money", 0.1, Money(minor=10, currency="CNY")),
        ("money", "300 jpy", Money(minor=300, currency="JPY")),
        ("money", {"minor": 5, "currency": "USD"}, Money(minor=5, currency="USD")),
        ("integer", "1,234", 1234),
        ("integer", -7, -7),
        ("number", "5000.00", "5000"),
        ("number", 0.1, "0.1"),
        ("number", "-0.0", "0"),
        ("number", Decimal("12.50"), "12.5"),
        ("number", "100", "100"),
        ("boolean", "Yes", True),
        ("boolean", False, False),
        ("date", " 2026-02-28 ", "2026-02-28"),
        ("date", date(2026, 2, 28), "2026-02-28"),
        ("instant", "2026-11-24T09:30:00+08:00", "2026-11-24T01:30:00Z"),
        ("instant", datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
        ("person", "Ünal Öz", "Ünal Öz"),
        ("phone", "+86 138-0000-0000", "+86 138-0000-0000"),
        ("phone", 13800000000, "13800000000"),
        ("email", "a.b@example.co.uk", "a.b@example.co.uk"),
        ("url", "https://example.com/x?y=1", "https://example.com/x?y=1"),
        ("text", "line\r\nnext\ttab", "line\nnext\ttab"),
    ],
)
def test_a_value_is_stored_in_one_form(field_type: str, value: object, stored: FieldValue) -> None:
    result = one(field_type, value)
    assert (result, type(result)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("field_type", "value"),
    [
        ("money", "many"),
        ("money", "1.005 CNY"),
        ("money", True),
        ("money", {"minor": 1.5, "currency": "CNY"}),
        ("money", {"minor": 1, "currency": "yuan"}),
        ("money", {"minor": 1, "currency": "CNX"}),
        ("money", "5 CNX"),
        ("money", 10**40),
        ("integer", "1.5"),
        ("integer", True),
        ("integer", "9" * 16),
        ("number", "NaN"),
        ("number", float("inf")),
        ("number", "1e9"),
        ("number", Decimal("1e999999")),
        ("number", "9" * 200),
        ("boolean", "perhaps"),
        ("boolean", 1),
        ("date", "2026-02-29"),
        ("date", "11.12.2026"),
        ("date", 20261124),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("person", "two\nlines"),
        ("phone", "123"),
        ("phone", "call me"),
        ("email", "nobody"),
        ("email", "a@b"),
        ("url", "example.com"),
        ("url", "javascript:alert(1)"),
        ("text", 5),
        ("text", ["a"]),
    ],
)
def test_a_wrong_value_says_what_would_be_right(field_type: str, value: object) -> None:
    reason = refusal(field_type, value)
    assert (reason.code, reason.place) == (Code.FIELD_INVALID, "kind.it")
    assert reason.data["wrong"] and reason.data["right"]


@pytest.mark.parametrize(
    "value", ["2026-11-24T09:30:00", "2026-11-24", "tomorrow", "9:30", datetime.fromisoformat("2026-01-01")]
)
def test_an_instant_without_zone_is_refused(value: object) -> None:
    assert refusal("instant", value).code is Code.TIME_WITHOUT_ZONE


SHANGHAI = ZoneInfo("Asia/Shanghai")
# In Shanghai it is the 29th already.
SATURDAY_EVENING = Manner("CNY", "JPY", None, SHANGHAI, datetime(2026, 11, 28, 17, tzinfo=UTC))


def by(manner: Manner, field_type: str, value: object, **details: object) -> FieldValue:
    spec = {"it": Field.model_validate({"type": field_type, **details})}
    return check_fields(spec, {"it": value}, manner=manner, place="kind")["it"]


@pytest.mark.parametrize(
    ("field_type", "value", "stored"),
    [
        ("money", "¥300", Money(minor=300, currency="JPY")),
        ("money", "300", Money(minor=30_000, currency="CNY")),
        ("money", "18万 CNY", Money(minor=18_000_000, currency="CNY")),
        ("integer", "1.5万", 15_000),
        ("integer", "１２", 12),
        ("number", "1 234,5", "1234.5"),
        ("number", "1.234", "1.234"),
        ("date", "昨天", "2026-11-28"),
        ("date", "11月30日", "2025-11-30"),
        ("date", "28/11/2026", "2026-11-28"),
        ("instant", "2026-11-28 09:30", "2026-11-28T01:30:00Z"),
        ("instant", "9:30", "2026-11-29T01:30:00Z"),
        ("instant", "2026-11-28", "2026-11-27T16:00:00Z"),
    ],
)
def test_a_value_is_read_in_the_manner_of_its_command(field_type: str, value: str, stored: FieldValue) -> None:
    result = by(SATURDAY_EVENING, field_type, value)
    assert (result, type(result)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("field_type", "value", "one", "other"),
    [
        ("money", "1,5 CNY", "1.50 CNY", "15.00 CNY"),
        ("integer", "12.500", "12.500", "12500"),
        ("number", "1,234", "1.234", "1234"),
        ("number", "-1,5", "-1.5", "-15"),
        ("date", "11/12/2026", "2026-11-12", "2026-12-11"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(field_type: str, value: str, one: str, other: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        by(SATURDAY_EVENING, field_type, value)
    assert f"as {one} or as {other}" in refused.value.reasons[0].data["wrong"]
    assert value not in str(refusal(field_type, value, personal=True))


@pytest.mark.parametrize(
    ("field_type", "value", "stored"),
    [("money", "1,5", Money(minor=150, currency="CNY")), ("number", "1,234", "1.234"), ("integer", "12.500", 12_500)],
)
def test_a_declared_mark_leaves_one_reading(field_type: str, value: str, stored: FieldValue) -> None:
    assert by(Manner("CNY", mark="comma"), field_type, value) == stored


@pytest.mark.parametrize("value", [Decimal("1.234"), 1.234])
def test_a_number_that_is_no_text_has_a_point_whatever_is_declared(value: object) -> None:
    assert by(Manner("CNY", mark="comma"), "number", value) == "1.234"


@pytest.mark.parametrize("value", ["明天", "11月28日", "Friday"])
def test_without_a_today_nothing_is_told_from_it(value: str) -> None:
    assert refusal("date", value).code is Code.FIELD_INVALID


def test_every_reason_is_given_at_once_with_suggestions() -> None:
    spec = {
        "amount": Field(type=FieldType.MONEY),
        "with": Field(type=FieldType.ONE_OF, options=("decider", "non_decider")),
        "paid_on": Field(type=FieldType.DATE),
        "note": Field(type=FieldType.TEXT, required=False),
    }
    with pytest.raises(CommandRefused) as refused:
        check_fields(spec, {"amuont": "5", "with": "decidr", "amount": "x"}, manner=Manner("CNY"), place="payment")
    found = {(reason.code, reason.place, reason.suggestion) for reason in refused.value.reasons}
    assert found == {
        (Code.UNKNOWN_FIELD, "payment.amuont", "amount"),
        (Code.FIELD_INVALID, "payment.amount", None),
        (Code.FIELD_INVALID, "payment.with", "decider"),
        (Code.FIELD_MISSING, "payment.paid_on", None),
    }


def test_an_optional_field_that_is_blank_is_left_out() -> None:
    spec = {"note": Field(type=FieldType.TEXT, required=False)}
    for blank in ("", "  ", None):
        assert check_fields(spec, {"note": blank}, manner=Manner("CNY"), place="") == {}


def test_a_required_field_that_is_blank_is_missing() -> None:
    assert refusal("text", " \n ").code is Code.FIELD_MISSING


@pytest.mark.parametrize(
    "text", ["💰 paid 👩‍👩‍👧", "שלום עולם", "مرحبا", "微信(备注电话)", "🏴\U000e0067\U000e0062\U000e007f", "a\tb\nc"]
)
def test_emoji_and_other_scripts_pass(text: str) -> None:
    assert one("text", text) == text


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud83d", "\U000e0041"])
@pytest.mark.parametrize("field_type", ["text", "person"])
def test_characters_that_hide_text_are_refused_with_their_place(char: str, field_type: str) -> None:
    reason = refusal(field_type, f"ab{char}cd")
    assert reason.code is Code.TEXT_INVALID
    assert reason.data["wrong"].startswith(f"character 3 is U+{ord(char):04X}")


def test_a_text_has_a_greatest_length() -> None:
    assert one("text", "x" * MAX_TEXT) == "x" * MAX_TEXT
    assert refusal("text", "x" * (MAX_TEXT + 1)).code is Code.TEXT_INVALID
    assert refusal("text", "x" * 1_000_000).code is Code.TEXT_INVALID
    assert refusal("text", "abcd", max_length=3).data["right"] == "at most 3 characters"
    assert refusal("text", "  ab  ", min_length=3).code is Code.FIELD_INVALID


def test_bounds_hold_and_are_shown_in_money() -> None:
    assert refusal("integer", 3, at_least=4).data["right"] == "at least 4"
    assert refusal("number", "3.5", at_most=3).code is Code.FIELD_INVALID
    assert refusal("money", "0.99", at_least=100).data["right"] == "at least 1.00 CNY"


@pytest.mark.parametrize("written", ["0", "0.00 EUR", "-0", "-5", {"minor": 0, "currency": "CNY"}, 0, -5])
def test_an_amount_is_more_than_nothing_unless_the_field_allows_less(written: object) -> None:
    assert refusal("money", written).data["right"] == "an amount of more than nothing"
    assert refusal("money", written, at_most=100_000).data["right"] == "an amount of more than nothing"


@pytest.mark.parametrize(("least", "written", "minor"), [(0, "0", 0), (-500, "-5", -500), (-500, "0", 0)])
def test_a_field_that_allows_nought_or_less_takes_it(least: int, written: str, minor: int) -> None:
    assert one("money", written, at_least=least) == Money(minor=minor, currency="CNY")
    assert refusal("money", "-5.01", at_least=least).data["right"].startswith("at least")


def test_a_bound_that_is_an_amount_holds_in_its_currency() -> None:
    bounds = {"at_least": Money(minor=10_000, currency="CNY"), "at_most": Money(minor=5_000_000, currency="CNY")}
    assert one("money", "100", **bounds) == Money(minor=10_000, currency="CNY")
    assert refusal("money", "99.99", **bounds).data["right"] == "at least 100.00 CNY"
    assert refusal("money", "50,000.01", **bounds).data["right"] == "at most 50,000.00 CNY"
    other = refusal("money", "5,000 USD", **bounds).data
    assert (other["wrong"], other["right"]) == (
        "5,000.00 USD cannot be compared with 100.00 CNY",
        "an amount in CNY",
    )


OPTIONS = (
    {"id": "decider", "title": {"en": "Decider", "zh": "决策人"}},
    {"id": "father", "title": {"en": "Father", "zh": "家长"}},
    {"id": "mother", "title": {"en": "Mother", "zh": "家长"}},
    "other",
)


@pytest.mark.parametrize("given", ["decider", "Decider", " 决策人 ", "DECIDER"])
def test_an_option_is_given_by_its_id_or_its_title_and_stored_by_its_id(given: str) -> None:
    assert one("one_of", given, options=OPTIONS) == "decider"


def test_a_title_of_two_options_is_refused_with_both() -> None:
    reason = refusal("one_of", "家长", options=OPTIONS).data
    assert (reason["wrong"], reason["right"]) == ("家长 fits 2 options", "one of Father (father), Mother (mother)")


def test_a_slip_in_a_title_is_refused_with_the_nearest() -> None:
    assert refusal("one_of", "决策者", options=OPTIONS).suggestion == "决策人"
    assert refusal("one_of", "decidr", options=OPTIONS).suggestion == "decider"


def test_a_personal_value_is_not_repeated_in_its_refusal() -> None:
    for field_type, value in (("phone", "secret-7"), ("email", "secret-7"), ("money", "secret-7")):
        assert "secret" not in str(refusal(field_type, value, personal=True))


def test_an_unknown_field_with_a_hidden_character_is_shown_escaped() -> None:
    with pytest.raises(CommandRefused) as refused:
        check_fields({}, {"a\x1b[2J": 1}, manner=Manner("CNY"), place="kind")
    assert forbidden_character(refused.value.reasons[0].place) is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@given(st.sampled_from(list(FieldType)), JSON)
def test_any_json_value_is_stored_or_refused_by_name(field_type: FieldType, value: object) -> None:
    spec = {"it": Field(type=field_type, options=("a", "b"))}
    try:
        stored = check_fields(spec, {"it": value}, manner=Manner("CNY"), place="kind")
    except CommandRefused as refused:
        assert refused.reasons  # noqa: PT017  either outcome is right, and each has its own check
    else:
        assert check_fields(spec, stored, manner=Manner("CNY"), place="kind") == stored
