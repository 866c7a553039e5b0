"""Ids and names in tables: kept in one form, noted with their rows; two that are one by it are told."""

from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import CsvFiles
from dealflow.adapters.imports.csv.look import must_hold_records
from dealflow.adapters.imports.csv.people import people_of
from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid
from tests.support.files.import_files import NOW, PRODUCTS, SMALL, forms_of, planned, small_files
from tests.support.unseen import BLANKS, INVISIBLE

ROW = "D1,Anna Lee,MG Special,Acme,Engaging,2017-03-01,,,"
ODD = [char for char in (*INVISIBLE, *BLANKS) if char not in " \u2028\u2029"]
PADDED = [" D1", "D1  ", "\tD1", "D1\u00a0"]


def teams(tmp_path: Path, rows: str) -> CsvFiles:
    (tmp_path / "teams.csv").write_text("who,boss\n" + rows, encoding="utf-8")
    mapping = SMALL.replace("products: products.csv}", "products: products.csv, teams: teams.csv}")
    people = "people: {table: teams, person: who, manager: boss, manager_role: director}\n"
    return small_files(tmp_path, ROW, mapping=mapping + people)


@pytest.mark.parametrize("char", ODD)
def test_ids_owners_customers_and_titles_are_kept_in_form_and_noted_by_column(tmp_path: Path, char: str) -> None:
    row = f"D1{char},Anna{char} Lee,MG Special,{char}Acme,Engaging,2017-03-01,,,"
    ((plan,), rejects) = planned(small_files(tmp_path, row))
    opening = plan.opening
    assert not rejects
    assert (plan.deal_id, opening.owner, opening.title) == ("D1", "Anna Lee", "Acme: MG Special")
    assert opening.customer is not None
    assert (opening.customer.id, opening.customer.name) == ("Acme", "Acme")
    assert {"id", "owner", "customer"} <= {change.place for change in plan.respelled}
    assert all(f"U+{ord(char):04X}" in change.what for change in plan.respelled)


@pytest.mark.parametrize("written", PADDED)
def test_blanks_around_a_cell_are_noted_as_well(tmp_path: Path, written: str) -> None:
    ((plan,), _) = planned(small_files(tmp_path, ROW.replace("D1", written)))
    assert plan.deal_id == "D1"
    assert [(change.place, change.given) for change in plan.respelled] == [("id", written)]


@pytest.mark.parametrize("char", INVISIBLE)
def test_a_cell_of_nothing_is_empty(tmp_path: Path, char: str) -> None:
    plans, rejects = planned(small_files(tmp_path, ROW.replace("D1", char), ROW.replace("Anna Lee", char)))
    assert [(reject.field, reject.reason) for reject in rejects] == [("id", "the deal has no id")]
    assert plans[0].opening.owner is None


@pytest.mark.parametrize("second", ["D1\u200b", " D1", "D\u00ad1", "D1\u3000", "\ufeffD1"])
def test_a_second_row_whose_id_is_the_first_ones_by_its_form_names_it(tmp_path: Path, second: str) -> None:
    plans, rejects = planned(small_files(tmp_path, ROW, ROW.replace("D1", second)))
    assert len(plans) == 1
    (reject,) = rejects
    assert (reject.row, reject.field) == (3, "id")
    assert reject.reason == "the id is that of an earlier row: only blanks or what nobody sees differ"
    assert reject.place == "deals.csv, row 3; first in row 2"


def test_the_first_of_two_such_rows_may_be_the_odd_one(tmp_path: Path) -> None:
    _, (reject,) = planned(small_files(tmp_path, ROW.replace("D1", "D1\u200b"), ROW))
    assert reject.reason == "the id is that of an earlier row: only blanks or what nobody sees differ"
    assert reject.place == "deals.csv, row 3; first in row 2"


def test_an_id_that_stands_twice_is_told_as_before(tmp_path: Path) -> None:
    _, (reject,) = planned(small_files(tmp_path, ROW, ROW))
    assert reject.reason == "the id stands in an earlier row already"


def test_a_deal_that_is_on_record_under_the_very_id_keeps_it(tmp_path: Path) -> None:
    files = small_files(tmp_path, ROW, ROW.replace("D1", "D1\u200b"))
    items = list(plan_csv(files, now=NOW, forms=forms_of(files), has_deal={"D1", "D1\u200b"}.__contains__))
    assert [getattr(item, "deal_id", None) for item in items] == ["D1", "D1\u200b"]


@pytest.mark.parametrize("stage", ["Won\u200b", " Won", "Won\u00a0"])
def test_a_value_of_the_mapping_is_known_in_every_spelling(tmp_path: Path, stage: str) -> None:
    row = f"D1,Anna,MG Special,Acme,{stage},2017-03-01,2017-04-02,1054,"
    ((plan,), rejects) = planned(small_files(tmp_path, row))
    assert not rejects
    assert len(plan.acts) == 3


def test_two_values_of_a_mapping_that_are_one_by_their_form_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid) as refused:
        small_files(tmp_path, ROW, mapping=SMALL.replace("    New: []", '    New: []\n    "New\u00a0": []'))
    assert [problem.rule for problem in refused.value.problems] == ["doubled-key"]


def test_a_row_finds_its_row_of_a_joined_table_in_every_spelling(tmp_path: Path) -> None:
    products = PRODUCTS.replace("MG Special", "MG\u00a0Special")
    ((plan,), _) = planned(small_files(tmp_path, ROW.replace("MG Special", "MG  Special"), products=products))
    assert plan.opening.attributes == {"series": "MG"}
    assert plan.findings == ()


def test_people_of_a_table_are_kept_in_form_and_noted(tmp_path: Path) -> None:
    offered = people_of(teams(tmp_path, "Anna  Lee,Bo\u00a0Chen\nCarl Ott,Bo Chen\n"))
    assert list(offered.organisation.people) == ["Anna Lee", "Carl Ott", "Bo Chen"]
    assert offered.organisation.people["Anna Lee"].manager == "Bo Chen"
    assert [(column.place, column.rows, column.first[0].row) for column in offered.respelled] == [
        ("who", 1, 2),
        ("boss", 1, 2),
    ]


def test_a_person_who_is_another_rows_by_the_form_names_that_row(tmp_path: Path) -> None:
    offered = people_of(teams(tmp_path, "Anna Lee,Bo\nAnna  Lee,Bo\nAnna Lee,Bo\n"))
    assert [(reject.row, str(reject.reason)) for reject in offered.rejects] == [
        (3, "the person is that of row 2: only blanks or what nobody sees differ"),
        (4, "the person stands in an earlier row already"),
    ]


@pytest.mark.parametrize("nothing", ["", "\n\n", ",,,,,,,,"])
def test_a_header_alone_is_no_export(tmp_path: Path, nothing: str) -> None:
    with pytest.raises(ImportInvalid) as refused:
        must_hold_records(small_files(tmp_path, nothing))
    assert [problem.rule for problem in refused.value.problems] == ["no-records"]


def test_a_value_with_blanks_around_it_and_a_change_within_is_noted(tmp_path: Path) -> None:
    inside, _ = planned(small_files(tmp_path, ROW.replace("Engaging", "Engag\u200bing")))
    around, _ = planned(small_files(tmp_path, ROW.replace("Engaging", " Engag\u200bing")))
    assert [[change.place for change in plan.respelled] for (plan,) in (inside, around)] == [["stage"], ["stage"]]
