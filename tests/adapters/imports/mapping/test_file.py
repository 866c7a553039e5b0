"""A mapping: what a good one says, and every fault of a bad one with its place, at once."""

from pathlib import Path

import pytest

from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from tests.support.files.import_files import MAVEN, SMALL, lookup, problems_of, small_mapping


def refused(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "m.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ImportInvalid) as error:
        read_mapping(path, lookup())
    return problems_of(error.value, tmp_path)


def one(tmp_path: Path, old: str, new: str) -> str:
    assert old in SMALL
    problems = refused(tmp_path, SMALL.replace(old, new))
    assert len(problems) == 1, problems
    return problems[0]


def test_the_shipped_mapping_is_read_without_a_problem() -> None:
    mapping = read_mapping(MAVEN / "mapping.yaml", lookup())
    assert (mapping.source, str(mapping.process.ref), mapping.zone) == ("maven-crm-sales", "maven-crm@1", "UTC")
    assert [len(rules) for rules in mapping.facts.values()] == [0, 1, 2, 2]
    assert mapping.records.joins[0].values == {"GTXPro": "GTX Pro"}


def test_all_faults_are_named_at_once_with_their_places(tmp_path: Path) -> None:
    text = """\
source: Small CRM
process: maven-crmm
zone: UCT1
snapshot: 2017-12-31T12:00
dates: ['%H:%M', iso]
tables: {deals: deals.csv, products: products.csv}
rows: deal
joins: [{column: product, to: product.product}, {column: product, to: products}]
deal: {id: id, titel: product, currency: usd}
facts: {by: stage, values: {New: [], Won: [{outcome: wn, at: closed}]}}
"""
    assert refused(tmp_path, text) == [
        (
            "m.yaml:1:9: error: the source 'Small CRM' is not an id; small letters, digits and -, beginning with a letter;"
            " did you mean 'small-crm'? [id]"
        ),
        (
            "m.yaml:2:10: error: no process 'maven-crmm' is published; publish it first; did you mean 'maven-crm'?"
            " [unknown-process]"
        ),
        "m.yaml:3:7: error: unknown zone 'UCT1'; a name such as Asia/Shanghai; did you mean 'UCT'? [zone]",
        (
            "m.yaml:4:11: error: the snapshot '2017-12-31T12:00' names no zone; an instant with its zone such as"
            " 2017-12-31T12:00:00Z [instant]"
        ),
        (
            "m.yaml:5:9: error: '%H:%M' is not a date format; iso, java, excel-1900, excel-1904, epoch-seconds,"
            " epoch-millis, epoch-micros, epoch-nanos, or a form with year, month and day such as %d/%m/%Y"
            " [date-format]"
        ),
        (
            "m.yaml:7:7: error: 'rows' names the table 'deal', which is not among the tables; did you mean 'deals'?"
            " [unknown-table]"
        ),
        (
            "m.yaml:8:31: error: 'to' names the table 'product', which is not among the tables; did you mean 'products'?"
            " [unknown-table]"
        ),
        "m.yaml:8:71: error: 'to' names no column; write table.column [join]",
        "m.yaml:9:7: error: 'deal' has no 'opened'; add opened: [missing]",
        (
            "m.yaml:9:16: error: unknown key 'titel' in 'deal'; keys: id, title, opened, owner, customer, amount, currency,"
            " attributes; did you mean 'title'? [unknown-key]"
        ),
        (
            "m.yaml:9:42: error: the currency 'usd' is not a currency; three capital letters such as USD, or '{column}'"
            " [currency]"
        ),
        "m.yaml:10:54: error: an outcome cannot be 'wn'; one of won, lost, cancelled; did you mean 'won'? [choice]",
    ]


def test_a_stage_that_the_process_does_not_have_is_named_with_the_nearest(tmp_path: Path) -> None:
    problem = one(tmp_path, "Engaging: [{stage: engaging", "Engaging: [{stage: enganging")
    assert problem == (
        "m.yaml:22:24: error: the process 'maven-crm' has no stage 'enganging'; one of prospecting, engaging;"
        " did you mean 'engaging'? [unknown-stage]"
    )


def test_a_node_is_never_claimed(tmp_path: Path) -> None:
    problem = one(tmp_path, "Engaging: [{stage: engaging", "Engaging: [{node: order_signed")
    assert "a node is never claimed; record evidence of a kind that its standard asks for" in problem


def test_evidence_needs_a_known_kind_and_its_fields(tmp_path: Path) -> None:
    new = "Engaging: [{evidence: signed_ordr, at: engaged}, {evidence: signed_order, at: engaged, fields: {amont: value}}]"
    problems = refused(tmp_path, SMALL.replace("Engaging: [{stage: engaging, at: engaged}]", new))
    assert [problem.partition("error: ")[2] for problem in problems] == [
        (
            "the process 'maven-crm' has no kind of evidence 'signed_ordr'; one of confirmation_note, signed_order;"
            " did you mean 'signed_order'? [unknown-kind]"
        ),
        "'signed_order' needs the field 'amount'; add amount: column under fields: [missing]",
        "'signed_order' needs the field 'signed_on'; add signed_on: column under fields: [missing]",
        "'signed_order' has no field 'amont'; did you mean 'amount'? [unknown-field]",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at: closed}]\n", "at: closed, reason: nogiven}]\n", "no lost reason 'nogiven'"),
        ("{stage: engaging, at: engaged}]\n", "{stage: engaging}]\n", "has no 'at'"),
        (
            "{stage: engaging, at: engaged}]\n",
            "{stage: engaging, at: engaged, amount: value}]\n",
            "'amount' does not go with",
        ),
        (
            "{stage: engaging, at: engaged}]\n",
            "{stage: engaging, outcome: won, at: engaged}]\n",
            "is stage, outcome at once",
        ),
        ("product, to: products.product,", "product, to: deals.product,", "rows join themselves"),
        (
            "title: ['{customer}: {product}', product]",
            "title: '{customer: x'",
            "the braces of the deal's title do not match",
        ),
        ("title: ['{customer}: {product}', product]", "title: {customer}", "a text that begins with { needs quotes"),
        ("title: ['{customer}: {product}', product]", "title: '{}'", "empty braces"),
        ("{deals: deals.csv,", "{deals: {file: deals.csv, encoding: utf9},", "unknown encoding 'utf9'"),
        ("{deals: deals.csv,", "{deals: {file: deals.csv, delimiter: ';;'},", "must be one character"),
        ("currency: USD", "currency: dollars", "the currency 'dollars' is not a currency"),
        ("currency: USD", "currency: UDS", "UDS is not a currency of ISO 4217; did you mean 'USD'?"),
    ],
)
def test_a_fault_has_one_message_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    problem = one(tmp_path, old, new)
    assert said in problem
    assert problem.startswith("m.yaml:")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; it begins with source:"),
        (b"\xff\xfes\x00", "the file is UTF-16"),
        (b"source: caf\xe9", "byte 0xe9 is not UTF-8"),
        (b"source: [", "not YAML"),
        (b"- a", "the mapping must be a mapping"),
        (b"source: a\x07b", "U+0007"),
        (b"source: *a", "the alias *a is not allowed"),
    ],
)
def test_a_file_that_is_no_mapping_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refused(tmp_path, content)[0]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read_mapping(path, lookup()).source == "small-crm"


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid, match="the file cannot be read"):
        read_mapping(tmp_path / "none.yaml", lookup())


def test_a_mapping_without_a_snapshot_is_good(tmp_path: Path) -> None:
    assert small_mapping(tmp_path, SMALL.replace("snapshot: 2017-12-31T12:00:00Z\n", "")).snapshot is None
