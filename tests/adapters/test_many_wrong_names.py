"""A file full of wrong names costs a bounded amount of comparing, and every wrong name in it is still told."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import rapidfuzz.process  # noqa: TID251  what is really compared is counted, not what the budget says of itself

from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.logs.survey import survey
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.adapters.people.reader import PeopleFileError, load_people
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import DealPlan
from dealflow.domain.values.suggest import BUDGET
from tests.support.files import xes_files
from tests.support.files.import_files import NOW, PRODUCTS, SMALL, forms_of, small_files, small_mapping


class Compared:
    """How many characters have been compared."""

    def __init__(self) -> None:
        self.characters = 0


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    counted, compare = Compared(), rapidfuzz.process.extractOne

    def counting(word: str, names: Collection[str], **how: Any) -> Any:
        counted.characters += sum(map(len, names)) + 10 * len(names)
        return compare(word, names, **how)

    monkeypatch.setattr(rapidfuzz.process, "extractOne", counting)
    return counted


def test_two_thousand_wrong_managers(tmp_path: Path, compared: Compared) -> None:
    path = tmp_path / "people.yaml"
    people = "".join(f"  - {{id: person-{n:04}, manager: persn-{n:04}}}\n" for n in range(2_000))
    path.write_text(f"people:\n{people}")
    with pytest.raises(PeopleFileError) as error:
        load_people(path)
    assert [problem.rule for problem in error.value.problems] == ["unknown-person"] * 2_000
    assert error.value.problems[-1].suggestion == "person-1999"
    assert 0 < compared.characters <= BUDGET


def test_fifteen_hundred_wrong_kinds_in_a_template(tmp_path: Path, compared: Compared) -> None:
    path = tmp_path / "process.yaml"
    path.write_text(template(1_500))
    definition, problems = load_process(path)
    assert definition is None
    assert len([problem for problem in problems if problem.rule == "unknown-kind"]) == 1_500
    assert 0 < compared.characters <= BUDGET


def test_a_mapping_with_twenty_five_hundred_wrong_values(tmp_path: Path, compared: Compared) -> None:
    facts = "".join(f"    Value {n}: [{{stage: engagin{n}, at: engaged}}]\n" for n in range(2_500))
    with pytest.raises(ImportInvalid) as error:
        small_mapping(tmp_path, SMALL + facts)
    assert len([problem for problem in error.value.problems if problem.rule == "unknown-stage"]) == 2_500
    assert 0 < compared.characters <= BUDGET


def test_twenty_thousand_rows_that_name_what_no_table_has(tmp_path: Path, compared: Compared) -> None:
    products = PRODUCTS + "".join(f"Product number {n:05},GTX\n" for n in range(5_000))
    rows = [f"D{n},anna,Prodct nmber {n:05},Acme,New,2017-01-01,,," for n in range(20_000)]
    files = small_files(tmp_path, *rows, products=products)
    read = plan_csv(files, now=NOW, forms=forms_of(files))
    plans = [plan for plan in read if isinstance(plan, DealPlan)]
    assert sum(len(plan.findings) for plan in plans) == 20_000
    assert compared.characters == 0, "it is asked for what is shown"
    (finding,) = plans[0].findings
    assert read.nearest(finding.place, finding.value) == "Product number 00000"
    assert 0 < compared.characters <= BUDGET


def test_a_mapping_with_thousands_of_activities_that_no_log_has(tmp_path: Path, compared: Compared) -> None:
    facts = "".join(f"    Activity number {n}: []\n" for n in range(5_000))
    names = [xes_files.event(f"Activty nmber {n}", "2012-01-02T09:00:00Z") for n in range(9_000)]
    file = xes_files.log_file(tmp_path, xes_files.log(xes_files.trace("C1", *names), xes_files.WON))
    found = survey(file, xes_files.log_mapping(tmp_path, xes_files.SMALL + facts))
    assert len([one for one in found.never if one.value.startswith("Activity number")]) == 5_000
    assert 0 < compared.characters <= BUDGET


def test_a_text_of_notices_that_is_full_of_wrong_words(tmp_path: Path, compared: Compared) -> None:
    (tmp_path / "words.en.txt").write_text("".join(f"stat.{n}=x\n" for n in range(5_000)))
    (tmp_path / "digest.en.txt").write_text("Subject: x\n" + "$lst $nam " * 5_000)
    problems = NoticeTexts(overrides=tmp_path).problems()
    assert len(problems) >= 5_002
    assert 0 < compared.characters <= 2 * BUDGET


def template(number: int) -> str:
    """A template with as many kinds of evidence as nodes, each of which names one that is misspelt."""
    kinds = "".join(f"  payment_number_{n:04}: {{}}\n" for n in range(number))
    nodes = "".join(f"      - {{id: node_{n}, standard: {{evidence: paymnt_number_{n:04}}}}}\n" for n in range(number))
    return f"process: p\nevidence:\n{kinds}stages:\n  - id: s\n    wins: true\n    nodes:\n{nodes}"
