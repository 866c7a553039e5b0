"""A full export on the command line: what is gone is shown, half a file stops with exit 1, and both sides of a change are told."""

from pathlib import Path

import pytest

from tests.cli.commands.imports.test_following import MAPPING, PIPE, Crm
from tests.support.running.typed_commands import CommandLine

ROWS = [f"R{number},anna,Offer,2025-10-01,2025-10-02,,100" for number in range(1, 11)]


@pytest.fixture
def crm(bare: CommandLine, tmp_path: Path) -> Crm:
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(f"{MAPPING}full: true\ngone: cancelled\n", encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    return Crm(bare, tmp_path)


def test_half_a_file_stops_with_exit_1_and_says_what_to_do(crm: Crm) -> None:
    crm.cli.done(*crm.words(*ROWS))
    stopped = crm.cli(*crm.words(*ROWS[:3]))
    assert stopped.code == 1
    assert "7 of 10 deals are gone from the file" in stopped.out and "--most-gone" in stopped.out
    assert {outcome for _, outcome in crm.places().values()} == {"open"}
    dry = crm.cli(*crm.words(*ROWS[:3]), "--dry-run", "--json")
    assert (dry.code, dry.json["gone"]["too_many"], dry.json["gone"]["open"]) == (0, True, 7)
    said = crm.cli.done(*crm.words(*ROWS[:3]), "--most-gone", "70%")
    assert "Gone from the export, cancelled" in said and "R4" in said
    assert "cancelled" in crm.places()["R10"][1]
    assert "gone from the full export" in crm.cli.done("deal", "history", "R10")


@pytest.mark.parametrize("written", ["many", "-1", "200%"])
def test_what_is_no_share_is_wrong_usage(crm: Crm, written: str) -> None:
    refused = crm.cli(*crm.words(*ROWS), f"--most-gone={written}")
    assert (refused.code, refused.out) == (2, "") and "--most-gone" in refused.err


def test_both_sides_of_what_a_person_changed_are_told_each_time(crm: Crm) -> None:
    crm.cli.done(*crm.words(*ROWS))
    crm.cli.done("deal", "lose", "R1", "--reason", "price")
    for _ in range(2):
        said = crm.cli.done(*crm.words(*ROWS))
        assert "Changed here since the source said it, and kept" in said
        kept = crm.cli.json(*crm.words(*ROWS))["kept"]
        assert kept == [
            {"deal_id": "R1", "row": "deals.csv:2", "what": "outcome", "source_says": "open", "on_record": "lost"}
        ]


def test_a_key_that_cannot_be_is_named_at_its_place(crm: Crm) -> None:
    path = crm.folder / "mapping.yaml"
    path.write_text(f"{MAPPING}gone: lost\ncleared: [ownr]\n", encoding="utf-8")
    refused = crm.cli(*crm.words(*ROWS))
    assert refused.code == 1
    assert "'lost' is nothing that becomes of a deal" in refused.err
    assert "'ownr' is no part that can be cleared" in refused.err and "did you mean 'owner'?" in refused.err
    path.write_text(f"{MAPPING}gone: cancelled\n", encoding="utf-8")
    assert "'gone' stands without 'full'" in crm.cli(*crm.words(*ROWS)).err


def test_daily_files_are_followed_whatever_day_their_names_say(crm: Crm) -> None:
    """The name of the file and the day of the export stand in the mapping, and are not what it means."""
    mapping = (crm.folder / "mapping.yaml").read_text(encoding="utf-8")
    for day, rows in (("20", ROWS), ("21", ROWS[:9]), ("22", [ROWS[0].replace(",100", ","), *ROWS[1:9]])):
        crm.words(*rows)
        (crm.folder / "deals.csv").rename(crm.folder / f"deals-{day}.csv")
        named = mapping.replace("deals: deals.csv", f"deals: deals-{day}.csv")
        path = crm.folder / f"mapping-{day}.yaml"
        path.write_text(f"{named}exported_at: 2026-01-{day}T06:00:00Z\n", encoding="utf-8")
        report = crm.cli.json("import", "crm-csv", crm.folder / f"deals-{day}.csv", "--mapping", path)
    assert (report["changed"], report["unchanged"]) == (0, 9)
    assert crm.places()["R10"][1] == "cancelled"
