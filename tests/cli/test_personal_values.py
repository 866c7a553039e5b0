"""No message and no stored answer repeats a personal value: not a refusal, a rule that fails, or a word too many."""

import json
from pathlib import Path

import pytest

from tests.support.generated import files
from tests.support.generated.personal import TEMPLATE, VALUES, told
from tests.support.running.typed_commands import FOR_ANNA, CommandLine

RECORD = ("evidence", "record", "h1", "call")
PAIRS = [(name, value) for name, values in VALUES.items() for value in values]


@pytest.fixture
def home(bare: CommandLine) -> CommandLine:
    """A deal of the process that is full of personal fields, and of rules on them."""
    bare.write_people()
    bare.done("process", "publish", files.write(bare.home.parent / "hearsay.yaml", TEMPLATE))
    opening = ("--process", "hearsay", "--owner", "anna", "--id", "h1", "--customer-id", "k1")
    bare.done("deal", "open", "A deal", *opening, *FOR_ANNA)
    return bare


def test_no_value_of_any_kind_is_repeated_whatever_is_wrong_with_it(home: CommandLine) -> None:
    refused = 0
    for name, value in PAIRS:
        for given in (("--field", f"{name}={value}"), ("--fields-json", json.dumps({name: value}))):
            result = home(*RECORD, *given, *FOR_ANNA)
            assert result.code in (0, 1), (name, value, result)
            assert told(result.out + result.err) == [], (name, value, result)
            refused += result.code
    assert refused > len(PAIRS) // 2
    for file in home.home.glob("*.sqlite*"):
        if file.name.startswith(("store", "views")):
            assert told(file.read_bytes().decode("latin-1")) == []


def test_a_rule_that_fails_tells_nothing_of_what_it_failed_on(home: CommandLine) -> None:
    fitting = [word for name, values in VALUES.items() for word in ("--field", f"{name}={values[0]}")]
    answer = home.json(*RECORD, *fitting, *FOR_ANNA)
    failed = [
        reason for verdict in answer["verdicts"] for reason in verdict["reasons"] if reason["code"] == "rule_failed"
    ]
    assert len(failed) > 12
    assert told(json.dumps(answer)) == []
    assert told(home.done("deal", "next", "h1")) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--field", "Qzsecret Ivanov"),
        ("--field", "who=Wang", "Qzsecret"),
        ("--field", "who=@qzsecret"),
        ("--fields-json", '{"who": "Qzsecret"'),
        ("--fields-json", '{"who": "\\ud800 Qzsecret"}'),
        ("--fields-json", '{"phone": 77123456789' + "0" * 5_000 + "}"),
        ("--field", "who=Qzsecret", "--field", "who=Qzsecret"),
    ],
)
def test_nor_does_a_line_that_cannot_be_read(home: CommandLine, words: tuple[str, ...]) -> None:
    result = home(*RECORD, *words, *FOR_ANNA)
    assert result.code in (1, 2)
    assert told(result.out + result.err) == []
    assert "should not have happened" not in result.err


def test_nor_does_an_import_in_its_report_or_beside_a_rejected_row(home: CommandLine, tmp_path: Path) -> None:
    columns = "id,stage,opened,owner,firm,amount,who,phone,mail,born,seen_at,paid"
    good = "Called,2026-01-05,anna,Acme,5 EUR"
    rows = [
        f"t{number},{good},{','.join(VALUES[name][-1].replace(',', ';') if name == bad else '' for name in columns.split(',')[6:])}"
        for number, bad in enumerate(("who", "phone", "mail", "born", "seen_at", "paid"))
    ]
    rows += [f"t8,{good},Qzsecret\u202e,,,,,", f"t9,{good},Qzsecret,too,many,cells,for,the,row,77123456789"]
    table = files.write(tmp_path / "calls.csv", "\n".join([columns, *rows]))
    mapping = files.write(tmp_path / "mapping.yaml", files.CALLS)
    rejects = tmp_path / "rejects.csv"
    result = home("import", "crm-csv", table, "--mapping", mapping, "--rejects", rejects, "--json")
    assert result.json["rejected"] + result.json["left_out"] > 4
    assert told(result.out + result.err) == []
    assert told(rejects.read_text("utf-8")) == []
