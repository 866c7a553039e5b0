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
from dealflow.cli.inputs.values import instant, money, required_instant
from dealflow.cli.main import run
from dealflow.cli.user import os_user
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.running.typed_commands import FOR_ANNA, CommandLine

SHANGHAI = ZoneInfo("Asia/Shanghai")
anything = st.text(st.characters(exclude_categories=()), max_size=40)


@given(st.integers(-2_000_000_000, 4_000_000_000), st.timezones())
def test_an_instant_with_its_zone_is_the_same_in_utc(seconds: int, zone: ZoneInfo) -> None:
    at = datetime.fromtimestamp(seconds, zone)
    assert required_instant(at.isoformat(), SHANGHAI, "at") == at.astimezone(UTC)


@given(st.dates(min_value=date(1992, 1, 1), max_value=date(2100, 1, 1)))
def test_a_date_alone_is_its_midnight_in_the_zone(day: date) -> None:
    read = required_instant(str(day), SHANGHAI, "at")
    assert read.astimezone(SHANGHAI).isoformat() == f"{day}T00:00:00+08:00"


def test_no_time_is_none() -> None:
    assert instant(None, SHANGHAI, "at") is None


@given(anything)
def test_any_text_is_a_time_or_an_amount_or_refused_at_its_place(written: str) -> None:
    assert refused_at(lambda: required_instant(written, SHANGHAI, "at")) in (None, "at")
    assert refused_at(lambda: money(written, "CNY")) in (None, "amount")


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
    assert who(organisation, "ali", "bo").model_dump() == {"actor": "anna", "on_behalf_of": "bo"}
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
