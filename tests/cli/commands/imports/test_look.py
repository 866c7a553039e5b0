"""`dealflow import look`: what columns hold and may be for, and a first mapping that is good for a dry run at once."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from tests.support.files.import_files import MAVEN
from tests.support.files.requests import LOG, PROCESS
from tests.support.files.stage_histories import HISTORIES, PIPELINE
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import CommandLine

DAYS = "id,stage,created,closed,value\n" + "".join(
    f"A{n},{'Engaging' if n % 2 else 'Won'},{1 + n % 12}/{20 + n % 8}/2017,,{n}.5\n" for n in range(30)
)


@pytest.fixture
def tables(bare: CommandLine, tmp_path: Path) -> Path:
    """A part of the Maven tables; their process is published."""
    bare.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    folder = tmp_path / "tables"
    folder.mkdir()
    for file in ("accounts.csv", "products.csv", "sales_teams.csv"):
        (folder / file).write_bytes((MAVEN / file).read_bytes())
    lines = (MAVEN / "sales_pipeline.csv").read_text().splitlines(keepends=True)
    prospecting = [line for line in lines[600:] if ",Prospecting," in line][:5]
    (folder / "sales_pipeline.csv").write_text("".join([*lines[:600], *prospecting]))
    return folder


def columns(found: list[dict[str, object]]) -> dict[str, tuple[object, object]]:
    return {str(one["name"]): (one["type"], one["may_be"]) for one in found}


def test_the_columns_of_a_table_are_told_with_what_they_may_be_for(bare: CommandLine, tables: Path) -> None:
    found = bare.json("import", "look", tables, "--process", "maven-crm")
    assert (found["command"], found["ready"], found["mapping_file"]) == ("crm-csv", None, None)
    (main,) = (one for one in found["tables"] if one["file"].endswith("sales_pipeline.csv"))
    told = columns(main["columns"])
    assert told["opportunity_id"] == ("text", ["id"]) and told["deal_stage"] == ("text", ["stage"])
    assert told["engage_date"] == ("date", ["opened"]) and told["close_date"] == ("date", ["closed"])
    assert told["close_value"] == ("number", ["amount"]) and told["sales_agent"] == ("text", ["owner"])
    (stage,) = (one for one in main["columns"] if one["name"] == "deal_stage")
    assert {one["value"] for one in stage["values"]} == {"Won", "Lost", "Engaging", "Prospecting"}


def test_the_mapping_that_is_made_is_good_for_a_dry_run(bare: CommandLine, tables: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    said = bare.done("import", "look", tables, "--process", "maven-crm", "--write", mine)
    assert "look through it, then try it with --dry-run" in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
    text = mine.read_text(encoding="utf-8")
    assert "{column: product, to: products.product, values: {GTXPro: GTX Pro}, optional: true}" in text
    assert "Prospecting: []" in text and "[{outcome: won, at: close_date, amount: close_value}]" in text
    done = bare.json("import", "crm-csv", tables, "--mapping", mine, "--dry-run")
    assert (done["new"], done["rejected"]) == (604, 0)
    again = bare("import", "look", tables, "--write", mine)
    assert again.code == 2 and "it is there already" in again.err and mine.read_text(encoding="utf-8") == text


def test_an_event_log_is_recognised_with_its_delimiter(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "request.yaml").write_text(PROCESS, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "request.yaml")
    (tmp_path / "log.csv").write_text(LOG)
    mine = tmp_path / "mine.yaml"
    bare.done("import", "look", tmp_path / "log.csv", "--process", "probe-request", "--write", mine)
    text = mine.read_text(encoding="utf-8")
    assert 'log: {file: log.csv, delimiter: ";"}' in text and "  id: case\n" in text
    assert "  by: activity\n  at: when\n" in text and "PAID: [{evidence: payment}]" in text
    done = bare.json("import", "log-csv", tmp_path / "log.csv", "--mapping", mine, "--dry-run")
    assert (done["new"], done["rejected"]) == (2, 0)


@pytest.mark.parametrize("name", [name for name in HISTORIES if name != "hubspot-deals"])
def test_the_ready_mapping_for_a_stage_history_is_named(bare: CommandLine, tmp_path: Path, name: str) -> None:
    (tmp_path / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipeline.yaml")
    for file, text in HISTORIES[name][0].items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    found = bare.json("import", "look", tmp_path, "--process", "pipeline")
    assert (found["command"], found["ready"]) == ("log-csv", name)
    assert f"dealflow import mapping {name}" in found["mapping"]


def test_the_form_that_reads_all_dates_is_found_and_two_ways_are_told(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text(DAYS)
    found = bare.json("import", "look", tmp_path / "days.csv")
    (created,) = (one for one in found["tables"][0]["columns"] if one["name"] == "created")
    assert (created["type"], created["forms"], created["two_ways"]) == ("date", ["%m/%d/%Y"], False)
    assert 'dates: ["%m/%d/%Y"]' in found["mapping"]
    (tmp_path / "days.csv").write_text("id,stage,created\nA,x,3/4/2017\nB,y,5/6/2017\nC,x,7/8/2017\n")
    found = bare.json("import", "look", tmp_path / "days.csv")
    assert found["tables"][0]["columns"][2]["two_ways"] is True
    assert "can be read in two ways" in found["mapping"] and "process: your-process" in found["mapping"]


def test_what_cannot_be_looked_at_says_why(bare: CommandLine, tmp_path: Path) -> None:
    assert bare("import", "look").code == 2
    missing = bare("import", "look", tmp_path / "none.csv")
    assert missing.code == 1 and "none.csv:1:1: error: the file cannot be read" in missing.err
    (tmp_path / "empty.csv").write_text("")
    empty = bare("import", "look", tmp_path / "empty.csv")
    assert empty.code == 1 and "the file is empty" in empty.err
    (tmp_path / "folder").mkdir()
    assert bare("import", "look", tmp_path / "folder").code == 1
    (tmp_path / "days.csv").write_text(DAYS)
    assert bare("import", "look", tmp_path / "days.csv", "--write", tmp_path / "no" / "mine.yaml").code == 2
    assert bare("import", "look", tmp_path / "days.csv", "--process", "x").code == 3


def test_another_encoding_is_found(bare: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_bytes(
        "编号,阶段,创建日期\nA1,初次接触,2017-03-01\nA2,签约,2017-03-02\n".encode("gb18030")
    )
    found = bare.json("import", "look", tmp_path / "deals.csv")
    assert columns(found["tables"][0]["columns"])["阶段"] == ("text", ["stage"])
    assert "{file: deals.csv, encoding: gb18030}" in found["mapping"]


def test_standard_input_is_looked_at_as_a_file_is(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DAYS.encode())))
    [table] = bare.json("import", "look", "-")["tables"]
    assert columns(table["columns"])["created"] == ("date", ["opened"])


def test_the_first_mapping_is_explained_in_the_language_of_whoever_asks(
    bare: CommandLine, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("import", "look", tables, "--process", "maven-crm", "--json")
    english = json.loads(bare.done(*words))["mapping"]
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    chinese = json.loads(bare.done(*words))["mapping"]
    assert chinese != english and "逐行检查" in chinese
    code = [[line.partition("#")[0].rstrip() for line in text.splitlines()] for text in (english, chinese)]
    assert code[0] == code[1]
    explained = [line.partition("#")[2] for line in chinese.splitlines() if "# " in line and "dealflow" not in line]
    assert explained and all(re.search(r"[\u4e00-\u9fff]", said) for said in explained), explained
