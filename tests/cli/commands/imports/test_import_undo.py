"""`import undo`, on each database: shown first, then done; people's acts hold a deal, a later import comes first."""

from pathlib import Path

import pytest

from tests.cli.commands.imports.test_following import HEADER, MAPPING, PIPE
from tests.support.running.typed_commands import CommandLine
from tests.support.stores.databases import on_each_database

WRONG = "D-1,anna,Offer,2026-01-05,2026-01-06,,100\nD-2,anna,Won,2026-01-05,2026-01-06,2026-01-09,200\n"
RIGHT = "D-1,anna,Offer,2026-05-01,2026-06-01,,100\nD-2,anna,Won,2026-05-01,2026-06-01,2026-09-01,200\n"


class Desk:
    """A store at a command line, and a file that is imported into it."""

    def __init__(self, cli: CommandLine, folder: Path) -> None:
        self.cli, self.folder = cli, folder

    def take_in(self, rows: str) -> str:
        """The batch of an import of these rows."""
        (self.folder / "deals.csv").write_text(HEADER + rows, encoding="utf-8")
        done = self.cli.json("import", "crm-csv", self.folder / "deals.csv", "--mapping", self.folder / "mapping.yaml")
        return str(done["batch"])

    def state(self, batch: str) -> str:
        return str(next(one["state"] for one in self.cli.json("import", "list")["imports"] if one["batch"] == batch))


@pytest.fixture
def desk(bare: CommandLine, database: str, tmp_path: Path) -> Desk:
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    return Desk(bare, tmp_path)


@on_each_database
def test_it_is_shown_first_and_then_done_and_the_right_one_follows(desk: Desk) -> None:
    cli, batch = desk.cli, desk.take_in(WRONG)
    assert "2 deals would be taken back, 0 kept. Nothing is done yet" in cli("import", "undo", batch).err
    assert cli("import", "undo", batch, "--yes", "--reason", "\u200b").code == 1, (
        "a reason that nobody can read is none"
    )
    assert desk.state(batch) == "finished"
    done = cli.json("import", "undo", batch, "--yes", "--reason", "swapped")
    assert (done["done"], done["gone"], done["kept"]) == (True, 2, 0)
    assert (desk.state(batch), cli.json("deal", "list", "--all")["total"]) == ("undone", 0)
    [act] = cli.json("audit", "exceptions", "--kind", "undo")["acts"]
    assert (act["about"], act["reason"]) == (batch, "swapped")
    gone = cli("deal", "show", "D-1", "--json")
    assert (gone.code, gone.codes) == (1, ["deal_taken_back"])
    again = desk.take_in(RIGHT)
    assert again != batch and cli.json("import", "show", again)["new"] == 2
    assert cli.json("deal", "show", "D-1")["opened_at"].startswith("2026-05-01")
    told = cli.done("deal", "history", "D-1")
    assert f"what {batch} brought; there is no such deal any more" in " ".join(told.split())
    assert "Run 2 of the deal." in told
    found = cli("doctor", "--deep", "--json").json["deep"]["findings"]
    assert [each for each in found if each["check"] not in ("workflow", "schedule")] == []


@on_each_database
def test_the_same_file_again_is_another_batch_which_is_undone_as_well(desk: Desk) -> None:
    first = desk.take_in(WRONG)
    desk.cli.done("import", "undo", first, "--yes")
    second = desk.take_in(WRONG)
    assert second == f"{first}-2"
    assert desk.cli.json("import", "undo", second, "--yes")["gone"] == 2
    again = desk.cli.json("import", "undo", first, "--yes")
    assert (again["done"], again["gone"], again["events"]) == (True, 0, 0)


@on_each_database
def test_a_deal_that_somebody_worked_on_is_kept_whole(desk: Desk) -> None:
    batch = desk.take_in(WRONG)
    desk.cli.done("activity", "record", "D-1", "called them")
    said = desk.cli.done("import", "undo", batch, "--yes")
    assert "Kept, as somebody has acted on them" in said and "D-1" in said
    assert "Taken back: 1 deal; 1 kept." in said and "The seller's activity: called them." in " ".join(said.split())
    shown = desk.cli.done("import", "show", batch)
    assert "lists them" in shown and "undone in part" in desk.cli.done("import", "list")
    assert desk.cli.json("deal", "show", "D-1")["opened_at"].startswith("2026-01-05")


@on_each_database
def test_a_later_import_comes_first(desk: Desk) -> None:
    first = desk.take_in(WRONG)
    later = desk.take_in(WRONG.replace(",200", ",300"))
    refused = desk.cli("import", "undo", first, "--yes")
    assert refused.code == 1 and later.rpartition("/")[2] in refused.err
    assert desk.state(first) == "finished"
    done = desk.cli.json("import", "undo", later, "--yes")
    assert (done["gone"], done["restored"]) == (0, 1)
    assert desk.cli.json("deal", "show", "D-2")["amount"]["minor"] == 20_000
    assert desk.cli.json("import", "undo", first, "--yes")["gone"] == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_import_that_is_not_there_is_refused(desk: Desk) -> None:
    desk.take_in(WRONG)
    assert desk.cli("import", "undo", "ffffffff", "--yes", "--json").codes == ["unknown_import"]


@on_each_database
def test_what_is_personal_of_a_customer_whose_deals_were_taken_back_is_erased(desk: Desk) -> None:
    cli, mapping = desk.cli, desk.folder / "mapping.yaml"
    mapping.write_text(MAPPING.replace("owner: owner", "owner: owner, customer: owner"), encoding="utf-8")
    batch = desk.take_in(WRONG)
    customer = cli.json("deal", "show", "D-1")["customer"]["id"]
    cli.done("import", "undo", batch, "--yes")
    cli.done("customer", "erase", customer, "--reason", "asked for")
    assert "(erased)" in cli.done("deal", "history", "D-1")
    assert cli("customer", "erase", "dealflow/external-ids", "--reason", "x", "--json").codes == ["unknown_customer"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_broken_file_in_home_is_said_before_anything_is_taken_back(desk: Desk) -> None:
    batch = desk.take_in(WRONG)
    (desk.cli.home / "imports" / "crm.json").write_text("{", encoding="utf-8")
    refused = desk.cli("import", "undo", batch, "--yes")
    assert refused.code != 0 and "crm.json" in refused.err
    assert (desk.state(batch), desk.cli.json("deal", "list", "--all")["total"]) == ("finished", 2)
