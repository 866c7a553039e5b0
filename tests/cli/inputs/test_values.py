"""What is written on the command line: read into checked values, and never a traceback, whatever it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.application.commands.short_ids import short_id
from dealflow.cli.inputs.identity import who
from dealflow.cli.inputs.writing import Writing
from dealflow.cli.main import run
from dealflow.cli.user import os_user
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.domain.values.written.digits import DecimalMark
from tests.support.running.typed_commands import FOR_ANNA, CommandLine

SHANGHAI = ZoneInfo("Asia/Shanghai")
anything = st.text(st.characters(exclude_categories=()), max_size=40)


NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)


def writing(zone: ZoneInfo = SHANGHAI, mark: DecimalMark | None = None) -> Writing:
    return Writing(zone, NOW, mark)


@given(st.integers(-2_000_000_000, 1_700_000_000), st.timezones())
def test_an_instant_with_its_zone_is_the_same_in_utc(seconds: int, zone: ZoneInfo) -> None:
    at = datetime.fromtimestamp(seconds, zone)
    reader = writing()
    assert reader.observed(at.isoformat(), "at") == at.astimezone(UTC)
    assert reader.read_as == []


@given(st.dates(min_value=date(1992, 1, 1), max_value=date(2026, 11, 27)))
def test_a_date_alone_begins_at_its_midnight_and_ends_before_the_next(day: date) -> None:
    begins, ends = writing().observed(str(day), "at"), writing().until(str(day), "by")
    assert begins is not None and begins.astimezone(SHANGHAI).isoformat() == f"{day}T00:00:00+08:00"
    assert ends.astimezone(SHANGHAI).isoformat() == f"{day}T23:59:59.999999+08:00"
    assert writing().as_of(str(day), "as-of") == ends


def test_today_ends_now_for_what_is_asked_about_the_past() -> None:
    assert writing().as_of("2026-11-28", "as-of") == NOW
    reader = writing()
    assert reader.as_of("今天", "as-of") == NOW
    assert [read.read for read in reader.read_as] == ["2026-11-28T10:00:00+08:00"]
    assert writing().until("2026-11-28", "by") > NOW


def test_no_time_is_none() -> None:
    assert writing().observed(None, "at") is None
    assert writing().as_of(None, "as-of") is None


def test_what_happened_has_come() -> None:
    assert refused_at(lambda: writing().observed("明天", "at")) == "at"
    assert writing().observed("11月29日", "at") == datetime(2025, 11, 28, 16, tzinfo=UTC)


def test_what_was_not_plain_is_kept_to_be_told() -> None:
    reader = writing()
    reader.until("明天 15:00", "by")
    reader.until("2026-11-30", "until")
    reader.money("18万", "CNY")
    reader.money("5,000.00", "CNY")
    reader.money("5", "CNY", "EUR")
    reader.money("5 EUR", "CNY", "EUR")
    assert [str(read.said) for read in reader.read_as] == [
        "by: '明天 15:00' read as 2026-11-29T15:00:00+08:00",
        "amount: '18万' read as 180,000.00 CNY",
        "amount: '5' read as 5.00 CNY",
    ]


def test_a_local_time_that_is_none_or_two_is_refused_with_both_readings() -> None:
    new_york = writing(ZoneInfo("America/New_York"))
    for written, one, other in (
        ("2026-03-08 02:30", "01:30:00-05:00", "03:30:00-04:00"),
        ("2026-11-01 01:30", "01:30:00-04:00", "01:30:00-05:00"),
    ):
        with pytest.raises(CommandRefused) as refused:
            new_york.observed(written, "at")
        wrong = str(refused.value.reasons[0].data["wrong"])
        assert one in wrong and other in wrong


def test_a_decimal_mark_that_is_set_leaves_one_reading() -> None:
    assert refused_at(lambda: writing().money("1,5", "EUR")) == "amount"
    assert str(writing(mark="comma").money("1,5", "EUR")) == "1.50 EUR"


@given(anything)
def test_any_text_is_a_time_or_an_amount_or_refused_at_its_place(written: str) -> None:
    assert refused_at(lambda: writing().until(written, "at")) in (None, "at")
    assert refused_at(lambda: writing().as_of(written, "at")) in (None, "at")
    assert refused_at(lambda: writing().money(written, "CNY")) in (None, "amount")


def refused_at(read: Callable[[], object]) -> str | None:
    """The place of the refusal; None when there was none."""
    try:
        read()
    except CommandRefused as refused:
        return refused.reasons[0].place
    return None


def test_ids_follow_from_the_command_and_differ_by_command_and_kind() -> None:
    assert short_id("d", "c-1") == short_id("d", "c-1")
    ids = {short_id(prefix, f"c-{number}") for prefix in "de" for number in range(5_000)}
    assert len(ids) == 10_000


def test_the_user_of_the_system_is_the_person_who_has_it() -> None:
    anna = Person(id="anna", name="Anna", users=("anna.li", "ali"))
    organisation = Organisation(people={"anna": anna})
    assert who(organisation, "ali", "bo") == Who(actor="anna", on_behalf_of="bo")
    with pytest.raises(CommandRefused) as refused:
        who(organisation, "anna.lee")
    [reason] = refused.value.reasons
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_PERSON, "anna.li")


def test_without_people_the_user_is_the_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert who(Organisation(declared=False), "root").actor == "root"
    before = os_user()
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    assert os_user() == before


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(words=st.lists(anything, min_size=4, max_size=4), data=st.data())
def test_any_words_end_in_an_exit_code_and_a_sentence(cli: CommandLine, words: list[str], data: st.DataObject) -> None:
    one, two, three, four = words
    commands = (
        ["deal", "open", one, "--process", "standard-sale", "--id", two, "--customer", three, "--amount", four],
        ["deal", "show", one, "--as-of", two],
        ["deal", "list", "--owner", one, "--stage", two, "--after", three],
        ["evidence", "record", one, two, "--field", three, "--observed-at", four],
        ["evidence", "record", one, "reply", "--fields-json", two, "--note", three, "--id", four],
        ["escalation", "decide", one, "extend", "--for", two, "--reason", three, "--to", four],
        ["process", "show", one],
        ["step", "plan", one, two, "--by", three, "--command-id", four],
        ["calendar", "show", one],
        [one, two, three, four],
    )
    result = cli(*data.draw(st.sampled_from(commands)), *FOR_ANNA)
    assert result.code in (0, 1, 2), result
    assert "should not have happened" not in result.err
    assert "\x1b" not in result.err + result.out


def test_a_file_of_ids_may_be_any_bytes(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "ids"
    for content in (b"\x00\xff", b"\xff\xfe a", b"", b"\n\n", b"x" * 5_000_000):
        file.write_bytes(content)
        words = ["escalation", "decide", "extend", "--reason", "x", "--file", str(file), "--home", str(cli.home)]
        assert run([*words, *FOR_ANNA]) == 1
