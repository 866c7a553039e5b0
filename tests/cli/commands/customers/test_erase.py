"""An erasure: nothing personal of the customer can be read any more; who comes back is the same stream with a new key."""

import sqlite3

import pytest

from tests.support.files.import_files import DEALS, HEADER, PRODUCTS, SMALL
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine, HomeOf

PHONE = "+86 138 0000 0000"
ERASE = ("customer", "erase", "C-1", "--reason", "asked on 2026-01-05")


def with_a_customer(cli: CommandLine) -> None:
    """A customer on record with a deal that holds a telephone number, recorded before the deal was linked to them."""
    cli.open("d1")
    cli.done("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    cli.done("customer", "add", "C-1", "--name", "Wang Fang", "--wecom", "w-1", *FOR_ANNA)
    amend = ("deal", "amend", "d1", "--customer-id", "C-1", "--customer", "Wang Fang", "--reason", "it is hers")
    cli.done(*amend, *FOR_ANNA)


@pytest.fixture
def known(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_customer)


def everything(cli: CommandLine) -> str:
    """What can be read of the customer and the deal."""
    shown = (cli("customer", "show", "C-1", "--json"), cli("customer", "list", "--json"))
    return "".join(
        each.out for each in (*shown, cli("deal", "show", "d1", "--json"), cli("deal", "history", "d1", "--json"))
    )


def test_nothing_personal_can_be_read_and_the_digests_are_gone(known: CommandLine) -> None:
    assert PHONE in everything(known) and "Wang Fang" in everything(known)
    done = known.json(*ERASE)
    assert (done["erased"], done["still_readable"]) == (["C-1"], [])
    assert PHONE not in everything(known) and "Wang Fang" not in everything(known)
    assert known("customer", "show", "wecom:w-1").code == 1
    with sqlite3.connect(known.home / "store.sqlite") as store:
        assert store.execute("SELECT * FROM external_ids").fetchall() == []
    assert known.json("deal", "show", "d1")["customer"] == {"id": "C-1", "name": "(erased)"}


def test_who_was_merged_is_erased_as_well_and_an_erased_one_is_not_merged(known: CommandLine) -> None:
    known.open("d2", "anna", "--customer", "Fang Wang", "--customer-id", "C-2")
    known.done("customer", "merge", "C-2", "--into", "C-1", "--reason", "the same person", "--yes")
    assert known.json(*ERASE)["erased"] == ["C-1", "C-2"]
    assert "Fang Wang" not in known("deal", "history", "d2", "--json").out
    known.open("d3", "anna", "--customer-id", "C-3")
    for words in (("C-1", "--into", "C-3"), ("C-3", "--into", "C-1")):
        assert known("customer", "merge", *words, "--reason", "again", "--json").codes == ["customer_erased"]


def test_who_comes_back_is_the_same_with_a_new_key_and_no_old_value(known: CommandLine) -> None:
    known.done(*ERASE)
    known.done("customer", "add", "C-1", "--name", "Wang F.", "--wecom", "w-1", *FOR_ANNA)
    shown = known.json("customer", "show", "wecom:w-1")
    assert (shown["customer"], shown["name"], len(shown["external_ids"])) == ("C-1", "Wang F.", 1)
    assert "Wang Fang" not in everything(known)
    again = known.json(*ERASE)
    assert again["erased"] == ["C-1"]
    assert "Wang F." not in everything(known)


def test_only_an_add_brings_an_erased_one_back_and_says_so(known: CommandLine) -> None:
    known.done(*ERASE)
    named = ("--customer-id", "C-1", "--customer", "Wang F.")
    again = ("deal", "open", "Again", "--process", "standard-sale", "--owner", "anna", "--id", "d2", *FOR_ANNA)
    for words in (
        ("customer", "link", "C-1", "--name", "Wang F.", *FOR_ANNA),
        ("customer", "link", "C-1", "--openid", "o-1", *FOR_ANNA),
        ("deal", "amend", "d1", *named, "--reason", "as it was", *FOR_ANNA),
        (*again, *named),
    ):
        assert known(*words, "--json").codes == ["customer_erased"]
    assert "The customer was erased, and stays so until `dealflow customer add`" in known.done(
        *again, "--customer-id", "C-1"
    )
    assert known.json("customer", "show", "C-1")["erased_at"] and "Wang" not in everything(known)
    said = known.done("customer", "add", "C-1", "--name", "Wang F.", *FOR_ANNA)
    assert "C-1 was erased and is on record again, with nothing of before" in said


def test_an_import_brings_no_name_of_an_erased_one_back(cli: CommandLine) -> None:
    cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    folder = cli.home.with_name("tables")
    folder.mkdir()
    (folder / "mapping.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")

    def imported(*deals: str) -> None:
        rows = [f"{deal},anna,GTX Pro,Wang Fang,Engaging,2017-11-01,,," for deal in deals]
        (folder / DEALS).write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        cli.done("import", "crm-csv", folder, "--mapping", folder / "mapping.yaml")

    imported("D1")
    cli.done("customer", "erase", "Wang Fang", "--reason", "asked")
    imported("D1", "D2")
    shown = cli.json("customer", "show", "Wang Fang")
    assert (shown["name"], len(shown["deals"])) == ("(erased)", 2)
    assert cli.json("deal", "show", "D2")["customer"] == {"id": "Wang Fang", "name": None}


def test_only_operations_erase_and_with_a_reason(known: CommandLine) -> None:
    assert known(*ERASE, *FOR_ANNA, "--json").codes == ["not_permitted"]
    assert known("customer", "erase", "C-1", "--reason", " ", "--json").codes == ["reason_needed"]
    assert "Wang Fang" in everything(known)


def test_what_was_recorded_while_the_deal_was_anothers_is_named(known: CommandLine) -> None:
    known.open("d2", "anna", "--customer", "Li", "--customer-id", "C-2")
    amend = ("deal", "amend", "d2", "--customer-id", "C-1", "--reason", "a slip of the pen")
    known.done(*amend, *FOR_ANNA)
    assert known.json(*ERASE)["still_readable"] == ["d2"]


def test_a_deal_that_only_the_board_says_is_theirs_keeps_its_key(known: CommandLine) -> None:
    known.open("d9")
    known.done("evidence", "record", "d9", "messenger_contact", *CONTACT, *FOR_ANNA)
    known("deal", "list")
    with sqlite3.connect(known.home / "views.sqlite") as views:
        assert views.execute("UPDATE deals SET customer_id = 'C-1' WHERE deal_id = 'd9'").rowcount == 1
    known.done(*ERASE)
    assert PHONE in known("deal", "history", "d9", "--json").out
    assert PHONE not in known("deal", "history", "d1", "--json").out


def test_an_erasure_again_writes_nothing_until_something_personal_is_recorded(known: CommandLine) -> None:
    known.done(*ERASE)
    before = known.json("customer", "history", "C-1")
    for _ in range(2):
        assert known(*ERASE, "--json").codes == ["already_so"]
    assert known.json("customer", "history", "C-1") == before
    known.done("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    assert known.json(*ERASE)["erased"] == ["C-1"] and PHONE not in everything(known)
    assert known(*ERASE, "--json").codes == ["already_so"]


def test_a_chinese_reader_is_told_of_the_erased_in_chinese(known: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    known.open("d2", "anna", "--customer", "Fang Wang", "--customer-id", "C-2")
    known.done("customer", "merge", "C-2", "--into", "C-1", "--reason", "the same person", "--yes")
    known.done(*ERASE)
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    shown = known.done("customer", "show", "C-1")
    assert "并入本客户的  C-2" in shown
    said = known.done("deal", "show", "d1") + known.done("deal", "history", "d1", *FOR_ANNA) + shown
    assert "（已擦除）" in said and "(erased)" not in said
