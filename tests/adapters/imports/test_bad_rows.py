"""Bad rows: each is rejected with its number, field and reason, and the rest goes on."""

from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.csv.table import MAX_LINE
from dealflow.application.imports.plans import DealPlan, Reject
from tests.support.files.import_files import (
    DEALS,
    HEADER,
    NOW,
    PRODUCTS,
    SMALL,
    forms_of,
    planned,
    small_files,
    small_mapping,
)

GOOD = "D9,Anna,MG Special,Acme,Engaging,2017-03-01,,,"


def rejected(tmp_path: Path, *rows: str) -> Reject:
    plans, rejects = planned(small_files(tmp_path, *rows, GOOD))
    assert [plan.deal_id for plan in plans][-1] == "D9"
    assert len(rejects) == 1, rejects
    return rejects[0]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("D1,Anna,MG Special,Acme,Engaging,2017-03-01,,,,x", "", "the row has 10 cells, the header has 9; a text with"),
        (",Anna,MG Special,Acme,Engaging,2017-03-01,,,", "id", "the deal has no id"),
        ("a/b,Anna,MG Special,Acme,Engaging,2017-03-01,,,", "id", "not an id: up to 120 characters"),
        ("D1,An/na,MG Special,Acme,Engaging,2017-03-01,,,", "owner", "not a person's id"),
        ("D1,Anna,MG Special,Acme,,2017-03-01,,,", "stage", "the cell is empty"),
        ("D1,Anna,MG Special,Acme,Engaging,,,,", "engaged", "the cell is empty; it dates 'stage'"),
        ("D1,Anna,MG Special,Acme,Engaging,2017-13-01,,,", "engaged", "no date by the form iso"),
        ("D1,Anna,MG Special,Acme,Engaging,2018-03-01,,,", "engaged", "it lies in the future"),
        ("D1,Anna,MG Special,Acme,Engaging,9991-12-31,,,", "engaged", "no date by the form iso"),
        ("D1,Anna,MG Special,Acme,Engaging,9999-12-31,,,", "engaged", "the cell is empty; it dates 'stage'"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-02-01,1,", "closed", "it lies before the deal opened"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,1.2345,", "value", "more than 2 decimal places"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,€5,", "value", "€ is not a sign of USD"),
        ('D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,"1,2,3",', "value", "no amount"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,free,", "value", "no amount"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,5 UDS,", "value", "no amount"),
        ("D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,-5,", "value", "an amount of less than nothing"),
        ("D1,Anna,MG\x00Special,Acme,Engaging,2017-03-01,,,", "product", "character 3 is U+0000"),
        ("D1,Anna,MG\x1b[2JSpecial,Acme,Engaging,2017-03-01,,,", "product", "character 3 is U+001B"),
        ("D1,Anna,MG \u202eSpecial,Acme,Engaging,2017-03-01,,,", "product", "character 4 is U+202E RIGHT-TO-LEFT"),
        (
            f"D1,Anna,{'x' * 100_000},Acme,Engaging,2017-03-01,,,",
            "customer, product",
            "100,006 characters, at most 300",
        ),
        (f"D1,Anna,{'x' * 300_000},Acme,Engaging,2017-03-01,,,", "", "a cell of more than 200,000 characters"),
        ('D1,Anna,"MG" Special,Acme,Engaging,2017-03-01,,,', "", "a quote inside a quoted cell is not doubled"),
    ],
)
def test_a_bad_row_is_rejected_with_its_field_and_reason(tmp_path: Path, row: str, field: str, reason: str) -> None:
    reject = rejected(tmp_path, row)
    assert (reject.file, reject.row, reject.field) == ("deals.csv", 2, field)
    assert reason in reject.reason
    assert len(reject.value) < 120 and reject.value.isprintable()


def test_a_stage_that_the_mapping_does_not_know_is_told_with_the_nearest(tmp_path: Path) -> None:
    reject = rejected(tmp_path, "D1,Anna,MG Special,Acme,Wonn,2017-03-01,,,")
    assert (reject.field, reject.reason, reject.value) == ("stage", "the mapping does not know this value", "Wonn")
    assert (reject.suggestion, reject.unknown_value) == ("Won", True)


def test_an_id_that_stands_twice_is_rejected_the_second_time(tmp_path: Path) -> None:
    reject = rejected(tmp_path, "D1,Anna,MG Special,,New,,,,", "D1,Bob,MG Special,,New,,,,")
    assert (reject.row, reject.field, reject.reason, reject.value) == (
        3,
        "id",
        "the id stands in an earlier row already",
        "D1",
    )


@pytest.mark.parametrize(("encoding", "byte"), [("cp1252", "fc"), ("gbk", "a8")])
def test_bytes_of_another_encoding_are_told_with_row_and_field(tmp_path: Path, encoding: str, byte: str) -> None:
    small_files(tmp_path)
    row = "D1,Anna,MG Special,M\u00fcller,Engaging,2017-03-01,,,"
    (tmp_path / DEALS).write_bytes(f"{HEADER}\n{row}\n{GOOD}\n".encode(encoding))
    plans, rejects = planned(open_csv([tmp_path], small_mapping(tmp_path)))
    assert [plan.deal_id for plan in plans] == ["D9"]
    reason = "the file is not UTF-8: save it as UTF-8, or write its encoding in the mapping"
    assert [(r.row, r.field, r.reason) for r in rejects] == [(2, "customer", reason)]
    assert f"\\udc{byte}" in rejects[0].value


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "M\u00fcller"), ("gb18030", "\u5317\u4eac\u673a\u5e8a"), ("utf-16", "\u5317\u4eac")],
)
def test_a_mapping_may_name_the_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    small_files(tmp_path)
    row = f"D1,Anna,MG Special,{name},Engaging,2017-03-01,,,"
    (tmp_path / DEALS).write_bytes(f"{HEADER}\n{row}\n".encode(encoding))
    text = SMALL.replace("deals: deals.csv", f"deals: {{file: deals.csv, encoding: {encoding}}}")
    (plan,), rejects = planned(open_csv([tmp_path], small_mapping(tmp_path, text)))
    assert not rejects
    assert plan.opening.customer is not None and plan.opening.customer.name == name


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u0635\u0646\u0639 \u0627\u0644\u0646\u0648\u0631",
        "\u05d7\u05d1\u05e8\u05d4",
        "\u82cf\u5dde\U0001f600\u673a\u5e8a",
    ],
)
def test_right_to_left_names_and_emoji_are_names_like_others(tmp_path: Path, name: str) -> None:
    (plan, _), rejects = planned(small_files(tmp_path, f"D1,Anna,MG Special,{name},Engaging,2017-03-01,,,", GOOD))
    assert not rejects
    assert plan.opening.customer is not None and plan.opening.customer.name == name


def test_a_byte_order_mark_windows_line_ends_and_blank_rows_are_accepted(tmp_path: Path) -> None:
    small_files(tmp_path)
    text = f"{HEADER}\r\n\r\n{GOOD}\r\n,,,,,,,,\r\n\r\n"
    (tmp_path / DEALS).write_bytes(b"\xef\xbb\xbf" + text.encode())
    (plan,), rejects = planned(open_csv([tmp_path], small_mapping(tmp_path)))
    assert not rejects
    assert (plan.deal_id, plan.row) == ("D9", 3)


def test_another_delimiter_and_cells_of_several_lines_are_read(tmp_path: Path) -> None:
    small_files(tmp_path)
    row = 'D1;Anna;MG Special;"Acme\nof\tParis; France";Engaging;2017-03-01;;;'
    (tmp_path / DEALS).write_text(f"{HEADER.replace(',', ';')}\n{row}\n", encoding="utf-8")
    text = SMALL.replace("deals: deals.csv", "deals: {file: deals.csv, delimiter: ';'}")
    (plan,), rejects = planned(open_csv([tmp_path], small_mapping(tmp_path, text)))
    assert not rejects
    assert plan.opening.customer is not None and plan.opening.customer.name == "Acme of Paris; France"


def test_a_quote_that_is_not_closed_says_which_lines_it_took(tmp_path: Path) -> None:
    plans, rejects = planned(small_files(tmp_path, 'D1,Anna,"MG Special,Acme,Engaging,2017-03-01,,,', GOOD))
    assert plans == []
    assert [(r.row, r.reason) for r in rejects] == [(2, "a quote is not closed (lines 2 to 3 of the file)")]


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    plans, rejects = planned(small_files(tmp_path, "x" * (MAX_LINE + 10), GOOD))
    assert [plan.deal_id for plan in plans] == ["D9"]
    assert [r.reason for r in rejects] == [f"a line of more than {MAX_LINE:,} characters"]


def test_a_bad_row_of_a_joined_table_is_rejected_too(tmp_path: Path) -> None:
    plans, rejects = planned(small_files(tmp_path, GOOD, products=PRODUCTS + "MG Special,XX\nMG,a,b\n"))
    assert plans[0].opening.attributes == {"series": "MG"}
    assert [(r.file, r.row, r.field, r.reason) for r in rejects] == [
        ("products.csv", 4, "product", "the key stands in an earlier row already"),
        ("products.csv", 5, "", "the row has 3 cells, the header has 2; a text with the delimiter in it needs quotes"),
    ]


def test_a_value_without_its_row_in_the_joined_table_is_a_finding_not_a_reject(tmp_path: Path) -> None:
    files = small_files(tmp_path, GOOD.replace("MG Special", "MG Specal"))
    plans = plan_csv(files, now=NOW, forms=forms_of(files))
    (plan,) = plans
    assert isinstance(plan, DealPlan) and not plan.rejects
    assert [(f.place, f.value) for f in plan.findings] == [("product -> products.product", "MG Specal")]
    assert plans.nearest("product -> products.product", "MG Specal") == "MG Special"


def test_a_currency_that_is_misspelt_is_told_with_the_nearest(tmp_path: Path) -> None:
    reject = rejected(tmp_path, "D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,5 UDS,")
    assert (reject.suggestion, reject.costs, reject.deal_id) == ("USD", "field", "D1")


def test_cells_that_a_spreadsheet_leaves_out_or_adds_at_the_end_are_empty(tmp_path: Path) -> None:
    rows = ("D1,Anna,MG Special,Acme,Engaging,2017-03-01", "D2,Anna,MG Special,Acme,Engaging,2017-03-01,,,,,")
    again = rows[1].replace("D2", "D3")
    plans, rejects = planned(small_files(tmp_path, *rows, again, f"{GOOD},,"))
    assert [plan.deal_id for plan in plans] == ["D1", "D2", "D3", "D9"] and not rejects


def test_a_number_that_pushes_the_cells_on_is_no_empty_cell_at_the_end(tmp_path: Path) -> None:
    reject = rejected(tmp_path, "D1,Anna,MG Special,Acme,Won,2017-03-01,2017-03-02,1,000,")
    assert "the row has 10 cells, the header has 9" in reject.reason


def test_a_row_within_which_the_file_ends_is_rejected(tmp_path: Path) -> None:
    small_files(tmp_path)
    (tmp_path / DEALS).write_text(f"{HEADER}\n{GOOD}\nD1,Anna,MG Spec", encoding="utf-8")
    _, (reject,) = planned(open_csv([tmp_path], small_mapping(tmp_path)))
    assert reject.reason == "the file ends within the row: it has 3 cells, the header has 9"


def test_a_hint_several_marks_blank_rows_and_an_end_of_blanks_are_understood(tmp_path: Path) -> None:
    small_files(tmp_path)
    lines = ["sep=;", "", HEADER.replace(",", ";"), " ; ;;;;;;;", GOOD.replace(",", ";"), ""]
    (tmp_path / DEALS).write_bytes(b"\xef\xbb\xbf" * 3 + "\r\n".join(lines).encode())
    (plan,), rejects = planned(open_csv([tmp_path], small_mapping(tmp_path)))
    assert not rejects
    assert (plan.deal_id, plan.row) == ("D9", 4)


def test_rows_of_totals_and_the_header_once_more_are_passed_over(tmp_path: Path) -> None:
    plans, rejects = planned(small_files(tmp_path, GOOD, HEADER, "Total,,,,,,,54,"))
    assert [plan.deal_id for plan in plans] == ["D9"]
    assert [(r.row, r.reason, r.costs, r.records) for r in rejects] == [
        (3, "the header once more, passed over", "nothing", 0),
        (4, "a row of totals, passed over", "nothing", 0),
    ]
