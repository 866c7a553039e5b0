"""How the cells of a table are read: each column by one form, or nothing is written; what cannot be read costs little."""

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine

MAPPING = """\
source: reading
process: maven-crm
zone: UTC
tables: {deals: deals.csv}
rows: deals
deal: {id: id, opened: engaged, owner: owner, currency: USD}
facts:
  by: stage
  values:
    Engaging: [{stage: engaging, at: engaged}]
    Won:
      - {evidence: signed_order, at: closed, fields: {amount: value, signed_on: closed}}
      - {outcome: won, at: closed, amount: value}
"""
HEADER = "id,owner,stage,engaged,closed,value\n"
MONTH_FIRST = "A,Ann,Won,3/4/2017,5/6/2017,100\nB,Ann,Won,3/14/2017,5/16/2017,200\n"


class Sheet:
    """A table of deals with its mapping."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self.cli, self.folder = cli, folder

    def words(self, rows: str, *more: str, mapping: str = MAPPING) -> tuple[str | Path, ...]:
        (self.folder / "deals.csv").write_text(HEADER + rows, encoding="utf-8")
        (self.folder / "m.yaml").write_text(mapping, encoding="utf-8")
        return ("import", "crm-csv", self.folder / "deals.csv", "--mapping", self.folder / "m.yaml", *more)

    def refused(self, rows: str, mapping: str = MAPPING) -> list[str]:
        done = self.cli(*self.words(rows, "--json", mapping=mapping))
        assert done.code == 1 and self.cli.json("inventory")["deals"] == 0
        return [refusal["message"] for refusal in done.json["refused"]]


@pytest.fixture
def sheet(bare: CommandLine, prepared: PreparedHomes, tmp_path: Path) -> Sheet:
    """An empty one, with its process published."""
    prepared.with_process("maven-crm", bare.home)
    return Sheet(bare, tmp_path)


def test_a_form_that_does_not_fit_its_column_is_refused_with_the_one_that_does(sheet: Sheet) -> None:
    engaged, closed = sheet.refused(MONTH_FIRST, MAPPING.replace("zone: UTC", "zone: UTC\ndates: ['%d/%m/%Y']"))
    assert "column 'engaged': %m/%d/%Y fits all 2 cells; %d/%m/%Y fits 1 of 2; look at row 3 '3/14/2017'" in engaged
    assert "column 'closed'" in closed and "dates: ['%m/%d/%Y']" in closed


def test_without_a_form_the_one_that_fits_all_cells_is_taken(sheet: Sheet) -> None:
    report = sheet.cli.json(*sheet.words(MONTH_FIRST))
    assert {each["name"]: each["read_by"] for each in report["columns"]} == {
        "engaged": ["%m/%d/%Y"],
        "closed": ["%m/%d/%Y"],
        "value": ["point"],
    }
    (order,) = sheet.cli.json("deal", "show", "B")["evidence"]
    assert order["fields"]["signed_on"] == "2017-05-16", "a field of a day is read by the same form"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("A,Ann,Won,3/4/2017,5/6/2017,1\n", "read in two ways: row 2 '3/4/2017'"),
        ("A,Ann,Won,2017-03-04,2017-03-05,1.250\n", "read in two ways: row 2 '1.250'"),
        (
            "A,Ann,Won,2017-03-04,2017-03-05,1.25\n" * 2 + 'B,Ann,Won,2017-03-04,2017-03-05,"1,5"\n',
            "look at row 4 '1,5'",
        ),
        ("A,Ann,Won,42798,42799,1\n", "excel-1900 fits its 1 cell"),
    ],
)
def test_where_the_cells_do_not_decide_nothing_is_written(sheet: Sheet, rows: str, said: str) -> None:
    assert any(said in message for message in sheet.refused(rows))


@pytest.mark.parametrize(
    ("declared", "at", "value", "won"),
    [
        ("dates: excel-1900", "42798", "1", "1.00"),
        ("dates: excel-1904", "41336", "1", "1.00"),
        ("dates: epoch-millis", "1488600000000", "1", "1.00"),
        ("dates: java", "Sat Mar 04 09:00:00 UTC 2017", "1", "1.00"),
        ("decimal: comma", "2017-03-04", '"1.250,5"', "1250.50"),
        ("round: half_up", "2017-03-04", "2.345", None),
        ("columns: {value: {decimal: point, round: half_up}}", "2017-03-04", "2.345", "2.35"),
        ("empty: [tbd]", "2017-03-04", "$1.5e3", "1500.00"),
    ],
)
def test_a_mapping_declares_how_cells_are_read(
    sheet: Sheet, declared: str, at: str, value: str, won: str | None
) -> None:
    mapping = MAPPING.replace("zone: UTC", f"zone: UTC\n{declared}")
    done = sheet.cli(*sheet.words(f"A,Ann,Won,{at},{at},{value}\n", "--json", mapping=mapping))
    assert (done.json["won_amount"] if done.code == 0 else None) == ({"USD": won} if won else None)


def test_each_value_costs_as_little_as_it_can_and_is_told_with_its_deal(sheet: Sheet) -> None:
    rows = (
        "A,An/n,Engaging,2017-03-01,,\n"  # an owner who is none
        "B,Ann,Won,2017-03-01,2017-03-02,free\n"  # no amount: the order is rejected, the win without it
        "C,Ann,Won,2017-03-01,soon,5\n"  # undated: both facts
        "D,Ann,Wonn,2017-03-01,2017-03-02,5\n"  # what it is, nobody knows
        + "".join(f"E{n},Ann,Won,2017-03-01,2017-03-02,{n + 1}\n" for n in range(9))
    )
    stopped = sheet.cli(*sheet.words(rows, "--json"))
    assert (stopped.code, stopped.json["too_many_rejects"], stopped.json["rejected_records"]) == (1, True, 4)
    assert sheet.cli.json("inventory")["deals"] == 0
    rejects = sheet.folder / "rejects.csv"
    said = sheet.cli.done(*sheet.words(rows, "--most-rejects", "35%", "--rejects", str(rejects)))
    assert said.splitlines()[-1] == "Not taken in: 1 deal, 2 facts, 2 values"
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        told = [(row["row"], row["deal"], row["field"], row["value"], row["costs"]) for row in csv.DictReader(stream)]
    assert sorted(told) == [
        ("2", "A", "owner", "An/n", "this value"),
        ("3", "B", "value", "free", "this fact"),
        ("3", "B", "value", "free", "this value"),
        ("4", "C", "closed", "soon", "this fact"),
        ("5", "D", "stage", "Wonn", "the deal"),
    ]
    assert sheet.cli.json("deal", "show", "B")["outcome"] == "won"
    assert sheet.cli(*sheet.words(rows, "--strict")).code == 1


def test_strict_and_a_limit_contradict_one_another(sheet: Sheet) -> None:
    done = sheet.cli(*sheet.words(MONTH_FIRST, "--strict", "--most-rejects", "50%"))
    assert done.code == 2 and "leave one of them out" in done.err
    assert sheet.cli.json("inventory")["deals"] == 0


def test_a_time_that_the_clocks_show_twice_or_never_is_taken_as_the_earlier_and_listed(sheet: Sheet) -> None:
    berlin = MAPPING.replace("zone: UTC", "zone: Europe/Berlin")
    rows = (
        "A,Ann,Engaging,2017-10-29 02:30,,\n"  # twice
        "B,Ann,Engaging,2017-03-26 02:30,,\n"  # never
        "C,Ann,Engaging,2017-10-29T02:30+01:00,,\n"  # as it says itself
        "D,Ann,Engaging,2017-10-29T02:30[America/New_York],,\n"
    )
    rejects = sheet.folder / "doubts.csv"
    done = sheet.cli.json(*sheet.words(rows, "--strict", "--rejects", str(rejects), mapping=berlin))
    assert (done["new"], done["rejected"], done["left_out"], done["rejected_records"]) == (4, 0, 0, 0)
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        told = [
            (row["deal"], row["field"], row["value"], row["reason"], row["costs"]) for row in csv.DictReader(stream)
        ]
    assert told == [
        (deal, "engaged", value, f"the clocks of Europe/Berlin {what} is taken", "nothing: it is read")
        for deal, value, what in (
            ("A", "2017-10-29 02:30", "show this time twice: the earlier"),
            ("B", "2017-03-26 02:30", "never show this time: the earlier reading"),
        )
    ]
    opened = {deal: sheet.cli.json("deal", "show", deal)["opened_at"] for deal in "ABCD"}
    assert opened == {
        "A": "2017-10-29T00:30:00Z",
        "B": "2017-03-26T00:30:00Z",
        "C": "2017-10-29T01:30:00Z",
        "D": "2017-10-29T06:30:00Z",
    }


def test_standard_input_is_the_table_of_the_rows(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    command, kind, _, *more = sheet.words(MONTH_FIRST)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((HEADER + MONTH_FIRST).encode())))
    assert sheet.cli.json(command, kind, "-", *more)["new"] == 2


@pytest.mark.parametrize("given", ["101%", "-1", "some", "5 %%"])
def test_a_share_that_is_none_is_wrong_usage(sheet: Sheet, given: str) -> None:
    done = sheet.cli(*sheet.words(MONTH_FIRST, "--most-rejects", given))
    assert done.code == 2 and "neither a share such as 5% nor a number" in done.err
