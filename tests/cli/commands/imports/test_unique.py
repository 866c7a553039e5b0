"""Receipts in a table of another system: a row whose receipt is on record is rejected and says where, the rest goes on."""

from pathlib import Path

import pytest

from tests.support.running.typed_commands import FOR_BO, CommandLine

MAPPING = """\
source: till
process: standard-sale
zone: UTC
tables: {deals: deals.csv}
rows: deals
deal: {id: id, title: [id], opened: [opened], customer: customer, amount: amount, currency: CNY}
facts:
  by: state
  values:
    New: []
    Paid: [{evidence: payment, at: paid, fields: {amount: paid_amount, receipt: receipt, paid_on: paid}}]
"""
HEADER = "id,customer,amount,state,opened,paid,paid_amount,receipt"
FIRST = "T1,acme,50000,Paid,2026-01-05,2026-02-01,20000,R-1"
SAME = "T2,acme,50000,Paid,2026-01-06,2026-02-02,20000,r-1"
OTHER = "T3,acme,50000,Paid,2026-01-07,2026-02-03,20000,R-3"
ELSEWHERE = "T4,evil,50000,Paid,2026-01-08,2026-02-04,20000,R-1"


class Till:
    """A folder with a table and its mapping."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self.cli, self.folder = cli, folder
        (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")

    def words(self, *rows: str) -> tuple[str | Path, ...]:
        (self.folder / "deals.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return ("import", "crm-csv", self.folder, "--mapping", self.folder / "mapping.yaml")


@pytest.fixture
def till(cli: CommandLine, tmp_path: Path) -> Till:
    """An empty table."""
    (tmp_path / "till").mkdir()
    return Till(cli, tmp_path / "till")


@pytest.mark.parametrize("dry", [True, False])
def test_the_row_of_a_second_deal_is_rejected_and_names_the_first(till: Till, dry: bool) -> None:
    words = till.words(FIRST, SAME, OTHER, ELSEWHERE)
    report = till.cli.json(*words, *(("--dry-run",) if dry else ()))
    assert (report["new"], report["rejected"], report["rejected_deals"]) == (4, 1, 0)
    (reject,) = report["rejects"]
    assert (reject["row"], reject["field"], reject["value"]) == (3, "payment.receipt", "r-1")
    assert "with evidence" in reject["reason"] and "of deal T1" in reject["reason"]
    if not dry:
        assert till.cli.json(*words)["events"] == 0, "again nothing"


def test_receipts_of_an_earlier_import_and_of_a_person_are_known(till: Till) -> None:
    till.cli.done(*till.words(FIRST))
    assert "of deal T1" in till.cli(*till.words(SAME), "--json").json["rejects"][0]["reason"]
    typed = ("evidence", "record", "T1", "payment", "--field", "amount=1 CNY", "--field", "paid_on=2026-03-01")
    till.cli.done(*typed, "--field", "receipt=R-3", "--id", "typed", *FOR_BO)
    assert "with evidence typed of deal T1" in till.cli.json(*till.words(FIRST, OTHER))["rejects"][0]["reason"]


def test_what_a_newer_file_says_otherwise_is_corrected_and_said(till: Till) -> None:
    till.cli.done(*till.words(FIRST, OTHER))
    changed = (FIRST.replace("20000", "25000"), OTHER.replace("2026-01-07", "2026-01-06"))
    said = till.cli.done(*till.words(*changed))
    assert "Changed in the source, and followed" in said
    (piece,) = till.cli.json("deal", "show", "T1")["evidence"]
    assert piece["fields"]["amount"]["minor"] == 2_500_000
    again = till.cli.json(*till.words(*changed))
    assert (again["events"], again["followed"], again["not_changed"]) == (0, [], [])
    back = till.cli.json(*till.words(FIRST, OTHER))
    both = [{"what": "evidence", "facts": 1, "first": ["T1"]}, {"what": "date", "facts": 1, "first": ["T3"]}]
    assert (back["followed"], back["not_changed"]) == (both, [])


def test_what_a_person_has_put_right_as_the_newer_file_says_is_not_said_otherwise(till: Till) -> None:
    till.cli.done(*till.words(FIRST))
    (piece,) = till.cli.json("deal", "show", "T1")["evidence"]
    right = ("evidence", "correct", "T1", piece["id"], "--field", "amount=25000 CNY", "--reason", "misread")
    till.cli.done(*right, *FOR_BO)
    for row in (FIRST, FIRST.replace("20000", "25000")):
        assert till.cli.json(*till.words(row))["not_changed"] == []


def test_a_newer_file_that_gives_a_deal_its_customer_sets_the_later_piece_aside(till: Till) -> None:
    nobody = SAME.replace("acme", "")
    till.cli.done(*till.words(FIRST, nobody))
    report = till.cli.json(*till.words(FIRST, SAME))
    assert (report["changed"], report["rejected"]) == (1, 0)
    (piece,) = till.cli.json("deal", "show", "T2")["evidence"]
    assert piece["counted_with"][0]["deal"] == "T1"
    assert report["facts"]["deal.evidence_set_aside.v1"] == report["set_aside"] == 1
    (twice,) = report["values_twice"]
    assert (twice["deal"], twice["first_deal"]) == ("T2", "T1")


def test_a_deal_whose_row_did_not_change_is_named_when_its_piece_is_set_aside(till: Till) -> None:
    till.cli.done(*till.words(FIRST.replace("acme", ""), SAME))
    said = till.cli.done(*till.words(FIRST, SAME))
    assert "T2: evidence" in said and "counts no more" in said and "1 piece is set aside" in said
