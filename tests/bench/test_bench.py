"""The benchmark runs: small sizes, real parts, one JSON file. Its numbers are read by people, not by a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.waiting import LONGEST_SECONDS


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.temporal
@pytest.mark.parametrize(
    ("part", "goals"),
    [
        ("verdicts", set()),
        *(
            pytest.param(part, goals, marks=pytest.mark.soak)
            for part, goals in (
                ("commands", {"dealflow --help", "dealflow deal show d-1"}),
                (
                    "imports",
                    {
                        "import into PostgreSQL, events",
                        "import into SQLite, events",
                        "the same again into PostgreSQL, deals",
                        "the same again into SQLite, deals",
                        "dry run, no row in a joined table",
                    },
                ),
                (
                    "memory",
                    {
                        "memory of import crm-csv, 3,000 rows",
                        "memory of import xes, 9,000 events",
                        "memory of import log-csv, 9,000 events",
                    },
                ),
                ("evidence", {"evidence, 32 callers of one process", "evidence, 32 callers of 2 processes"}),
                ("opening", {"deals opened"}),
                ("transitions", {"transitions, evidence to stage advanced"}),
                ("live", {"a log fed live, events"}),
            )
        ),
    ],
)
def test_a_part_of_the_bench_measures_what_the_goals_are_about(part: str, goals: set[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--only", part, "--into", str(tmp_path)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    assert done.returncode == 0, done.stderr[-2_000:]
    (kept,) = tmp_path.glob("*-quick.json")
    measures = json.loads(kept.read_text(encoding="utf-8"))["measures"]
    assert {measure["name"] for measure in measures if measure["goal"]} == goals
    assert all(measure["value"] > 0 for measure in measures)
