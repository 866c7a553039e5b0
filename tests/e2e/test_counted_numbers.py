"""The numbers that were counted by hand in two real sets of history, as a user asks for them, on both databases."""

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dealflow.application.reading.as_of import AsOf, deals_as_of
from dealflow.bootstrap import open_system
from dealflow.settings import Settings
from tests.support.files.loan_logs import BPI, MAPPING, as_csv, why_no_bpi
from tests.support.files.maven import STALLED_BY_DIRECTOR
from tests.support.observed.sound import store_holds
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import CommandLine

MAVEN = PROCESS_DEFS.parent / "examples" / "maven-crm"


@dataclass(frozen=True)
class Office:
    """An empty store on one of the databases, at a command line."""

    cli: CommandLine

    def imported(self, *words: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """What an import comes to, and what the same one comes to afterwards."""
        first, again = (self.cli.json("import", *words) for _ in range(2))
        return first, again

    def inventory(self, as_of: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.cli.done("inventory", "--as-of", as_of, "--json"))
        return found

    def settings(self) -> Settings:
        return self.cli.settings()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Office:
    if request.param == "postgres":
        monkeypatch.setenv("DEALFLOW_DATABASE_URL", request.getfixturevalue("postgres_database"))
    return Office(CommandLine(tmp_path / "home", capsys))


def parts(found: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(found[name] for name in names)


@pytest.mark.slow
@pytest.mark.soak
def test_8800_opportunities_of_a_crm(office: Office) -> None:
    office.cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    first, again = office.imported("crm-csv", MAVEN, "--mapping", MAVEN / "mapping.yaml", "--people")
    assert parts(first, "new", "won", "lost", "open") == (8_800, 4_238, 2_473, 2_089)
    assert parts(first, "won_amount", "without_customer", "rejected") == ({"USD": "10005534.00"}, 1_425, 0)
    assert parts(again, "new", "changed", "unchanged", "events") == (0, 0, 8_800, 0)
    found = office.inventory("2017-12-31T12:00Z")
    assert parts(found, "deals", "won", "lost", "open") == (8_800, 4_238, 2_473, 2_089)
    assert parts(found, "won_amount", "without_customer") == ({"USD": 10_005_534}, 1_425)
    assert parts(found, "by_position", "by_gap") == ({"none": 2_089}, {"0": 500, "1": 1_589})
    assert found["by_stage"] == {"prospecting": 500, "engaging": 1_589}
    assert found["stalled"] == 1_291
    assert found["stalled_by_director"] == STALLED_BY_DIRECTOR
    with open_system(office.settings()) as system:
        store_holds(system)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.skipif(why_no_bpi() is not None, reason=why_no_bpi() or "")
@pytest.mark.parametrize("form", ["xes", "csv"])
def test_13087_loan_applications_of_the_bpi_challenge_2012(office: Office, tmp_path: Path, form: str) -> None:
    office.cli.done("process", "publish", PROCESS_DEFS / "consumer-loan.yaml")
    words = ("xes", BPI) if form == "xes" else ("log-csv", as_csv(tmp_path, BPI))
    first, again = office.imported(*words, "--mapping", MAPPING)
    assert parts(first, "traces_read", "events_read", "rejected", "never_occur") == (13_087, 262_200, 0, [])
    assert parts(again, "new", "changed", "unchanged", "events") == (0, 0, 13_087, 0)
    found = office.inventory("2012-03-15")
    assert parts(found, "deals", "won", "lost", "cancelled", "open") == (13_087, 2_246, 7_635, 2_807, 399)
    # One application asks for an amount of 0.
    assert found["ever_reached"] == {"applied": 13_086, "offer_sent_back": 3_254, "offer_accepted": 2_243}
    assert parts(found, "won_unproven", "claims_not_applied") == ({"offer_accepted": 3}, 0)
    with open_system(office.settings()) as system:
        deals = deals_as_of(system.store, AsOf(datetime(2012, 3, 15, tzinfo=UTC))).deals.values()
        assert sum("offer_sent" in deal.milestones for deal in deals) == 5_015
        # Beside the deals: the version that was published, and on the record of imports its beginning and its end.
        assert system.parts.count_events() == first["events"] + 3
    if form == "csv":
        # What the log says in XES is what it says in CSV, fact for fact.
        same = office.cli.json("import", "xes", BPI, "--mapping", MAPPING)
        assert parts(same, "new", "changed", "unchanged", "events") == (0, 0, 13_087, 0)


# What a store says of itself and of now, which no two stores share.
_ITS_OWN = frozenset(
    ("version", "batch", "recorded_at", "as_of", "overdue_seconds", "raised_at", "counted_from", "next_rung_at")
)


ANY = ("--most-rejects", "100%")
_READINGS = (
    ("inventory", "--as-of", "2017-12-31T12:00Z"),
    ("deal", "list", "--all"),
    ("deal", "list", "--gap", "1"),
    ("stall", "list"),
)


def told(office: Office) -> list[Any]:
    """What the readings say in JSON, without what is a store's own."""
    return [_without_its_own(office.cli.json(*words)) for words in _READINGS]


def _without_its_own(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_its_own(each) for key, each in value.items() if key not in _ITS_OWN}
    return [_without_its_own(each) for each in value] if isinstance(value, list) else value


def as_may_be_swapped(folder: Path) -> Path:
    """Those of the opportunities whose dates can be read with day and month swapped, and a mapping that does so."""
    shutil.copytree(MAVEN, folder)
    first, *rows = (folder / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()
    days = re.compile(r"[0-9]{4}-[0-9]{2}-([0-9]{2})")
    some = [row for row in rows if all(int(day) <= 12 for day in days.findall(row))]
    (folder / "sales_pipeline.csv").write_text("\n".join([first, *some]) + "\n", encoding="utf-8")
    mapping = (folder / "mapping.yaml").read_text(encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping.replace("dates: [iso]", "dates: ['%Y-%d-%m']"), encoding="utf-8")
    return folder


def right_import(office: Office) -> None:
    first = office.cli.json("import", "crm-csv", MAVEN, "--mapping", MAVEN / "mapping.yaml", "--people")
    assert parts(first, "new", "changed", "won", "lost", "open") == (8_800, 0, 4_238, 2_473, 2_089)


@pytest.mark.slow
@pytest.mark.soak
def test_after_an_undo_the_right_mapping_gives_what_an_empty_store_gives(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_files = as_may_be_swapped(tmp_path / "swapped")
    office.cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    wrong = office.cli.json(
        "import", "crm-csv", wrong_files, "--mapping", wrong_files / "mapping.yaml", "--people", *ANY
    )
    assert wrong["new"] > 1_000
    assert office.cli.json("import", "undo", wrong["batch"])["gone"] == wrong["new"]
    undone = office.cli.json("import", "undo", wrong["batch"], "--yes", "--reason", "day and month were swapped")
    assert parts(undone, "done", "gone", "restored", "kept") == (True, wrong["new"], 0, 0)
    assert office.cli.json("deal", "list", "--all")["total"] == 0
    right_import(office)
    found = told(office)
    with open_system(office.settings()) as system:
        store_holds(system)
    monkeypatch.delenv("DEALFLOW_DATABASE_URL", raising=False)
    empty = Office(CommandLine(tmp_path / "empty", capsys))
    empty.cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    right_import(empty)
    assert found == told(empty)
