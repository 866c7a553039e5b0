"""The calendar file is read again when it changes, and nothing that is wrong with it takes a calendar away in silence."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.calendars.current import CalendarFile, NamedCalendar
from dealflow.adapters.calendars.file import CalendarFileInvalid
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.refusal import Code, CommandRefused

ONE_DAY = Duration.model_validate("1 working day")
FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)


def write(path: Path, name: str, week: str = "mon, tue, wed, thu, fri") -> None:
    path.write_text(f"calendars:\n  - {{name: {name}, zone: UTC, week: [{week}]}}\n", encoding="utf-8")


def day(file: CalendarFile, name: str) -> int:
    """The day of the month on which a working day from that Friday ends."""
    return NamedCalendar(name, file.current, file).after(FRIDAY, ONE_DAY).due_at.day


def missing(file: CalendarFile, name: str) -> str:
    with pytest.raises(CommandRefused) as refused:
        NamedCalendar(name, file.current, file).after(FRIDAY, ONE_DAY)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.place, reason.data["file"]) == (Code.CALENDAR_MISSING, name, str(file.path))
    return str(reason.data["wrong"])


def test_a_file_that_comes_changes_or_renames_is_read_again(tmp_path: Path) -> None:
    file = CalendarFile(tmp_path / "calendars.yaml")
    assert missing(file, "berlin") == "no calendar 'berlin': there are china-office, plain"
    write(file.path, "berlin")
    assert day(file, "berlin") == 30
    write(file.path, "berlin", "mon, tue, wed, thu, fri, sat")
    assert day(file, "berlin") == 28
    write(file.path, "munich")
    assert "there are china-office, munich, plain" in missing(file, "berlin")
    write(file.path, "berlin")
    assert day(file, "berlin") == 30


@pytest.mark.parametrize("broken", ["", "calendars: [", "calendars:\n  - {name: berlin, zone: Mars/Base}\n", None])
def test_a_file_that_breaks_or_goes_leaves_the_last_good_version(tmp_path: Path, broken: str | None) -> None:
    file = CalendarFile(tmp_path / "calendars.yaml")
    write(file.path, "berlin")
    assert day(file, "berlin") == 30 and file.problems == ()
    if broken is None:
        file.path.unlink()
    else:
        file.path.write_text(broken, encoding="utf-8")
    assert day(file, "berlin") == 30 and len(file.problems) == 1
    with pytest.raises(CalendarFileInvalid):
        file.checked()
    write(file.path, "berlin", "mon, tue, wed, thu, fri, sat")
    assert day(file, "berlin") == 28 and file.problems == ()


def test_a_file_that_is_broken_from_the_start_leaves_what_is_shipped(tmp_path: Path) -> None:
    file = CalendarFile(tmp_path / "calendars.yaml")
    file.path.write_text("calendars: [", encoding="utf-8")
    assert day(file, "plain") == 28
    assert "no calendar 'berlin'" in missing(file, "berlin") and "calendars.yaml:1:" in missing(file, "berlin")


def test_a_file_that_a_setting_names_has_to_be_there(tmp_path: Path) -> None:
    assert CalendarFile(tmp_path / "none.yaml").problems == ()
    file = CalendarFile(tmp_path / "none.yaml", is_named=True)
    assert len(file.problems) == 1 and day(file, "plain") == 28
