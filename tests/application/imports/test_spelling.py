"""An import whose ids and names are spelled in many ways: one deal each, counted by column with the first rows."""

from pathlib import Path

import pytest

from tests.application.imports.test_run import OLD, WON, Place, opened
from tests.support.files.import_files import PRODUCTS, SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a mapping and its tables."""
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def test_rows_in_another_spelling_are_counted_by_column_with_the_first_of_them(folder: Path) -> None:
    with opened(folder) as place:
        report = place.take_in(
            WON.replace("Anna", "An\u00adna"), OLD.replace("D2", " D2 ").replace("Anna", " Anna")
        ).report
    assert (report.new, report.rejected) == (2, 0)
    assert [(column.place, column.rows) for column in report.respelled] == [("owner", 2), ("id", 1)]
    first = report.respelled[0].first[0]
    assert (first.file, first.row, first.change.given, first.change.kept) == ("deals.csv", 2, "An\u00adna", "Anna")


def test_a_row_is_the_deal_that_its_id_is_by_its_form(folder: Path) -> None:
    with opened(folder) as place:
        place.take_in(WON)
        report = place.take_in(WON.replace("D1", "D1\u200b")).report
        assert (report.new, report.unchanged) == (0, 1)
        assert _deals(place) == ["D1"]


def test_an_import_again_changes_nothing_and_says_it_again(folder: Path) -> None:
    row = WON.replace("Anna", "Anna\u00a0")
    with opened(folder) as place:
        place.take_in(row)
        report = place.take_in(row).report
    assert (report.unchanged, report.events) == (1, 0)
    assert [(column.place, column.rows) for column in report.respelled] == [("owner", 1)]


def _deals(place: Place) -> list[str]:
    return [stream.removeprefix("deal/") for stream in place.system.store.streams("deal/")]
