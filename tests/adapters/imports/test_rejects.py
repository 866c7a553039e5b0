"""The file of rejects."""

import csv
from pathlib import Path

from dealflow.adapters.imports.rejects import RejectsFile
from dealflow.application.imports.plans import Reject


def test_rejects_stand_in_a_table_that_a_spreadsheet_opens_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "rejects" / "maven.csv"
    with RejectsFile(path) as rejects:
        rejects.add(Reject(file="deals.csv", row=7, field="stage", reason="unknown", value="=1+1", suggestion="Won"))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["file", "row", "field", "reason", "value", "suggestion", "deal", "place", "costs"],
            ["deals.csv", "7", "stage", "unknown", "'=1+1", "Won", "", "", "the deal"],
        ]


def test_without_a_reject_there_is_no_file(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "rejects.csv") as rejects:
        assert rejects.count == 0
    assert not (tmp_path / "rejects.csv").exists()
