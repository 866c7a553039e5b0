"""`dealflow import log-csv`: rows of one id are one deal, wherever they stand; what is no such log says which command reads it."""

from pathlib import Path

import pytest

from tests.support.files.requests import HEADER, LOG, MAPPING, PROCESS
from tests.support.files.xes_files import WON, log
from tests.support.running.typed_commands import CommandLine


@pytest.fixture
def requests(bare: CommandLine, tmp_path: Path) -> Path:
    """A folder with a log and its mapping; the process is published."""
    for name, text in {"request.yaml": PROCESS, "mapping.yaml": MAPPING, "log.csv": LOG}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "request.yaml")
    return tmp_path


def words(folder: Path, *more: str) -> tuple[str | Path, ...]:
    return ("import", "log-csv", folder / "log.csv", "--mapping", folder / "mapping.yaml", *more)


def test_the_rows_of_one_id_are_one_deal_and_again_nothing_changes(bare: CommandLine, requests: Path) -> None:
    first = bare.json(*words(requests))
    assert (first["new"], first["won"], first["open"], first["events_read"], first["never_occur"]) == (2, 1, 1, 5, [])
    again = bare.json(*words(requests))
    assert (again["unchanged"], again["events"]) == (2, 0)
    deal = bare.json("deal", "show", "R1")
    assert (deal["owner"]["id"], deal["outcome"], deal["opened_at"][:10]) == ("ann", "won", "2017-01-09")


def test_a_later_log_brings_only_the_rows_that_are_new(bare: CommandLine, requests: Path) -> None:
    bare.done(*words(requests))
    (requests / "log.csv").write_text(LOG + "R2;DECIDED;2017-01-13T09:00:00+01:00;bob;approved\n")
    later = bare.json(*words(requests))
    assert (later["changed"], later["unchanged"]) == (1, 1)
    assert bare.json("deal", "show", "R2")["stage"]["id"] == "pay"


def test_a_row_that_cannot_be_used_is_a_reject_with_its_number(bare: CommandLine, requests: Path) -> None:
    bad = "R3;SUBMITTED;soon;ann;\n;PAID;2017-01-09;ann;\nR1;PAYED;2017-01-09T10:00:00Z;ann;\n"
    (requests / "log.csv").write_text(LOG + bad)
    done = bare.json(*words(requests, "--most-rejects", "3"))
    places = [(one["row"], one["field"], one["value"], one["suggestion"]) for one in done["rejects"]]
    assert places == [
        (8, "case", "", None),
        (9, "activity", "PAYED", "PAID"),
        (7, "when", "soon", None),
        (7, "", "", None),
    ]
    assert done["new"] == 2


def test_rows_that_the_mapping_does_not_take_are_counted(bare: CommandLine, requests: Path) -> None:
    text = MAPPING.replace("  values:\n", "  only: {who: [ann, bob]}\n  values:\n")
    (requests / "mapping.yaml").write_text(text, encoding="utf-8")
    done = bare.json(*words(requests))
    assert (done["passed_over"], done["won"], done["rejected"]) == (1, 0, 0)
    assert "Passed over by only:" in bare.done(*words(requests))


def test_a_table_of_several_rows_for_each_deal_says_which_command_fits(bare: CommandLine, requests: Path) -> None:
    text = MAPPING.replace("owner: {cell: who, take: first}", "opened: when").replace(
        "  at: when\n  resource: who\n", ""
    )
    for name in ("submission}", "verdict}}", "payment}"):
        text = text.replace(name, f"{name[:-1]}, at: when}}" if name != "verdict}}" else "verdict}, at: when}")
    (requests / "mapping.yaml").write_text(f"zone: UTC\n{text}", encoding="utf-8")
    done = bare("import", "crm-csv", requests / "log.csv", "--mapping", requests / "mapping.yaml", "--json")
    assert (done.code, done.codes) == (1, ["several-rows"])
    assert "`dealflow import log-csv`" in done.out and bare.json("inventory")["deals"] == 0


def test_a_log_of_the_other_kind_says_which_command_reads_it(bare: CommandLine, requests: Path) -> None:
    done = bare("import", "xes", requests / "log.csv", "--mapping", requests / "mapping.yaml")
    assert done.code == 1 and "`dealflow import log-csv`" in done.err + done.out
    (requests / "log.csv").write_text(log(WON))
    done = bare(*words(requests))
    assert done.code == 1 and "`dealflow import xes`" in done.err + done.out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("by: activity", "by: actvity", "mapping.yaml:7:7: error: log.csv has no column 'actvity'"),
        ("  at: when\n", "", "has the attribute 'time:timestamp'; there are: activity, case, verdict, when, who"),
        ("id: case,", "id: cas,", "log.csv has no column 'cas'; its columns: case, activity"),
        ("{log: {file: log.csv, delimiter: ';'}}", "{log: other.csv}", "the file 'other.csv' is not among those given"),
        ("rows: log\n", "", "the mapping has no 'rows'"),
        ("PAID: ", "PAYED: ", "never occurs"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused_with_its_place(
    bare: CommandLine, requests: Path, old: str, new: str, said: str
) -> None:
    assert old in MAPPING
    (requests / "mapping.yaml").write_text(MAPPING.replace(old, new), encoding="utf-8")
    done = bare(*words(requests, "--dry-run", "--most-rejects", "1"))
    if new == "PAYED: ":
        assert done.code == 0 and "PAYED" in done.out  # told, and its events are rejects
        return
    assert done.code == 1 and said in (done.err + done.out).replace("\n", " "), done.out + done.err


def test_an_empty_log_is_refused(bare: CommandLine, requests: Path) -> None:
    (requests / "log.csv").write_text(HEADER)
    assert bare(*words(requests, "--json")).codes == ["no-events"]
    assert bare("import", "log-csv", "--mapping", requests / "mapping.yaml").code == 2
