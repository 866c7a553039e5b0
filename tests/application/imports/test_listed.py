"""Who is told of the imports on record, and which one is meant by the beginning of an id."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.application.imports.listed import FindImports, meant
from dealflow.domain.people.actor import ByToken, Who
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.application.imports.test_record import SOURCE, interrupted
from tests.application.imports.test_run import NEW, NOW, OLD, PEOPLED, TEAMS, WHO, WON, Place, opened
from tests.support.files.import_files import PRODUCTS

NOBODYS = Organisation(declared=False)
PEOPLE = Organisation(
    people={
        person.id: person
        for person in (
            Person(id="ops", name="Ops", role="operations"),
            Person(id="aud", name="Aud", role="auditor"),
            Person(id="anna", name="Anna"),
            Person(id="dora", name="Dora", role="director"),
        )
    }
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text(TEAMS, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(PEOPLED, encoding="utf-8")
    with opened(tmp_path) as made:
        yield made


def finding(place: Place, who: Who = WHO, people: Organisation = NOBODYS) -> FindImports:
    return FindImports(place.system.imports.records, who, people)


def refusal(do: Callable[..., object], *arguments: object) -> Code:
    with pytest.raises(CommandRefused) as refused:
        do(*arguments)
    return refused.value.reasons[0].code


def test_imports_are_listed_the_newest_first_with_what_they_brought(place: Place) -> None:
    first = place.take_in(WON, OLD).report
    second = interrupted(place, WON, OLD, NEW)
    page = finding(place).page()
    assert [(row.batch, row.state, row.deals, row.new) for row in page.imports] == [
        (second, "unfinished", 1, 1), (first.batch, "finished", 2, 2),
    ]  # fmt: skip
    assert page.imports[1].events == first.events and page.imports[1].actor == "ops"
    assert page.imports[0].files == ("deals.csv", "products.csv", "teams.csv")
    assert (finding(place).page(limit=1).total, len(finding(place).page(SOURCE, 1).imports)) == (2, 1)
    assert refusal(finding(place).page, "small-crn") is Code.UNKNOWN_IMPORT


def test_one_import_is_shown_with_the_mapping_as_it_was(place: Place) -> None:
    place.take_in(WON, OLD)
    (place.folder / "mapping.yaml").write_text(f"{PEOPLED}round: half_up\n", encoding="utf-8")
    place.take_in(WON, OLD, NEW, now=NOW + timedelta(days=1))
    newest, oldest = finding(place).page().imports
    shown = finding(place).one(oldest.short)
    assert shown.mapping is not None and "round" not in shown.mapping
    assert [(deal.deal_id, deal.new) for deal in shown.first_deals] == [("D1", True), ("D2", True)]
    assert (finding(place).one(newest.batch).mapping or {})["round"] == "half_up"


def test_an_import_of_before_there_was_a_record_is_listed_and_its_deals_are_counted(place: Place) -> None:
    place.system.outbox.finish_batch("import/old-crm/ffff0000ffff0000", NOW)
    [row] = finding(place).page().imports
    assert (row.on_record, row.source, row.state, row.deals) == (False, "old-crm", "finished", None)
    shown = finding(place).one("ffff")
    assert (shown.deals, shown.mapping, shown.on_record) == (0, None, False)


def test_operations_and_auditors_are_told_and_nobody_else(place: Place) -> None:
    place.take_in(WON)
    for person in ("ops", "aud"):
        assert finding(place, Who(actor=person), PEOPLE).page().total == 1
        assert finding(place, Who(actor=person), PEOPLE).one(finding(place).page().imports[0].short).first_deals
    for person in ("anna", "dora"):
        assert refusal(finding(place, Who(actor=person), PEOPLE).page) is Code.NOT_PERMITTED
        assert refusal(finding(place, Who(actor=person), PEOPLE).one, "0") is Code.NOT_PERMITTED
    assert refusal(finding(place, Who(actor="zoe"), PEOPLE).page) is Code.UNKNOWN_PERSON
    limited = Who(actor="ops", by=ByToken(id="limited0", only=("open",)))
    assert refusal(finding(place, limited, PEOPLE).page) is Code.TOKEN_LIMITED


IDS = ["import/crm/0f00aaaa", "import/crm/0f00aaaa-2", "import/erp/0f11bbbb", "import/erp/77cc"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("import/crm/0f00aaaa-2", 1), ("0f00aaaa", 0), ("0f00", 0), ("0f00-2", 1), ("7", 3), ("erp/0f", 2), ("import/erp/0f1", 2),
    ],
)  # fmt: skip
def test_the_beginning_of_an_id_is_enough(given: str, found: int) -> None:
    assert meant(IDS, given) == IDS[found]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("0f", Code.SEVERAL_IMPORTS_FIT), ("0f00-3", Code.UNKNOWN_IMPORT), ("", Code.UNKNOWN_IMPORT),
        ("crm/77", Code.UNKNOWN_IMPORT), ("/", Code.UNKNOWN_IMPORT), ("-2", Code.UNKNOWN_IMPORT),
    ],
)  # fmt: skip
def test_what_fits_none_or_several_is_refused(given: str, code: Code) -> None:
    assert refusal(meant, IDS, given) is code


def test_a_slip_of_the_pen_is_asked_about() -> None:
    with pytest.raises(CommandRefused) as refused:
        meant(IDS, "0f0Oaaaa")
    assert refused.value.reasons[0].suggestion == "0f00aaaa"
