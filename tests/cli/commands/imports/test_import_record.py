"""`import list` and `import show`, on each database: what was given and what came of it, and the mapping to be used again."""

from pathlib import Path

import pytest

from tests.cli.commands.imports.test_following import HEADER, MAPPING, PIPE
from tests.support.running.typed_commands import CommandLine
from tests.support.stores.databases import on_each_database

ROWS = "D-1,anna,Offer,2026-01-05,2026-01-06,,100\nD-2,anna,Won,2026-01-05,2026-01-06,2026-01-09,200\n"


@pytest.fixture
def imported(bare: CommandLine, database: str, tmp_path: Path) -> CommandLine:
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(f"# looked through\n{MAPPING}", encoding="utf-8")
    (tmp_path / "deals.csv").write_text(HEADER + ROWS, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    bare.done("import", "crm-csv", tmp_path / "deals.csv", "--mapping", tmp_path / "mapping.yaml")
    return bare


@on_each_database
def test_an_import_is_listed_and_shown(imported: CommandLine, tmp_path: Path) -> None:
    page = imported.json("import", "list")
    [row] = page["imports"]
    assert (page["total"], row["state"], row["deals"], row["files"]) == (1, "finished", 2, ["deals.csv"])
    assert row["short"] in imported.done("import", "list", "--source", "crm")
    shown = imported.json("import", "show", row["short"])
    assert [deal["deal_id"] for deal in shown["first_deals"]] == ["D-1", "D-2"]
    assert (shown["command"], shown["process"], shown["given_files"][0]["role"]) == ("crm-csv", "pipe@1", "deals")
    said = imported.done("import", "show", row["batch"])
    written = said.partition("The mapping as it was\n")[2]
    assert "# looked through" not in written
    (tmp_path / "again.yaml").write_text("".join(line[2:] + "\n" for line in written.splitlines()), encoding="utf-8")
    again = imported.json("import", "crm-csv", tmp_path / "deals.csv", "--mapping", tmp_path / "again.yaml")
    assert (again["unchanged"], again["events"]) == (2, 0)
    assert imported.json("import", "list")["total"] == 1
    found = imported("doctor", "--deep", "--json").json["deep"]["findings"]
    assert [each for each in found if each["check"] not in ("workflow", "schedule")] == []


@on_each_database
def test_an_import_that_is_not_there_is_asked_about(imported: CommandLine) -> None:
    digest = imported.json("import", "list")["imports"][0]["batch"].rpartition("/")[2]
    refused = imported("import", "show", f"x{digest[1:]}", "--json")
    assert (refused.code, refused.codes) == (1, ["unknown_import"])
    assert digest in refused.out + refused.err
    assert imported("import", "list", "--source", "crn", "--json").codes == ["unknown_import"]


def test_nothing_imported_is_said_so(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    assert bare.done("import", "list").strip() == "0 imports"
