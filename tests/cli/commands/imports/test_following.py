"""A source that changes its mind, on the command line: what comes out, and what is told of it."""

from pathlib import Path

import pytest

from tests.support.running.typed_commands import CommandLine

PIPE = """\
process: pipe
title: {en: Pipe, zh: 管道}
calendar: plain
currency: EUR
evidence: {order: {fields: {amount: money}}}
stages:
  - {id: lead, nodes: [{id: need, standard: order}]}
  - {id: offer, wins: true, back_to: [lead], nodes: [{id: signed, standard: order}]}
  - {id: after, nodes: [{id: paid, standard: order}]}
lost_reasons: [price, not_given]
"""
MAPPING = """\
source: crm
process: pipe
zone: UTC
tables: {deals: deals.csv}
rows: deals
deal: {id: id, opened: created, owner: owner, amount: amount}
facts:
  by: stage
  values:
    Offer: [{stage: offer, at: moved}]
    Won: [{stage: offer, at: moved}, {outcome: won, at: closed, amount: amount}]
    Lost: [{stage: offer, at: moved}, {outcome: lost, at: closed, reason: price}]
"""
HEADER = "id,owner,stage,created,moved,closed,amount\n"


class Crm:
    """A folder with one export after the other."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self.cli, self.folder = cli, folder

    def words(self, *rows: str) -> tuple[str | Path, ...]:
        (self.folder / "deals.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return "import", "crm-csv", self.folder / "deals.csv", "--mapping", self.folder / "mapping.yaml"

    def places(self) -> dict[str, tuple[str, str]]:
        return {
            deal["deal_id"]: (deal["stage"], deal["outcome"])
            for deal in self.cli.json("deal", "list", "--all")["deals"]
        }


@pytest.fixture
def crm(bare: CommandLine, tmp_path: Path) -> Crm:
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    return Crm(bare, tmp_path)


def test_lost_then_won_lost_then_open_won_then_open_come_out_so(crm: Crm) -> None:
    lost = "anna,Lost,2025-10-01,2025-10-02,2025-10-10,100"
    crm.cli.done(*crm.words("R4,anna,Won,2025-10-01,2025-10-05,2025-10-10,100", f"R1,{lost}", f"R2,{lost}"))
    report = crm.cli.json(
        *crm.words(
            "R1,anna,Won,2025-10-01,2025-11-02,2025-11-10,100",
            "R2,anna,Offer,2025-10-01,2025-11-02,,100",
            "R4,anna,Offer,2025-10-01,2025-10-05,,100",
        )
    )
    assert (report["changed"], report["claims_not_applied"]) == (3, 0)
    assert crm.places() == {"R1": ("after", "won"), "R2": ("offer", "open"), "R4": ("offer", "open")}
    assert "as another system says" in crm.cli.done("deal", "history", "R2")


def test_what_is_said_again_or_lies_before_the_first_end_keeps_the_dates_of_its_cells(crm: Crm) -> None:
    created, offer = "anna,{},2025-10-01,{},{},100", "2025-10-05"
    won, is_open = created.format("Won", offer, "2025-10-10"), created.format("Offer", offer, "")
    lost = created.format("Lost", "", "2025-10-10")
    (crm.folder / "mapping.yaml").write_text(MAPPING.replace("Lost: [{stage: offer, at: moved}, ", "Lost: ["))
    crm.cli.done(*crm.words(f"A,{lost}", f"B,{won}"))
    crm.cli.done(*crm.words(f"A,{created.format('Won', offer, '2025-10-12')}", f"B,{is_open}"))
    history = crm.cli.done("deal", "history", "A")
    assert "what is so" not in history and "says otherwise what was before" in history
    visits = [(visit["stage"]["id"], visit["entered_at"][:10]) for visit in crm.cli.json("deal", "show", "A")["visits"]]
    assert ("offer", offer) in visits
    rows = (f"A,{lost}", f"B,{won}")
    report = crm.cli.json(*crm.words(*rows))
    assert (report["changed"], report["claims_not_applied"]) == (2, 0)
    assert crm.places() == {"A": ("offer", "lost"), "B": ("after", "won")}
    assert "2025-10-10" in crm.cli.done("deal", "show", "A") and "2025-10-10" in crm.cli.done("deal", "show", "B")
    assert crm.cli.json(*crm.words(*rows))["events"] == 0


def test_a_person_who_reopened_is_not_overridden_before_the_act_and_the_date_is_listed(crm: Crm) -> None:
    lost, won = "anna,Lost,2025-10-01,2025-10-05,2025-10-10,100", "anna,Won,2025-10-01,2025-10-05,2025-10-12,100"
    crm.cli.done(*crm.words(f"A,{lost}"))
    crm.cli.done("deal", "reopen", "A", "--reason", "they called")
    report = crm.cli.json(*crm.words(f"A,{won}"))
    assert [(one["what"], one["first"]) for one in report["not_changed"]] == [("date", ["A"])]
    assert crm.places() == {"A": ("after", "won")}
    visits = [visit["entered_at"] for visit in crm.cli.json("deal", "show", "A")["visits"]]
    assert visits == sorted(visits) and "what is so" not in crm.cli.done("deal", "history", "A")


def test_dates_of_one_day_and_a_stage_after_the_closing(crm: Crm) -> None:
    report = crm.cli.json(
        *crm.words(
            "D1,anna,Won,2025-08-01,2025-08-05T14:20:00Z,2025-08-05,100",
            "D2,anna,Won,2025-08-01,2025-08-06,2025-08-05,100",
            "D3,anna,Lost,2025-08-05T09:15:00Z,2025-08-05,2025-08-05,100",
        )
    )
    assert (report["rejected"], report["claims_not_applied"]) == (0, 1)
    assert [(one["deal_id"], one["claim"], one["outcome"]) for one in report["not_applied"]] == [
        ("D2", "stage offer", "won")
    ]
    assert crm.places() == {"D1": ("after", "won"), "D2": ("after", "won"), "D3": ("offer", "lost")}


def test_what_is_listed_is_listed_in_words_too(crm: Crm) -> None:
    crm.cli.done(*crm.words("D2,anna,Won,2025-08-01,2025-08-04,2025-08-05,100"))
    said = crm.cli.done(
        *crm.words("D2,,Won,2025-08-01,2025-08-04,2025-08-05,100", "D5,anna,Won,2025-08-01,2025-08-06,2025-08-05,100")
    )
    assert "Owner, cleared" in said and "Claims not applied" in said and "stage offer" in said


def test_an_export_of_the_future_is_refused_since_every_later_one_would_be_older(crm: Crm) -> None:
    mapping = crm.folder / "mapping.yaml"
    mapping.write_text(
        MAPPING.replace("zone: UTC\n", "zone: UTC\nexported_at: 2099-01-01T00:00:00Z\n"), encoding="utf-8"
    )
    for more in ((), ("--dry-run",), ("--shift-to-today",)):
        refused = crm.cli(*crm.words("R1,,Offer,2026-01-05,2026-01-06,,"), *more)
        assert (refused.code, refused.out) == (1, "")
        assert "mapping.yaml:4:14: error: the export 2099-01-01T00:00+00:00 lies in the future" in refused.err
    assert crm.cli("deal", "list", "--all", "--json").json["deals"] == []
