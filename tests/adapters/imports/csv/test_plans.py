"""Tables read into plans: the Maven set as counted, instants, joins, titles, and files that cannot be opened."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import CsvFiles, open_csv
from dealflow.adapters.imports.csv.plans import CsvPlans, plan_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from dealflow.application.imports.plans import DealPlan
from dealflow.domain.deal import commands as c
from dealflow.domain.values.money import Money
from tests.support.files.import_files import (
    DEALS,
    HEADER,
    MAVEN,
    NOW,
    PRODUCTS,
    SMALL,
    forms_of,
    lookup,
    planned,
    problems_of,
    small_files,
    small_mapping,
)


def _plans(files: CsvFiles) -> CsvPlans:
    return plan_csv(files, now=NOW, forms=forms_of(files))


WON = "D1,Anna,GTXPro,Acme,Won,2017-03-01,2017-04-02,1054,"


def test_the_maven_set_gives_what_was_counted() -> None:
    mapping = read_mapping(MAVEN / "mapping.yaml", lookup())
    plans, rejects = planned(open_csv([MAVEN], mapping))
    shapes = Counter(
        tuple(getattr(act, "stage", None) or getattr(act, "outcome", "open") for _, act in plan.acts) for plan in plans
    )
    assert shapes == {
        ("open", "engaging", "won"): 4238,
        ("open", "engaging", "lost"): 2473,
        ("open", "engaging"): 1589,
        ("open",): 500,
    }
    assert rejects == []
    assert sum(plan.opening.customer is None for plan in plans) == 1425
    won = [act.amount for plan in plans for _, act in plan.acts if isinstance(act, c.ClaimOutcome) and act.amount]
    assert sum(amount.minor for amount in won) == 1_000_553_400
    assert not any(plan.findings for plan in plans)


def test_unmapped_the_product_is_said_row_by_row_with_the_nearest(tmp_path: Path) -> None:
    text = (MAVEN / "mapping.yaml").read_text(encoding="utf-8")
    mapping = small_mapping(tmp_path, text.replace(", values: {GTXPro: GTX Pro}", ""))
    plans = _plans(open_csv([MAVEN], mapping))
    findings = Counter(finding for plan in plans if isinstance(plan, DealPlan) for finding in plan.findings)
    assert [(f.place, f.value, plans.nearest(f.place, f.value), rows) for f, rows in findings.items()] == [
        ("product -> products.product", "GTXPro", "GTX Pro", 1480)
    ]


def test_a_row_becomes_acts_with_their_own_dates_and_origins(tmp_path: Path) -> None:
    (plan,), _ = planned(small_files(tmp_path, WON))
    assert [(at.isoformat(), act.act) for at, act in plan.acts] == [
        ("2017-03-01T00:00:00+00:00", "open"),
        ("2017-03-01T00:00:00+00:00", "claim_stage"),
        ("2017-04-02T23:59:59.999999+00:00", "claim_outcome"),
    ]
    opening, won = plan.opening, plan.acts[2][1]
    assert (opening.title, opening.owner, opening.attributes) == ("Acme: GTX Pro", "Anna", {"series": "GTX"})
    assert opening.customer is not None and (opening.customer.id, opening.customer.name) == ("Acme", "Acme")
    assert isinstance(won, c.ClaimOutcome) and won.amount == Money(minor=105400, currency="USD")
    assert won.origin is not None and (won.origin.source, won.origin.row) == ("small-crm", "deals.csv:2")


def test_undated_rows_open_at_the_snapshot(tmp_path: Path) -> None:
    (plan,), _ = planned(small_files(tmp_path, "D1,Anna,MG Special,,New,,,,"))
    assert plan.acts[0][0] == datetime(2017, 12, 31, 12, tzinfo=UTC)
    assert plan.opening.title == "MG Special"
    assert plan.opening.customer is None


def test_without_a_snapshot_undated_rows_open_at_the_import(tmp_path: Path) -> None:
    text = SMALL.replace("snapshot: 2017-12-31T12:00:00Z\n", "")
    (plan,), _ = planned(small_files(tmp_path, "D1,Anna,MG Special,,New,,,,", mapping=text))
    assert plan.acts[0][0] == NOW


def test_a_date_is_midnight_in_the_zone_and_an_instant_keeps_its_own(tmp_path: Path) -> None:
    text = SMALL.replace("zone: UTC", "zone: Asia/Shanghai\ndates: ['%d/%m/%Y', iso]")
    rows = ["D1,A,MG Special,,Won,01/03/2017,2017-04-02T09:00:00+02:00,1,"]
    (plan,), _ = planned(small_files(tmp_path, *rows, mapping=text))
    assert [at.isoformat() for at, _ in plan.acts[1:]] == ["2017-02-28T16:00:00+00:00", "2017-04-02T07:00:00+00:00"]


def test_keys_are_the_same_again_and_do_not_depend_on_the_row(tmp_path: Path) -> None:
    (first,), _ = planned(small_files(tmp_path, WON))
    plans, _ = planned(small_files(tmp_path, "D0,Anna,MG Special,,New,,,,", WON))
    keys = [[act.origin.key for _, act in plan.acts if act.origin] for plan in (first, plans[1])]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 3


def test_the_batch_is_the_same_for_the_same_files_and_mapping(tmp_path: Path) -> None:
    batch = _plans(small_files(tmp_path, WON)).batch
    assert _plans(small_files(tmp_path, WON)).batch == batch
    assert _plans(small_files(tmp_path, WON.replace("1054", "1055"))).batch != batch
    assert _plans(small_files(tmp_path, WON, mapping=SMALL + "# changed\n")).batch == batch
    assert _plans(small_files(tmp_path, WON, mapping=f"{SMALL}round: half_up\n")).batch != batch


def test_the_total_is_known_before_the_first_row_is_read(tmp_path: Path) -> None:
    assert _plans(small_files(tmp_path, WON, WON)).total == 2


def test_evidence_of_a_table_is_recorded_not_claimed(tmp_path: Path) -> None:
    new = (
        "Won: [{stage: engaging, at: engaged}, {evidence: signed_order, at: closed,"
        " fields: {amount: value, signed_on: closed}}, {activity: Sent the order, at: closed}]"
    )
    old = next(line.strip() for line in SMALL.splitlines() if "Won:" in line)
    (plan,), _ = planned(small_files(tmp_path, WON, mapping=SMALL.replace(old, new)))
    evidence = plan.acts[2][1]
    assert isinstance(evidence, c.RecordEvidence)
    assert (evidence.kind, evidence.fields) == ("signed_order", {"amount": "1,054.00 USD", "signed_on": "2017-04-02"})
    assert evidence.evidence_id == "small-crm:D1:signed_order"
    assert isinstance(plan.acts[3][1], c.RecordActivity)


def test_a_field_that_holds_a_day_is_read_by_the_forms_of_the_mapping(tmp_path: Path) -> None:
    new = "Won: [{stage: engaging, at: engaged}, {evidence: signed_order, at: closed, fields: {amount: value, signed_on: closed}}]"
    old = next(line.strip() for line in SMALL.splitlines() if "Won:" in line)
    text = SMALL.replace(old, new).replace("zone: UTC", "zone: UTC\ndates: ['%d/%m/%Y', iso]")
    (plan,), _ = planned(small_files(tmp_path, "D1,A,MG Special,,Won,01/03/2017,02/04/2017,1,", mapping=text))
    evidence = plan.acts[2][1]
    assert isinstance(evidence, c.RecordEvidence)
    assert (evidence.fields["signed_on"], evidence.zone) == ("2017-04-02", "UTC")


def invalid(tmp_path: Path, mapping: str, *files: Path) -> list[str]:
    with pytest.raises(ImportInvalid) as error:
        open_csv(files or [tmp_path], small_mapping(tmp_path, mapping))
    return problems_of(error.value, tmp_path)


def test_a_missing_column_is_named_at_its_place_in_the_mapping_with_the_nearest(tmp_path: Path) -> None:
    small_files(tmp_path, WON)
    text = SMALL.replace("owner: owner", "owner: ownr").replace("products.series", "products.serie")
    assert invalid(tmp_path, text) == [
        (
            "mapping.yaml:13:10: error: deals.csv has no column 'ownr'; its columns: id, owner, product, customer, stage,"
            " engaged, closed, value, amount; did you mean 'owner'? [missing-column]"
        ),
        (
            "mapping.yaml:17:24: error: products.csv has no column 'serie'; its columns: product, series; did you mean"
            " 'series'? [missing-column]"
        ),
    ]


def test_a_column_of_a_table_that_is_not_joined_says_so(tmp_path: Path) -> None:
    small_files(tmp_path, WON)
    join = "joins:\n  - {column: product, to: products.product, values: {GTXPro: GTX Pro}}\n"
    assert "is in a table that is not joined; add it under joins:" in invalid(tmp_path, SMALL.replace(join, ""))[0]


def test_a_missing_file_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "deal.csv").write_text(HEADER + "\n", encoding="utf-8")
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    assert invalid(tmp_path, SMALL) == [
        "mapping.yaml:5:17: error: the file 'deals.csv' is not among those given; did you mean 'deal.csv'? [missing-file]"
    ]


def test_files_that_the_mapping_does_not_name_are_told_and_left(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a\n", encoding="utf-8")
    files = small_files(tmp_path, WON)
    assert [path.name for path in files.unused] == ["notes.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "deals.csv:1:1: error: the file is empty; its first row names the columns [empty]"),
        (b"\r\n", "the file is empty"),
        (b"\xff\xfei\x00d\x00", "the file is UTF-16"),
        (b"id,caf\xe9\n", "the name of column 2: character 4 is the byte 0xE9, which is not UTF-8; save it as UTF-8"),
        (b"id,owner,id\n", "the columns 1 and 3 are both named 'id'"),
        (HEADER.replace(",", ";").encode(), "the header is one column with ';' in it; write delimiter: ';'"),
        (b'"id', "the header cannot be read: a quote is not closed"),
    ],
)
def test_a_table_without_a_usable_header_stops_the_import(tmp_path: Path, content: bytes, said: str) -> None:
    small_files(tmp_path, WON)
    (tmp_path / DEALS).write_bytes(content)
    problems = invalid(tmp_path, SMALL)
    assert said in problems[0]
    assert len(problems) == 1


def test_plans_can_be_gone_through_again(tmp_path: Path) -> None:
    plans = _plans(small_files(tmp_path, WON))
    assert [type(plan) for plan in plans] == [type(plan) for plan in plans] == [DealPlan]
