"""What is remembered of a source: the shift of its dates, and batches that were not finished."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.csv.look import latest_instant
from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.mapping.file import read_mapping
from dealflow.adapters.imports.memory import ImportMemory, ImportMemoryBroken, ImportRunning, Remembered, shift_to_today
from dealflow.application.imports.keys import Export
from dealflow.application.imports.plans import DealPlan
from tests.support.files.import_files import MAVEN, forms_of, lookup, planned, small_files

LAST = datetime(2017, 12, 31, tzinfo=UTC)
SNAPSHOT = datetime(2017, 12, 31, 12, tzinfo=UTC)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, 30, tzinfo=UTC)


def test_the_last_day_becomes_today_and_the_snapshot_noon() -> None:
    shift = shift_to_today(LAST, SNAPSHOT, at(17))
    assert (shift.days, shift.last_day) == (3250, date(2026, 11, 24))
    assert shift.snapshot == datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_before_noon_the_snapshot_is_now() -> None:
    assert shift_to_today(LAST, SNAPSHOT, at(9)).snapshot == at(9)


def test_nothing_comes_to_lie_ahead() -> None:
    shift = shift_to_today(datetime(2017, 12, 31, 16, tzinfo=UTC), None, at(9))
    assert (shift.days, shift.last_day, shift.snapshot) == (3249, date(2026, 11, 23), at(9))


def test_the_last_day_of_the_maven_set_is_the_last_of_its_year() -> None:
    files = open_csv([MAVEN], read_mapping(MAVEN / "mapping.yaml", lookup()))
    assert latest_instant(files, forms_of(files), at(9)) == LAST


def test_bad_rows_do_not_hide_the_last_day(tmp_path: Path) -> None:
    rows = ["D1,A,MG Special,,Won,2017-03-01,never,1,", "D2,A,MG Special,,Engaging,2017-05-01,,,", "x", ",,,,Wn,,,,"]
    files = small_files(tmp_path, *rows)
    assert latest_instant(files, forms_of(files), at(9)) == datetime(2017, 5, 1, tzinfo=UTC)


def test_shifted_rows_keep_their_keys(tmp_path: Path) -> None:
    files = small_files(tmp_path, "D1,A,MG Special,,Won,2017-03-01,2017-12-31,1,")
    (plain,), _ = planned(files)
    (moved,) = plan_csv(files, now=at(17), forms=forms_of(files), shift=shift_to_today(LAST, SNAPSHOT, at(17)))
    assert isinstance(moved, DealPlan)
    # A closing date is the end of its day, but had come when the files were taken.
    assert moved.acts[-1][0] == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert [act.origin for _, act in moved.acts] == [act.origin for _, act in plain.acts]


def test_the_latest_export_of_each_file_is_remembered(tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path, "maven")
    assert memory.read() == Remembered()
    for export in (Export("deals", at(12)), Export("deals", at(9)), Export("deals"), Export("log", at(8))):
        memory.note(export)
    assert memory.read().exported == {"deals": at(12), "log": at(8)}
    assert ImportMemory(tmp_path, "other").read() == Remembered()


def test_one_import_of_a_source_runs_at_a_time(tmp_path: Path) -> None:
    with ImportMemory(tmp_path, "maven").alone():
        with (
            pytest.raises(ImportRunning, match="another import of 'maven' runs"),
            ImportMemory(tmp_path, "maven").alone(),
        ):
            raise AssertionError
        with ImportMemory(tmp_path, "other").alone():
            pass
    with ImportMemory(tmp_path, "maven").alone():
        pass


def test_a_broken_file_says_which(tmp_path: Path) -> None:
    memory = ImportMemory(tmp_path, "maven")
    memory.path.parent.mkdir(parents=True)
    memory.path.write_text("{", encoding="utf-8")
    with pytest.raises(ImportMemoryBroken, match=r"imports/maven\.json: cannot be used"):
        memory.read()
