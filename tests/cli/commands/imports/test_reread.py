"""A mapping that has changed, on the command line: what is said, the exit codes, and both ways to go on."""

from pathlib import Path

import pytest

from tests.cli.commands.imports.test_following import HEADER, MAPPING, PIPE
from tests.support.running.typed_commands import CommandLine
from tests.support.stores.databases import on_each_database

DAY_FIRST = MAPPING.replace("zone: UTC\n", "zone: UTC\ndates: ['%d/%m/%Y']\n")
ROWS = "D-1,anna,Offer,03/04/2026,04/04/2026,,100\nD-2,anna,Won,03/04/2026,04/04/2026,05/06/2026,200\n"
LOG = """\
source: log
process: pipe
zone: UTC
dates: ['%d/%m/%Y']
deal: {id: id}
facts:
  by: what
  at: day
  values: {offered: [{stage: offer}], paid: [{evidence: order, fields: {amount: amount}}]}
"""


class Folder:
    """A folder with a file and its mapping, and the command that imports it."""

    def __init__(self, cli: CommandLine, path: Path) -> None:
        self.cli, self.path = cli, path
        (path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
        cli.done("process", "publish", path / "pipe.yaml")

    def words(self, mapping: str, rows: str = HEADER + ROWS, kind: str = "crm-csv") -> tuple[str | Path, ...]:
        (self.path / "mapping.yaml").write_text(mapping, encoding="utf-8")
        (self.path / "deals.csv").write_text(rows, encoding="utf-8")
        return "import", kind, self.path / "deals.csv", "--mapping", self.path / "mapping.yaml"


@pytest.fixture
def folder(bare: CommandLine, database: str, tmp_path: Path) -> Folder:
    return Folder(bare, tmp_path)


@on_each_database
def test_day_and_month_are_put_right_by_reading_anew(folder: Folder) -> None:
    folder.cli.done(*folder.words(DAY_FIRST))
    right = folder.words(DAY_FIRST.replace("%d/%m", "%m/%d"))
    stopped = folder.cli(*right)
    assert stopped.code == 1
    for said in (
        "2 deals on record would read otherwise",
        "Date of the opening",
        "2026-04-03",
        "--reread",
        "import undo",
    ):
        assert said in stopped.out
    document = folder.cli(*right, "--json")
    assert document.code == 1 and document.json["reread_stop"] and document.json["read_otherwise"]["deals"] == 2
    assert folder.cli.json(*right, "--dry-run")["read_otherwise"]["deals"] == 2
    done = folder.cli.json(*right, "--reread")
    assert (done["changed"], done["reread_stop"]) == (2, False)
    assert "2026-05-06" in folder.cli.done("deal", "history", "D-2")
    assert folder.cli.json(*right)["events"] == 0
    shown = folder.cli.json("import", "show", folder.cli.json("import", "list")["imports"][0]["short"])
    assert shown["reread"] and shown["mapping"]["dates"] == ["%m/%d/%Y"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_log_that_would_be_read_otherwise_is_to_be_taken_back_first(folder: Folder) -> None:
    rows = "id,what,day,amount\nL-1,offered,03/04/2026,\nL-1,paid,05/04/2026,7\n"
    folder.cli.done(*folder.words(LOG, rows, "log-csv"))
    right = folder.words(LOG.replace("%d/%m", "%m/%d"), rows, "log-csv")
    for more in ((), ("--reread",)):
        stopped = folder.cli(*right, *more)
        assert stopped.code == 1 and "known by their instants" in stopped.out
    kinds = folder.cli(*right, "--json").json["read_otherwise"]["kinds"]
    assert [(one["what"], one["name"]) for one in kinds] == [
        ("date", "opened"), ("date", "stage offer"), ("date", "evidence order"),
    ]  # fmt: skip
