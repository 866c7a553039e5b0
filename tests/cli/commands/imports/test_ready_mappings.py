"""Ready mappings: with the names of the stages filled in, every visit is entered and left as in the file."""

import json
from pathlib import Path

import pytest

from dealflow.adapters.files.file_model import FileModel, json_schema
from dealflow.adapters.imports.mapping.document import CsvLogMappingDocument, LogMappingDocument, TableMappingDocument
from dealflow.adapters.imports.ready import READY
from dealflow.bootstrap import open_system
from tests.support.files.stage_histories import HISTORIES, NAMES, PIPELINE
from tests.support.running.typed_commands import CommandLine


@pytest.fixture
def pipeline(bare: CommandLine, tmp_path: Path) -> Path:
    """A folder; the process of the histories is published."""
    (tmp_path / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipeline.yaml")
    return tmp_path


def filled(bare: CommandLine, folder: Path, name: str) -> Path:
    """The ready mapping with the names of the stages in it, as a user fills it."""
    text = bare.done("import", "mapping", name, "--process", "pipeline")
    for stage, called in NAMES.items():
        text = text.replace(f"NAME OF {stage}", called)
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_has_a_history_to_be_tried_with() -> None:
    assert set(READY) == set(HISTORIES)


@pytest.mark.parametrize("name", HISTORIES)
def test_every_visit_of_a_stage_is_entered_and_left_as_in_the_file(
    bare: CommandLine, pipeline: Path, name: str
) -> None:
    tables, visits = HISTORIES[name]
    for file, text in tables.items():
        (pipeline / file).write_text(text, encoding="utf-8")
    command = "crm-csv" if name == "hubspot-deals" else "log-csv"
    words: tuple[str | Path, ...] = (
        "import",
        command,
        *(pipeline / file for file in tables),
        "--mapping",
        filled(bare, pipeline, name),
    )
    first = bare.json(*words)
    assert (first["rejected"], first["new"]) == (0, len(visits)), first["rejects"]
    again = bare.json(*words)
    assert (again["unchanged"], again["events"]) == (len(visits), 0)
    with open_system(bare.settings()) as system:
        for deal_id, expected in visits.items():
            deal = system.reading.read(deal_id).deal
            found = [
                (visit.stage, visit.entered_at.isoformat(), visit.left_at.isoformat() if visit.left_at else None)
                for visit in deal.visits
                if visit.entered_at != visit.left_at
            ]
            assert found == expected, deal_id


def test_an_end_that_the_next_visit_contradicts_is_listed(bare: CommandLine, pipeline: Path) -> None:
    tables, _ = HISTORIES["hubspot-stages"]
    history = tables["deal_stage_data.csv"].replace("FALSE,2021-01-08 7:00:00", "FALSE,2021-01-08 6:00:00")
    history = history.replace("TRUE,2050-01-01 00:00:00", "FALSE,2021-01-09 9:00:00")
    (pipeline / "deal_stage_data.csv").write_text(history, encoding="utf-8")
    (pipeline / "deal_data.csv").write_text(tables["deal_data.csv"], encoding="utf-8")
    mapping, rejects = filled(bare, pipeline, "hubspot-stages"), pipeline / "looked-at.csv"
    files = (pipeline / "deal_stage_data.csv", pipeline / "deal_data.csv")
    done = bare.json("import", "log-csv", *files, "--mapping", mapping, "--strict", "--rejects", rejects)
    assert (done["new"], done["rejected"], done["left_out"]) == (1, 0, 0)
    told = {one["value"]: one["reason"] for one in done["rejects"]}
    assert told == {
        "2021-01-08 6:00:00": "the deal has left the stage at another time than the next begins, which counts",
        "2021-01-09 9:00:00": "the deal has left the stage, and no row says where it went: it stands there still",
    }
    assert {(one["costs"], one["field"], one["deal_id"]) for one in done["rejects"]} == {
        ("doubt", "_fivetran_end", "S1")
    }


def test_a_stage_that_no_row_says_is_marked_as_inferred(bare: CommandLine, pipeline: Path) -> None:
    tables, _ = HISTORIES["salesforce-fields"]
    for file, text in tables.items():
        (pipeline / file).write_text(text, encoding="utf-8")
    mapping = filled(bare, pipeline, "salesforce-fields")
    bare.done("import", "log-csv", *(pipeline / file for file in tables), "--mapping", mapping)
    told = bare.done("deal", "history", "006B")
    (inferred,) = (line for line in told.splitlines() if "inferred" in line)
    assert "2021-06-01 08:00" in inferred and "stands in Offer" in inferred
    entries = bare.json("deal", "history", "006B")["entries"]
    (entry,) = (one for one in entries if (one["origin"] or {}).get("inferred"))
    assert entry["topic"] == "deal.stage_claimed.v1"


def test_the_ready_mappings_are_listed_and_a_wrong_name_is_wrong_usage(bare: CommandLine) -> None:
    listed = bare.done("import", "mapping")
    assert all(name in listed for name in READY) and max(map(len, listed.splitlines())) <= 80
    assert [one["name"] for one in bare.json("import", "mapping")["mappings"]] == list(READY)
    wrong = bare("import", "mapping", "hubspt")
    assert wrong.code == 2 and "did you mean 'hubspot'?" in wrong.err
    assert "process: your-process" in bare.done("import", "mapping", "hubspot")
    assert bare("import", "mapping", "hubspot", "--process", "x").code == 3  # there is no store


def test_an_unfilled_mapping_says_what_is_missing(bare: CommandLine, pipeline: Path) -> None:
    (pipeline / "mine.yaml").write_text(bare.done("import", "mapping", "hubspot"), encoding="utf-8")
    done = bare("import", "log-csv", pipeline, "--mapping", pipeline / "mine.yaml")
    assert done.code == 1 and "no process 'your-process' is published" in done.err
    unknown = bare("import", "mapping", "hubspot", "--process", "pipelin")
    assert unknown.code == 1 and "pipeline" in unknown.err


@pytest.mark.parametrize(
    ("kind", "model"),
    [("crm-csv", TableMappingDocument), ("log-csv", CsvLogMappingDocument), ("xes", LogMappingDocument)],
)
def test_the_schema_of_each_commands_mappings_is_printed(bare: CommandLine, kind: str, model: type[FileModel]) -> None:
    assert json.loads(bare.done("import", "schema", kind)) == json_schema(model)


def test_a_schema_of_another_command_is_wrong_usage(bare: CommandLine) -> None:
    wrong = bare("import", "schema", "crm-cvs")
    assert wrong.code == 2 and "did you mean 'crm-csv'?" in wrong.err
