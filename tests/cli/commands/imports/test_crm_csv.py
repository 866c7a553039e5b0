"""`dealflow import crm-csv`: what it prints, and what it does not do."""

import csv
from pathlib import Path

import pytest

from dealflow.adapters.imports.memory import ImportMemory
from tests.support.paths import PROCESS_DEFS
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine

MAVEN = PROCESS_DEFS.parent / "examples" / "maven-crm"
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
ROWS = (
    "A1,Moses Frase,GTX Basic,Cancity,Won,2017-01-02,2017-03-01,550\n"
    "A2,Moses Frase,GTX Basic,,Engaging,2017-02-02,,\n"
    "A3,Moses Frase,GTX Basic,Cancity,Prospecting,,,\n"
)


@pytest.fixture
def tables(bare: CommandLine, prepared: PreparedHomes, tmp_path: Path) -> Path:
    """The Maven tables with three deals, and its process published."""
    prepared.with_process("maven-crm", bare.home)
    folder = tmp_path / "tables"
    folder.mkdir()
    for file in MAVEN.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "sales_pipeline.csv").write_text(HEADER + ROWS)
    return folder


def words(tables: Path, *more: str) -> tuple[str | Path, ...]:
    return ("import", "crm-csv", tables, "--mapping", MAVEN / "mapping.yaml", *more)


def test_an_import_tells_what_was_understood_and_again_nothing_changes(bare: CommandLine, tables: Path) -> None:
    first = bare.json(*words(tables))
    assert (first["new"], first["won"], first["open"], first["won_amount"]) == (3, 1, 2, {"USD": "550.00"})
    assert first["without_customer"] == 1
    again = bare.json(*words(tables))
    assert (again["new"], again["unchanged"], again["events"]) == (0, 3, 0)
    assert bare.json("inventory")["deals"] == 3


def test_while_another_import_of_the_source_runs_nothing_is_begun(bare: CommandLine, tables: Path) -> None:
    with ImportMemory(bare.home, "maven-crm-sales").alone():
        done = bare(*words(tables, "--json"))
        assert done.code == 1 and "another import of 'maven-crm-sales' runs" in done.out
        assert bare.json(*words(tables, "--dry-run"))["new"] == 3
    assert bare.json("inventory")["deals"] == 0
    assert bare.json(*words(tables))["new"] == 3


def test_people_are_added_to_people_yaml(bare: CommandLine, tables: Path) -> None:
    bare.done("people", "check")
    added = bare.json(*words(tables, "--people"))["people_added"]
    assert "Moses Frase" in added and "Dustin Brinkmann" in added
    assert bare.json("people", "check")["people"] == len(added)


def test_a_dry_run_writes_nothing(bare: CommandLine, tables: Path) -> None:
    said = bare.done(*words(tables, "--dry-run", "--people"))
    assert "nothing was written" in said
    assert bare.json("inventory")["deals"] == 0
    assert not (bare.home / "people.yaml").exists()


def test_bad_rows_go_to_a_file_and_strict_stops_before_anything(bare: CommandLine, tables: Path) -> None:
    bad = "A4,Moses Frase,GTX Basic,Cancity,Wonn,2017-01-02,2017-03-01,550\n"
    (tables / "sales_pipeline.csv").write_text(HEADER + bad + ROWS)
    strict = bare(*words(tables, "--strict", "--json"))
    assert (strict.code, strict.json["strict_stop"], bare.json("inventory")["deals"]) == (1, True, 0)
    rejects = tables / "rejects.csv"
    said = bare.done(*words(tables, "--rejects", str(rejects), "--most-rejects", "25%"))
    assert str(rejects) in said and "Won" in said
    assert "deal_stage,the mapping does not know this value,Wonn,Won" in rejects.read_text(encoding="utf-8-sig")
    assert bare.json("inventory")["deals"] == 3


def test_a_mapping_that_names_a_missing_column_is_refused_with_its_place(bare: CommandLine, tables: Path) -> None:
    mapping = tables / "mapping.yaml"
    text = (MAVEN / "mapping.yaml").read_text(encoding="utf-8")
    mapping.write_text(text.replace("owner: sales_agent", "owner: sales_agnet"), encoding="utf-8")
    result = bare("import", "crm-csv", tables, "--mapping", mapping, "--json")
    assert result.code == 1
    [refusal] = result.json["refused"]
    assert refusal["place"].startswith(f"{mapping}:")
    assert refusal["suggestion"] == "sales_agent"
    assert bare.json("inventory")["deals"] == 0


def test_the_faults_of_a_mapping_are_told_in_the_order_of_its_lines(bare: CommandLine, tables: Path) -> None:
    mapping = tables / "mapping.yaml"
    text = (MAVEN / "mapping.yaml").read_text(encoding="utf-8")
    for right, wrong in (("teams.sales_agent}", "teams.sales_agnt}"), ("customer: account", "customer: acount"),
                         ("products: products.csv", "products: prodcts.csv"), ("  by: deal_stage", "  by: deal_stag"),
                         ("region: regional_office", "region: regionl_office")):  # fmt: skip
        text = text.replace(right, wrong)
    mapping.write_text(text, encoding="utf-8")
    refused = bare("import", "crm-csv", tables, "--mapping", mapping, "--json").json["refused"]
    lines = [int(refusal["place"].split(":")[1]) for refusal in refused]
    assert len(lines) >= 5 and lines == sorted(lines)


def test_the_summary_has_amounts_and_pace_as_people_read_them(bare: CommandLine, tables: Path) -> None:
    (tables / "sales_pipeline.csv").write_text(HEADER + ROWS.replace(",550", ",10005534"))
    said = bare.done(*words(tables))
    assert "1 (10,005,534.00 USD)" in said
    for summary in (said, bare.done(*words(tables))):
        assert " records a second" in summary and " 0 records" not in summary


def test_a_file_of_which_nothing_can_be_used_is_refused_with_one_reason(bare: CommandLine, tables: Path) -> None:
    rows = "".join(f"A{n},Moses Frase,GTX Basic,客户{n},Prospecting,,,\n" for n in range(9))
    (tables / "sales_pipeline.csv").write_bytes((HEADER + rows).encode("gbk"))
    result = bare(*words(tables))
    assert result.code == 1 and "No record of this source could be used." in result.out
    assert "the file is not UTF-8: save it as UTF-8, or write its encoding in the mapping" in " ".join(
        result.out.split()
    )
    (reason,) = bare(*words(tables, "--json")).json["reasons"]
    assert (reason["field"], reason["count"], len(reason["first"])) == ("account", 9, 3)


def test_a_snapshot_that_is_still_to_come_is_refused_with_its_place(bare: CommandLine, tables: Path) -> None:
    mapping = tables / "mapping.yaml"
    text = (MAVEN / "mapping.yaml").read_text(encoding="utf-8")
    mapping.write_text(text.replace("snapshot: 2017-12-31", "snapshot: 2037-12-31"), encoding="utf-8")
    [refusal] = bare("import", "crm-csv", tables, "--mapping", mapping, "--json").json["refused"]
    assert refusal["place"] == f"{mapping}:6:11" and "2037-12-31T12:00+00:00 lies in the future" in refusal["message"]


def test_rejects_that_could_not_be_written_stop_before_anything_is(bare: CommandLine, tables: Path) -> None:
    bad = "A4,Moses Frase,GTX Basic,Cancity,Wonn,2017-01-02,2017-03-01,550\n"
    (tables / "sales_pipeline.csv").write_text(HEADER + ROWS + bad)
    for nowhere in (tables, tables / "accounts.csv" / "rejects.csv"):
        result = bare(*words(tables, "--rejects", str(nowhere), "--json"))
        assert (result.code, result.codes) == (1, ["rejects"])
    assert bare.json("inventory")["deals"] == 0


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_rejects_never_replace_a_table_the_mapping_or_the_people(
    bare: CommandLine, tables: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    bad = "A4,Moses Frase,GTX Basic,Cancity,Wonn,2017-01-02,2017-03-01,550\n"
    (tables / "sales_pipeline.csv").write_text(HEADER + ROWS + bad)
    linked, dangling = tmp_path / "linked.csv", tmp_path / "dangling.csv"
    linked.symlink_to(tables / "accounts.csv")
    dangling.symlink_to(bare.home / "people.yaml")
    before = {path: path.read_bytes() for path in tables.iterdir()}
    for rejects, what in [
        (tables / "sales_pipeline.csv", "a table"),
        (linked, "a table"),
        (tables / "data_dictionary.csv", "no file of rejects"),
        (MAVEN / "mapping.yaml", "the mapping"),
        (bare.home / "people.yaml", "the file of people"),
        (dangling, "the file of people"),
    ]:
        result = bare(*words(tables, "--people", "--rejects", str(rejects), *more))
        assert result.code == 2 and f"--rejects {rejects}: " in result.err and what in result.err
    assert {path: path.read_bytes() for path in tables.iterdir()} == before
    assert bare.json("inventory")["deals"] == 0 and not (bare.home / "people.yaml").exists()


def test_a_file_that_is_not_there_is_named(bare: CommandLine, tables: Path) -> None:
    result = bare(*words(tables, "more.csv", "--json"))
    [refusal] = result.json["refused"]
    assert (refusal["code"], refusal["place"]) == ("unreadable", "more.csv:1:1")


def test_a_folder_without_the_tables_is_refused(bare: CommandLine, tables: Path, tmp_path: Path) -> None:
    result = bare("import", "crm-csv", tmp_path / "nowhere", "--mapping", MAVEN / "mapping.yaml", "--json")
    assert result.code == 1
    assert set(result.codes) == {"missing-file", "unreadable"}


LOANS = """\
source: loans
process: consumer-loan
zone: Europe/Amsterdam
dates: ['%d.%m.%Y %H:%M', iso]
tables: {loans: loans.csv}
rows: loans
deal: {id: id, title: id, opened: opened}
facts:
  by: state
  values:
    Returned: [{evidence: returned_offer, at: opened, fields: {received_at: came}}]
"""


@pytest.mark.parametrize("personal", [False, True])
def test_an_instant_in_a_field_is_read_in_the_zone_and_one_that_is_none_is_rejected_at_its_row(
    bare: CommandLine, tmp_path: Path, personal: bool
) -> None:
    process, table, mapping, rejects = (tmp_path / name for name in ("loan.yaml", "loans.csv", "m.yaml", "rejects.csv"))
    text = (PROCESS_DEFS / "consumer-loan.yaml").read_text(encoding="utf-8")
    field = "received_at: {type: instant, "
    process.write_text(text.replace(field, field + "personal: true, " if personal else field), encoding="utf-8")
    bare.done("process", "publish", process)
    rows = ("L1,01.07.2012 09:00", "L2,2012-07-01T09:00:00+05:00", "L3,soon", "L4,2012-01-05 10:00")
    table.write_text("id,came,opened,state\n" + "".join(f"{row},2012-01-02,Returned\n" for row in rows))
    mapping.write_text(LOANS)
    done = bare.json("import", "crm-csv", table, "--mapping", mapping, "--rejects", rejects, "--most-rejects", "1")
    assert (done["new"], done["rejected"]) == (4, 1)
    received = [bare.json("deal", "show", deal)["evidence"][0]["fields"]["received_at"] for deal in ("L1", "L2", "L4")]
    if not personal:
        assert received == ["2012-07-01T07:00:00Z", "2012-07-01T04:00:00Z", "2012-01-05T09:00:00Z"]
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        [reject] = csv.DictReader(stream)
    assert (reject["file"], reject["row"], reject["deal"], reject["place"]) == ("loans.csv", "4", "L3", "")
    assert (reject["field"], reject["value"]) == ("came", "" if personal else "soon")
    assert "returned_offer" not in reject["reason"]
