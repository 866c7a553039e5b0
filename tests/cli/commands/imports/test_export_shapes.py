"""Stage histories as HubSpot and Salesforce export them: every visit is entered and left as in the file, by the ready mappings."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import NamedTuple

import pytest

from dealflow.bootstrap import open_system
from tests.support.paths import ROOT
from tests.support.running.typed_commands import CommandLine

SHAPES = ROOT / "tests" / "data" / "crm-shapes"
ANY = ("--most-rejects", "20%")  # a hash may have a slash in it, which no owner's id has
Visit = tuple[str, datetime, datetime | None]


class Shape(NamedTuple):
    """A history: its columns, the table beside it, and what is hashed in it and named in the mapping."""

    file: str
    deal: str
    stage: str
    entered: str
    beside: tuple[str, ...] = ()
    hashed: Mapping[str, str] = {}
    only: tuple[str, str] | None = None


SHAPE_OF = {
    "hubspot-stages": Shape("deal_stage_data.csv", "deal_id", "value", "date_entered", ("deal_data.csv",)),
    "hubspot": Shape(
        "deal_property_history_data.csv",
        "deal_id",
        "value",
        "timestamp",
        ("deal_data.csv",),
        {"only: {name: dealstage}": "only: {name: 'ky4p2Nx3U/ctHYnc+rKWvg=='}"},
        ("name", "ky4p2Nx3U/ctHYnc+rKWvg=="),
    ),
    # All of its rows are of deleted opportunities.
    "salesforce-fivetran": Shape(
        "sf_opportunity_history_data.csv",
        "id",
        "stage_name",
        "_fivetran_start",
        hashed={"only: {is_deleted: ['false', '']}": "only: {is_deleted: 'true'}"},
    ),
}


def visits_in(shape: Shape, ids: Mapping[str, str]) -> dict[str, list[Visit]]:
    """The visits of each deal in the order of time: a stage that is said again is none, and each ends where the next begins."""
    with (SHAPES / shape.file).open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if shape.only is None or row[shape.only[0]] == shape.only[1]]
    entries: dict[str, list[tuple[datetime, str]]] = {}
    for row in rows:
        day, clock = row[shape.entered].split(" ")
        at = datetime.fromisoformat(f"{day} {clock.zfill(8) if '.' not in clock else clock}").replace(tzinfo=UTC)
        entries.setdefault(row[shape.deal], []).append((at, ids[row[shape.stage]]))
    found: dict[str, list[Visit]] = {}
    for deal, entered in entries.items():
        changes = list[tuple[datetime, str]]()
        for at, stage in sorted(entered, key=lambda each: each[0]):
            if not changes or changes[-1][1] != stage:
                changes.append((at, stage))
        ends = [*(at for at, _ in changes[1:]), None]
        found[deal] = [(stage, at, left) for (at, stage), left in zip(changes, ends, strict=True)]
    return found


def process_of(ids: Mapping[str, str]) -> str:
    """A process with these stages, behind one in which each deal begins."""
    stages = [
        {
            "id": stage,
            "title": {"en": stage, "zh": stage},
            "nodes": [{"id": f"n_{stage}", "title": {"en": stage, "zh": stage}, "standard": "note"}],
        }
        for stage in ("created", *ids.values())
    ]
    whole = {
        "process": "pipeline",
        "title": {"en": "Pipeline", "zh": "管道"},
        "currency": "USD",
        "evidence": {"note": {"title": {"en": "Note", "zh": "记"}}},
        "stages": [*stages[:-1], {**stages[-1], "wins": True}],
        "lost_reasons": ["not_given"],
    }
    return json.dumps(whole)  # which is YAML


@pytest.mark.parametrize("name", SHAPE_OF)
def test_every_visit_of_an_export_is_entered_and_left_as_in_the_file(
    bare: CommandLine, tmp_path: Path, name: str
) -> None:
    shape = SHAPE_OF[name]
    with (SHAPES / shape.file).open(newline="", encoding="utf-8") as stream:
        ids = {
            value: f"s{number}"
            for number, value in enumerate(sorted({row[shape.stage] for row in csv.DictReader(stream)}))
        }
    (tmp_path / "pipeline.yaml").write_text(process_of(ids), encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipeline.yaml")
    text = bare.done("import", "mapping", name, "--process", "pipeline")
    for wrong, right in shape.hashed.items():
        assert wrong in text
        text = text.replace(wrong, right)
    for value, stage in reversed(ids.items()):
        text = text.replace(f"'NAME OF {stage}'", f"'{value}'")
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(text, encoding="utf-8")
    for file in (shape.file, *shape.beside):
        copy(SHAPES / file, tmp_path)
    done = bare.json(
        "import", "log-csv", *(tmp_path / file for file in (shape.file, *shape.beside)), "--mapping", mapping, *ANY
    )
    expected = visits_in(shape, ids)
    # A deal of which no row says a stage stands where every deal begins.
    assert done["rejected"] == 0 and done["new"] >= len(expected), done["rejects"]
    with open_system(bare.settings()) as system:
        for deal_id, visits in expected.items():
            deal = system.reading.read(deal_id).deal
            found = [
                (visit.stage, visit.entered_at, visit.left_at) for visit in deal.visits if visit.stage != "created"
            ]
            assert found == visits, deal_id
